// SPDX-License-Identifier: Apache-2.0
#include "control/headroom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_room_is_used_up(void **state)
{
	static struct headroom headroom;

	(void)state;
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
	headroom_note(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a", 2);
	assert_true(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_HOST, "a"));
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "b"));
	assert_true(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
	headroom_note(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a", 0);
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
}

/* More keys than rows: whoever is driven out has no room, and nobody has another's. */
static void test_rows_are_shared_without_mistakes(void **state)
{
	static struct headroom headroom;
	unsigned int kept = 0;
	char key[16];

	(void)state;
	for (int i = 0; i < 4 * HEADROOM_ROWS; i++) {
		(void)snprintf(key, sizeof(key), "host-%d", i);
		headroom_note(&headroom, HEADROOM_SESSIONS_OF_HOST, key, 1);
	}
	for (int i = 0; i < 4 * HEADROOM_ROWS; i++) {
		(void)snprintf(key, sizeof(key), "host-%d", i);
		if (!headroom_take(&headroom, HEADROOM_SESSIONS_OF_HOST, key))
			continue;
		kept++;
		assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_HOST, key));
	}
	assert_in_range(kept, HEADROOM_ROWS / 2, HEADROOM_ROWS);
}

static void test_a_long_key_is_not_kept(void **state)
{
	static struct headroom headroom;
	char key[HEADROOM_KEY_SIZE + 1];

	(void)state;
	memset(key, 'x', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	headroom_note(&headroom, HEADROOM_SESSIONS_OF_HOST, key, 1);
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_HOST, key));
}

static void test_nothing_is_left_of_what_was_cleared(void **state)
{
	static struct headroom headroom;

	(void)state;
	headroom_note(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a", 2);
	headroom_note(&headroom, HEADROOM_SOURCES_OF_TARGET, "b", 2);
	headroom_clear(&headroom);
	assert_false(headroom_take(&headroom, HEADROOM_SESSIONS_OF_OWNER, "a"));
	assert_false(headroom_take(&headroom, HEADROOM_SOURCES_OF_TARGET, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_is_used_up),
		cmocka_unit_test(test_rows_are_shared_without_mistakes),
		cmocka_unit_test(test_a_long_key_is_not_kept),
		cmocka_unit_test(test_nothing_is_left_of_what_was_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
