// SPDX-License-Identifier: Apache-2.0
/* Rosters that follow one another, and findings that are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "health/rhythm.h"
#include "health/roster.h"

#include <string.h>

#define NOW (1000 * NSEC_PER_SEC)

/* A fleet whose members are letters; capital ones drain. */
struct example {
	struct fleet fleet;
	struct fleet_member members[8];
};

static void fleet_fill(struct example *example, const char *letters)
{
	*example = (struct example){
		.fleet = {.id = "fleet", .check = {CHECK_TCP, "", "", 5, 2, 2, 2}},
	};
	example->fleet.members = example->members;
	for (; *letters != '\0'; letters++)
		example->members[example->fleet.member_count++] = (struct fleet_member){
			.id = {(char)(*letters | 0x20)},
			.port = 4789,
			.check_port = 80,
			.address = {4, {127, 0, 0, 1}},
			.draining = *letters < 'a',
		};
	fleet_sort(&example->fleet);
}

static void replace(struct roster **roster, const struct example *example)
{
	const struct fleet *fleet = &example->fleet;
	struct roster *next;

	assert_int_equal(roster_new(&fleet, 1, 1, &next), 0);
	roster_inherit(next, *roster, NOW);
	roster_free(*roster);
	*roster = next;
}

static struct roster *begin(const char *letters)
{
	struct example example;
	struct roster *roster;

	assert_int_equal(roster_new(NULL, 0, 1, &roster), 0);
	fleet_fill(&example, letters);
	replace(&roster, &example);
	return roster;
}

static void change(struct roster **roster, const char *letters)
{
	struct example example;

	fleet_fill(&example, letters);
	replace(roster, &example);
}

static struct checked_member *find(struct roster *roster, char letter)
{
	for (size_t i = 0; i < roster->member_count; i++)
		if (roster->members[i].member->id[0] == letter)
			return &roster->members[i];
	fail_msg("there is no member '%c'", letter);
	return NULL;
}

static bool take(struct roster *roster, char letter, enum finding finding)
{
	return roster_take(roster, find(roster, letter), finding, NOW);
}

static void assert_state(struct roster *roster, char letter, enum member_state state)
{
	assert_int_equal(checked_member_state(find(roster, letter)), state);
}

static void test_nothing_counts_until_all_were_asked(void **state)
{
	_cleanup_(roster_freep) struct roster *roster = begin("abc");

	(void)state;
	assert_false(take(roster, 'a', FINDING_PASSED));
	assert_false(take(roster, 'b', FINDING_FAILED));
	assert_state(roster, 'a', MEMBER_INITIAL);
	assert_true(take(roster, 'c', FINDING_PASSED));
	assert_state(roster, 'a', MEMBER_HEALTHY);
	assert_state(roster, 'b', MEMBER_INITIAL);
	assert_state(roster, 'c', MEMBER_HEALTHY);
	assert_true(take(roster, 'b', FINDING_FAILED));
	assert_state(roster, 'b', MEMBER_UNHEALTHY);
}

static void test_newcomers_count_at_once(void **state)
{
	_cleanup_(roster_freep) struct roster *roster = begin("a");

	(void)state;
	assert_true(take(roster, 'a', FINDING_PASSED));
	change(&roster, "abc");
	assert_state(roster, 'a', MEMBER_HEALTHY);
	assert_state(roster, 'b', MEMBER_INITIAL);
	assert_true(take(roster, 'b', FINDING_PASSED));
	assert_state(roster, 'b', MEMBER_HEALTHY);
	assert_state(roster, 'c', MEMBER_INITIAL);
}

/* With nobody left who serves, the newcomers begin together. */
static void test_a_fleet_whose_members_are_all_new(void **state)
{
	static const char *const before[] = {"", "x", "X"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(roster_freep) struct roster *roster = begin(before[i]);

		if (before[i][0] != '\0')
			assert_true(take(roster, 'x', FINDING_PASSED));
		change(&roster, i == 2 ? "Xab" : "ab");
		assert_false(take(roster, 'a', FINDING_PASSED));
		assert_state(roster, 'a', MEMBER_INITIAL);
		assert_true(take(roster, 'b', FINDING_PASSED));
		assert_state(roster, 'a', MEMBER_HEALTHY);
	}
}

static void test_first_checks_come_soon(void **state)
{
	_cleanup_(roster_freep) struct roster *roster = begin("ab");
	const uint64_t soon = NOW + RHYTHM_SPREAD_MILLISECONDS * NSEC_PER_MSEC;

	(void)state;
	assert_in_range(find(roster, 'a')->due, NOW, soon);
	find(roster, 'a')->due = NOW + 3 * NSEC_PER_SEC;
	change(&roster, "abc");
	assert_int_equal(find(roster, 'a')->due, NOW + 3 * NSEC_PER_SEC);
	assert_in_range(find(roster, 'c')->due, NOW, soon);
}

/* Another way to check is tried at once; what is known stands until then. */
static void test_another_check(void **state)
{
	_cleanup_(roster_freep) struct roster *roster = begin("a");
	struct example example;

	(void)state;
	assert_true(take(roster, 'a', FINDING_PASSED));
	find(roster, 'a')->due = NOW + 100 * NSEC_PER_SEC;
	fleet_fill(&example, "a");
	example.members[0].check_port = 81;
	replace(&roster, &example);
	assert_state(roster, 'a', MEMBER_HEALTHY);
	assert_true(find(roster, 'a')->due < NOW + NSEC_PER_SEC);
	example.fleet.check.protocol = CHECK_NONE;
	replace(&roster, &example);
	assert_int_equal(find(roster, 'a')->due, UINT64_MAX);
	assert_state(roster, 'a', MEMBER_HEALTHY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_counts_until_all_were_asked),
		cmocka_unit_test(test_newcomers_count_at_once),
		cmocka_unit_test(test_a_fleet_whose_members_are_all_new),
		cmocka_unit_test(test_first_checks_come_soon),
		cmocka_unit_test(test_another_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
