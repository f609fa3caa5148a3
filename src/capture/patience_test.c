// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/patience.h"

static void the_first_time_is_at_once(void **state)
{
	struct patience patience = {};

	(void)state;
	assert_true(patience_try(&patience, 0));
	assert_false(patience_try(&patience, 0));
	assert_false(patience_try(&patience, 100 * NSEC_PER_MSEC - 1));
	assert_true(patience_try(&patience, 100 * NSEC_PER_MSEC));
}

/* Somebody who undoes it at every sweep costs a few attempts, and then two in a minute. */
static void a_quarrel_slows_down(void **state)
{
	struct patience patience = {};
	unsigned int first_minute = 0, tenth_minute = 0;

	(void)state;
	for (uint64_t now = 0; now < 600 * NSEC_PER_SEC; now += 10 * NSEC_PER_MSEC) {
		bool done = patience_try(&patience, now);

		first_minute += done && now < 60 * NSEC_PER_SEC;
		tenth_minute += done && now >= 540 * NSEC_PER_SEC;
	}
	assert_in_range(first_minute, 9, 11);
	assert_int_equal(tenth_minute, 2);
}

static void peace_makes_quick_again(void **state)
{
	struct patience patience = {};
	uint64_t now = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_true(patience_try(&patience, now));
		now = patience.next;
	}
	assert_int_equal(patience.pause, 30 * NSEC_PER_SEC);
	now += 60 * NSEC_PER_SEC;
	assert_true(patience_try(&patience, now));
	assert_true(patience_try(&patience, now + 100 * NSEC_PER_MSEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_time_is_at_once),
		cmocka_unit_test(a_quarrel_slows_down),
		cmocka_unit_test(peace_makes_quick_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
