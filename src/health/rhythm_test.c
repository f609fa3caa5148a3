// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "health/rhythm.h"

#include <stdio.h>

static void test_first_checks_come_soon(void **state)
{
	const uint64_t now = 1000 * NSEC_PER_SEC;

	(void)state;
	for (uint64_t phase = 1; phase != 0; phase <<= 1) {
		uint64_t first = rhythm_first(phase, now);

		assert_in_range(first, now, now + RHYTHM_SPREAD_MILLISECONDS * NSEC_PER_MSEC - 1);
	}
}

static void test_checks_keep_their_moment(void **state)
{
	const uint64_t phase = 7 * NSEC_PER_SEC + 123;

	(void)state;
	/* 7 s is 2 s in an interval of 5 s. */
	assert_int_equal(rhythm_next(phase, 5, 0), 2 * NSEC_PER_SEC + 123);
	assert_int_equal(rhythm_next(phase, 5, 2 * NSEC_PER_SEC + 123), 7 * NSEC_PER_SEC + 123);
	/* One that begins late does not make the next one late. */
	assert_int_equal(rhythm_next(phase, 5, 7 * NSEC_PER_SEC + 124), 12 * NSEC_PER_SEC + 123);
	assert_int_equal(rhythm_next(phase, 5, 11 * NSEC_PER_SEC), 12 * NSEC_PER_SEC + 123);
}

/* A thousand members of one host, and one member of a thousand hosts: no tenth of the interval has twice its share. */
static void test_moments_are_spread(void **state)
{
	unsigned int by_member[10] = {}, by_host[10] = {};
	const uint64_t period = 10 * NSEC_PER_SEC;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "10.0.%u.%u", (unsigned int)(i / 250),
			       (unsigned int)(i % 250));
		by_member[rhythm_phase(1, name, 4789) % period / NSEC_PER_SEC]++;
		by_host[rhythm_phase(i, "10.0.0.1", 4789) % period / NSEC_PER_SEC]++;
	}
	for (int i = 0; i < 10; i++) {
		assert_in_range(by_member[i], 50, 200);
		assert_in_range(by_host[i], 50, 200);
	}
	assert_int_not_equal(rhythm_phase(1, "10.0.0.1", 4789), rhythm_phase(1, "10.0.0.1", 4790));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_checks_come_soon),
		cmocka_unit_test(test_checks_keep_their_moment),
		cmocka_unit_test(test_moments_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
