// SPDX-License-Identifier: Apache-2.0
/* What a fleet promises to established flows, whoever comes, goes, drains or fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/choice.h"

#include <errno.h>
#include <string.h>

#define MEMBERS 5
#define FLOWS   4000
#define NOW     5000
#define IDLE    120

/* So that flows fall anywhere in both tables. */
static uint64_t flow_number(uint64_t index)
{
	return (index + 1) * 0x9e3779b97f4a7c15ULL;
}

static struct holding *holding_make(void)
{
	struct holding *holding = NULL;

	assert_int_equal(holding_new(4 * FLOWS, NULL, &holding), 0);
	return holding;
}

static size_t sweep(struct flows *flows, uint32_t now)
{
	struct flows_count count = {};

	assert_true(flows_sweep(flows, now, SIZE_MAX, &count));
	return count.all;
}

/* The first 'count' members of one fleet; numbers are unlike indices on purpose. */
static void members_make(struct choice_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		members[i] = (struct choice_member){100 + i, 1, (uint16_t)(50 - 7 * i), true, true};
}

static struct choice *choice_make(const struct choice_member *members, size_t count,
				  struct holding *holding)
{
	struct choice *choice = NULL;

	assert_int_equal(choice_new(members, count, holding, &choice), 0);
	return choice;
}

/* Asks for every flow, and says by name where it went. */
static void ask(const struct choice *choice, const struct choice_member *members,
		uint64_t ret_names[FLOWS])
{
	for (size_t i = 0; i < FLOWS; i++) {
		uint16_t index = choice_find(choice, flow_number(i), NOW, IDLE);

		ret_names[i] = index == CHOICE_NOBODY ? 0 : members[index].name;
	}
}

static size_t count_changes(const uint64_t before[FLOWS], const uint64_t after[FLOWS])
{
	size_t changes = 0;

	for (size_t i = 0; i < FLOWS; i++)
		changes += before[i] != after[i];
	return changes;
}

static size_t count_name(const uint64_t names[FLOWS], uint64_t name)
{
	size_t count = 0;

	for (size_t i = 0; i < FLOWS; i++)
		count += names[i] == name;
	return count;
}

static void newcomers_take_no_established_flow(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *before = NULL, *after = NULL, *fresh = NULL;
	_cleanup_(holding_unrefp) struct holding *empty = holding_make();
	static uint64_t first[FLOWS], second[FLOWS], third[FLOWS];
	struct choice_member members[MEMBERS];

	members_make(members, MEMBERS);
	before = choice_make(members, MEMBERS - 1, holding);
	ask(before, members, first);
	after = choice_make(members, MEMBERS, holding);
	ask(after, members, second);
	assert_int_equal(count_changes(first, second), 0);
	assert_int_equal(atomic_load(&holding->moved), 0);
	/* Without memory some would have moved, so it is the memory that keeps them. */
	fresh = choice_make(members, MEMBERS, empty);
	ask(fresh, members, third);
	assert_true(count_changes(first, third) > FLOWS / MEMBERS / 2);
}

static void draining_members_keep_flows_and_get_no_new_ones(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *before = NULL, *after = NULL;
	static uint64_t first[FLOWS], second[FLOWS];
	struct choice_member members[MEMBERS];

	members_make(members, MEMBERS);
	before = choice_make(members, MEMBERS, holding);
	ask(before, members, first);
	members[2].serves = false;
	after = choice_make(members, MEMBERS, holding);
	ask(after, members, second);
	assert_int_equal(count_changes(first, second), 0);
	for (size_t i = 0; i < FLOWS; i++)
		assert_int_not_equal(choice_find(after, flow_number(FLOWS + i), NOW, IDLE), 2);
}

/* Only its own flows move, once, and they stay where they went when it is back. */
static void who_fails_loses_his_flows_only(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *whole = NULL, *without = NULL;
	static uint64_t first[FLOWS], second[FLOWS], third[FLOWS];
	struct choice_member members[MEMBERS];
	size_t lost;

	members_make(members, MEMBERS);
	whole = choice_make(members, MEMBERS, holding);
	ask(whole, members, first);
	lost = count_name(first, members[2].name);
	members[2].serves = members[2].keeps = false;
	without = choice_make(members, MEMBERS, holding);
	ask(without, members, second);
	assert_int_equal(count_changes(first, second), lost);
	assert_int_equal(count_name(second, members[2].name), 0);
	assert_int_equal(atomic_load(&holding->moved), lost);
	ask(whole, members, third);
	assert_int_equal(count_changes(second, third), 0);
	assert_int_equal(atomic_load(&holding->moved), lost);
}

/* Whoever leaves the fleet shifts the indices of others, not their numbers. */
static void who_leaves_is_left(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *before = NULL, *after = NULL;
	static uint64_t first[FLOWS], second[FLOWS];
	struct choice_member members[MEMBERS];
	size_t lost;

	members_make(members, MEMBERS);
	before = choice_make(members, MEMBERS, holding);
	ask(before, members, first);
	lost = count_name(first, members[0].name);
	after = choice_make(members + 1, MEMBERS - 1, holding);
	ask(after, members + 1, second);
	assert_int_equal(count_changes(first, second), lost);
	assert_int_equal(atomic_load(&holding->moved), lost);
}

static void flows_are_forgotten_when_idle(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *before = NULL, *after = NULL;
	static uint64_t first[FLOWS];
	struct choice_member members[MEMBERS];

	members_make(members, MEMBERS);
	before = choice_make(members, MEMBERS, holding);
	ask(before, members, first);
	assert_int_equal(sweep(holding->flows, NOW + IDLE), FLOWS);
	members[2].serves = false;
	after = choice_make(members, MEMBERS, holding);
	for (size_t i = 0; i < FLOWS; i++)
		assert_int_not_equal(choice_find(after, flow_number(i), NOW + IDLE + 8, IDLE), 2);
	assert_int_equal(atomic_load(&holding->moved), 0);
}

static void flows_without_room_are_counted(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = NULL;
	_cleanup_(choice_unrefp) struct choice *choice = NULL;
	struct choice_member members[MEMBERS];
	static uint64_t names[FLOWS];

	assert_int_equal(holding_new(1, NULL, &holding), 0);
	members_make(members, MEMBERS);
	choice = choice_make(members, MEMBERS, holding);
	ask(choice, members, names);
	assert_int_equal(sweep(holding->flows, NOW) + atomic_load(&holding->evicted), FLOWS);
	assert_true(atomic_load(&holding->evicted) >= FLOWS - FLOWS_CAPACITY_LEAST);
}

static void nobody_is_an_answer(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	_cleanup_(choice_unrefp) struct choice *empty = choice_make(NULL, 0, holding);
	_cleanup_(choice_unrefp) struct choice *resting = NULL;
	struct choice_member member = {.name = 1, .weight = 1};

	resting = choice_make(&member, 1, holding);
	assert_int_equal(choice_find(empty, 1, NOW, IDLE), CHOICE_NOBODY);
	assert_int_equal(choice_find(resting, 1, NOW, IDLE), CHOICE_NOBODY);
	assert_int_equal(sweep(holding->flows, NOW), 0);
}

static void numbers_are_bounded(void **state _unused_)
{
	_cleanup_(holding_unrefp) struct holding *holding = holding_make();
	struct choice_member member = {1, 1, CHOICE_NUMBERS_MAX, true, true};
	struct choice *choice = NULL;

	assert_int_equal(choice_new(&member, 1, holding, &choice), -EINVAL);
	assert_null(choice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newcomers_take_no_established_flow),
		cmocka_unit_test(draining_members_keep_flows_and_get_no_new_ones),
		cmocka_unit_test(who_fails_loses_his_flows_only),
		cmocka_unit_test(who_leaves_is_left),
		cmocka_unit_test(flows_are_forgotten_when_idle),
		cmocka_unit_test(flows_without_room_are_counted),
		cmocka_unit_test(nobody_is_an_answer),
		cmocka_unit_test(numbers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
