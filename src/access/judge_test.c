// SPDX-License-Identifier: Apache-2.0
/* Each row is what the policies that have a say come to by themselves, and what they come to together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/context.h"
#include "access/judge.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"

#include <string.h>

#define ACTION  "sts:AssumeRole"
#define ROLE    "arn:aws:iam::123456789012:role/reader"
#define ALICE   "arn:aws:iam::123456789012:user/alice"
#define SESSION "arn:aws:sts::123456789012:assumed-role/ops/night"
#define OPS     "arn:aws:iam::123456789012:role/ops"

#define OF_IDENTITY(effect) \
	"{\"Effect\":\"" effect "\",\"Action\":\"" ACTION "\",\"Resource\":\"*\"}"
#define OF_TRUST(effect, principal) \
	"{\"Effect\":\"" effect "\",\"Principal\":" principal ",\"Action\":\"" ACTION "\"}"

#define ALLOW  OF_IDENTITY("Allow")
#define DENY   OF_IDENTITY("Deny")
#define SILENT "{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}"
#define ANYONE "\"*\""

static struct policy *parse(const char *statement, enum policy_kind kind)
{
	_cleanup_text_ struct text json = {};
	struct policy *policy = NULL;
	struct refusal why = {};

	if (!statement)
		return NULL;
	text_printf(&json, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statement);
	assert_false(json.failed);
	if (policy_parse(json.data, json.length, kind, &policy, &why) != 0)
		fail_msg("%s: %s", statement, why.text);
	return policy;
}

static const struct row {
	const char *identity, *session, *resource;
	bool other_account;
	enum access_verdict expected;
} rows[] = {
	{ALLOW, NULL, NULL, false, ACCESS_GRANTED},
	{SILENT, NULL, NULL, false, ACCESS_SILENT_IDENTITY},
	{ALLOW "," DENY, NULL, NULL, false, ACCESS_DENIED_BY_IDENTITY},

	/* What narrows a session never widens it. */
	{ALLOW, ALLOW, NULL, false, ACCESS_GRANTED},
	{ALLOW, SILENT, NULL, false, ACCESS_SILENT_SESSION},
	{ALLOW, DENY, NULL, false, ACCESS_DENIED_BY_SESSION},
	{SILENT, ALLOW, NULL, false, ACCESS_SILENT_IDENTITY},

	/* A role that trusts the account leaves it to the account's policies who may. */
	{ALLOW, NULL, OF_TRUST("Allow", "{\"AWS\":\"123456789012\"}"), false, ACCESS_GRANTED},
	{SILENT, NULL, OF_TRUST("Allow", "{\"AWS\":\"123456789012\"}"), false,
	 ACCESS_SILENT_IDENTITY},
	{ALLOW, NULL, OF_TRUST("Allow", "{\"AWS\":\"999999999999\"}"), false,
	 ACCESS_SILENT_RESOURCE},
	{ALLOW, NULL, OF_TRUST("Deny", ANYONE), false, ACCESS_DENIED_BY_RESOURCE},

	/* One that trusts the caller is enough within the account, though not against a denial. */
	{SILENT, NULL, OF_TRUST("Allow", "{\"AWS\":\"" SESSION "\"}"), false, ACCESS_GRANTED},
	{SILENT, NULL, OF_TRUST("Allow", "{\"AWS\":\"" OPS "\"}"), false, ACCESS_GRANTED},
	{SILENT, NULL, OF_TRUST("Allow", "{\"AWS\":\"" ALICE "\"}"), false, ACCESS_SILENT_RESOURCE},
	{SILENT, NULL, OF_TRUST("Allow", ANYONE), false, ACCESS_GRANTED},
	{DENY, NULL, OF_TRUST("Allow", ANYONE), false, ACCESS_DENIED_BY_IDENTITY},
	{SILENT, SILENT, OF_TRUST("Allow", ANYONE), false, ACCESS_SILENT_SESSION},

	/* Between accounts both must. */
	{SILENT, NULL, OF_TRUST("Allow", ANYONE), true, ACCESS_SILENT_IDENTITY},
	{ALLOW, NULL, OF_TRUST("Allow", ANYONE), true, ACCESS_GRANTED},
};

static void check_row(const struct row *row)
{
	_cleanup_access_context_ struct access_context context = {};
	struct policy *identity = parse(row->identity, POLICY_OF_IDENTITY);
	struct policy *session = parse(row->session, POLICY_OF_IDENTITY);
	struct policy *resource = parse(row->resource, POLICY_OF_TRUST);
	const struct access_policies policies = {
		.identity = &identity,
		.identity_count = 1,
		.session = session,
		.resource = resource,
		.same_account = !row->other_account,
	};
	const struct access_question question = {
		.action = ACTION,
		.resource = ROLE,
		.principal = SESSION,
		.role = OPS,
		.account = "123456789012",
		.context = &context,
	};

	assert_int_equal(access_judge(&policies, &question), row->expected);
	policy_free(identity);
	policy_free(session);
	policy_free(resource);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("row %zu\n", i);
		check_row(&rows[i]);
	}
}

static void test_reasons(void **state)
{
	_cleanup_text_ struct text text = {};

	(void)state;
	access_append_reason(&text, ACCESS_SILENT_IDENTITY, ACTION);
	text_append(&text, "; ");
	access_append_reason(&text, ACCESS_DENIED_BY_SESSION, ACTION);
	assert_string_equal(text.data, "because no identity-based policy allows the " ACTION
				       " action; with an explicit deny in a session policy");
}

static void test_named_keys(void **state)
{
	_cleanup_access_context_ struct access_context context = {};

	(void)state;
	assert_int_equal(access_context_add_named(&context, "aws:ResourceTag/", "Team", "net"), 0);
	assert_string_equal(access_context_get(&context, "AWS:resourcetag/team", 0), "net");
	assert_null(access_context_get(&context, "aws:ResourceTag/", 0));
	assert_null(access_context_get(&context, "aws:ResourceTag", 0));
	assert_null(access_context_get(&context, "Team", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_named_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
