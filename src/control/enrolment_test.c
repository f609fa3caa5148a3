// SPDX-License-Identifier: Apache-2.0
/* How hosts come to keys of their own; agents play it whole in tests/clients/test_enrolment.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "control/enrolment.h"
#include "control/fixture.h"
#include "control/host_key.h"

#include <stdio.h>
#include <string.h>

#define HOUR 3600000

static const struct query everything;

/* Codes of tests: the digest is made of the id, as a hash is of the whole code. */
struct code {
	char id[ENROLMENT_ID_SIZE], digest[ENROLMENT_DIGEST_SIZE];
};

static struct code code_make(unsigned int number)
{
	struct code code;

	(void)snprintf(code.id, sizeof(code.id), "%016x", number);
	(void)snprintf(code.digest, sizeof(code.digest), "%064x", number);
	return code;
}

static int issue(struct fixture *fixture, unsigned int number, const char *host, int64_t seconds)
{
	const struct code code = code_make(number);
	struct enrolment_record made = {};
	int r = control_issue_enrolment(
		fixture->control, &fixture->user, &(struct enrolment_code){code.id, code.digest},
		host, (struct optional_number){seconds != 0, seconds}, &made, &fixture->why);

	if (r == 0)
		assert_string_equal(made.id, code.id);
	return r;
}

static int redeem(struct fixture *fixture, unsigned int number, const char *host,
		  struct access_key *ret_key)
{
	const struct code code = code_make(number);

	return control_redeem_enrolment(fixture->control,
					&(struct enrolment_code){code.id, code.digest}, host,
					ret_key, &fixture->why);
}

static void assert_key_opens(struct fixture *fixture, const struct access_key *key, bool opens)
{
	struct access_key found = {};
	int r = control_find_access_key(fixture->control, key->id, &found, &fixture->why);

	assert_int_equal(r, opens ? 0 : REFUSED);
	if (!opens)
		return;
	assert_string_equal(found.secret, key->secret);
	assert_string_equal(found.caller.host, key->caller.host);
	assert_int_equal(found.caller.kind, CALLER_HOST);
}

static size_t count_waiting(struct fixture *fixture)
{
	_cleanup_(enrolment_page_fini) struct enrolment_page page = {};

	assert_done(fixture, control_describe_enrolments(fixture->control, &fixture->user,
							 &everything, &page, &fixture->why));
	return page.count;
}

static void test_a_code_gets_a_key_once(void **state)
{
	struct fixture *fixture = *state;
	struct access_key key = {}, again = {};

	assert_done(fixture, issue(fixture, 1, "web-1", 0));
	assert_int_equal(count_waiting(fixture), 1);
	assert_done(fixture, redeem(fixture, 1, "web-1", &key));
	assert_string_equal(key.caller.host, "web-1");
	assert_string_equal(key.caller.account.text, FIXTURE_ACCOUNT);
	assert_key_opens(fixture, &key, true);
	assert_int_equal(count_waiting(fixture), 0);
	assert_refused(fixture, redeem(fixture, 1, "web-1", &again), REFUSE_ENROLMENT_INVALID);
	assert_key_opens(fixture, &key, true);
}

static void test_what_is_no_code(void **state)
{
	struct fixture *fixture = *state;
	const struct code right = code_make(1), other = code_make(2);
	struct access_key key = {};

	assert_done(fixture, issue(fixture, 1, "web-1", 0));
	assert_refused(fixture, redeem(fixture, 2, "web-1", &key), REFUSE_ENROLMENT_INVALID);
	assert_refused(fixture,
		       control_redeem_enrolment(fixture->control,
						&(struct enrolment_code){right.id, other.digest},
						"web-1", &key, &fixture->why),
		       REFUSE_ENROLMENT_INVALID);
	/* Who has the code is told what is wrong, and has it still. */
	assert_refused(fixture, redeem(fixture, 1, "web-2", &key), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, redeem(fixture, 1, "no name", &key), REFUSE_PARAMETER_VALUE);
	assert_done(fixture, redeem(fixture, 1, "web-1", &key));
}

static void test_a_code_is_over_in_time(void **state)
{
	struct fixture *fixture = *state;
	struct access_key key = {};

	assert_done(fixture, issue(fixture, 1, "web-1", 0));
	assert_done(fixture, issue(fixture, 2, "web-2", 60));
	fixture->now += 60000;
	assert_int_equal(count_waiting(fixture), 1);
	assert_refused(fixture, redeem(fixture, 2, "web-2", &key), REFUSE_ENROLMENT_INVALID);
	fixture->now += HOUR - 60000 - 1;
	assert_done(fixture, redeem(fixture, 1, "web-1", &key));
	assert_done(fixture, issue(fixture, 3, "web-3", 0));
	fixture->now += HOUR;
	assert_refused(fixture, redeem(fixture, 3, "web-3", &key), REFUSE_ENROLMENT_INVALID);
	assert_refused(fixture, issue(fixture, 4, "web-4", 59), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, issue(fixture, 4, "web-4", 604801), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, issue(fixture, 4, "web 4", 0), REFUSE_PARAMETER_VALUE);
}

/* A host that is set up anew is the one that has the name now. */
static void test_a_new_key_ends_the_old(void **state)
{
	struct fixture *fixture = *state;
	struct access_key first = {}, second = {}, other = {};

	assert_done(fixture, issue(fixture, 1, "web-1", 0));
	assert_done(fixture, issue(fixture, 2, "web-1", 0));
	assert_done(fixture, issue(fixture, 3, "web-2", 0));
	assert_done(fixture, redeem(fixture, 1, "web-1", &first));
	assert_done(fixture, redeem(fixture, 3, "web-2", &other));
	assert_done(fixture, redeem(fixture, 2, "web-1", &second));
	assert_key_opens(fixture, &first, false);
	assert_key_opens(fixture, &second, true);
	assert_key_opens(fixture, &other, true);
}

static void test_any_host_is_a_new_one(void **state)
{
	struct fixture *fixture = *state;
	struct access_key key = {};

	assert_done(fixture, issue(fixture, 1, NULL, 0));
	/* One that reports, and one that is enrolled. */
	assert_refused(fixture, redeem(fixture, 1, "alpha", &key), REFUSE_HOST_ENROLLED);
	assert_done(fixture, issue(fixture, 2, "web-1", 0));
	assert_done(fixture, redeem(fixture, 2, "web-1", &key));
	assert_refused(fixture, redeem(fixture, 1, "web-1", &key), REFUSE_HOST_ENROLLED);
	assert_done(fixture, redeem(fixture, 1, "web-2", &key));
	assert_string_equal(key.caller.host, "web-2");
}

static void test_enrolments_are_bounded_and_can_be_cancelled(void **state)
{
	struct fixture *fixture = *state;
	const struct caller other = {.account = {"999999999999"}};
	struct access_key key = {};

	for (unsigned int i = 0; i < ENROLMENTS_MAX; i++)
		assert_done(fixture, issue(fixture, i, NULL, 60));
	assert_refused(fixture, issue(fixture, ENROLMENTS_MAX, NULL, 60), REFUSE_ENROLMENT_LIMIT);
	assert_refused(
		fixture,
		control_delete_enrolment(fixture->control, &other, code_make(7).id, &fixture->why),
		REFUSE_ENROLMENT_NOT_FOUND);
	assert_done(fixture, control_delete_enrolment(fixture->control, &fixture->user,
						      code_make(7).id, &fixture->why));
	assert_refused(fixture,
		       control_delete_enrolment(fixture->control, &fixture->user, code_make(7).id,
						&fixture->why),
		       REFUSE_ENROLMENT_NOT_FOUND);
	assert_refused(fixture, redeem(fixture, 7, "web-1", &key), REFUSE_ENROLMENT_INVALID);
	assert_done(fixture, issue(fixture, ENROLMENTS_MAX, NULL, 60));
	/* Those that are over take no room. */
	fixture->now += 60000;
	assert_done(fixture, issue(fixture, ENROLMENTS_MAX + 1, NULL, 60));
	assert_int_equal(count_waiting(fixture), 1);
}

/* The two that all hosts of the account may have are counted without hosts' own. */
static void test_own_keys_take_no_room(void **state)
{
	struct fixture *fixture = *state;
	struct host_key_list list = {};
	struct key_record shared = {};
	struct access_key key = {};

	for (unsigned int i = 0; i < 3; i++) {
		char host[16];

		(void)snprintf(host, sizeof(host), "web-%u", i);
		assert_done(fixture, issue(fixture, i, host, 0));
		assert_done(fixture, redeem(fixture, i, host, &key));
	}
	for (size_t i = 0; i < HOST_KEYS_MAX; i++)
		assert_done(fixture, control_create_host_key(fixture->control, &fixture->user,
							     &shared, &fixture->why));
	assert_done(fixture, control_list_host_keys(fixture->control, &fixture->user, &list));
	assert_int_equal(list.count, HOST_KEYS_MAX);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_code_gets_a_key_once),
		TEST(test_what_is_no_code),
		TEST(test_a_code_is_over_in_time),
		TEST(test_a_new_key_ends_the_old),
		TEST(test_any_host_is_a_new_one),
		TEST(test_enrolments_are_bounded_and_can_be_cancelled),
		TEST(test_own_keys_take_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
