// SPDX-License-Identifier: Apache-2.0
/* Who of a fleet serves, and what stays the same when the fleet changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/fleets.h"

#include "base/clock.h"
#include "base/count.h"
#include "ship/ship.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define FLOWS    1000
#define MEMBERS  4
#define NOW      5000
#define IDLE     120
#define CAPACITY 8192

/* "a", with members m0, m1, … in order. */
struct example {
	struct fleet fleet;
	struct fleet_member members[MEMBERS];
};

static void example_make(struct example *ret_example, size_t count)
{
	*ret_example = (struct example){
		.fleet = {.id = "a",
			  .rebalance = true,
			  .tcp_idle = IDLE,
			  .other_idle = IDLE,
			  .healthy_count = 1,
			  .members = ret_example->members,
			  .member_count = count},
	};
	for (size_t i = 0; i < count; i++) {
		struct fleet_member *member = &ret_example->members[i];

		(void)snprintf(member->id, sizeof(member->id), "m%zu", i);
		member->port = 4789;
		member->weight = 1;
		member->address = (struct address){4, {127, 0, 0, (uint8_t)(i + 1)}};
	}
}

static void set(struct fleets *fleets, const struct example *example)
{
	assert_int_equal(fleets_set(fleets, &example->fleet, 1, CAPACITY), 0);
	assert_int_equal(fleets_settle(fleets), 0);
}

static void tell(struct fleets *fleets, const char *member, enum member_state state)
{
	assert_true(fleets_set_health(fleets, "a", member, 4789, state));
	assert_int_equal(fleets_settle(fleets), 0);
}

/* Asks for 'count' flows from 'first' on.  Returns a bit for each member that got some. */
static unsigned int ask(const struct fleets *fleets, uint64_t first, unsigned int count)
{
	const struct choice *choice = fleets_find(fleets, "a")->choice;
	unsigned int members = 0;

	for (uint64_t i = first; i < first + count; i++) {
		uint16_t member = choice_find(choice, (i + 1) * 0x9e3779b97f4a7c15ULL, NOW, IDLE);

		members |= member == CHOICE_NOBODY ? 0 : 1U << member;
	}
	return members;
}

static void who_is_healthy_serves(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example example;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf); /* Of nobody anything is known. */
	tell(&fleets, "m2", MEMBER_HEALTHY);
	assert_int_equal(ask(&fleets, FLOWS, FLOWS), 0x4);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf); /* Flows are kept. */
	tell(&fleets, "m0", MEMBER_HEALTHY);
	assert_int_equal(ask(&fleets, 2 * FLOWS, FLOWS), 0x5);
	tell(&fleets, "m1", MEMBER_UNHEALTHY);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xd);
	/* With nobody healthy all are. */
	tell(&fleets, "m0", MEMBER_UNHEALTHY);
	tell(&fleets, "m2", MEMBER_UNHEALTHY);
	assert_int_equal(ask(&fleets, 3 * FLOWS, FLOWS), 0xf);
	assert_false(fleets_set_health(&fleets, "a", "m2", 4789, MEMBER_UNHEALTHY));
	assert_false(fleets_set_health(&fleets, "a", "m2", 4790, MEMBER_HEALTHY));
	assert_false(fleets_set_health(&fleets, "a", "m9", 4789, MEMBER_HEALTHY));
	assert_false(fleets_set_health(&fleets, "b", "m2", 4789, MEMBER_HEALTHY));
}

static void a_fleet_may_want_more_than_one(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example example;

	example_make(&example, MEMBERS);
	example.fleet.healthy_percent = 50;
	set(&fleets, &example);
	tell(&fleets, "m0", MEMBER_HEALTHY);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
	tell(&fleets, "m1", MEMBER_HEALTHY);
	assert_int_equal(ask(&fleets, FLOWS, FLOWS), 0x3);
	example.fleet.healthy_count = 3;
	set(&fleets, &example);
	assert_int_equal(ask(&fleets, 2 * FLOWS, FLOWS), 0xf);
}

static void without_checks_whoever_is_registered_serves(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example example;

	example_make(&example, MEMBERS);
	example.fleet.check.protocol = CHECK_NONE;
	set(&fleets, &example);
	tell(&fleets, "m2", MEMBER_UNHEALTHY);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
}

static void flows_may_stay_with_whoever_fails(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example example;

	example_make(&example, MEMBERS);
	example.fleet.rebalance = false;
	set(&fleets, &example);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
	tell(&fleets, "m0", MEMBER_HEALTHY);
	tell(&fleets, "m2", MEMBER_UNHEALTHY);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
	assert_int_equal(ask(&fleets, FLOWS, FLOWS), 0x1);
}

static void who_drains_keeps_flows_until_he_is_gone(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct ship_flows flows;
	struct example example;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
	example.members[3].draining = true;
	set(&fleets, &example);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0xf);
	assert_int_equal(ask(&fleets, FLOWS, FLOWS), 0x7);
	example.fleet.member_count = 3;
	set(&fleets, &example);
	assert_true(fleets_count_flows(&fleets, "a", NOW * NSEC_PER_SEC, &flows));
	assert_int_equal(flows.moved, 0);
	assert_int_equal(flows.held, 2 * FLOWS);
	assert_int_equal(ask(&fleets, 0, FLOWS), 0x7);
	assert_true(fleets_count_flows(&fleets, "a", NOW * NSEC_PER_SEC, &flows));
	assert_in_range(flows.moved, FLOWS / 8, FLOWS / 2);
	assert_int_equal(flows.evicted, 0);
	assert_false(fleets_count_flows(&fleets, "b", NOW * NSEC_PER_SEC, &flows));
}

/* Flows are told by member, each report has looked at its share of them, and a change in between disturbs no count. */
static void flows_are_counted_by_member(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	uint64_t now = NOW * NSEC_PER_SEC, sum = 0;
	struct ship_flows flows;
	struct example example;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	assert_true(fleets_count_flows(&fleets, "a", now, &flows));
	(void)ask(&fleets, 0, FLOWS);
	for (unsigned int i = 0; i < 11; i++) {
		now += NSEC_PER_SEC;
		example.members[0].weight = 1 + i % 2;
		set(&fleets, &example);
		assert_true(fleets_count_flows(&fleets, "a", now, &flows));
		if (i < 5)
			assert_int_equal(flows.held, 0);
	}
	assert_int_equal(flows.held, FLOWS);
	for (size_t i = 0; i < MEMBERS; i++) {
		uint32_t held = fleets_count_held(&fleets, "a", example.members[i].id, 4789);

		assert_in_range(held, FLOWS / MEMBERS / 2, FLOWS / MEMBERS * 2);
		sum += held;
	}
	assert_int_equal(sum, FLOWS);
	assert_int_equal(fleets_count_held(&fleets, "a", "m0", 4790), 0);
	assert_int_equal(fleets_count_held(&fleets, "b", "m0", 4789), 0);
}

/* Their flows move with their next packet, so nobody needs to wait for them. */
static void who_keeps_no_flows_holds_none(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct ship_flows flows;
	struct example example;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	(void)ask(&fleets, 0, FLOWS);
	tell(&fleets, "m0", MEMBER_HEALTHY);
	tell(&fleets, "m3", MEMBER_UNHEALTHY);
	assert_true(fleets_count_flows(&fleets, "a", NOW * NSEC_PER_SEC, &flows));
	assert_int_equal(flows.held, FLOWS);
	assert_int_equal(fleets_count_held(&fleets, "a", "m3", 4789), 0);
	assert_true(fleets_count_held(&fleets, "a", "m1", 4789) > 0);
}

static void what_is_over_is_swept_out_in_time(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct ship_flows flows;
	struct example example;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	(void)ask(&fleets, 0, FLOWS);
	assert_true(fleets_count_flows(&fleets, "a", NOW * NSEC_PER_SEC, &flows));
	assert_int_equal(flows.held, FLOWS);
	assert_true(fleets_count_flows(&fleets, "a", (NOW + IDLE + 10) * NSEC_PER_SEC, &flows));
	assert_int_equal(flows.held, 0);
}

static void numbers_and_choices_outlive_changes(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	uint16_t numbers[MEMBERS];
	struct example example;
	const struct choice *choice;

	example_make(&example, MEMBERS);
	set(&fleets, &example);
	memcpy(numbers, fleets_find(&fleets, "a")->numbers, sizeof(numbers));
	tell(&fleets, "m3", MEMBER_HEALTHY);
	choice = fleets_find(&fleets, "a")->choice;
	set(&fleets, &example);
	assert_ptr_equal(fleets_find(&fleets, "a")->choice, choice);
	/* The first leaves, and comes back as another. */
	example.fleet.members++;
	example.fleet.member_count--;
	set(&fleets, &example);
	assert_memory_equal(fleets_find(&fleets, "a")->numbers, numbers + 1, 3 * sizeof(*numbers));
	assert_int_equal(fleets_find(&fleets, "a")->states[2], MEMBER_HEALTHY);
	example.fleet.members--;
	example.fleet.member_count++;
	set(&fleets, &example);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_int_not_equal(fleets_find(&fleets, "a")->numbers[0], numbers[i]);
}

/* However often members come and go, numbers stay small, no two members share one, and who gets one that was another's gets none
 * of his flows. */
static void numbers_rest_before_they_are_used_again(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example example;
	size_t reused = 0;

	example_make(&example, 2);
	for (unsigned int round = 0; round < CHOICE_NUMBERS_MAX + 100; round++) {
		const struct known_fleet *known;

		(void)snprintf(example.members[1].id, sizeof(example.members[1].id), "n%u", round);
		assert_int_equal(fleets_set(&fleets, &example.fleet, 1, 1), 0);
		known = fleets_find(&fleets, "a");
		assert_true(known->numbers[1] < CHOICE_NUMBERS_MAX);
		assert_int_equal(known->numbers[0], 0);
		assert_int_not_equal(known->numbers[1], 0);
		if (round == 0)
			(void)flows_hold(known->holding->flows, 1ULL << 40, known->numbers[1], NOW,
					 IDLE);
		if (round > 0 && known->numbers[1] == 1) {
			reused++;
			assert_int_equal(flows_find(known->holding->flows, 1ULL << 40, NOW, IDLE),
					 FLOWS_UNKNOWN);
		}
	}
	assert_int_equal(reused, 1);
}

static void fleets_are_told_apart(void **state _unused_)
{
	_cleanup_(fleets_fini) struct fleets fleets = {};
	struct example first, second;
	struct fleet both[2];

	example_make(&first, 1);
	example_make(&second, MEMBERS);
	strcpy(second.fleet.id, "b");
	both[0] = first.fleet;
	both[1] = second.fleet;
	assert_int_equal(fleets_set(&fleets, both, ARRAY_SIZE(both), CAPACITY), 0);
	assert_int_equal(fleets_settle(&fleets), 0);
	assert_int_equal(fleets_find(&fleets, "a")->fleet.member_count, 1);
	assert_int_equal(fleets_find(&fleets, "b")->fleet.member_count, MEMBERS);
	assert_null(fleets_find(&fleets, "c"));
	assert_int_equal(fleets_set(&fleets, NULL, 0, CAPACITY), 0);
	assert_null(fleets_find(&fleets, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_healthy_serves),
		cmocka_unit_test(a_fleet_may_want_more_than_one),
		cmocka_unit_test(without_checks_whoever_is_registered_serves),
		cmocka_unit_test(flows_may_stay_with_whoever_fails),
		cmocka_unit_test(who_drains_keeps_flows_until_he_is_gone),
		cmocka_unit_test(flows_are_counted_by_member),
		cmocka_unit_test(who_keeps_no_flows_holds_none),
		cmocka_unit_test(what_is_over_is_swept_out_in_time),
		cmocka_unit_test(numbers_and_choices_outlive_changes),
		cmocka_unit_test(numbers_rest_before_they_are_used_again),
		cmocka_unit_test(fleets_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
