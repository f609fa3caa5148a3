// SPDX-License-Identifier: Apache-2.0
#include "ship/tally.h"

#include "ship/counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SLOTS 8

static void count(struct tally *tally, uint32_t slot, uint64_t packets, uint64_t bytes)
{
	packet_count_add(&tally_get(tally, slot)->direction[DIRECTION_EGRESS].shipped, packets,
			 bytes);
}

static void test_nothing_is_seen_before_the_end(void **state)
{
	struct session_counters counters[SLOTS] = {};
	struct tally tally;

	(void)state;
	assert_int_equal(tally_init(&tally, SLOTS), 0);
	count(&tally, 3, 1, 100);
	count(&tally, 7, 2, 300);
	count(&tally, 3, 1, 60);
	assert_int_equal(counters[3].direction[DIRECTION_EGRESS].shipped.packets, 0);
	tally_commit(&tally, counters);
	assert_int_equal(counters[3].direction[DIRECTION_EGRESS].shipped.packets, 2);
	assert_int_equal(counters[3].direction[DIRECTION_EGRESS].shipped.bytes, 160);
	assert_int_equal(counters[7].direction[DIRECTION_EGRESS].shipped.packets, 2);
	assert_int_equal(counters[3].direction[DIRECTION_INGRESS].shipped.packets, 0);
	tally_fini(&tally);
}

static void test_each_batch_is_added_once(void **state)
{
	struct session_counters counters[SLOTS] = {};
	struct tally tally;

	(void)state;
	assert_int_equal(tally_init(&tally, SLOTS), 0);
	for (int batch = 0; batch < 3; batch++) {
		for (uint32_t slot = 0; slot < SLOTS; slot++)
			count(&tally, slot, 1, 10);
		tally_commit(&tally, counters);
		tally_commit(&tally, counters);
	}
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		assert_int_equal(counters[slot].direction[DIRECTION_EGRESS].shipped.packets, 3);
	tally_fini(&tally);
	tally_fini(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_seen_before_the_end),
		cmocka_unit_test(test_each_batch_is_added_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
