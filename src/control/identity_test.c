// SPDX-License-Identifier: Apache-2.0
/* Accounts, users, roles, their keys and policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/seal.h"
#include "base/count.h"
#include "control/account.h"
#include "control/credential.h"
#include "control/fixture.h"
#include "control/identity.h"
#include "control/policy.h"
#include "control/principal.h"
#include "control/sealing.h"
#include "store/credential.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALLOW                                                                               \
	"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"," \
	"\"Resource\":\"*\"}}"
#define TRUST                                                                         \
	"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":" \
	"\"sts:AssumeRole\",\"Principal\":\"*\"}}"

static const struct query everything;

static void make_user(struct fixture *fixture, const char *name, const char *path)
{
	_cleanup_identity_ struct identity user = {};
	const struct identity_wish wish = {.kind = IDENTITY_USER, .name = name, .path = path};

	assert_done(fixture, control_create_identity(fixture->control, &fixture->user, &wish, &user,
						     &fixture->why));
}

static int get_user(struct fixture *fixture, const char *name, struct identity *ret_user)
{
	return control_get_identity(fixture->control, &fixture->user, IDENTITY_USER, name, ret_user,
				    &fixture->why);
}

static int delete_user(struct fixture *fixture, const char *name)
{
	return control_delete_identity(fixture->control, &fixture->user, IDENTITY_USER, name,
				       &fixture->why);
}

static int put_policy(struct fixture *fixture, const char *user, const char *name,
		      const char *document)
{
	const struct policy_locator locator = {IDENTITY_USER, user, name};

	return control_put_policy(fixture->control, &fixture->user, &locator, document,
				  &fixture->why);
}

static void test_names_have_no_case(void **state)
{
	struct fixture *fixture = *state;
	const struct identity_wish twin = {.kind = IDENTITY_USER, .name = "BOB"};
	const struct identity_wish role = {.kind = IDENTITY_ROLE, .name = "bob", .trust = TRUST};
	struct identity user, found;
	char arn[IDENTITY_ARN_SIZE];

	make_user(fixture, "Bob", "/a/");
	assert_done(fixture, get_user(fixture, "bOB", &user));
	assert_string_equal(user.name, "Bob");
	assert_int_equal(strncmp(user.id, "AIDA", 4), 0);
	identity_format_arn(&user, arn);
	assert_string_equal(arn, "arn:aws:iam::" FIXTURE_ACCOUNT ":user/a/Bob");
	assert_refused(fixture,
		       control_create_identity(fixture->control, &fixture->user, &twin, &found,
					       &fixture->why),
		       REFUSE_ENTITY_EXISTS);
	assert_done(fixture, control_create_identity(fixture->control, &fixture->user, &role,
						     &found, &fixture->why));
	assert_int_equal(strncmp(found.id, "AROA", 4), 0);
	assert_int_equal(found.session_seconds_max, 3600);
	identity_fini(&found);
	assert_refused(fixture, get_user(fixture, "bo", &found), REFUSE_ENTITY_NOT_FOUND);
}

static void test_bad_wishes(void **state)
{
	static const struct {
		struct identity_wish wish;
		int code;
	} cases[] = {
		{{.name = "", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "a b", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "a/b", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "ok", .path = "a/", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "ok", .path = "/a", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "ok", .path = "/a b/", .kind = IDENTITY_USER}, REFUSE_PARAMETER_VALUE},
		{{.name = "ok", .path = "/\xc3\xa4/", .kind = IDENTITY_USER},
		 REFUSE_PARAMETER_VALUE},
		{{.name = "ok", .trust = "{", .kind = IDENTITY_ROLE}, REFUSE_POLICY_MALFORMED},
		{{.name = "ok", .trust = ALLOW, .kind = IDENTITY_ROLE}, REFUSE_POLICY_MALFORMED},
		{{.name = "ok",
		  .trust = TRUST,
		  .session_seconds = {true, 3599},
		  .kind = IDENTITY_ROLE},
		 REFUSE_PARAMETER_VALUE},
	};
	struct fixture *fixture = *state;
	struct identity made;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(fixture,
			       control_create_identity(fixture->control, &fixture->user,
						       &cases[i].wish, &made, &fixture->why),
			       cases[i].code);
	assert_refused(fixture,
		       control_get_identity(fixture->control, &fixture->user, IDENTITY_ROLE, "ok",
					    &made, &fixture->why),
		       REFUSE_ENTITY_NOT_FOUND);
}

static void test_a_renamed_user_stays_who_he_is(void **state)
{
	struct fixture *fixture = *state;
	struct access_key found;
	struct identity before, after;
	struct key_record key;

	make_user(fixture, "bob", NULL);
	make_user(fixture, "eve", NULL);
	assert_done(fixture, get_user(fixture, "bob", &before));
	assert_done(fixture, control_create_key(fixture->control, &fixture->user, "bob", &key,
						&fixture->why));
	assert_refused(fixture,
		       control_rename_user(fixture->control, &fixture->user, "bob", "EVE", NULL,
					   &fixture->why),
		       REFUSE_ENTITY_EXISTS);
	assert_done(fixture, control_rename_user(fixture->control, &fixture->user, "bob", "rob",
						 "/x/", &fixture->why));
	assert_done(fixture, get_user(fixture, "rob", &after));
	assert_string_equal(after.id, before.id);
	assert_done(fixture,
		    control_find_access_key(fixture->control, key.id, &found, &fixture->why));
	assert_string_equal(found.caller.arn, "arn:aws:iam::" FIXTURE_ACCOUNT ":user/x/rob");
	assert_string_equal(found.caller.user_id, before.id);
	assert_string_equal(found.caller.principal, before.id);
	assert_refused(fixture, get_user(fixture, "bob", &after), REFUSE_ENTITY_NOT_FOUND);
}

static void test_a_user_goes_after_what_is_his(void **state)
{
	static const struct policy_locator policy = {IDENTITY_USER, "bob", "p"};
	struct fixture *fixture = *state;
	struct key_record key;

	make_user(fixture, "bob", NULL);
	assert_done(fixture, put_policy(fixture, "bob", "p", ALLOW));
	assert_done(fixture, control_create_key(fixture->control, &fixture->user, "bob", &key,
						&fixture->why));
	assert_refused(fixture, delete_user(fixture, "bob"), REFUSE_ENTITY_IN_USE);
	assert_done(fixture, control_delete_key(fixture->control, &fixture->user, "bob", key.id,
						&fixture->why));
	assert_refused(fixture, delete_user(fixture, "bob"), REFUSE_ENTITY_IN_USE);
	assert_done(fixture, control_delete_policy(fixture->control, &fixture->user, &policy,
						   &fixture->why));
	assert_refused(
		fixture,
		control_delete_policy(fixture->control, &fixture->user, &policy, &fixture->why),
		REFUSE_ENTITY_NOT_FOUND);
	assert_done(fixture, delete_user(fixture, "bob"));
	assert_refused(fixture, delete_user(fixture, "bob"), REFUSE_ENTITY_NOT_FOUND);
}

/* Two keys, so that one takes over from the other; what is disabled or deleted opens nothing. */
static void test_keys_rotate(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(key_page_fini) struct key_page page = {};
	struct key_record first, second, third;
	struct access_key found;

	make_user(fixture, "bob", NULL);
	make_user(fixture, "eve", NULL);
	assert_done(fixture, control_create_key(fixture->control, &fixture->user, "bob", &first,
						&fixture->why));
	assert_done(fixture, control_create_key(fixture->control, &fixture->user, "bob", &second,
						&fixture->why));
	assert_refused(
		fixture,
		control_create_key(fixture->control, &fixture->user, "bob", &third, &fixture->why),
		REFUSE_ENTITY_LIMIT);
	assert_done(fixture, control_enable_key(fixture->control, &fixture->user, "bob", first.id,
						false, &fixture->why));
	assert_refused(fixture,
		       control_find_access_key(fixture->control, first.id, &found, &fixture->why),
		       REFUSE_CREDENTIALS_INVALID);
	assert_done(fixture,
		    control_find_access_key(fixture->control, second.id, &found, &fixture->why));
	assert_string_equal(found.secret, second.secret);
	assert_done(fixture, control_describe_keys(fixture->control, &fixture->user, "bob",
						   &everything, &page, &fixture->why));
	assert_int_equal(page.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(page.items[i].user, "bob");
		assert_string_equal(page.items[i].secret, "");
		assert_int_equal(page.items[i].enabled, strcmp(page.items[i].id, first.id) != 0);
	}
	assert_refused(fixture,
		       control_delete_key(fixture->control, &fixture->user, "eve", first.id,
					  &fixture->why),
		       REFUSE_ENTITY_NOT_FOUND);
	assert_done(fixture, control_enable_key(fixture->control, &fixture->user, "bob", first.id,
						true, &fixture->why));
	assert_done(fixture,
		    control_find_access_key(fixture->control, first.id, &found, &fixture->why));
	assert_done(fixture, control_delete_key(fixture->control, &fixture->user, "bob", first.id,
						&fixture->why));
	assert_refused(fixture,
		       control_find_access_key(fixture->control, first.id, &found, &fixture->why),
		       REFUSE_CREDENTIALS_INVALID);
}

static void test_use_is_noted_to_the_minute(void **state)
{
	struct fixture *fixture = *state;
	struct key_record key, seen;
	struct access_key found;
	const int64_t start = fixture->now;

	make_user(fixture, "bob", NULL);
	assert_done(fixture, control_create_key(fixture->control, &fixture->user, "bob", &key,
						&fixture->why));
	for (int second = 0; second <= 60; second += 20) {
		fixture->now = start + second * 1000;
		assert_done(fixture, control_find_access_key(fixture->control, key.id, &found,
							     &fixture->why));
		control_note_key_use(fixture->control, &found, second < 60 ? "ec2" : "iam", "r");
		assert_done(fixture, control_get_key(fixture->control, &fixture->user, key.id,
						     &seen, &fixture->why));
		assert_int_equal(seen.last_used, second < 60 ? start : start + 60000);
		assert_string_equal(seen.last_service, second < 60 ? "ec2" : "iam");
	}
}

static void test_policies_come_back_and_are_bounded(void **state)
{
	static const struct policy_locator locator = {IDENTITY_USER, "bob", "p"};
	struct fixture *fixture = *state;
	_cleanup_free_ char *document = NULL;
	char large[3000];
	int length;

	make_user(fixture, "bob", NULL);
	assert_refused(fixture, put_policy(fixture, "bob", "p q", ALLOW), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, put_policy(fixture, "bob", "p", "[]"), REFUSE_POLICY_MALFORMED);
	assert_refused(fixture, put_policy(fixture, "bob", "p", TRUST), REFUSE_POLICY_MALFORMED);
	assert_refused(fixture, put_policy(fixture, "eve", "p", ALLOW), REFUSE_ENTITY_NOT_FOUND);
	assert_done(fixture, put_policy(fixture, "bob", "p", ALLOW));
	/* Blanks do not count, letters do: 2048 for all policies of a user. */
	length = snprintf(large, sizeof(large), "%-2900s", ALLOW);
	assert_int_equal(length, 2900);
	assert_done(fixture, put_policy(fixture, "bob", "q", large));
	(void)snprintf(large, sizeof(large),
		       "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
		       "\"*\",\"Resource\":\"arn:aws:ec2:*:*:%01900d\"}}",
		       0);
	assert_refused(fixture, put_policy(fixture, "bob", "r", large), REFUSE_ENTITY_LIMIT);
	assert_done(fixture, control_get_policy(fixture->control, &fixture->user, &locator,
						&document, &fixture->why));
	assert_string_equal(document, ALLOW);
}

/* What is kept parsed follows every change. */
static void test_principals_are_never_stale(void **state)
{
	static const struct policy_locator locator = {IDENTITY_USER, "bob", "p"};
	struct fixture *fixture = *state;
	struct principal *principal;
	struct identity user;

	make_user(fixture, "bob", NULL);
	assert_done(fixture, get_user(fixture, "bob", &user));
	for (int i = 0; i < 2; i++) {
		assert_done(fixture,
			    principal_find(fixture->control, user.id, &principal, &fixture->why));
		assert_int_equal(principal->policy_count, 0);
		principal_unref(principal);
		assert_done(fixture, put_policy(fixture, "bob", "p", ALLOW));
		assert_done(fixture,
			    principal_find(fixture->control, user.id, &principal, &fixture->why));
		assert_int_equal(principal->policy_count, 1);
		principal_unref(principal);
		assert_done(fixture, control_delete_policy(fixture->control, &fixture->user,
							   &locator, &fixture->why));
	}
	assert_done(fixture, delete_user(fixture, "bob"));
	assert_refused(fixture,
		       principal_find(fixture->control, user.id, &principal, &fixture->why),
		       REFUSE_CREDENTIALS_INVALID);
}

static void test_users_are_listed_by_path_and_page(void **state)
{
	struct fixture *fixture = *state;
	char name[8], token[1024] = "";
	size_t count = 0;

	for (int i = 0; i < 7; i++) {
		(void)snprintf(name, sizeof(name), "%c%d", i % 2 ? 'U' : 'u', i);
		make_user(fixture, name, i < 5 ? "/in/side/" : "/out/");
	}
	do {
		_cleanup_(identity_page_fini) struct identity_page page = {};
		const struct query query = {.max_results = 2, .next_token = token};

		assert_done(fixture, control_describe_identities(fixture->control, &fixture->user,
								 IDENTITY_USER, "/in/", &query,
								 &page, &fixture->why));
		assert_int_equal(page.count, count < 4 ? 2 : 1);
		for (size_t i = 0; i < page.count; i++, count++)
			assert_int_equal(page.items[i].name[1], '0' + count);
		(void)snprintf(token, sizeof(token), "%s", page.next_token ? page.next_token : "");
	} while (token[0] != '\0');
	assert_int_equal(count, 5);
}

/* A first key comes with an account; nobody else's people are seen from there, and only the first account's people make
 * and delete accounts. */
static void test_accounts_are_apart(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(account_page_fini) struct account_page page = {};
	struct account_record account, other;
	struct access_key key = {};
	struct key_record made;
	struct identity user;

	make_user(fixture, "bob", NULL);
	assert_done(fixture,
		    control_create_account(fixture->control, &fixture->user, "lab", "210987654321",
					   &account, &made, &fixture->why));
	assert_refused(fixture,
		       control_create_account(fixture->control, &fixture->user, "lab",
					      "210987654321", &other, &made, &fixture->why),
		       REFUSE_ENTITY_EXISTS);
	assert_refused(fixture,
		       control_create_account(fixture->control, &fixture->user, "lab",
					      "21098765432", &other, &made, &fixture->why),
		       REFUSE_PARAMETER_VALUE);
	assert_done(fixture,
		    control_find_access_key(fixture->control, made.id, &key, &fixture->why));
	assert_string_equal(key.caller.arn, "arn:aws:iam::210987654321:user/admin");
	assert_refused(fixture,
		       control_get_identity(fixture->control, &key.caller, IDENTITY_USER, "bob",
					    &user, &fixture->why),
		       REFUSE_ENTITY_NOT_FOUND);
	assert_done(fixture, control_get_identity(fixture->control, &key.caller, IDENTITY_USER,
						  NULL, &user, &fixture->why));
	assert_string_equal(user.name, "admin");
	assert_refused(fixture,
		       control_create_account(fixture->control, &key.caller, "x", NULL, &other,
					      &made, &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_refused(fixture,
		       control_delete_account(fixture->control, &key.caller, FIXTURE_ACCOUNT,
					      &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_done(fixture, control_describe_accounts(fixture->control, &key.caller, &everything,
						       &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].id.text, "210987654321");
}

static void test_an_account_goes_when_it_is_empty(void **state)
{
	struct fixture *fixture = *state;
	struct caller admin = fixture->user;
	struct account_record account;
	char filter[RESOURCE_ID_SIZE];
	struct key_record made;
	struct access_key key;

	assert_done(fixture, control_create_account(fixture->control, &fixture->user, "lab", NULL,
						    &account, &made, &fixture->why));
	assert_done(fixture,
		    control_find_access_key(fixture->control, made.id, &key, &fixture->why));
	fixture->user = key.caller;
	assert_done(fixture, make_filter(fixture, filter));
	assert_refused(
		fixture,
		control_delete_account(fixture->control, &admin, account.id.text, &fixture->why),
		REFUSE_ENTITY_IN_USE);
	assert_done(fixture,
		    control_delete_filter(fixture->control, &fixture->user, filter, &fixture->why));
	assert_done(fixture, control_delete_account(fixture->control, &admin, account.id.text,
						    &fixture->why));
	assert_refused(fixture,
		       control_find_access_key(fixture->control, made.id, &key, &fixture->why),
		       REFUSE_CREDENTIALS_INVALID);
	assert_refused(
		fixture,
		control_delete_account(fixture->control, &admin, FIXTURE_ACCOUNT, &fixture->why),
		REFUSE_ENTITY_IN_USE);
}

/* A key that an older version left plain is sealed when the store is opened; another seal key opens nothing, and writes
 * nothing. */
static void test_secrets_are_sealed(void **state)
{
	static const struct seal_key stranger = {"quite another key of 32 octets.."};
	struct control_options options = {.region = "r", .limits = LIMITS_DEFAULT};
	_cleanup_(store_closep) struct store *store = NULL;
	struct stored_credential before, after;
	struct control *control = NULL;
	struct access_key key, found;
	struct refusal why = {};
	bool sealed;

	(void)state;
	assert_int_equal(store_open("memory", &store, &why), 0);
	assert_int_equal(sealing_find(store, &sealed), 0);
	assert_false(sealed);
	assert_int_equal(control_open(store, &options, &control, &why), REFUSED);
	options.seal_key = &fixture_seal_key;
	assert_int_equal(control_open(store, &options, &control, &why), 0);
	assert_int_equal(sealing_find(store, &sealed), 0);
	assert_true(sealed);
	assert_int_equal(control_create_access_key(control, CALLER_USER, "admin", &key, &why), 0);
	control_free(TAKE_PTR(control));
	assert_int_equal(store_get_credential(store, key.id, &before), 0);
	assert_true(before.sealed);
	assert_null(strstr(before.secret, key.secret));
	options.seal_key = &stranger;
	assert_int_equal(control_open(store, &options, &control, &why), REFUSED);
	assert_non_null(strstr(why.text, "seal key"));
	assert_int_equal(store_get_credential(store, key.id, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	options.seal_key = &fixture_seal_key;
	assert_int_equal(control_open(store, &options, &control, &why), 0);
	assert_int_equal(control_find_access_key(control, key.id, &found, &why), 0);
	assert_string_equal(found.secret, key.secret);
	/* Somebody moves a sealed secret to another key. */
	assert_int_equal(control_create_access_key(control, CALLER_USER, "admin", &found, &why), 0);
	assert_int_equal(store_get_credential(store, found.id, &after), 0);
	memcpy(after.secret, before.secret, sizeof(after.secret));
	assert_int_equal(store_put_credential(store, &after), 0);
	assert_int_equal(control_find_access_key(control, found.id, &found, &why), -EBADMSG);
	control_free(control);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_have_no_case),
		TEST(test_bad_wishes),
		TEST(test_a_renamed_user_stays_who_he_is),
		TEST(test_a_user_goes_after_what_is_his),
		TEST(test_keys_rotate),
		TEST(test_use_is_noted_to_the_minute),
		TEST(test_policies_come_back_and_are_bounded),
		TEST(test_principals_are_never_stale),
		TEST(test_users_are_listed_by_path_and_page),
		TEST(test_accounts_are_apart),
		TEST(test_an_account_goes_when_it_is_empty),
		cmocka_unit_test(test_secrets_are_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
