// SPDX-License-Identifier: Apache-2.0
/* An operator is a row: how two strings are compared, which outcomes it takes, and whether it is negated. */
#include "access/condition.h"

#include "access/compare.h"
#include "access/context.h"
#include "access/pattern.h"
#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <string.h>

struct condition_operator {
	const char *name;
	compare_function *compare;
	unsigned int outcomes; /* Set of enum comparison that it takes. */
	bool negated;
	bool variables; /* Its values may contain some. */
	bool wildcards;
	bool presence; /* Asks whether the key is there. */
};

/* clang-format off */
static const struct condition_operator operators[] = {
	{"StringEquals", compare_text, COMPARE_EQUAL, .variables = true},
	{"StringNotEquals", compare_text, COMPARE_EQUAL, .negated = true, .variables = true},
	{"StringEqualsIgnoreCase", compare_text_caseless, COMPARE_EQUAL, .variables = true},
	{"StringNotEqualsIgnoreCase", compare_text_caseless, COMPARE_EQUAL, .negated = true, .variables = true},
	{"StringLike", compare_pattern, COMPARE_EQUAL, .variables = true, .wildcards = true},
	{"StringNotLike", compare_pattern, COMPARE_EQUAL, .negated = true, .variables = true, .wildcards = true},
	{"ArnEquals", compare_arn, COMPARE_EQUAL, .variables = true, .wildcards = true},
	{"ArnNotEquals", compare_arn, COMPARE_EQUAL, .negated = true, .variables = true, .wildcards = true},
	{"ArnLike", compare_arn, COMPARE_EQUAL, .variables = true, .wildcards = true},
	{"ArnNotLike", compare_arn, COMPARE_EQUAL, .negated = true, .variables = true, .wildcards = true},
	{"NumericEquals", compare_number, COMPARE_EQUAL},
	{"NumericNotEquals", compare_number, COMPARE_EQUAL, .negated = true},
	{"NumericLessThan", compare_number, COMPARE_LESS},
	{"NumericLessThanEquals", compare_number, COMPARE_LESS | COMPARE_EQUAL},
	{"NumericGreaterThan", compare_number, COMPARE_GREATER},
	{"NumericGreaterThanEquals", compare_number, COMPARE_GREATER | COMPARE_EQUAL},
	{"DateEquals", compare_date, COMPARE_EQUAL},
	{"DateNotEquals", compare_date, COMPARE_EQUAL, .negated = true},
	{"DateLessThan", compare_date, COMPARE_LESS},
	{"DateLessThanEquals", compare_date, COMPARE_LESS | COMPARE_EQUAL},
	{"DateGreaterThan", compare_date, COMPARE_GREATER},
	{"DateGreaterThanEquals", compare_date, COMPARE_GREATER | COMPARE_EQUAL},
	{"Bool", compare_boolean, COMPARE_EQUAL},
	{"BinaryEquals", compare_text, COMPARE_EQUAL},
	{"IpAddress", compare_address, COMPARE_EQUAL},
	{"NotIpAddress", compare_address, COMPARE_EQUAL, .negated = true},
	{"Null", compare_boolean, COMPARE_EQUAL, .presence = true},
};
/* clang-format on */

static const struct {
	const char *prefix;
	enum condition_quantifier quantifier;
} quantifiers[] = {
	{"ForAllValues:", CONDITION_ALL},
	{"ForAnyValue:", CONDITION_ANY},
};

#define IF_EXISTS "IfExists"

static int condition_holds_missing(const struct condition *condition);
static int value_is_among(const struct condition *condition, const char *value,
			  const struct access_context *context);
static int value_is(const struct condition_operator *row, const char *value, const char *wanted,
		    const struct access_context *context);

void condition_fini(struct condition *condition)
{
	for (size_t i = 0; i < condition->value_count; i++)
		free(condition->values[i]);
	free(condition->values);
	free(condition->key);
	*condition = (struct condition){};
}

int condition_parse_operator(const char *name, struct condition *ret_condition, struct refusal *why)
{
	const char *bare = name;
	size_t length;

	*ret_condition = (struct condition){};
	for (size_t i = 0; i < ARRAY_SIZE(quantifiers); i++) {
		size_t prefix = strlen(quantifiers[i].prefix);

		if (strncmp(name, quantifiers[i].prefix, prefix) != 0)
			continue;
		ret_condition->quantifier = quantifiers[i].quantifier;
		bare = name + prefix;
	}
	length = strlen(bare);
	if (length > strlen(IF_EXISTS) && !strcmp(bare + length - strlen(IF_EXISTS), IF_EXISTS)) {
		ret_condition->if_exists = true;
		length -= strlen(IF_EXISTS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (strlen(operators[i].name) == length &&
		    !strncmp(operators[i].name, bare, length))
			ret_condition->row = &operators[i];
	if (!ret_condition->row || (ret_condition->row->presence && bare != name) ||
	    (ret_condition->row->presence && ret_condition->if_exists))
		return refuse(why, REFUSE_POLICY_MALFORMED, "Invalid Condition type : %s.", name);
	return 0;
}

int condition_add_value(struct condition *condition, const char *value, struct refusal *why)
{
	_cleanup_free_ char *copy = strdup(value);
	const struct condition_operator *row = condition->row;
	int r;

	if (!copy)
		return -ENOMEM;
	if (row->variables ? !pattern_is_valid(value)
			   : row->compare(value, value) == COMPARE_INVALID &&
				     !(row->compare == compare_address && compare_is_block(value)))
		return refuse(why, REFUSE_POLICY_MALFORMED, "The value '%s' is invalid for %s.",
			      value, row->name);
	r = array_append(condition, values, value_count, value_capacity, copy);
	if (r == 0)
		copy = NULL;
	return r;
}

int condition_holds(const struct condition *condition, const struct access_context *context)
{
	const struct condition_operator *row = condition->row;
	bool all = true, any = false;
	const char *value;

	if (row->presence) {
		value = access_context_get(context, condition->key, 0) ? "false" : "true";
		return value_is_among(condition, value, context);
	}
	if (!access_context_get(context, condition->key, 0))
		return condition_holds_missing(condition);
	for (size_t i = 0; (value = access_context_get(context, condition->key, i)); i++) {
		int r = value_is_among(condition, value, context);

		if (r < 0)
			return r == -ENODATA ? 0 : r;
		all = all && (r != row->negated);
		any = any || (r != row->negated);
	}
	/* A negated operator on a key with several values: none of them may be among those of the policy. */
	if (condition->quantifier == CONDITION_SINGLE)
		return row->negated ? all : any;
	return condition->quantifier == CONDITION_ALL ? all : any;
}

static int condition_holds_missing(const struct condition *condition)
{
	if (condition->quantifier != CONDITION_SINGLE)
		return condition->quantifier == CONDITION_ALL || condition->if_exists;
	return condition->row->negated || condition->if_exists;
}

/* Returns -ENODATA when a variable has no value. */
static int value_is_among(const struct condition *condition, const char *value,
			  const struct access_context *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < condition->value_count; i++)
		r = value_is(condition->row, value, condition->values[i], context);
	return r;
}

static int value_is(const struct condition_operator *row, const char *value, const char *wanted,
		    const struct access_context *context)
{
	_cleanup_text_ struct text expanded = {};

	if (!row->variables)
		return ((unsigned int)row->compare(value, wanted) & row->outcomes) != 0;
	text_append(&expanded, "");
	if (!pattern_expand(wanted, row->wildcards, context, &expanded))
		return -ENODATA;
	if (expanded.failed)
		return -ENOMEM;
	return ((unsigned int)row->compare(value, expanded.data) & row->outcomes) != 0;
}
