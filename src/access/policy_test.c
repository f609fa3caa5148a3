// SPDX-License-Identifier: Apache-2.0
/* Each row is a policy and a question.  Policies are written with ' instead of ", for the reader's sake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/context.h"
#include "access/policy.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <string.h>

#define SESSION  "arn:aws:ec2:eu-north-1:123456789012:traffic-mirror-session/tms-1"
#define TARGET   "arn:aws:ec2:eu-north-1:123456789012:traffic-mirror-target/tmt-1"
#define CREATE   "ec2:CreateTrafficMirrorSession"
#define DESCRIBE "ec2:DescribeTrafficMirrorSessions"
#define ALICE    "arn:aws:iam::123456789012:user/alice"

static int parse(const char *json, enum policy_kind kind, struct policy **ret_policy,
		 struct refusal *why)
{
	_cleanup_free_ char *copy = strdup(json);

	assert_non_null(copy);
	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c == '`' ? '\'' : *c;
	return policy_parse(copy, strlen(copy), kind, ret_policy, why);
}

/* Judges a single statement, given without its braces. */
static int judge(const char *statement, const char *action, const char *resource)
{
	_cleanup_access_context_ struct access_context context = {};
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_text_ struct text json = {};
	struct refusal why = {};
	const char *const known[][2] = {
		{"aws:username", "alice"},
		{"aws:SourceIp", "10.1.2.3"},
		{"aws:CurrentTime", "2026-06-01T12:00:00Z"},
		{"aws:SecureTransport", "true"},
		{"aws:PrincipalArn", ALICE},
		{"aws:TagKeys", "owner"},
		{"aws:TagKeys", "team"},
		{"aws:RequestTag/owner", "alice"},
		{"ec2:Count", "10"},
		{"ec2:Pattern", "a*c"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_int_equal(access_context_add(&context, known[i][0], known[i][1]), 0);
	text_printf(&json, "{'Version': '2012-10-17', 'Statement': {%s}}", statement);
	assert_false(json.failed);
	if (parse(json.data, POLICY_OF_IDENTITY, &policy, &why) != 0)
		fail_msg("%s: %s", statement, why.text);
	return policy_judge(policy, &(struct access_question){.action = action,
							      .resource = resource,
							      .principal = ALICE,
							      .account = "123456789012",
							      .context = &context});
}

#define ALLOW "'Effect': 'Allow', "
#define ANY   "'Action': '*', 'Resource': '*'"

static void test_actions_and_resources(void **state)
{
	static const struct {
		const char *statement, *action, *resource;
		int verdict;
	} rows[] = {
		{ALLOW ANY, CREATE, SESSION, POLICY_ALLOWS},
		{"'Effect': 'Deny', " ANY, CREATE, SESSION, POLICY_DENIES},
		{ALLOW "'Action': 'ec2:*', 'Resource': '*'", CREATE, SESSION, POLICY_ALLOWS},
		{ALLOW "'Action': 'EC2:createtrafficmirrorsession', 'Resource': '*'", CREATE,
		 SESSION, POLICY_ALLOWS},
		{ALLOW "'Action': 'ec2:Describe*', 'Resource': '*'", CREATE, SESSION,
		 POLICY_SILENT},
		{ALLOW "'Action': 'ec2:Describe*', 'Resource': '*'", DESCRIBE, "*", POLICY_ALLOWS},
		{ALLOW "'Action': ['iam:*', 'ec2:?reate*'], 'Resource': '*'", CREATE, SESSION,
		 POLICY_ALLOWS},
		{ALLOW "'NotAction': 'ec2:Create*', 'Resource': '*'", CREATE, SESSION,
		 POLICY_SILENT},
		{ALLOW "'NotAction': 'ec2:Create*', 'Resource': '*'", DESCRIBE, "*", POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'Resource': '" SESSION "'", CREATE, SESSION, POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'Resource': '" SESSION "'", CREATE, TARGET, POLICY_SILENT},
		{ALLOW "'Action': '*', 'Resource': 'arn:aws:ec2:*:*:traffic-mirror-session/*'",
		 CREATE, SESSION, POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'NotResource': '" TARGET "'", CREATE, SESSION,
		 POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'NotResource': '" TARGET "'", CREATE, TARGET, POLICY_SILENT},
		{ALLOW "'Action': '*', 'Resource': 'arn:aws:ec2:*:*:*/${aws:username}-*'", CREATE,
		 "arn:aws:ec2:eu:1:x/alice-1", POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'Resource': 'arn:aws:ec2:*:*:*/${aws:username}-*'", CREATE,
		 "arn:aws:ec2:eu:1:x/bob-1", POLICY_SILENT},
		{ALLOW "'Action': '*', 'Resource': 'arn:${ec2:Pattern}'", CREATE, "arn:abc",
		 POLICY_SILENT},
		{ALLOW "'Action': '*', 'Resource': 'arn:${ec2:Pattern}'", CREATE, "arn:a*c",
		 POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'Resource': 'arn:${*}'", CREATE, "arn:*", POLICY_ALLOWS},
		{ALLOW "'Action': '*', 'Resource': 'arn:${aws:none}'", CREATE,
		 "arn:", POLICY_SILENT},
		{ALLOW "'Action': '*', 'NotResource': 'arn:${aws:none}'", CREATE, "arn:x",
		 POLICY_SILENT},
		{ALLOW "'Action': '*', 'Resource': 'arn:${aws:none, `any`}'", CREATE, "arn:any",
		 POLICY_ALLOWS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (judge(rows[i].statement, rows[i].action, rows[i].resource) != rows[i].verdict)
			fail_msg("row %zu: %s", i, rows[i].statement);
	}
}

static void test_conditions(void **state)
{
	static const struct {
		const char *condition;
		bool holds;
	} rows[] = {
		{"'StringEquals': {'aws:username': 'alice'}", true},
		{"'StringEquals': {'AWS:UserName': ['bob', 'alice']}", true},
		{"'StringEquals': {'aws:username': 'Alice'}", false},
		{"'StringEqualsIgnoreCase': {'aws:username': 'ALICE'}", true},
		{"'StringNotEquals': {'aws:username': ['bob', 'alice']}", false},
		{"'StringNotEquals': {'aws:username': ['bob', 'carol']}", true},
		{"'StringNotEquals': {'aws:none': 'x'}", true},
		{"'StringEquals': {'aws:none': 'x'}", false},
		{"'StringEqualsIfExists': {'aws:none': 'x'}", true},
		{"'StringEqualsIfExists': {'aws:username': 'x'}", false},
		{"'StringLike': {'aws:username': 'al*'}", true},
		{"'StringLike': {'aws:username': 'a?ice'}", true},
		{"'StringEquals': {'aws:username': 'al*'}", false},
		{"'StringNotLike': {'aws:username': 'al*'}", false},
		{"'StringEquals': {'aws:RequestTag/owner': '${aws:username}'}", true},
		{"'StringEquals': {'aws:username': 'alice'}, 'Bool': {'aws:SecureTransport': "
		 "'false'}",
		 false},
		{"'Bool': {'aws:SecureTransport': true}", true},
		{"'NumericLessThan': {'ec2:Count': 10}", false},
		{"'NumericLessThanEquals': {'ec2:Count': '10.0'}", true},
		{"'NumericGreaterThan': {'ec2:Count': '9.5'}", true},
		{"'NumericNotEquals': {'ec2:Count': '10'}", false},
		{"'NumericEquals': {'aws:username': '10'}", false},
		{"'DateGreaterThan': {'aws:CurrentTime': '2026-01-01T00:00:00Z'}", true},
		{"'DateLessThan': {'aws:CurrentTime': '2026-01-01'}", false},
		{"'DateLessThan': {'aws:CurrentTime': '4102444800'}", true},
		{"'DateEquals': {'aws:CurrentTime': '2026-06-01T12:00:00.000Z'}", true},
		{"'DateLessThan': {'aws:CurrentTime': '2026-06-01T12:00:00.001Z'}", true},
		{"'IpAddress': {'aws:SourceIp': ['192.168.0.0/16', '10.0.0.0/8']}", true},
		{"'IpAddress': {'aws:SourceIp': '10.1.2.3'}", true},
		{"'NotIpAddress': {'aws:SourceIp': '10.0.0.0/8'}", false},
		{"'NotIpAddress': {'aws:SourceIp': '2001:db8::/32'}", true},
		{"'ArnLike': {'aws:PrincipalArn': 'arn:aws:iam::*:user/*'}", true},
		{"'ArnEquals': {'aws:PrincipalArn': 'arn:*:user/alice'}", false},
		{"'ArnNotLike': {'aws:PrincipalArn': 'arn:aws:iam::*:role/*'}", true},
		{"'Null': {'aws:TokenIssueTime': 'true'}", true},
		{"'Null': {'aws:username': true}", false},
		{"'Null': {'aws:username': 'false'}", true},
		{"'ForAllValues:StringEquals': {'aws:TagKeys': ['owner', 'team', 'x']}", true},
		{"'ForAllValues:StringEquals': {'aws:TagKeys': ['owner']}", false},
		{"'ForAllValues:StringEquals': {'aws:none': ['owner']}", true},
		{"'ForAnyValue:StringEquals': {'aws:TagKeys': ['team']}", true},
		{"'ForAnyValue:StringEquals': {'aws:none': ['team']}", false},
		{"'ForAnyValue:StringNotEquals': {'aws:TagKeys': ['team']}", true},
		{"'StringEquals': {'aws:username': '${aws:none}'}", false},
		{"'StringNotEquals': {'aws:username': '${aws:none}'}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text_ struct text statement = {};

		text_printf(&statement, ALLOW ANY ", 'Condition': {%s}", rows[i].condition);
		assert_false(statement.failed);
		if (judge(statement.data, CREATE, SESSION) !=
		    (rows[i].holds ? POLICY_ALLOWS : POLICY_SILENT))
			fail_msg("row %zu: %s", i, rows[i].condition);
	}
}

static void test_denial_wins(void **state)
{
	_cleanup_(policy_freep) struct policy *allows = NULL;
	_cleanup_(policy_freep) struct policy *denies = NULL;
	struct access_context context = {};
	const struct access_question question = {
		.action = CREATE, .resource = SESSION, .account = "1", .context = &context};

	(void)state;
	assert_int_equal(parse("{'Version': '2012-10-17', 'Statement': [{" ALLOW ANY "}]}",
			       POLICY_OF_IDENTITY, &allows, NULL),
			 0);
	assert_int_equal(parse("{'Version': '2012-10-17', 'Statement': [{" ALLOW ANY
			       "}, {'Effect': 'Deny', 'Action': 'ec2:Create*', 'Resource': '*'}]}",
			       POLICY_OF_IDENTITY, &denies, NULL),
			 0);
	assert_int_equal(policies_judge(NULL, 0, &question), POLICY_SILENT);
	assert_int_equal(policies_judge(&allows, 1, &question), POLICY_ALLOWS);
	assert_int_equal(policies_judge((struct policy *[]){allows, denies}, 2, &question),
			 POLICY_DENIES);
	assert_int_equal(policies_judge((struct policy *[]){denies, allows}, 2, &question),
			 POLICY_DENIES);
}

static void test_trust(void **state)
{
	static const struct {
		const char *principal;
		bool trusted;
	} rows[] = {
		{"'*'", true},
		{"{'AWS': '*'}", true},
		{"{'AWS': '123456789012'}", true},
		{"{'AWS': ['arn:aws:iam::123456789012:root']}", true},
		{"{'AWS': ['" ALICE "', '999999999999']}", true},
		{"{'AWS': 'arn:aws:iam::123456789012:user/bob'}", false},
		{"{'AWS': '999999999999'}", false},
		{"{'Service': 'ec2.amazonaws.com'}", false},
		{"{'Service': ['ec2.amazonaws.com'], 'AWS': '123456789012'}", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(policy_freep) struct policy *policy = NULL;
		_cleanup_text_ struct text json = {};
		struct access_context context = {};
		struct refusal why = {};

		text_printf(&json,
			    "{'Version': '2012-10-17', 'Statement': {" ALLOW
			    "'Principal': %s, 'Action': 'sts:AssumeRole'}}",
			    rows[i].principal);
		if (parse(json.data, POLICY_OF_TRUST, &policy, &why) != 0)
			fail_msg("%s: %s", rows[i].principal, why.text);
		assert_int_equal(policy_judge(policy,
					      &(struct access_question){
						      .action = "sts:AssumeRole",
						      .principal = ALICE,
						      .account = "123456789012",
						      .context = &context,
					      }),
				 rows[i].trusted ? POLICY_ALLOWS : POLICY_SILENT);
	}
}

/* Before 2012 nothing was a variable. */
static void test_old_versions(void **state)
{
	static const struct {
		const char *version, *resource;
		bool allowed;
	} rows[] = {
		{"", "arn:x:${aws:username}", true},
		{"'Version': '2008-10-17', ", "arn:x:${aws:username}", true},
		{"'Version': '2008-10-17', ", "arn:x:alice", false},
		{"'Version': '2012-10-17', ", "arn:x:${aws:username}", false},
		{"'Version': '2012-10-17', ", "arn:x:alice", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_access_context_ struct access_context context = {};
		_cleanup_(policy_freep) struct policy *policy = NULL;
		_cleanup_text_ struct text json = {};
		struct refusal why = {};

		assert_int_equal(access_context_add(&context, "aws:username", "alice"), 0);
		text_printf(&json,
			    "{%s'Statement': [{" ALLOW "'Action': 'a:b', "
			    "'Resource': ['arn:y', 'arn:x:${aws:username}'], "
			    "'Condition': {'StringLike': {'aws:username': 'a*'}}}]}",
			    rows[i].version);
		if (parse(json.data, POLICY_OF_IDENTITY, &policy, &why) != 0)
			fail_msg("%s: %s", rows[i].version, why.text);
		assert_int_equal(
			policy_judge(policy, &(struct access_question){.action = "a:b",
								       .resource = rows[i].resource,
								       .principal = ALICE,
								       .account = "123456789012",
								       .context = &context}),
			rows[i].allowed ? POLICY_ALLOWS : POLICY_SILENT);
	}
}

static void test_malformed(void **state)
{
	static const char *const documents[] = {
		"",
		"{",
		"[]",
		"{}",
		"{'Version': '2012-10-17'}",
		"{'Version': '2020-10-17', 'Statement': {" ALLOW ANY "}}",
		"{'Version': 2012, 'Statement': {" ALLOW ANY "}}",
		"{'Version': null, 'Statement': {" ALLOW ANY "}}",
		"{'Version': '2012-10-17', 'Statement': []}",
		"{'Version': '2012-10-17', 'Statement': [1]}",
		"{'Version': '2012-10-17', 'Else': 1, 'Statement': {" ALLOW ANY "}}",
		"{'Version': '2012-10-17', 'Statement': {" ANY "}}",
		"{'Version': '2012-10-17', 'Statement': {'Effect': 'allow', " ANY "}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY ", 'Resourc': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY ", 'NotAction': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY ", 'Principal': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW "'Action': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW "'Action': [], 'Resource': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW
		"'Action': 'Run', 'Resource': '*'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW
		"'Action': 'a:b', 'Resource': 'x'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW
		"'Action': 'a:b', 'Resource': 'arn:${'}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY
		", 'Condition': {'Equals': {'a': 'b'}}}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY
		", 'Condition': {'NullIfExists': {'a': 'true'}}}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY
		", 'Condition': {'IpAddress': {'aws:SourceIp': '10.0.0.0/40'}}}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY
		", 'Condition': {'NumericEquals': {'a': 'b'}}}}",
		"{'Version': '2012-10-17', 'Statement': {" ALLOW ANY
		", 'Condition': {'StringEquals': {'a': []}}}}",
		"{'Version': '2012-10-17', 'Version': '2012-10-17', 'Statement': {" ALLOW ANY "}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct policy *policy = NULL;
		struct refusal why = {};

		assert_int_equal(parse(documents[i], POLICY_OF_IDENTITY, &policy, &why), REFUSED);
		assert_int_equal(why.code, REFUSE_POLICY_MALFORMED);
		assert_null(policy);
		assert_true(strlen(why.text) > 10);
	}
}

static void test_too_large(void **state)
{
	_cleanup_free_ char *json = malloc(POLICY_SIZE_MAX + 1);
	struct policy *policy = NULL;
	struct refusal why = {};

	(void)state;
	assert_non_null(json);
	memset(json, ' ', POLICY_SIZE_MAX + 1);
	assert_int_equal(policy_parse(json, POLICY_SIZE_MAX + 1, POLICY_OF_IDENTITY, &policy, &why),
			 REFUSED);
	assert_int_equal(why.code, REFUSE_POLICY_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions_and_resources),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_denial_wins),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_old_versions),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
