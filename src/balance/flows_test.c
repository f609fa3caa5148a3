// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/flows.h"

#include "base/count.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define IDLE 120

static struct flows *table(size_t capacity)
{
	struct flows *flows = NULL;

	assert_int_equal(flows_new(capacity, NULL, &flows), 0);
	return flows;
}

/* How many flows are alive, of all of the table. */
static size_t sweep(struct flows *flows, uint32_t now)
{
	struct flows_count count = {};

	assert_true(flows_sweep(flows, now, SIZE_MAX, &count));
	return count.all;
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
	assert_int_equal(sweep(flows, 0), 2);
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
		assert_int_equal(sweep(flows, now + 3 * IDLE + 8), 0);
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
	assert_int_equal(sweep(flows, 0), CAPACITY / 2 - replaced);
	for (uint64_t i = CAPACITY / 2; i < FLOWS; i++)
		replaced += flows_hold(flows, flow_number(i), (uint16_t)(i % 100), 0, IDLE) ==
			    FLOWS_REPLACED;
	assert_int_equal(sweep(flows, 0), FLOWS - replaced);
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

/* Each time a bucket is full, up to the capacity; and everybody is found, where he was or where he belongs now. */
static void tables_grow_with_their_flows(void **state _unused_)
{
	enum { CAPACITY = 1 << 17, FLOWS = CAPACITY / 4 };
	_cleanup_(flows_freep) struct flows *flows = table(CAPACITY);
	size_t replaced = 0;

	assert_int_equal(flows_get_size(flows), FLOWS_CAPACITY_LEAST);
	for (uint64_t i = 0; i < FLOWS; i++) {
		replaced += flows_hold(flows, flow_number(i), (uint16_t)(i % 100), 0, IDLE) ==
			    FLOWS_REPLACED;
		if (i == 100)
			assert_int_equal(flows_get_size(flows), FLOWS_CAPACITY_LEAST);
	}
	assert_int_equal(flows_get_size(flows), CAPACITY + (1 << 14) + FLOWS_CAPACITY_LEAST);
	assert_in_range(replaced, 0, FLOWS / 1000);
	for (int round = 0; round < 2; round++) {
		size_t known = 0;

		for (uint64_t i = 0; i < FLOWS; i++) {
			uint16_t appliance = flows_find(flows, flow_number(i), 0, IDLE);

			known += appliance == i % 100;
			assert_true(appliance == i % 100 || appliance == FLOWS_UNKNOWN);
		}
		assert_int_equal(known, FLOWS - replaced);
		assert_int_equal(sweep(flows, 0), FLOWS - replaced);
	}
}

/* Whoever is held anew where the table was smaller is not held twice. */
static void grown_tables_hold_each_flow_once(void **state _unused_)
{
	enum { CAPACITY = 1 << 14, FLOWS = 3000 };
	_cleanup_(flows_freep) struct flows *flows = table(CAPACITY);

	for (uint64_t i = 0; i < FLOWS; i++)
		assert_int_not_equal(flows_hold(flows, flow_number(i), 1, 0, IDLE), FLOWS_RENEWED);
	assert_int_equal(flows_get_size(flows), CAPACITY + FLOWS_CAPACITY_LEAST);
	for (uint64_t i = 0; i < FLOWS; i++)
		assert_int_equal(flows_hold(flows, flow_number(i), 2, 0, IDLE), FLOWS_RENEWED);
	assert_int_equal(sweep(flows, 0), FLOWS);
	for (uint64_t i = 0; i < FLOWS; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 0, IDLE), 2);
}

static void tables_shrink_when_few_are_left(void **state _unused_)
{
	enum { CAPACITY = 1 << 17, FLOWS = CAPACITY / 4, FEW = 100 };
	struct flows_budget budget = {2 * CAPACITY};
	_cleanup_(flows_freep) struct flows *flows = NULL;

	assert_int_equal(flows_new(CAPACITY, &budget, &flows), 0);
	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(flows, flow_number(i), (uint16_t)(i % 100), 0, IDLE);
	assert_int_equal(flows_get_size(flows), CAPACITY + (1 << 14) + FLOWS_CAPACITY_LEAST);
	for (uint64_t i = 0; i < FEW; i++)
		(void)flows_hold(flows, flow_number(i), (uint16_t)i, 10 * IDLE, IDLE);
	assert_int_equal(sweep(flows, 10 * IDLE), FEW);
	assert_int_equal(sweep(flows, 10 * IDLE), FEW);
	assert_int_equal(flows_get_size(flows), FLOWS_CAPACITY_LEAST);
	assert_int_equal(atomic_load(&budget.left), 2 * CAPACITY);
	assert_int_equal(sweep(flows, 10 * IDLE), FEW);
	for (uint64_t i = 0; i < FEW; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 10 * IDLE, IDLE), i);
	/* What is given back is empty when it is used again. */
	for (uint64_t i = FLOWS; i < 2 * FLOWS; i++)
		(void)flows_hold(flows, flow_number(i), 1, 10 * IDLE, IDLE);
	for (uint64_t i = FEW; i < FLOWS; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 10 * IDLE, IDLE), FLOWS_UNKNOWN);
}

/* What comes behind a sweep that has seen next to nothing is more than the smaller table has room for. */
static void tables_do_not_shrink_from_what_came_late(void **state _unused_)
{
	enum { CAPACITY = 1 << 17, FLOWS = CAPACITY / 4, LATE = 20000 };
	_cleanup_(flows_freep) struct flows *flows = table(CAPACITY);
	struct flows_count count = {};
	size_t size;

	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(flows, flow_number(i), 1, 0, IDLE);
	size = flows_get_size(flows);
	assert_int_equal(sweep(flows, 0), FLOWS);
	/* All are over by now, and all but the last place has been swept. */
	assert_false(flows_sweep(flows, 10 * IDLE, size - 1, &count));
	for (uint64_t i = FLOWS; i < FLOWS + LATE; i++)
		(void)flows_hold(flows, flow_number(i), 2, 10 * IDLE, IDLE);
	assert_true(flows_sweep(flows, 10 * IDLE, size, &count));
	assert_int_equal(flows_get_size(flows), size);
	for (uint64_t i = FLOWS; i < FLOWS + LATE; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 10 * IDLE, IDLE), 2);
}

/* One table's growth is what another may not grow by, until that one is gone. */
static void tables_share_a_budget(void **state _unused_)
{
	enum { CAPACITY = 1 << 14, FLOWS = CAPACITY };
	struct flows_budget budget = {CAPACITY};
	struct flows *first = NULL, *second = NULL;

	assert_int_equal(flows_new(CAPACITY, &budget, &first), 0);
	assert_int_equal(flows_new(CAPACITY, &budget, &second), 0);
	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(first, flow_number(i), 1, 0, IDLE);
	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(second, flow_number(i), 1, 0, IDLE);
	assert_int_equal(flows_get_size(first), CAPACITY + FLOWS_CAPACITY_LEAST);
	assert_int_equal(flows_get_size(second), FLOWS_CAPACITY_LEAST);
	assert_int_equal(atomic_load(&budget.left), 0);
	flows_free(first);
	assert_int_equal(atomic_load(&budget.left), CAPACITY);
	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(second, flow_number(i), 1, 0, IDLE);
	assert_int_equal(flows_get_size(second), CAPACITY + FLOWS_CAPACITY_LEAST);
	flows_free(second);
}

/* Bytes of the process's memory that are there. */
static size_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	size_t all, there;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%zu %zu", &all, &there), 2);
	(void)fclose(file);
	return there * (size_t)sysconf(_SC_PAGESIZE);
}

/* A hundred fleets of few flows each are a few pages each, however large they may become and whatever pages the kernel
 * likes to give. */
static void few_flows_take_little_memory(void **state _unused_)
{
	enum { TABLES = 100, FLOWS = 100 };
	static struct flows *tables[TABLES];
	size_t before;

#ifdef __SANITIZE_THREAD__
	skip(); /* It keeps a shadow of each word, which is resident, too. */
#endif
	for (size_t i = 0; i < TABLES; i++)
		tables[i] = table(1 << 20);
	before = resident();
	for (uint64_t i = 0; i < TABLES * FLOWS; i++)
		(void)flows_hold(tables[i % TABLES], flow_number(i), 1, 0, IDLE);
	assert_in_range(resident() - MIN(before, resident()), 0, TABLES * 64UL * 1024);
	for (size_t i = 0; i < TABLES; i++)
		flows_free(tables[i]);
}

/* However a pass is cut, it looks at every place once. */
static void sweeps_go_on_where_they_were(void **state _unused_)
{
	enum { FLOWS = 300, SLICE = 100 };
	_cleanup_(flows_freep) struct flows *flows = table(0);
	const uint16_t owners[] = {1, FLOWS_UNKNOWN, 0};
	uint32_t counts[2] = {};
	struct flows_count count = {0, owners, 3, counts};
	unsigned int slices = 1;

	for (uint64_t i = 0; i < FLOWS; i++)
		(void)flows_hold(flows, flow_number(i), (uint16_t)(i % 4), 0, IDLE);
	while (!flows_sweep(flows, 0, SLICE, &count))
		slices++;
	assert_int_equal(slices, (FLOWS_CAPACITY_LEAST + SLICE - 1) / SLICE);
	assert_int_equal(count.all, FLOWS);
	assert_int_equal(counts[0], FLOWS / 4);
	assert_int_equal(counts[1], FLOWS / 4);
}

/* All three want the same flow at the same time.  Nothing comes out but what went in, and hardly a flow has two places: one for
 * which a thread had looked just before another made the table larger. */
#define THREAD_FLOWS 20000U

static void *use_table(void *flows)
{
	size_t strange = 0;

	for (uint64_t i = 0; i < 20 * THREAD_FLOWS; i++) {
		uint64_t flow = i % THREAD_FLOWS;
		uint16_t found = flows_find(flows, flow_number(flow), 0, IDLE);

		strange += found != FLOWS_UNKNOWN && found != flow % 1000;
		if (found == FLOWS_UNKNOWN)
			(void)flows_hold(flows, flow_number(flow), (uint16_t)(flow % 1000), 0,
					 IDLE);
	}
	return (void *)strange;
}

static void threads_share_a_table(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(1 << 20);
	pthread_t threads[3];
	void *strange;

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_table, flows), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &strange), 0);
		assert_null(strange);
	}
	assert_in_range(sweep(flows, 0), THREAD_FLOWS, THREAD_FLOWS + THREAD_FLOWS / 100);
}

static void appliances_are_forgotten(void **state _unused_)
{
	_cleanup_(flows_freep) struct flows *flows = table(0);

	for (uint64_t i = 0; i < 100; i++)
		flows_hold(flows, flow_number(i), (uint16_t)(i % 2), 0, IDLE);
	flows_forget(flows, (const bool[]){false, true}, 2);
	assert_int_equal(sweep(flows, 0), 50);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(flows_find(flows, flow_number(i), 0, IDLE),
				 i % 2 ? FLOWS_UNKNOWN : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_held),
		cmocka_unit_test(idle_flows_end),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(tables_grow_with_their_flows),
		cmocka_unit_test(grown_tables_hold_each_flow_once),
		cmocka_unit_test(tables_shrink_when_few_are_left),
		cmocka_unit_test(tables_do_not_shrink_from_what_came_late),
		cmocka_unit_test(tables_share_a_budget),
		cmocka_unit_test(few_flows_take_little_memory),
		cmocka_unit_test(sweeps_go_on_where_they_were),
		cmocka_unit_test(threads_share_a_table),
		cmocka_unit_test(appliances_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
