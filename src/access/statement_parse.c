// SPDX-License-Identifier: Apache-2.0
/* Elements come in pairs, Action and NotAction and so on, of which a statement has one; what each may hold is the same. */
#include "access/pattern.h"
#include "access/statement.h"
#include "base/array.h"
#include "base/count.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <string.h>

#define ACCOUNT_DIGITS 12

/* What is wrong with an item of a list; NULL: nothing. */
typedef const char *item_check(const char *item);

static int elements_check(json_t *json, struct refusal *why);
static int effect_parse(json_t *json, struct statement *statement, struct refusal *why);
static const char *action_check(const char *action);
static const char *resource_check(const char *resource);
static const char *principal_check(const char *principal);
static int pair_parse(json_t *json, const char *name, const char *not_name, item_check *check,
		      struct string_list *list, bool *ret_negated, struct refusal *why);
static int list_parse(json_t *json, const char *name, item_check *check, struct string_list *list,
		      struct refusal *why);
static int list_add(json_t *json, const char *name, item_check *check, struct string_list *list,
		    struct refusal *why);
static int principals_parse(json_t *json, struct statement *statement, struct refusal *why);
static int principal_kinds_parse(json_t *kinds, struct statement *statement, struct refusal *why);
static int conditions_parse(json_t *json, struct statement *statement, struct refusal *why);
static int condition_parse(const char *name, const char *key, json_t *values,
			   struct statement *statement, struct refusal *why);
static int condition_parse_values(json_t *values, struct condition *condition, struct refusal *why);
static int condition_parse_value(json_t *value, struct condition *condition, struct refusal *why);

static const char *const element_names[] = {
	"Sid",         "Effect",    "Action",       "NotAction", "Resource",
	"NotResource", "Principal", "NotPrincipal", "Condition",
};

int statement_parse(json_t *json, enum policy_kind kind, struct statement *ret_statement,
		    struct refusal *why)
{
	int r;

	if (!json_is_object(json))
		return refuse(why, REFUSE_POLICY_MALFORMED, "A statement is a JSON object.");
	r = elements_check(json, why);
	if (r == 0)
		r = effect_parse(json, ret_statement, why);
	if (r == 0)
		r = pair_parse(json, "Action", "NotAction", action_check, &ret_statement->actions,
			       &ret_statement->not_actions, why);
	if (r == 0 && kind == POLICY_OF_TRUST)
		r = principals_parse(json, ret_statement, why);
	else if (r == 0)
		r = pair_parse(json, "Resource", "NotResource", resource_check,
			       &ret_statement->resources, &ret_statement->not_resources, why);
	if (r == 0 && kind == POLICY_OF_IDENTITY &&
	    (json_object_get(json, "Principal") || json_object_get(json, "NotPrincipal")))
		r = refuse(why, REFUSE_POLICY_MALFORMED,
			   "Policy document should not specify a principal.");
	if (r == 0 && kind == POLICY_OF_TRUST &&
	    (json_object_get(json, "Resource") || json_object_get(json, "NotResource")))
		r = refuse(why, REFUSE_POLICY_MALFORMED, "Has prohibited field Resource.");
	if (r == 0)
		r = conditions_parse(json_object_get(json, "Condition"), ret_statement, why);
	return r;
}

static int elements_check(json_t *json, struct refusal *why)
{
	json_t *value;
	const char *key;

	json_object_foreach (json, key, value) {
		bool known = false;

		for (size_t i = 0; i < ARRAY_SIZE(element_names); i++)
			known = known || !strcmp(key, element_names[i]);
		if (!known)
			return refuse(why, REFUSE_POLICY_MALFORMED,
				      "A statement has no element '%s'.", key);
	}
	return 0;
}

static int effect_parse(json_t *json, struct statement *statement, struct refusal *why)
{
	const char *effect = json_string_value(json_object_get(json, "Effect"));

	if (!effect || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0))
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "A statement's Effect is Allow or Deny.");
	statement->allows = !strcmp(effect, "Allow");
	return 0;
}

/* "service:Action" with wildcards, or "*". */
static const char *action_check(const char *action)
{
	const char *colon = strchr(action, ':');

	if (!strcmp(action, "*"))
		return NULL;
	if (!colon)
		return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc";
	return colon == action || !colon[1] ? "a service, a colon and an action are needed" : NULL;
}

static const char *resource_check(const char *resource)
{
	if (!pattern_is_valid(resource))
		return "a variable is not closed";
	if (!strcmp(resource, "*") || !strncmp(resource, "arn:", 4))
		return NULL;
	return "Resource must be in ARN format or \"*\"";
}

static const char *principal_check(const char *principal)
{
	if (!strcmp(principal, "*") || !strncmp(principal, "arn:aws", 7))
		return NULL;
	if (strlen(principal) == ACCOUNT_DIGITS &&
	    strspn(principal, "0123456789") == ACCOUNT_DIGITS)
		return NULL;
	return "a principal is an account's number, an ARN or \"*\"";
}

static int pair_parse(json_t *json, const char *name, const char *not_name, item_check *check,
		      struct string_list *list, bool *ret_negated, struct refusal *why)
{
	json_t *plain = json_object_get(json, name);
	json_t *negated = json_object_get(json, not_name);

	if (!plain == !negated)
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "A statement needs either %s or %s, and not both.", name, not_name);
	*ret_negated = negated != NULL;
	return list_parse(plain ? plain : negated, plain ? name : not_name, check, list, why);
}

/* A string, or a list of them. */
static int list_parse(json_t *json, const char *name, item_check *check, struct string_list *list,
		      struct refusal *why)
{
	int r = 0;

	if (json_is_string(json))
		return list_add(json, name, check, list, why);
	if (!json_is_array(json) || json_array_size(json) == 0)
		return refuse(why, REFUSE_POLICY_MALFORMED, "%s is a string or a list of strings.",
			      name);
	for (size_t i = 0; r == 0 && i < json_array_size(json); i++)
		r = list_add(json_array_get(json, i), name, check, list, why);
	return r;
}

static int list_add(json_t *json, const char *name, item_check *check, struct string_list *list,
		    struct refusal *why)
{
	const char *item = json_string_value(json), *wrong;
	_cleanup_free_ char *copy = NULL;
	int r;

	if (!item)
		return refuse(why, REFUSE_POLICY_MALFORMED, "%s is a string or a list of strings.",
			      name);
	wrong = check(item);
	if (wrong)
		return refuse(why, REFUSE_POLICY_MALFORMED, "%s '%.200s': %s.", name, item, wrong);
	copy = strdup(item);
	if (!copy)
		return -ENOMEM;
	r = array_append(list, items, count, capacity, copy);
	if (r == 0)
		copy = NULL;
	return r;
}

/* "*", or an object of kinds.  Only those of the kind AWS can ask here; the others are nobody, but may be named. */
static int principals_parse(json_t *json, struct statement *statement, struct refusal *why)
{
	json_t *plain = json_object_get(json, "Principal");
	json_t *negated = json_object_get(json, "NotPrincipal");
	json_t *principals = plain ? plain : negated;

	if (!plain == !negated)
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "A trust policy's statement needs a Principal.");
	statement->not_principals = negated != NULL;
	if (json_is_object(principals) && json_object_size(principals) > 0)
		return principal_kinds_parse(principals, statement, why);
	if (!json_is_string(principals) || strcmp(json_string_value(principals), "*") != 0)
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "Principal is \"*\" or an object of AWS, Service and so on.");
	return list_parse(principals, "Principal", principal_check, &statement->principals, why);
}

static int principal_kinds_parse(json_t *kinds, struct statement *statement, struct refusal *why)
{
	static const char *const strangers[] = {"Service", "Federated", "CanonicalUser"};
	const char *kind;
	json_t *names;
	int r = 0;

	json_object_foreach (kinds, kind, names) {
		bool known = strcmp(kind, "AWS") == 0;

		if (known)
			r = list_parse(names, "Principal", principal_check, &statement->principals,
				       why);
		for (size_t i = 0; !known && i < ARRAY_SIZE(strangers); i++)
			known = strcmp(kind, strangers[i]) == 0;
		if (!known)
			return refuse(why, REFUSE_POLICY_MALFORMED,
				      "There are no principals of the kind '%.80s'.", kind);
		if (r != 0)
			return r;
	}
	return 0;
}

static int conditions_parse(json_t *json, struct statement *statement, struct refusal *why)
{
	const char *name, *key;
	json_t *keys, *values;
	int r = 0;

	if (!json)
		return 0;
	if (!json_is_object(json))
		return refuse(why, REFUSE_POLICY_MALFORMED, "Condition is a JSON object.");
	json_object_foreach (json, name, keys) {
		if (!json_is_object(keys))
			return refuse(why, REFUSE_POLICY_MALFORMED,
				      "The condition %s needs an object of keys.", name);
		json_object_foreach (keys, key, values) {
			r = condition_parse(name, key, values, statement, why);
			if (r != 0)
				return r;
		}
	}
	return 0;
}

static int condition_parse(const char *name, const char *key, json_t *values,
			   struct statement *statement, struct refusal *why)
{
	struct condition condition = {};
	int r = condition_parse_operator(name, &condition, why);

	if (r != 0)
		return r;
	condition.key = strdup(key);
	r = condition.key ? condition_parse_values(values, &condition, why) : -ENOMEM;
	if (r == 0)
		r = array_append(statement, conditions, condition_count, condition_capacity,
				 condition);
	if (r != 0)
		condition_fini(&condition);
	return r;
}

static int condition_parse_values(json_t *values, struct condition *condition, struct refusal *why)
{
	int r = 0;

	if (!json_is_array(values))
		return condition_parse_value(values, condition, why);
	if (json_array_size(values) == 0)
		return refuse(why, REFUSE_POLICY_MALFORMED, "The condition on %s has no value.",
			      condition->key);
	for (size_t i = 0; r == 0 && i < json_array_size(values); i++)
		r = condition_parse_value(json_array_get(values, i), condition, why);
	return r;
}

/* Numbers and booleans may stand without quotes. */
static int condition_parse_value(json_t *value, struct condition *condition, struct refusal *why)
{
	char number[32];

	if (json_is_string(value))
		return condition_add_value(condition, json_string_value(value), why);
	if (json_is_boolean(value))
		return condition_add_value(condition, json_is_true(value) ? "true" : "false", why);
	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		return condition_add_value(condition, number, why);
	}
	return refuse(why, REFUSE_POLICY_MALFORMED,
		      "The values of the condition on %s are strings, numbers or booleans.",
		      condition->key);
}
