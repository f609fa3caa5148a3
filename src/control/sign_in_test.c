// SPDX-License-Identifier: Apache-2.0
/* Links to the console, once there is a code; tests/clients/test_sign_in.py opens them as a browser does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/fixture.h"
#include "control/identity.h"
#include "control/sign_in.h"
#include "control/temporary.h"

#include <stdio.h>
#include <string.h>

/* Keys are those of somebody who is there. */
static int setup(void **state)
{
	const struct identity_wish wish = {.kind = IDENTITY_USER, .name = "ann"};
	_cleanup_identity_ struct identity ann = {};
	struct fixture *fixture;

	assert_int_equal(fixture_setup(state), 0);
	fixture = *state;
	assert_int_equal(control_create_identity(fixture->control, &fixture->user, &wish, &ann,
						 &fixture->why),
			 0);
	(void)string_copy(fixture->user.principal, sizeof(fixture->user.principal), ann.id);
	return 0;
}

/* The digest of a code is any text here. */
static void offer(struct fixture *fixture, unsigned int number, char ret_id[ACCESS_KEY_ID_SIZE])
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	char digest[65];

	(void)snprintf(digest, sizeof(digest), "%064x", number);
	assert_int_equal(control_get_console_key(fixture->control, &fixture->user,
						 (struct optional_number){}, &key, &fixture->why),
			 0);
	assert_int_equal(control_offer_sign_in(fixture->control, &fixture->user, &key, digest,
					       &fixture->why),
			 0);
	(void)memcpy(ret_id, key.key.id, ACCESS_KEY_ID_SIZE);
}

static bool redeem(struct fixture *fixture, unsigned int number, char ret_id[ACCESS_KEY_ID_SIZE])
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	char digest[65];
	int r;

	(void)snprintf(digest, sizeof(digest), "%064x", number);
	r = control_redeem_sign_in(fixture->control, digest, &key, &fixture->why);
	if (r == REFUSED) {
		assert_int_equal(fixture->why.code, REFUSE_CREDENTIALS_INVALID);
		return false;
	}
	assert_int_equal(r, 0);
	assert_non_null(key.token);
	assert_true(key.expires > fixture->now);
	assert_true(key.key.caller.console);
	(void)memcpy(ret_id, key.key.id, ACCESS_KEY_ID_SIZE);
	return true;
}

static void test_a_code_is_good_once(void **state)
{
	char first[ACCESS_KEY_ID_SIZE], second[ACCESS_KEY_ID_SIZE], id[ACCESS_KEY_ID_SIZE];
	struct fixture *fixture = *state;

	offer(fixture, 1, first);
	offer(fixture, 2, second);
	assert_string_not_equal(first, second);
	assert_false(redeem(fixture, 3, id));
	assert_true(redeem(fixture, 2, id));
	assert_string_equal(id, second);
	assert_false(redeem(fixture, 2, id));
	assert_true(redeem(fixture, 1, id));
	assert_string_equal(id, first);
	assert_false(redeem(fixture, 1, id));
}

static void test_a_code_is_good_for_a_minute(void **state)
{
	struct fixture *fixture = *state;
	char id[ACCESS_KEY_ID_SIZE];

	offer(fixture, 1, id);
	offer(fixture, 2, id);
	fixture->now += SIGN_IN_SECONDS * 1000 - 1;
	assert_true(redeem(fixture, 1, id));
	fixture->now += 1;
	assert_false(redeem(fixture, 2, id));
}

static void test_the_oldest_of_an_account_makes_room(void **state)
{
	struct fixture *fixture = *state;
	char id[ACCESS_KEY_ID_SIZE];

	for (unsigned int number = 0; number < SIGN_INS_PER_ACCOUNT + 3; number++) {
		offer(fixture, number, id);
		fixture->now++;
	}
	for (unsigned int number = 0; number < SIGN_INS_PER_ACCOUNT + 3; number++)
		assert_int_equal(redeem(fixture, number, id), number >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_code_is_good_once, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_code_is_good_for_a_minute, setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_oldest_of_an_account_makes_room, setup,
						fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
