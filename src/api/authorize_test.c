// SPDX-License-Identifier: Apache-2.0
/* What depends on the clock, on the sender's address and on changes between two requests; the rest of permissions is
 * tested with clients (tests/clients/test_access.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/door.h"

#include "api/action.h"
#include "base/count.h"
#include "control/identity.h"
#include "control/policy.h"

#include <string.h>

#define SECOND ((int64_t)1000)

#define DESCRIBE "Action=DescribeTrafficMirrorFilters"
#define CREATE   "Action=CreateTrafficMirrorFilter"
#define WHO      "Action=GetCallerIdentity"
#define ROLE_ARN "arn:aws:iam::" FIXTURE_ACCOUNT ":role/reader"
#define ASSUME   "Action=AssumeRole&RoleSessionName=night&RoleArn=" ROLE_ARN

#define POLICY(statement) "{\"Version\":\"2012-10-17\",\"Statement\":[" statement "]}"
#define ALLOW(action, rest) \
	"{\"Effect\":\"Allow\",\"Action\":\"" action "\",\"Resource\":\"*\"" rest "}"
#define TRUST_ACCOUNT                                                                        \
	POLICY("{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":" \
	       "\"" FIXTURE_ACCOUNT "\"}}")

/* A temporary key as an answer gives it. */
struct temporary {
	struct key_record key;
	char *token;
	struct sender sender;
};

static void make_identity(struct door *door, enum identity_kind kind, const char *name,
			  const char *policy)
{
	const struct identity_wish wish = {
		.kind = kind,
		.name = name,
		.trust = kind == IDENTITY_ROLE ? TRUST_ACCOUNT : NULL,
	};
	const struct policy_locator locator = {kind, name, "p"};
	_cleanup_identity_ struct identity identity = {};
	struct fixture *fixture = &door->fixture;

	assert_done(fixture, control_create_identity(fixture->control, &door->administrator, &wish,
						     &identity, &fixture->why));
	if (policy)
		assert_done(fixture, control_put_policy(fixture->control, &door->administrator,
							&locator, policy, &fixture->why));
}

static struct key_record make_user(struct door *door, const char *name, const char *policy)
{
	struct fixture *fixture = &door->fixture;
	struct key_record key = {};

	make_identity(door, IDENTITY_USER, name, policy);
	assert_done(fixture, control_create_key(fixture->control, &door->administrator, name, &key,
						&fixture->why));
	return key;
}

static void temporary_get(struct door *door, const struct sender *sender, const char *fields,
			  struct temporary *ret_temporary)
{
	_cleanup_(answer_fini) struct answer answer = door_ask(door, sender, "sts", fields);
	_cleanup_free_ char *id = answer_get(&answer, "AccessKeyId");
	_cleanup_free_ char *secret = answer_get(&answer, "SecretAccessKey");

	if (answer.status != 200)
		fail_msg("%s: %s", fields, answer.body);
	*ret_temporary = (struct temporary){.token = answer_get(&answer, "SessionToken")};
	assert_true(string_copy(ret_temporary->key.id, ACCESS_KEY_ID_SIZE, id));
	assert_true(string_copy(ret_temporary->key.secret, ACCESS_KEY_SECRET_SIZE, secret));
	ret_temporary->sender = (struct sender){&ret_temporary->key, ret_temporary->token, NULL};
}

static void temporary_fini(struct temporary *temporary)
{
	free(temporary->token);
}

static void test_source_address(void **state)
{
	const char policy[] =
		POLICY(ALLOW("ec2:Describe*",
			     ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"10.1.0.0/16\","
			     "\"2001:db8::/32\"]},\"Bool\":{\"aws:SecureTransport\":\"false\"}}"));
	struct door *door = *state;
	const struct key_record key = make_user(door, "alice", policy);

	door_expect(door, &(struct sender){&key, NULL, "10.1.2.3"}, "ec2", DESCRIBE, NULL);
	door_expect(door, &(struct sender){&key, NULL, "2001:db8::1"}, "ec2", DESCRIBE, NULL);
	door_expect(door, &(struct sender){&key, NULL, "10.2.2.3"}, "ec2", DESCRIBE,
		    "UnauthorizedOperation");
	door_expect(door, &(struct sender){&key, NULL, "::1"}, "ec2", DESCRIBE,
		    "UnauthorizedOperation");
}

/* What a policy says holds from the next request on, though the last one's was kept. */
static void test_changes_hold_at_once(void **state)
{
	struct door *door = *state;
	struct fixture *fixture = &door->fixture;
	const struct policy_locator locator = {IDENTITY_USER, "alice", "p"};
	const struct key_record key = make_user(door, "alice", NULL);
	const struct sender alice = {.key = &key};

	door_expect(door, &alice, "ec2", DESCRIBE, "UnauthorizedOperation");
	assert_done(fixture, control_put_policy(fixture->control, &door->administrator, &locator,
						POLICY(ALLOW("ec2:*", "")), &fixture->why));
	door_expect(door, &alice, "ec2", DESCRIBE, NULL);
	door_expect(door, &alice, "ec2", CREATE "&DryRun=true", "DryRunOperation");
	assert_done(fixture, control_put_policy(fixture->control, &door->administrator, &locator,
						POLICY(ALLOW("ec2:Describe*", "")), &fixture->why));
	door_expect(door, &alice, "ec2", CREATE "&DryRun=true", "UnauthorizedOperation");
	assert_done(fixture, control_delete_policy(fixture->control, &door->administrator, &locator,
						   &fixture->why));
	door_expect(door, &alice, "ec2", DESCRIBE, "UnauthorizedOperation");
	door_expect(door, &alice, "sts", WHO, NULL);
	assert_done(fixture, control_enable_key(fixture->control, &door->administrator, "alice",
						key.id, false, &fixture->why));
	door_expect(door, &alice, "ec2", DESCRIBE, "AuthFailure");
	door_expect(door, &alice, "sts", WHO, "InvalidClientTokenId");
}

static void test_user_session_ends(void **state)
{
	_cleanup_(temporary_fini) struct temporary session;
	struct door *door = *state;
	const struct key_record key = make_user(door, "alice", POLICY(ALLOW("ec2:*", "")));
	const struct sender alice = {.key = &key};

	temporary_get(door, &alice, "Action=GetSessionToken&DurationSeconds=900", &session);
	door_expect(door, &session.sender, "ec2", DESCRIBE, NULL);
	door->fixture.now += 899 * SECOND;
	door_expect(door, &session.sender, "ec2", CREATE, NULL);
	door->fixture.now += 1 * SECOND;
	door_expect(door, &session.sender, "ec2", DESCRIBE, "RequestExpired");
	door_expect(door, &session.sender, "sts", WHO, "ExpiredToken");
	door_expect(door, &alice, "ec2", DESCRIBE, NULL);
}

static void test_session_ends_with_its_user(void **state)
{
	_cleanup_(temporary_fini) struct temporary session;
	struct door *door = *state;
	struct fixture *fixture = &door->fixture;
	const struct policy_locator locator = {IDENTITY_USER, "alice", "p"};
	const struct key_record key = make_user(door, "alice", POLICY(ALLOW("ec2:*", "")));

	temporary_get(door, &(struct sender){.key = &key}, "Action=GetSessionToken", &session);
	assert_done(fixture, control_delete_policy(fixture->control, &door->administrator, &locator,
						   &fixture->why));
	door_expect(door, &session.sender, "ec2", DESCRIBE, "UnauthorizedOperation");
	assert_done(fixture, control_delete_key(fixture->control, &door->administrator, "alice",
						key.id, &fixture->why));
	door_expect(door, &session.sender, "sts", WHO, NULL);
	assert_done(fixture, control_delete_identity(fixture->control, &door->administrator,
						     IDENTITY_USER, "alice", &fixture->why));
	door_expect(door, &session.sender, "ec2", DESCRIBE, "AuthFailure");
	door_expect(door, &session.sender, "sts", WHO, "InvalidClientTokenId");
}

static void test_role_session_ends(void **state)
{
	_cleanup_(temporary_fini) struct temporary session, other;
	struct door *door = *state;
	struct fixture *fixture = &door->fixture;
	const struct sender admin = {.key = &door->admin};
	const struct policy_locator locator = {IDENTITY_ROLE, "reader", "p"};

	make_identity(door, IDENTITY_ROLE, "reader", POLICY(ALLOW("ec2:Describe*", "")));
	temporary_get(door, &admin, ASSUME, &session);
	temporary_get(door, &admin, ASSUME "&DurationSeconds=900", &other);
	door_expect(door, &session.sender, "ec2", DESCRIBE, NULL);
	door_expect(door, &session.sender, "ec2", CREATE, "UnauthorizedOperation");
	door->fixture.now += 900 * SECOND;
	door_expect(door, &other.sender, "ec2", DESCRIBE, "RequestExpired");
	door->fixture.now += 2699 * SECOND;
	door_expect(door, &session.sender, "ec2", DESCRIBE, NULL);
	assert_done(fixture, control_delete_policy(fixture->control, &door->administrator, &locator,
						   &fixture->why));
	assert_done(fixture, control_delete_identity(fixture->control, &door->administrator,
						     IDENTITY_ROLE, "reader", &fixture->why));
	door_expect(door, &session.sender, "ec2", DESCRIBE, "AuthFailure");
	make_identity(door, IDENTITY_ROLE, "reader", POLICY(ALLOW("ec2:Describe*", "")));
	door_expect(door, &session.sender, "ec2", DESCRIBE, "AuthFailure");
}

/* Key, secret and token belong together. */
static void test_parts_do_not_mix(void **state)
{
	_cleanup_(temporary_fini) struct temporary first, second;
	struct door *door = *state;
	const struct sender admin = {.key = &door->admin};
	struct key_record mixed;

	temporary_get(door, &admin, "Action=GetSessionToken", &first);
	temporary_get(door, &admin, "Action=GetSessionToken", &second);
	door_expect(door, &(struct sender){&first.key, second.token, NULL}, "ec2", DESCRIBE,
		    "AuthFailure");
	door_expect(door, &(struct sender){&first.key, NULL, NULL}, "ec2", DESCRIBE, "AuthFailure");
	door_expect(door, &(struct sender){&first.key, "AAAA", NULL}, "sts", WHO,
		    "InvalidClientTokenId");
	door_expect(door, &(struct sender){&door->admin, first.token, NULL}, "sts", WHO,
		    "InvalidClientTokenId");
	mixed = first.key;
	memcpy(mixed.secret, second.key.secret, sizeof(mixed.secret));
	door_expect(door, &(struct sender){&mixed, first.token, NULL}, "sts", WHO,
		    "SignatureDoesNotMatch");
	first.token[strlen(first.token) / 2] ^= 1;
	door_expect(door, &first.sender, "sts", WHO, "InvalidClientTokenId");
	door_expect(door, &second.sender, "sts", WHO, NULL);
}

/* Tags that come with what is made take a permission of their own, whose words are the service's. */
static void test_what_is_made_has_words_for_tags(void **state)
{
	static const char *const names[] = {"ec2", "sts", "iam", "elasticloadbalancing"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct service *service = service_find(names[i]);

		assert_non_null(service);
		for (size_t j = 0; j < service->table_count; j++)
			for (size_t k = 0; k < service->tables[j]->count; k++)
				if (service->tables[j]->rows[k].creates)
					assert_non_null(service->tag_words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_source_address, door_setup, door_teardown),
		cmocka_unit_test_setup_teardown(test_changes_hold_at_once, door_setup,
						door_teardown),
		cmocka_unit_test_setup_teardown(test_user_session_ends, door_setup, door_teardown),
		cmocka_unit_test_setup_teardown(test_session_ends_with_its_user, door_setup,
						door_teardown),
		cmocka_unit_test_setup_teardown(test_role_session_ends, door_setup, door_teardown),
		cmocka_unit_test_setup_teardown(test_parts_do_not_mix, door_setup, door_teardown),
		cmocka_unit_test(test_what_is_made_has_words_for_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
