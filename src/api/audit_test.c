// SPDX-License-Identifier: Apache-2.0
/* What is recorded of requests, and where it is found; clients of CloudTrail ask in tests/clients/test_events.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/door.h"

#include "api/action.h"
#include "api/audit.h"
#include "api/throttle.h"
#include "control/identity.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ASK(name)     "Action=" name
#define ROLE_ARN      "arn:aws:iam::" FIXTURE_ACCOUNT ":role/reader"
#define ASSUME        "Action=AssumeRole&RoleSessionName=night&RoleArn=" ROLE_ARN
#define DOCUMENT(row) "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," row "}]}"

/* A text of the last request's record, by its path, as in "userIdentity.type"; "" if there is none. */
static const char *get(struct door *door, json_t **record, const char *path)
{
	const json_t *value;
	char name[64];

	json_decref(*record);
	*record = door->record ? json_loads(door->record, 0, NULL) : NULL;
	for (value = *record; value && *path != '\0'; path += *path == '.') {
		size_t length = strcspn(path, ".");

		(void)snprintf(name, sizeof(name), "%.*s", (int)length, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10))
					     : json_object_get(value, name);
		path += length;
	}
	return value && json_string_value(value) ? json_string_value(value) : "";
}

static void assert_record(struct door *door, const char *path, const char *expected)
{
	json_t *record = NULL;

	assert_int_equal(door->unrecorded, 0);
	if (strcmp(get(door, &record, path), expected) != 0)
		fail_msg("%s is not %s in %s", path, expected, door->record);
	json_decref(record);
}

/* How many events LookupEvents finds; the last page's token must be right, too. */
static size_t find(struct door *door, const char *key, const char *value)
{
	const struct sender admin = {.key = &door->admin};
	_cleanup_free_ char *token = strdup("");
	size_t count = 0, pages = 0;
	char fields[512];

	do {
		_cleanup_(answer_fini) struct answer answer = {};

		(void)snprintf(fields, sizeof(fields),
			       "Action=LookupEvents&LookupAttributes.member.1.AttributeKey=%s&"
			       "LookupAttributes.member.1.AttributeValue=%s&MaxResults=7%s%s",
			       key, value, token[0] ? "&NextToken=" : "", token);
		answer = door_ask(door, &admin, "cloudtrail", fields);
		if (answer.status != 200)
			fail_msg("%s", answer.body);
		for (const char *at = answer.body; (at = strstr(at, "<EventId>")); at++)
			count++;
		free(token);
		token = answer_get(&answer, "NextToken");
		assert_true(++pages < 1000);
	} while (token[0] != '\0');
	return count;
}

static void make_identity(struct door *door, const struct identity_wish *wish)
{
	_cleanup_identity_ struct identity identity = {};
	struct fixture *fixture = &door->fixture;

	assert_done(fixture, control_create_identity(fixture->control, &door->administrator, wish,
						     &identity, &fixture->why));
}

/* Who may do nothing. */
static void make_user(struct door *door, struct key_record *ret_key)
{
	struct fixture *fixture = &door->fixture;

	make_identity(door, &(struct identity_wish){.kind = IDENTITY_USER, .name = "bob"});
	assert_done(fixture, control_create_key(fixture->control, &door->administrator, "bob",
						ret_key, &fixture->why));
}

static void test_a_change_is_told_in_cloudtrails_words(void **state)
{
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin, .address = "192.0.2.7"};
	_cleanup_(answer_fini) struct answer answer = {};
	_cleanup_free_ char *id = NULL, *request = NULL;
	char line[128];

	answer = door_ask(door, &admin, "ec2",
			  "Action=CreateTrafficMirrorFilter&Description=%3Ca%3E%20%26%20b&"
			  "TagSpecification.1.ResourceType=traffic-mirror-filter&"
			  "TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v");
	assert_int_equal(answer.status, 200);
	id = answer_get(&answer, "trafficMirrorFilterId");
	request = answer_get(&answer, "requestId");
	assert_record(door, "eventVersion", "1.08");
	assert_record(door, "eventSource", "ec2.amazonaws.com");
	assert_record(door, "eventName", "CreateTrafficMirrorFilter");
	assert_record(door, "awsRegion", "us-east-1");
	assert_record(door, "sourceIPAddress", "192.0.2.7");
	assert_record(door, "userIdentity.type", "IAMUser");
	assert_record(door, "userIdentity.userName", "admin");
	assert_record(door, "userIdentity.accountId", FIXTURE_ACCOUNT);
	assert_record(door, "userIdentity.accessKeyId", door->admin.id);
	assert_record(door, "recipientAccountId", FIXTURE_ACCOUNT);
	assert_record(door, "eventType", "AwsApiCall");
	assert_record(door, "requestID", request);
	assert_record(door, "errorCode", "");
#define REQUEST "requestParameters.CreateTrafficMirrorFilterRequest."
	assert_record(door, REQUEST "Description", "<a> & b");
	assert_record(door, REQUEST "TagSpecification.0.ResourceType", "traffic-mirror-filter");
	assert_record(door, REQUEST "TagSpecification.0.Tag.0.Value", "v");
#define RESPONSE "responseElements.CreateTrafficMirrorFilterResponse."
	assert_record(door, RESPONSE "trafficMirrorFilter.trafficMirrorFilterId", id);
	assert_record(door, RESPONSE "trafficMirrorFilter.description", "<a> & b");
	assert_record(door, RESPONSE "trafficMirrorFilter.tagSet.item.0.key", "k");
	assert_record(door, RESPONSE "trafficMirrorFilter.ingressFilterRuleSet", "");
	assert_non_null(strstr(door->record, "\"readOnly\":false"));
	assert_non_null(strstr(door->record, "\"managementEvent\":true"));
	assert_int_equal(find(door, "ResourceName", id), 1);
	(void)snprintf(line, sizeof(line), "%s", "AWS::EC2::TrafficMirrorFilter");
	assert_int_equal(find(door, "ResourceType", line), 1);
}

/* Numbers and flags are none of the texts around them. */
static void test_types_are_those_of_the_parameters(void **state)
{
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	struct fixture *fixture = &door->fixture;
	char filter[RESOURCE_ID_SIZE], fields[512];

	assert_done(fixture, make_filter(fixture, filter));
	(void)snprintf(fields, sizeof(fields),
		       "Action=CreateTrafficMirrorFilterRule&TrafficMirrorFilterId=%s&"
		       "RuleNumber=7&RuleAction=accept&TrafficDirection=ingress&Description=12&"
		       "SourceCidrBlock=0.0.0.0/0&DestinationCidrBlock=0.0.0.0/0&Protocol=6&"
		       "DestinationPortRange.FromPort=80&DestinationPortRange.ToPort=81",
		       filter);
	door_expect(door, &admin, "ec2", fields, NULL);
	assert_non_null(strstr(door->record, "\"RuleNumber\":7"));
	assert_non_null(
		strstr(door->record, "\"DestinationPortRange\":{\"FromPort\":80,\"ToPort\":81}"));
	assert_non_null(strstr(door->record, "\"ruleNumber\":7"));
	assert_non_null(strstr(door->record, "\"description\":\"12\""));
	assert_int_equal(find(door, "ResourceName", filter), 1);
}

static void test_what_is_refused_is_told_with_its_reason(void **state)
{
	static const struct throttle_rate rare[] = {
		{.action = "CreateTags", .burst = 1, .interval = (uint64_t)1 << 40},
		{.action = "*"},
	};
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	struct sender bob = {};
	struct key_record key;

	make_user(door, &key);
	bob.key = &key;
	door_expect(door, &bob, "ec2", ASK("CreateTrafficMirrorFilter"), "UnauthorizedOperation");
	assert_record(door, "errorCode", "Client.UnauthorizedOperation");
	assert_record(door, "userIdentity.userName", "bob");
	assert_record(door, "eventName", "CreateTrafficMirrorFilter");
	assert_non_null(strstr(door->record, "\"responseElements\":null"));
	door_expect(door, &bob, "iam", "Action=CreateUser&UserName=eve", "AccessDenied");
	assert_record(door, "errorCode", "AccessDenied");
	assert_record(door, "requestParameters.userName", "eve");
	door_expect(door, &bob, "ec2", ASK("DescribeVpcs"), "UnauthorizedOperation");
	door_expect(door, &bob, "ec2", ASK("Frobnicate"), "InvalidAction");
	door_expect(door, &bob, "ec2", "Action=CreateTags&Colour=red", "UnknownParameter");
	assert_int_equal(find(door, "Username", "bob"), 5);
	door_expect(door, &admin, "ec2", "Action=CreateTrafficMirrorFilter&DryRun=true",
		    "DryRunOperation");
	assert_record(door, "errorCode", "Client.DryRunOperation");
	door_replace(door, rare, 2);
	door_expect(door, &bob, "ec2", "Action=CreateTags&ResourceId.1=a&Tag.1.Key=k",
		    "UnauthorizedOperation");
	door_expect(door, &bob, "ec2", "Action=CreateTags&ResourceId.1=a&Tag.1.Key=k",
		    "RequestLimitExceeded");
	assert_record(door, "errorCode", "Client.RequestLimitExceeded");
	/* Of bob's, the store has those that ask for a change that is known; the other door remembered the others. */
	assert_int_equal(find(door, "Username", "bob"), 4);
}

/* Nobody but who knows a key can make records, and a wrong signature proves nothing. */
static void test_a_wrong_signature_is_told_of_its_key(void **state)
{
	struct door *door = *state;
	struct key_record key = door->admin;
	const struct sender stranger = {.key = &key};

	key.secret[0] ^= 1;
	door_expect(door, &stranger, "ec2", ASK("CreateTrafficMirrorFilter"), "AuthFailure");
	assert_record(door, "userIdentity.type", "Unknown");
	assert_record(door, "userIdentity.accessKeyId", key.id);
	assert_record(door, "userIdentity.arn", "");
	assert_record(door, "errorCode", "Client.AuthFailure");
	assert_record(door, "recipientAccountId", FIXTURE_ACCOUNT);
	assert_int_equal(find(door, "EventName", "CreateTrafficMirrorFilter"), 1);
	key.id[5] ^= 1;
	door_expect(door, &stranger, "ec2", ASK("CreateTrafficMirrorFilter"), "AuthFailure");
	assert_null(door->record);
	assert_int_equal(find(door, "EventName", "CreateTrafficMirrorFilter"), 1);
	/* None of it is in the store. */
	door_replace(door, &(struct throttle_rate){.action = "*"}, 1);
	assert_int_equal(find(door, "EventName", "CreateTrafficMirrorFilter"), 0);
}

static void test_what_only_reads_is_remembered_and_changes_are_kept(void **state)
{
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	struct fixture *fixture = &door->fixture;
	int64_t version;

	door_expect(door, &admin, "ec2", ASK("CreateTrafficMirrorFilter"), NULL);
	version = control_get_version(fixture->control);
	for (int i = 0; i < 20; i++) {
		door_expect(door, &admin, "ec2", ASK("DescribeVpcs"), NULL);
		assert_non_null(strstr(door->record, "\"responseElements\":null"));
	}
	assert_int_equal(control_get_version(fixture->control), version);
	assert_int_equal(find(door, "EventName", "DescribeVpcs"), 20);
	assert_int_equal(find(door, "ReadOnly", "false"), 1);
	for (int i = 0; i < AUDIT_ROOM; i++)
		door_expect(door, &admin, "ec2", ASK("DescribeRegions"), NULL);
	assert_int_equal(find(door, "EventName", "DescribeVpcs"), 0);
	door_replace(door, &(struct throttle_rate){.action = "*"}, 1);
	assert_int_equal(find(door, "EventName", "DescribeRegions"), 0);
	assert_int_equal(find(door, "EventName", "CreateTrafficMirrorFilter"), 1);
}

static void test_pages_join_what_is_kept_and_what_is_remembered(void **state)
{
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};

	for (int i = 0; i < 33; i++)
		door_expect(door, &admin, "ec2",
			    i % 3 == 0 ? ASK("CreateTrafficMirrorFilter") : ASK("DescribeVpcs"),
			    NULL);
	assert_int_equal(find(door, "EventSource", "ec2.amazonaws.com"), 33);
}

/* Whatever hands a secret out, none is in the record. */
static void test_secrets_are_never_told(void **state)
{
	static const char *const asked[][2] = {
		{"iam", "Action=CreateAccessKey"},
		{"iam", "Action=CreateAccount&AccountName=guests"},
		{"ec2", "Action=IssueTrafficMirrorHostKey"},
		{"ec2", "Action=IssueTrafficMirrorHostEnrolment"},
		{"sts", "Action=GetSessionToken"},
		{"sts", "Action=CreateConsoleSignIn"},
		{"sts", ASSUME},
	};
	static const char *const elements[] = {"SecretAccessKey", "secretAccessKey", "SessionToken",
					       "SignInUrl", "enrolmentCode"};
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	const struct identity_wish wish = {
		.kind = IDENTITY_ROLE,
		.name = "reader",
		.trust = DOCUMENT("\"Principal\":{\"AWS\":\"" FIXTURE_ACCOUNT
				  "\"},\"Action\":\"sts:AssumeRole\"")};

	make_identity(door, &wish);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		_cleanup_(answer_fini) struct answer answer =
			door_ask(door, &admin, asked[i][0], asked[i][1]);
		_cleanup_free_ char *id = answer_get(&answer, "AccessKeyId");
		size_t secrets = 0;

		if (answer.status != 200)
			fail_msg("%s", answer.body);
		assert_non_null(door->record);
		for (size_t j = 0; j < ARRAY_SIZE(elements); j++) {
			_cleanup_free_ char *secret = answer_get(&answer, elements[j]);

			secrets += secret[0] != '\0';
			assert_true(secret[0] == '\0' || !strstr(door->record, secret));
		}
		assert_true(secrets > 0);
		/* What it is for is told. */
		assert_true(id[0] == '\0' || strstr(door->record, id));
		assert_null(strstr(door->record, "\"responseElements\":null"));
	}
	assert_int_equal(find(door, "EventName", "AssumeRole"), 1);
	assert_int_equal(find(door, "ResourceType", "AWS::IAM::Role"), 1);
}

/* So that what is asked for can be told whole, but for what is hidden. */
static void test_no_parameter_is_a_secret(void **state)
{
	static const char *const services[] = {"ec2", "sts", "iam", "cloudtrail"};
	static const char *const harmless[] = {"ClientToken", "NextToken"};
	static const char *const words[] = {"ecret", "assword", "Token"};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		const struct service *service = service_find(services[i]);

		for (size_t j = 0; j < service->table_count; j++)
			for (size_t k = 0; k < service->tables[j]->count; k++) {
				const struct action *action = &service->tables[j]->rows[k];

				for (size_t l = 0; l < action->parameter_count; l++) {
					const char *name = action->parameters[l].name;

					seen++;
					if (!strcmp(name, harmless[0]) ||
					    !strcmp(name, harmless[1]) ||
					    action->parameters[l].secret)
						continue;
					for (size_t m = 0; m < ARRAY_SIZE(words); m++)
						assert_null(strstr(name, words[m]));
				}
			}
	}
	assert_true(seen > 200);
}

static void test_a_session_tells_whose_it_is(void **state)
{
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	_cleanup_(answer_fini) struct answer answer =
		door_ask(door, &admin, "sts", "Action=GetSessionToken");
	_cleanup_free_ char *id = answer_get(&answer, "AccessKeyId");
	_cleanup_free_ char *secret = answer_get(&answer, "SecretAccessKey");
	_cleanup_free_ char *token = answer_get(&answer, "SessionToken");
	struct key_record key = {};

	assert_true(string_copy(key.id, sizeof(key.id), id));
	assert_true(string_copy(key.secret, sizeof(key.secret), secret));
	door_expect(door, &(struct sender){.key = &key, .token = token}, "ec2",
		    ASK("CreateTrafficMirrorFilter"), NULL);
	assert_record(door, "userIdentity.type", "IAMUser");
	assert_record(door, "userIdentity.accessKeyId", id);
	assert_record(door, "userIdentity.sessionContext.attributes.mfaAuthenticated", "false");
	assert_null(strstr(door->record, token));
}

/* What the store has, whatever waits. */
static size_t count_kept(struct door *door)
{
	_cleanup_event_list_ struct event_list list = {};
	const struct event_lookup lookup = {
		.account = FIXTURE_ACCOUNT, .end = INT64_MAX, .before = INT64_MAX, .maximum = 1000};
	int64_t reached;

	assert_int_equal(control_find_events(door->fixture.control, &lookup, &list, &reached), 0);
	return list.count;
}

static void keep(struct audit *audit, int64_t now)
{
	struct event event = {.account = {FIXTURE_ACCOUNT}, .record = strdup("{}")};

	assert_int_equal(audit_keep_event(audit, &event, now), 0);
	assert_null(event.record);
}

static void test_many_changes_share_a_transaction(void **state)
{
	_cleanup_(audit_freep) struct audit *audit = NULL;
	struct door *door = *state;
	const int64_t now = door->fixture.now;

	assert_int_equal(audit_new(door->fixture.control, &audit), 0);
	keep(audit, now);
	assert_int_equal(count_kept(door), 1);
	for (int64_t i = 1; i < 10; i++)
		keep(audit, now + i);
	assert_int_equal(count_kept(door), 1);
	keep(audit, now + 10);
	assert_int_equal(count_kept(door), 11);
	for (int i = 0; i < AUDIT_BATCH - 1; i++)
		keep(audit, now + 11);
	assert_int_equal(count_kept(door), 11);
	keep(audit, now + 11);
	assert_int_equal(count_kept(door), 11 + AUDIT_BATCH);
	/* A clock that was set back holds nothing up, and whoever looks every second finds what waits. */
	keep(audit, now);
	assert_int_equal(count_kept(door), 12 + AUDIT_BATCH);
	keep(audit, now);
	assert_int_equal(audit_keep(audit), 0);
	assert_int_equal(count_kept(door), 13 + AUDIT_BATCH);
	keep(audit, now);
	audit_freep(&audit);
	audit = NULL;
	assert_int_equal(count_kept(door), 14 + AUDIT_BATCH);
}

static size_t remember(struct audit *audit, size_t count, size_t size)
{
	_cleanup_event_list_ struct event_list list = {};
	const struct event_lookup lookup = {.account = FIXTURE_ACCOUNT,
					    .end = INT64_MAX,
					    .before = INT64_MAX,
					    .maximum = AUDIT_ROOM};

	for (size_t i = 0; i < count; i++) {
		struct draft draft = {.event.account = {FIXTURE_ACCOUNT},
				      .service = service_find("ec2"),
				      .size = size};

		audit_remember(audit, &draft);
		assert_int_equal(draft.size, 0);
	}
	assert_int_equal(audit_find(audit, &lookup, &list), 0);
	return list.count;
}

static void test_large_requests_leave_little_room(void **state)
{
	_cleanup_(audit_freep) struct audit *audit = NULL;
	struct door *door = *state;

	assert_int_equal(audit_new(door->fixture.control, &audit), 0);
	assert_int_equal(remember(audit, AUDIT_ROOM + 1, sizeof(struct draft)), AUDIT_ROOM);
	assert_int_equal(remember(audit, 40, AUDIT_SIZE_MAX / 16), 16);
	/* Of what is larger still, only that it was asked is remembered. */
	assert_int_equal(remember(audit, AUDIT_ROOM, AUDIT_SIZE_MAX), AUDIT_ROOM);
}

static void test_questions_are_judged(void **state)
{
	static const char *const rows[][2] = {
		{"&MaxResults=0", "InvalidMaxResultsException"},
		{"&MaxResults=51", "InvalidMaxResultsException"},
		{"&MaxResults=x", "ValidationException"},
		{"&StartTime=1700000001&EndTime=1700000000", "InvalidTimeRangeException"},
		{"&StartTime=yesterday", "ValidationException"},
		{"&StartTime=1700000000.", "ValidationException"},
		{"&StartTime=1700000000.x", "ValidationException"},
		{"&StartTime=1700000000.25&EndTime=2023-11-14T22:13:20.250Z", ""},
		{"&StartTime=1700000000.251&EndTime=2023-11-14T22:13:20.250Z",
		 "InvalidTimeRangeException"},
		{"&EventCategory=insight", "InvalidEventCategoryException"},
		{"&LookupAttributes.member.1.AttributeKey=Colour&"
		 "LookupAttributes.member.1.AttributeValue=red",
		 "InvalidLookupAttributesException"},
		{"&LookupAttributes.member.1.AttributeKey=EventName",
		 "InvalidLookupAttributesException"},
		{"&LookupAttributes.member.1.AttributeKey=EventName&"
		 "LookupAttributes.member.1.AttributeValue=a&"
		 "LookupAttributes.member.2.AttributeKey=EventId&"
		 "LookupAttributes.member.2.AttributeValue=b",
		 "InvalidLookupAttributesException"},
		{"&NextToken=abc", "InvalidNextTokenException"},
		{"&NextToken=0123456789abcdef0123456789abcdef", "InvalidNextTokenException"},
	};
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	struct key_record key;
	char fields[512];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)snprintf(fields, sizeof(fields), "Action=LookupEvents%s", rows[i][0]);
		door_expect(door, &admin, "cloudtrail", fields, rows[i][1]);
	}
	make_user(door, &key);
	door_expect(door, &(struct sender){.key = &key}, "cloudtrail", ASK("LookupEvents"),
		    "AccessDeniedException");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, door_setup, door_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_is_told_in_cloudtrails_words),
		TEST(test_types_are_those_of_the_parameters),
		TEST(test_what_is_refused_is_told_with_its_reason),
		TEST(test_a_wrong_signature_is_told_of_its_key),
		TEST(test_what_only_reads_is_remembered_and_changes_are_kept),
		TEST(test_pages_join_what_is_kept_and_what_is_remembered),
		TEST(test_secrets_are_never_told),
		TEST(test_no_parameter_is_a_secret),
		TEST(test_a_session_tells_whose_it_is),
		TEST(test_many_changes_share_a_transaction),
		TEST(test_large_requests_leave_little_room),
		TEST(test_questions_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
