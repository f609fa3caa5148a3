// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/nap.h"

#include "base/clock.h"
#include "base/count.h"

#include <cmocka.h>

#define MICROSECOND UINT64_C(1000)

/* Where naps come to if so many copies come in a second, of as many flows as there are appliances, or more. */
static uint64_t nap_at(uint64_t rate, unsigned int appliances)
{
	uint64_t length = NAP_SLICE;

	for (unsigned int i = 0; i < 100; i++) {
		uint64_t copies = rate * length / NSEC_PER_SEC;

		length =
			nap_length(length, copies, (unsigned int)MIN(copies, (uint64_t)appliances));
	}
	return length;
}

static void a_nap_gathers_what_fills_calls(void **state)
{
	(void)state;
	assert_int_equal(nap_at(500000, 8), 256 * MICROSECOND);
	assert_int_equal(nap_at(10000000, 8), 150 * MICROSECOND);
	assert_int_equal(nap_at(50000, 8), 600 * MICROSECOND);
	assert_int_equal(nap_at(100, 8), 600 * MICROSECOND);
	assert_int_equal(nap_length(12345678, 0, 0), 600 * MICROSECOND);
}

static void a_fleet_naps_longer(void **state)
{
	(void)state;
	assert_in_range(nap_at(1000000, 100), 3000 * MICROSECOND, 3200 * MICROSECOND);
	assert_int_equal(nap_at(200000, 100), 4800 * MICROSECOND);
	assert_int_equal(nap_at(200000, 16), 1200 * MICROSECOND);
}

/* So few that each would be a call of its own in any case need not wait. */
static void few_copies_do_not_wait_longer(void **state)
{
	(void)state;
	assert_int_equal(nap_at(10000, 100), 600 * MICROSECOND);
	assert_int_equal(nap_at(1000, 5000), 600 * MICROSECOND);
}

/* Numbers that no machine has do no harm. */
static void naps_have_bounds(void **state)
{
	(void)state;
	assert_int_equal(nap_length(0, 1, 1), 150 * MICROSECOND);
	assert_int_equal(nap_length(3600 * NSEC_PER_SEC, 1, 1024), 4800 * MICROSECOND);
	assert_int_equal(nap_length(1, UINT64_MAX, 1024), 150 * MICROSECOND);
}

/* What comes next may be a burst. */
static void slices_leave_room_for_bursts(void **state)
{
	(void)state;
	assert_int_equal(nap_slice(16 << 20), 600 * MICROSECOND);
	assert_int_equal(nap_slice(1 << 20), (1 << 20) / 4);
	assert_int_equal(nap_slice(1 << 19), 150 * MICROSECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nap_gathers_what_fills_calls),
		cmocka_unit_test(a_fleet_naps_longer),
		cmocka_unit_test(few_copies_do_not_wait_longer),
		cmocka_unit_test(naps_have_bounds),
		cmocka_unit_test(slices_leave_room_for_bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
