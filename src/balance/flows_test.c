// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/flows.h"

#define IDLE 120

static struct flows *table(size_t capacity)
{
	struct flows *flows = NULL;

	assert_int_equal(flows_new(capacity, &flows), 0);
	return flows;
}

/* Numbers that look like hashes, all different. */
static uint64_t flow_number(uint64_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15ULL;
}

static void flows_are_held(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(0);

	assert_int_equal(flows_find(flows, flow_number(0), 0, IDLE), FLOWS_UNKNOWN);
	assert_int_equal(flows_hold(flows, flow_number(0), 0, 0, IDLE), FLOWS_ADDED);
	assert_int_equal(flows_hold(flows, flow_number(1), FLOWS_APPLIANCE_MAX, 0, IDLE),
			 FLOWS_ADDED);
	assert_int_equal(flows_find(flows, flow_number(0), 0, IDLE), 0);
	assert_int_equal(flows_find(flows, flow_number(1), 0, IDLE), FLOWS_APPLIANCE_MAX);
	assert_int_equal(flows_hold(flows, flow_number(0), 7, 0, IDLE), FLOWS_RENEWED);
	assert_int_equal(flows_find(flows, flow_number(0), 0, IDLE), 7);
	assert_int_equal(flows_sweep(flows, 0), 2);
}

/* At every moment, also where the clock's units wrap. */
static void idle_flows_end(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(0);

	for (uint32_t now = 0; now < 40000; now += 997) {
		uint64_t flow = flow_number(now);

		flows_hold(flows, flow, 3, now, IDLE);
		assert_int_equal(flows_find(flows, flow, now + IDLE, IDLE), 3);
		assert_int_equal(flows_find(flows, flow, now + 2 * IDLE, IDLE), 3);
		assert_int_equal(flows_find(flows, flow, now + 3 * IDLE + 8, IDLE), FLOWS_UNKNOWN);
		assert_int_equal(flows_sweep(flows, now + 3 * IDLE + 8), 0);
	}
	flows_hold(flows, flow_number(1), 3, 0, FLOWS_IDLE_MAX);
	assert_int_equal(flows_find(flows, flow_number(1), FLOWS_IDLE_MAX, 1), 3);
	assert_int_equal(flows_find(flows, flow_number(1), FLOWS_IDLE_MAX + 9, 1), FLOWS_UNKNOWN);
}

/* A table that was made for so many flows holds nearly all of them, and says which it had no room for. */
static void memory_is_bounded(void **state _unused_)
{
	enum { CAPACITY = 1 << 16, FLOWS = CAPACITY * 2 };
	_cleanup_(flows_freep) struct flows *flows = table(CAPACITY);
	size_t replaced = 0;

	for (uint64_t i = 0; i < CAPACITY / 2; i++)
		replaced += flows_hold(flows, flow_number(i), (uint16_t)(i % 100), 0, IDLE) ==
			    FLOWS_REPLACED;
	assert_in_range(replaced, 0, CAPACITY / 100);
	assert_int_equal(flows_sweep(flows, 0), CAPACITY / 2 - replaced);
	for (uint64_t i = CAPACITY / 2; i < FLOWS; i++)
		replaced += flows_hold(flows, flow_number(i), (uint16_t)(i % 100), 0, IDLE) ==
			    FLOWS_REPLACED;
	assert_int_equal(flows_sweep(flows, 0), FLOWS - replaced);
	for (uint64_t i = 0; i < FLOWS; i++) {
		uint16_t appliance = flows_find(flows, flow_number(i), 0, IDLE);

		assert_true(appliance == i % 100 || appliance == FLOWS_UNKNOWN);
	}
}

/* The flow that would be over first makes room, and one that is over costs nobody anything. */
static void the_oldest_makes_room(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(0);

	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(
			flows_hold(flows, (i + 1) << 40, 1, (uint32_t)(100 + i * 10), IDLE),
			FLOWS_ADDED);
	assert_int_equal(flows_hold(flows, 9ULL << 40, 1, 180, IDLE), FLOWS_REPLACED);
	assert_int_equal(flows_find(flows, 1ULL << 40, 180, IDLE), FLOWS_UNKNOWN);
	assert_int_equal(flows_find(flows, 2ULL << 40, 180, IDLE), 1);
	assert_int_equal(flows_hold(flows, 10ULL << 40, 1, 250, IDLE), FLOWS_ADDED);
}

static void appliances_are_forgotten(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(0);

	for (uint64_t i = 0; i < 100; i++)
		flows_hold(flows, flow_number(i), (uint16_t)(i % 2), 0, IDLE);
	flows_forget(flows, 1);
	assert_int_equal(flows_sweep(flows, 0), 50);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 0, IDLE),
				 i % 2 ? FLOWS_UNKNOWN : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_held),           cmocka_unit_test(idle_flows_end),
		cmocka_unit_test(memory_is_bounded),        cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(appliances_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
