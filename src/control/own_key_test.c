// SPDX-License-Identifier: Apache-2.0
/* Keys of hosts that are renewed and taken back; agents play it in tests/netns/test_own_keys.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/enrolment.h"
#include "control/fixture.h"
#include "control/host_key.h"

#include <stdio.h>
#include <string.h>

#define OVERLAP 600000

static void enrol(struct fixture *fixture, const char *host, struct access_key *ret_key)
{
	static unsigned int number;
	char id[ENROLMENT_ID_SIZE], digest[ENROLMENT_DIGEST_SIZE];
	const struct enrolment_code code = {id, digest};
	struct enrolment_record made = {};

	number++;
	(void)snprintf(id, sizeof(id), "%016x", number);
	(void)snprintf(digest, sizeof(digest), "%064x", number);
	assert_done(fixture,
		    control_issue_enrolment(fixture->control, &fixture->user, &code, host,
					    (struct optional_number){}, &made, &fixture->why));
	assert_done(fixture, control_redeem_enrolment(fixture->control, &code, host, ret_key,
						      &fixture->why));
}

static bool opens(struct fixture *fixture, const struct access_key *key)
{
	struct access_key found = {};

	return control_find_access_key(fixture->control, key->id, &found, &fixture->why) == 0;
}

static bool is_revoked(struct fixture *fixture, const struct access_key *key)
{
	struct access_key found = {};

	if (control_find_revoked_key(fixture->control, key->id, &found, &fixture->why) != 0)
		return false;
	assert_true(found.revoked);
	assert_string_equal(found.secret, key->secret);
	return true;
}

/* As the door does when a request is signed with it. */
static void use(struct fixture *fixture, const struct access_key *key)
{
	struct access_key found = {};

	assert_done(fixture,
		    control_find_access_key(fixture->control, key->id, &found, &fixture->why));
	control_note_key_use(fixture->control, &found, "tmirror", "us-east-1");
}

static void renew(struct fixture *fixture, const struct access_key *present,
		  struct access_key *ret_key)
{
	assert_done(fixture,
		    control_renew_host_key(fixture->control, present, ret_key, &fixture->why));
	assert_string_not_equal(present->id, ret_key->id);
	assert_string_equal(present->caller.host, ret_key->caller.host);
}

static void test_the_old_key_is_good_until_after_the_new_is_used(void **state)
{
	struct fixture *fixture = *state;
	struct access_key first = {}, second = {}, again = {};

	enrol(fixture, "web-1", &first);
	use(fixture, &first);
	renew(fixture, &first, &second);
	fixture->now += 10 * OVERLAP;
	assert_true(opens(fixture, &first) && opens(fixture, &second));
	use(fixture, &second);
	fixture->now += OVERLAP - 1;
	assert_true(opens(fixture, &first) && opens(fixture, &second));
	assert_refused(fixture,
		       control_renew_host_key(fixture->control, &first, &again, &fixture->why),
		       REFUSE_NOT_PERMITTED);
	fixture->now += 1;
	assert_false(opens(fixture, &first));
	assert_true(opens(fixture, &second));
	/* It was replaced, not taken back. */
	assert_false(is_revoked(fixture, &first));
}

/* The agent was killed before it kept the new key, so nobody has it. */
static void test_a_renewal_that_was_lost_is_done_again(void **state)
{
	struct fixture *fixture = *state;
	struct access_key first = {}, lost = {}, second = {};

	enrol(fixture, "web-1", &first);
	renew(fixture, &first, &lost);
	renew(fixture, &first, &second);
	assert_false(opens(fixture, &lost));
	assert_true(opens(fixture, &first) && opens(fixture, &second));
	use(fixture, &second);
	fixture->now += OVERLAP;
	assert_false(opens(fixture, &first));
	renew(fixture, &second, &first);
	assert_true(opens(fixture, &first));
}

static void test_hosts_do_not_touch_each_others_keys(void **state)
{
	struct fixture *fixture = *state;
	struct access_key web = {}, other = {}, second = {};

	enrol(fixture, "web-1", &web);
	enrol(fixture, "web-2", &other);
	renew(fixture, &web, &second);
	use(fixture, &second);
	fixture->now += 2 * OVERLAP;
	assert_true(opens(fixture, &other));
}

static void test_shared_keys_are_not_renewed(void **state)
{
	struct fixture *fixture = *state;
	struct access_key shared = {}, key = {};

	assert_done(fixture, control_create_access_key(fixture->control, CALLER_HOST, HOSTS_NAME,
						       &shared, &fixture->why));
	assert_refused(fixture,
		       control_renew_host_key(fixture->control, &shared, &key, &fixture->why),
		       REFUSE_NOT_PERMITTED);
}

static void test_a_host_is_shut_out(void **state)
{
	struct fixture *fixture = *state;
	struct access_key first = {}, second = {}, other = {};

	enrol(fixture, "alpha", &first);
	enrol(fixture, "web-2", &other);
	renew(fixture, &first, &second);
	fixture->changes = 0;
	assert_done(fixture,
		    control_revoke_host(fixture->control, &fixture->user, "alpha", &fixture->why));
	/* Whoever waits for its plan asks again. */
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	assert_false(opens(fixture, &first) || opens(fixture, &second));
	assert_true(is_revoked(fixture, &first) && is_revoked(fixture, &second));
	assert_true(opens(fixture, &other) && !is_revoked(fixture, &other));
	/* It is let in again, and the keys of before stay what they are. */
	enrol(fixture, "alpha", &second);
	assert_true(opens(fixture, &second) && is_revoked(fixture, &first));
}

static void test_who_cannot_be_shut_out(void **state)
{
	struct fixture *fixture = *state;
	const struct caller other = {.account = {"999999999999"}};
	struct access_key key = {};

	enrol(fixture, "web-1", &key);
	assert_refused(fixture,
		       control_revoke_host(fixture->control, &other, "web-1", &fixture->why),
		       REFUSE_HOST_NOT_FOUND);
	assert_refused(
		fixture,
		control_revoke_host(fixture->control, &fixture->user, "web-2", &fixture->why),
		REFUSE_HOST_NOT_FOUND);
	assert_refused(
		fixture,
		control_revoke_host(fixture->control, &fixture->user, "alpha", &fixture->why),
		REFUSE_HOST_KEY_NOT_FOUND);
	assert_true(opens(fixture, &key));
}

static void report_with(struct fixture *fixture, const char *key)
{
	(void)string_copy(fixture->agent.key, sizeof(fixture->agent.key), key);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
}

static void read_host(struct fixture *fixture, struct host_status *ret_host)
{
	_cleanup_(host_status_page_fini) struct host_status_page page = {};
	static const struct query everything;

	assert_done(fixture, control_describe_hosts(fixture->control, &fixture->user, &everything,
						    &page, &fixture->why));
	assert_int_equal(page.count, 1);
	*ret_host = page.items[0];
}

static void test_hosts_tell_of_their_keys(void **state)
{
	struct fixture *fixture = *state;
	struct access_key shared = {}, own = {};
	struct host_status host;

	assert_done(fixture, control_create_access_key(fixture->control, CALLER_HOST, HOSTS_NAME,
						       &shared, &fixture->why));
	report_with(fixture, shared.id);
	read_host(fixture, &host);
	assert_string_equal(host.access_key, shared.id);
	assert_false(host.own_key || host.revoked);
	assert_int_equal(host.key_created, fixture->now);

	fixture->now += 1000;
	enrol(fixture, "alpha", &own);
	report_with(fixture, own.id);
	read_host(fixture, &host);
	assert_true(host.own_key && !host.revoked);
	assert_int_equal(host.key_created, fixture->now);

	assert_done(fixture,
		    control_revoke_host(fixture->control, &fixture->user, "alpha", &fixture->why));
	read_host(fixture, &host);
	assert_true(host.own_key && host.revoked);
	assert_int_equal(host.key_created, 0);

	report_with(fixture, shared.id);
	fixture->changes = 0;
	assert_done(fixture, control_delete_host_key(fixture->control, &fixture->user, shared.id,
						     &fixture->why));
	assert_int_equal(fixture->changes, 1);
	assert_true(is_revoked(fixture, &shared));
	read_host(fixture, &host);
	assert_true(!host.own_key && host.revoked);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_old_key_is_good_until_after_the_new_is_used),
		TEST(test_a_renewal_that_was_lost_is_done_again),
		TEST(test_hosts_do_not_touch_each_others_keys),
		TEST(test_shared_keys_are_not_renewed),
		TEST(test_a_host_is_shut_out),
		TEST(test_who_cannot_be_shut_out),
		TEST(test_hosts_tell_of_their_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
