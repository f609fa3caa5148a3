// SPDX-License-Identifier: Apache-2.0
/* What the table promises, for a fleet of a hundred: everybody has his share, hosts agree, and whoever goes takes only his own
 * flows with him. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/maglev.h"

#include "base/count.h"

#include <string.h>

#define MEMBERS 100
#define FLOWS   1000000

/* So that each flow falls on another place: the table is what is tested here, not a hash. */
static uint64_t flow_number(uint64_t index)
{
	return index * 0x9e3779b1 & 0xffffffff;
}

static void members_make(struct maglev_member members[MEMBERS], uint64_t first_name)
{
	for (size_t i = 0; i < MEMBERS; i++)
		members[i] = (struct maglev_member){first_name + i, 1, true};
}

static struct maglev *table(const struct maglev_member *members, size_t count)
{
	struct maglev *maglev = NULL;

	assert_int_equal(maglev_new(members, count, &maglev), 0);
	return maglev;
}

static void count_flows(const struct maglev *maglev, size_t ret_counts[MEMBERS])
{
	memset(ret_counts, 0, MEMBERS * sizeof(*ret_counts));
	for (uint64_t i = 0; i < FLOWS; i++)
		ret_counts[maglev_find(maglev, flow_number(i))]++;
}

/* How many flows the two tables send to members of different names. */
static size_t count_moved(const struct maglev *before, const struct maglev_member *members_before,
			  const struct maglev *after, const struct maglev_member *members_after)
{
	size_t moved = 0;

	for (uint64_t i = 0; i < FLOWS; i++)
		moved += members_before[maglev_find(before, flow_number(i))].name !=
			 members_after[maglev_find(after, flow_number(i))].name;
	return moved;
}

static void shares_are_even(void **state _unused_)
{
	struct maglev_member members[MEMBERS];
	size_t counts[MEMBERS];

	members_make(members, 1000);
	_cleanup_(maglev_freep) struct maglev *maglev = table(members, MEMBERS);
	count_flows(maglev, counts);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_in_range(counts[i], FLOWS / MEMBERS * 0.99, FLOWS / MEMBERS * 1.01);
}

static void shares_follow_weights(void **state _unused_)
{
	static const uint32_t weights[] = {1, 2, 7, MAGLEV_WEIGHT_MAX - 10};
	struct maglev_member members[ARRAY_SIZE(weights)];
	size_t counts[MEMBERS];

	for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
		members[i] = (struct maglev_member){i, weights[i], true};
	_cleanup_(maglev_freep) struct maglev *maglev = table(members, ARRAY_SIZE(weights));
	count_flows(maglev, counts);
	for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
		assert_in_range(counts[i], FLOWS / MAGLEV_WEIGHT_MAX * weights[i] * 0.97,
				FLOWS / MAGLEV_WEIGHT_MAX * weights[i] * 1.03);
}

/* Hosts may hold their lists in any order. */
static void order_does_not_matter(void **state _unused_)
{
	struct maglev_member members[MEMBERS], reversed[MEMBERS];

	members_make(members, 1000);
	members[3].serves = false;
	for (size_t i = 0; i < MEMBERS; i++)
		reversed[i] = members[MEMBERS - 1 - i];
	_cleanup_(maglev_freep) struct maglev *one = table(members, MEMBERS);
	_cleanup_(maglev_freep) struct maglev *other = table(reversed, MEMBERS);
	assert_int_equal(count_moved(one, members, other, reversed), 0);
}

/* Who fails moves its own flows only, evenly to all others, and has the same ones when it is back. */
static void failing_moves_its_own_flows(void **state _unused_)
{
	struct maglev_member members[MEMBERS], without[MEMBERS];
	size_t before[MEMBERS], after[MEMBERS];

	members_make(members, 1000);
	memcpy(without, members, sizeof(without));
	without[42].serves = false;
	_cleanup_(maglev_freep) struct maglev *all = table(members, MEMBERS);
	_cleanup_(maglev_freep) struct maglev *rest = table(without, MEMBERS);
	count_flows(all, before);
	count_flows(rest, after);
	assert_int_equal(after[42], 0);
	assert_int_equal(count_moved(all, members, rest, without), before[42]);
	for (size_t i = 0; i < MEMBERS; i++)
		if (i != 42)
			assert_in_range(after[i] - before[i], 1, 2 * before[42] / MEMBERS + 20);
}

/* Who is taken off the list for good moves little more than its own: at most one in N, and one in a hundred of all. */
static void leaving_moves_few_flows(void **state _unused_)
{
	struct maglev_member members[MEMBERS], others[MEMBERS - 1];

	members_make(members, 1000);
	memcpy(others, members, 42 * sizeof(*members));
	memcpy(others + 42, members + 43, (MEMBERS - 43) * sizeof(*members));
	_cleanup_(maglev_freep) struct maglev *all = table(members, MEMBERS);
	_cleanup_(maglev_freep) struct maglev *rest = table(others, MEMBERS - 1);
	size_t moved = count_moved(all, members, rest, others);
	print_message("%zu of %u flows move\n", moved, FLOWS);
	assert_in_range(moved, FLOWS / MEMBERS / 2, FLOWS / MEMBERS + FLOWS / 100);
}

static void nobody_serves(void **state _unused_)
{
	struct maglev_member members[2] = {{1, 1, false}, {2, 1, false}};
	_cleanup_(maglev_freep) struct maglev *none = table(members, 2);
	_cleanup_(maglev_freep) struct maglev *empty = table(NULL, 0);

	assert_int_equal(maglev_find(none, 7), MAGLEV_NOBODY);
	assert_int_equal(maglev_find(empty, UINT64_MAX), MAGLEV_NOBODY);
}

static void largest_fleet(void **state _unused_)
{
	static struct maglev_member members[MAGLEV_MEMBERS_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		members[i] = (struct maglev_member){i, (uint32_t)(i % MAGLEV_WEIGHT_MAX) + 1,
						    i % 2 == 0};
	_cleanup_(maglev_freep) struct maglev *maglev = table(members, ARRAY_SIZE(members));
	for (uint64_t i = 0; i < FLOWS; i++)
		assert_true(members[maglev_find(maglev, flow_number(i))].serves);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_even),
		cmocka_unit_test(shares_follow_weights),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(failing_moves_its_own_flows),
		cmocka_unit_test(leaving_moves_few_flows),
		cmocka_unit_test(nobody_serves),
		cmocka_unit_test(largest_fleet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
