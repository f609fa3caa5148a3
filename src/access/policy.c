// SPDX-License-Identifier: Apache-2.0
#include "access/policy.h"

#include "access/statement.h"
#include "base/array.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <string.h>

#define VERSION_OLD "2008-10-17"
#define VERSION_NEW "2012-10-17"

struct policy {
	enum policy_kind kind;
	struct statement *statements;
	size_t count, capacity;
};

static int policy_read(json_t *json, struct policy *policy, struct refusal *why);
static int policy_check_keys(json_t *json, struct refusal *why);
static bool is_version(json_t *version, const char *wanted);
static int variables_disarm(json_t *json);
static json_t *string_disarm(json_t *string);
static int policy_add(struct policy *policy, json_t *json, struct refusal *why);

int policy_parse(const char *json, size_t size, enum policy_kind kind, struct policy **ret_policy,
		 struct refusal *why)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(json_decrefp) json_t *root = NULL;
	json_error_t error;
	int r;

	if (size > POLICY_SIZE_MAX)
		return refuse(why, REFUSE_POLICY_TOO_LARGE,
			      "A policy of %zu characters is over the limit of %d.", size,
			      POLICY_SIZE_MAX);
	root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "Syntax errors in policy: line %d, column %d: %s.", error.line,
			      error.column, error.text);
	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return -ENOMEM;
	policy->kind = kind;
	r = policy_read(root, policy, why);
	if (r != 0)
		return r;
	*ret_policy = TAKE_PTR(policy);
	return 0;
}

struct policy *policy_free(struct policy *policy)
{
	if (!policy)
		return NULL;
	for (size_t i = 0; i < policy->count; i++)
		statement_fini(&policy->statements[i]);
	free(policy->statements);
	free(policy);
	return NULL;
}

int policy_judge(const struct policy *policy, const struct access_question *question)
{
	int verdict = POLICY_SILENT;

	for (size_t i = 0; i < policy->count; i++) {
		const struct statement *statement = &policy->statements[i];
		int r = statement_applies(statement, policy->kind, question);

		if (r < 0)
			return r;
		if (r > 0 && !statement->allows)
			return POLICY_DENIES;
		if (r > 0)
			verdict = POLICY_ALLOWS;
	}
	return verdict;
}

int policies_judge(struct policy *const *policies, size_t count,
		   const struct access_question *question)
{
	int verdict = POLICY_SILENT;

	for (size_t i = 0; i < count; i++) {
		int r = policy_judge(policies[i], question);

		if (r < 0 || r == POLICY_DENIES)
			return r;
		if (r == POLICY_ALLOWS)
			verdict = POLICY_ALLOWS;
	}
	return verdict;
}

static int policy_read(json_t *json, struct policy *policy, struct refusal *why)
{
	json_t *statements, *version;
	int r;

	if (!json_is_object(json))
		return refuse(why, REFUSE_POLICY_MALFORMED, "A policy is a JSON object.");
	r = policy_check_keys(json, why);
	if (r != 0)
		return r;
	version = json_object_get(json, "Version");
	statements = json_object_get(json, "Statement");
	if (!version || is_version(version, VERSION_OLD))
		r = variables_disarm(statements);
	if (r != 0)
		return r;
	if (json_is_object(statements))
		return policy_add(policy, statements, why);
	if (!json_is_array(statements) || json_array_size(statements) == 0)
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "A policy needs a Statement, an object or a list of them.");
	for (size_t i = 0; r == 0 && i < json_array_size(statements); i++)
		r = policy_add(policy, json_array_get(statements, i), why);
	return r;
}

static int policy_check_keys(json_t *json, struct refusal *why)
{
	json_t *version = json_object_get(json, "Version"), *value;
	const char *key;

	json_object_foreach (json, key, value) {
		if (strcmp(key, "Version") != 0 && strcmp(key, "Id") != 0 &&
		    strcmp(key, "Statement") != 0)
			return refuse(why, REFUSE_POLICY_MALFORMED, "A policy has no element '%s'.",
				      key);
	}
	if (version && (!json_is_string(version) ||
			(!is_version(version, VERSION_OLD) && !is_version(version, VERSION_NEW))))
		return refuse(why, REFUSE_POLICY_MALFORMED,
			      "The policy's Version must be " VERSION_NEW " or " VERSION_OLD ".");
	return 0;
}

static bool is_version(json_t *version, const char *wanted)
{
	return strcmp(json_string_value(version), wanted) == 0;
}

/* Policies of 2008, and those that say no version, know no variables: "${" is what it looks like, which those of today
 * write as "${$}{". */
static int variables_disarm(json_t *json)
{
	json_t *value;
	const char *key;
	size_t i;
	int r = 0;

	json_object_foreach (json, key, value) {
		r = json_is_string(value) ? 0 : variables_disarm(value);
		if (r == 0 && json_is_string(value))
			r = json_object_set_new(json, key, string_disarm(value));
		if (r != 0)
			return -ENOMEM;
	}
	json_array_foreach (json, i, value) {
		r = json_is_string(value) ? 0 : variables_disarm(value);
		if (r == 0 && json_is_string(value))
			r = json_array_set_new(json, i, string_disarm(value));
		if (r != 0)
			return -ENOMEM;
	}
	return 0;
}

/* Returns NULL when there is no memory, which the setters refuse. */
static json_t *string_disarm(json_t *string)
{
	_cleanup_text_ struct text disarmed = {};
	const char *rest = json_string_value(string), *variable;

	while ((variable = strstr(rest, "${"))) {
		text_append_bytes(&disarmed, rest, (size_t)(variable - rest));
		text_append(&disarmed, "${$}{");
		rest = variable + strlen("${");
	}
	text_append(&disarmed, rest);
	return disarmed.failed ? NULL : json_string(disarmed.data);
}

static int policy_add(struct policy *policy, json_t *json, struct refusal *why)
{
	struct statement statement = {};
	int r = statement_parse(json, policy->kind, &statement, why);

	if (r == 0)
		r = array_append(policy, statements, count, capacity, statement);
	if (r != 0)
		statement_fini(&statement);
	return r;
}
