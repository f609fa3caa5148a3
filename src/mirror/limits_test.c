// SPDX-License-Identifier: Apache-2.0
#include "mirror/limits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

static void test_names_are_found_whole(void **state)
{
	enum quota found;

	(void)state;
	for (size_t i = 0; i < QUOTA_COUNT; i++) {
		const char *name = quota_name((enum quota)i);

		found = QUOTA_COUNT;
		assert_true(quota_parse(name, strlen(name), &found));
		assert_int_equal(found, i);
		assert_false(quota_parse(name, strlen(name) - 1, &found));
	}
	assert_false(quota_parse("", 0, &found));
	assert_true(quota_parse("sessions-per-source", 8, &found));
	assert_int_equal(found, QUOTA_SESSIONS);
}

/* Each has a member of its own: numbers that are written one after the other all stay. */
static void test_each_is_a_member(void **state)
{
	struct limits limits = {};

	(void)state;
	assert_int_equal(sizeof(limits), QUOTA_COUNT * sizeof(uint32_t));
	for (uint32_t i = 0; i < QUOTA_COUNT; i++)
		limits_set(&limits, (enum quota)i, 100 + i);
	for (uint32_t i = 0; i < QUOTA_COUNT; i++)
		assert_int_equal(limits_get(&limits, (enum quota)i), 100 + i);
	limits_set(&limits, QUOTA_RULES_PER_FILTER, 1);
	limits_set(&limits, QUOTA_SESSIONS_PER_SOURCE, 2);
	assert_int_equal(limits.rules_per_filter, 1);
	assert_int_equal(limits.sessions_per_source, 2);
}

static void test_defaults_are_possible(void **state)
{
	const struct limits limits = LIMITS_DEFAULT;

	(void)state;
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		assert_true(limits_get(&limits, (enum quota)i) <= quota_maximum((enum quota)i));
	assert_int_equal(quota_maximum(QUOTA_SESSIONS_PER_SOURCE), SOURCE_SESSIONS_MAX);
	assert_int_equal(quota_maximum(QUOTA_RULES_PER_FILTER), FILTER_RULES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_found_whole),
		cmocka_unit_test(test_each_is_a_member),
		cmocka_unit_test(test_defaults_are_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
