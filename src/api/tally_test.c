// SPDX-License-Identifier: Apache-2.0
#include "api/tally.h"

#include "mirror/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALPHA  "111111111111"
#define BETA   "222222222222"
#define CREATE "CreateTrafficMirrorFilter"

static int setup(void **state)
{
	return tally_new(1000, (struct tally **)state);
}

static int teardown(void **state)
{
	tally_free(*state);
	return 0;
}

static void assert_row(const struct tally_row *row, const char *account, const char *action,
		       const char *reason, uint64_t count)
{
	assert_string_equal(row->account.text, account);
	assert_string_equal(row->action, action);
	assert_string_equal(tally_reason_name(row->reason), reason);
	assert_int_equal(row->count, count);
}

static void test_counts_by_account_action_and_reason(void **state)
{
	_cleanup_(tally_list_fini) struct tally_list all = {}, some = {};
	struct tally *tally = *state;

	assert_int_equal(tally_add(tally, BETA, CREATE, REFUSE_TOO_MANY_REQUESTS, 2000), 1);
	assert_int_equal(tally_add(tally, ALPHA, CREATE, REFUSE_TOO_MANY_REQUESTS, 3000), 1);
	assert_int_equal(tally_add(tally, ALPHA, CREATE, REFUSE_FILTER_LIMIT, 4000), 1);
	assert_int_equal(tally_add(tally, ALPHA, "A", REFUSE_TOO_MANY_REQUESTS, 5000), 1);
	assert_int_equal(tally_add(tally, ALPHA, CREATE, REFUSE_FILTER_LIMIT, 6000), 2);
	assert_int_equal(tally_add(tally, ALPHA, "B", REFUSE_FILTER_LIMIT, 6000), 1);
	assert_int_equal(tally_get_list(tally, NULL, &all), 0);
	assert_int_equal(all.count, 5);
	assert_int_equal(all.since, 1000);
	assert_row(&all.rows[0], ALPHA, "A", "throttled", 1);
	assert_row(&all.rows[1], ALPHA, "B", "filters", 1);
	assert_row(&all.rows[2], ALPHA, CREATE, "filters", 2);
	assert_int_equal(all.rows[2].first, 4000);
	assert_int_equal(all.rows[2].last, 6000);
	assert_row(&all.rows[3], ALPHA, CREATE, "throttled", 1);
	assert_row(&all.rows[4], BETA, CREATE, "throttled", 1);
	assert_int_equal(tally_get_list(tally, BETA, &some), 0);
	assert_int_equal(some.count, 1);
	assert_row(&some.rows[0], BETA, CREATE, "throttled", 1);
	assert_int_equal(tally_get_quota(tally, ALPHA, QUOTA_FILTERS), 3);
	assert_int_equal(tally_get_quota(tally, BETA, QUOTA_FILTERS), 0);
}

static void test_other_refusals_are_not_too_much(void **state)
{
	_cleanup_(tally_list_fini) struct tally_list list = {};
	struct tally *tally = *state;

	for (int code = 0; code < REFUSAL_CODE_COUNT; code++)
		(void)tally_add(tally, ALPHA, CREATE, code, 0);
	assert_int_equal(tally_get_list(tally, ALPHA, &list), 0);
	assert_int_equal(list.count, QUOTA_COUNT + 1);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.rows[i].reason, i);
}

static void test_an_ended_account_leaves_nothing(void **state)
{
	_cleanup_(tally_list_fini) struct tally_list list = {};
	struct tally *tally = *state;

	(void)tally_add(tally, ALPHA, "A", REFUSE_FILTER_LIMIT, 0);
	(void)tally_add(tally, ALPHA, "B", REFUSE_FILTER_LIMIT, 0);
	(void)tally_add(tally, BETA, "A", REFUSE_FILTER_LIMIT, 0);
	tally_forget(tally, ALPHA);
	tally_forget(tally, "000000000000");
	assert_int_equal(tally_get_list(tally, NULL, &list), 0);
	assert_int_equal(list.count, 1);
	assert_row(&list.rows[0], BETA, "A", "filters", 1);
	assert_int_equal(tally_get_quota(tally, ALPHA, QUOTA_FILTERS), 0);
}

/* Rows that began in one order were last asked for in another. */
static void test_a_full_table_lists_what_happens_now(void **state)
{
	_cleanup_(tally_list_fini) struct tally_list list = {};
	struct tally *tally = *state;
	char action[TALLY_ACTION_SIZE];

	for (int64_t turn = 0; turn < 2; turn++)
		for (unsigned int i = 0; i < TALLY_ROWS; i++) {
			(void)snprintf(action, sizeof(action), "%08x", i * 2654435761U);
			assert_int_equal(tally_add(tally, ALPHA, action, REFUSE_TARGET_LIMIT,
						   turn * (i < TALLY_ROWS / 2 ? 9000 : 1000) + i),
					 turn + 1);
		}
	for (unsigned int i = 0; i < 3; i++) {
		(void)snprintf(action, sizeof(action), "%u", i);
		assert_int_equal(tally_add(tally, BETA, action, REFUSE_FILTER_LIMIT, 20000), 1);
		assert_int_equal(tally_add(tally, BETA, action, REFUSE_FILTER_LIMIT, 20000), 2);
	}
	assert_int_equal(tally_get_quota(tally, BETA, QUOTA_FILTERS), 6);
	assert_int_equal(tally_get_quota(tally, ALPHA, QUOTA_TARGETS), 2 * (TALLY_ROWS - 3));
	assert_int_equal(tally_get_list(tally, NULL, &list), 0);
	assert_int_equal(list.count, TALLY_ROWS);
	assert_int_equal(list.unlisted, 2 * 3);
	for (size_t i = 1; i < list.count; i++) {
		int order = strcmp(list.rows[i - 1].account.text, list.rows[i].account.text);

		assert_true(order < 0 || (order == 0 && strcmp(list.rows[i - 1].action,
							       list.rows[i].action) < 0));
	}
	/* Those that went are the ones not asked for longest. */
	for (size_t i = 0; i < list.count; i++)
		assert_true(list.rows[i].last >= 1000 + TALLY_ROWS / 2 + 3);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_counts_by_account_action_and_reason),
		TEST(test_other_refusals_are_not_too_much),
		TEST(test_an_ended_account_leaves_nothing),
		TEST(test_a_full_table_lists_what_happens_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
