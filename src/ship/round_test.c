// SPDX-License-Identifier: Apache-2.0
/* Whoever was looked at shows by having become reachable: on the loopback device everybody is, and before the test says that nobody
 * is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/round.h"

#include "base/count.h"
#include "ship/fleets.h"
#include "ship/ship.h"

#include <cmocka.h>
#include <stdio.h>

#define MEMBERS    6
#define SLOT_LIMIT 16

static struct fleet_member members[MEMBERS];
static const struct fleet fleet = {.id = "a",
				   .tcp_idle = 350,
				   .other_idle = 120,
				   .check.protocol = CHECK_NONE,
				   .members = members,
				   .member_count = MEMBERS};

/* Two single appliances, and a fleet to which two sessions send in one manner and two others in other ones. */
static const struct ship_route given[] = {
	{.slot = 0, .reachable = true, .address = {4, {127, 0, 0, 1}}, .port = 4789},
	{.slot = 1, .reachable = true, .address = {4, {127, 0, 0, 2}}, .port = 4789},
	{.slot = 2, .fleet = "a", .port = 4789},
	{.slot = 3, .fleet = "a", .port = 4789},
	{.slot = 4, .fleet = "a", .port = 4789, .dscp = 46},
	{.slot = 5, .fleet = "a", .port = 4789, .source = {4, {127, 0, 0, 1}}},
};

struct scene {
	struct fleets fleets;
	struct routes *routes;
	struct round round;
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	for (size_t i = 0; i < MEMBERS; i++) {
		members[i] = (struct fleet_member){
			.port = 4789, .weight = 1, .address = {4, {127, 0, 1, (uint8_t)i}}};
		(void)snprintf(members[i].id, sizeof(members[i].id), "%zu", i);
	}
	assert_int_equal(fleets_set(&scene->fleets, &fleet, 1, 1 << 10), 0);
	assert_int_equal(fleets_settle(&scene->fleets), 0);
	assert_int_equal(routes_new(given, ARRAY_SIZE(given), &scene->fleets, SLOT_LIMIT, 0, NULL,
				    &scene->routes),
			 0);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	routes_free(scene->routes);
	fleets_fini(&scene->fleets);
	free(scene);
	return 0;
}

/* Of all targets, those of each way counted. */
static void lose_all(struct scene *scene)
{
	struct routes *routes = scene->routes;

	for (size_t i = 0; i < routes->target_count; i++)
		atomic_store(&routes->targets[i].unreachable, true);
	for (size_t i = 0; i < routes->way_count; i++)
		for (size_t j = 0; j < routes->ways[i].count; j++)
			atomic_store(&routes->ways[i].targets[j].unreachable, true);
}

static size_t count_reachable(const struct scene *scene)
{
	const struct routes *routes = scene->routes;
	size_t count = 0;

	for (size_t i = 0; i < routes->target_count; i++)
		count += target_is_reachable(&routes->targets[i]);
	for (size_t i = 0; i < routes->way_count; i++)
		for (size_t j = 0; j < routes->ways[i].count; j++)
			count += target_is_reachable(&routes->ways[i].targets[j]);
	return count;
}

static void each_appliance_has_its_turn(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(scene->routes->way_count, 3);
	lose_all(scene);
	assert_false(round_go_on(&scene->round, scene->routes, 3, 0));
	/* Both single ones, and the first member by three ways. */
	assert_int_equal(count_reachable(scene), 2 + 3);
	assert_false(round_go_on(&scene->round, scene->routes, 3, 0));
	assert_int_equal(count_reachable(scene), 2 + 4 * 3);
	assert_true(round_go_on(&scene->round, scene->routes, 3, 0));
	assert_int_equal(count_reachable(scene), 2 + MEMBERS * 3);
	assert_int_equal(scene->round.next, 0);
	assert_int_equal(scene->round.number, 1);
	assert_false(scene->round.missed_some);
}

/* One at which sending failed with UDP_SEGMENT stays so until its route is looked at. */
static void routes_are_looked_at_in_some_rounds(void **state)
{
	struct scene *scene = *state;
	struct target *target = &scene->routes->ways[1].targets[0];
	unsigned int refreshed = 0;

	for (unsigned int i = 0; i < 11; i++) {
		target_refuse_segments(target);
		assert_true(round_go_on(&scene->round, scene->routes, 100, 0));
		refreshed += !atomic_load(&target->incapable);
	}
	assert_int_equal(refreshed, 3);
}

static void a_smaller_table_ends_the_round(void **state)
{
	struct scene *scene = *state;
	struct routes *smaller = NULL;

	assert_false(round_go_on(&scene->round, scene->routes, 5, 0));
	assert_int_equal(
		routes_new(given, 2, &scene->fleets, SLOT_LIMIT, 0, scene->routes, &smaller), 0);
	assert_true(round_go_on(&scene->round, smaller, 5, 0));
	assert_int_equal(scene->round.next, 0);
	routes_free(smaller);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_appliance_has_its_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(routes_are_looked_at_in_some_rounds, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_smaller_table_ends_the_round, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
