// SPDX-License-Identifier: Apache-2.0
/* Which fleets find room on a host.  The groups are put straight into the store: thousands of members by requests would only take
 * longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/plan_fleets.h"

#include "base/array.h"
#include "base/text.h"
#include "control/fixture.h"
#include "store/group.h"
#include "store/member.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
	struct fixture fixture;
	struct plan plan;
	struct wanted_fleets wanted;
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_open(&scene->fixture, NULL);
	assert_int_equal(store_begin(scene->fixture.store, STORE_WRITE), 0);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	store_rollback(scene->fixture.store);
	plan_fini(&scene->plan);
	wanted_fleets_fini(&scene->wanted);
	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

static void make_group(struct scene *scene, const char *arn, size_t members)
{
	struct group group = {.family = 4, .type = GROUP_OF_ADDRESSES, .port = 4789};
	struct member member = {.port = 4789, .weight = 1};

	(void)string_copy(group.arn.text, sizeof(group.arn.text), arn);
	(void)string_copy(group.name, sizeof(group.name), arn);
	group.owner = scene->fixture.user.account;
	assert_int_equal(store_put_group(scene->fixture.store, &group), 0);
	member.group = group.arn;
	for (size_t i = 0; i < members; i++) {
		(void)snprintf(member.id, sizeof(member.id), "10.0.%zu.%zu", i / 250, i % 250 + 1);
		assert_int_equal(store_put_member(scene->fixture.store, &member), 0);
	}
}

/* A session that leads to the group, by a listener that remembers for so long. */
static void make_way(struct scene *scene, const char *arn, uint32_t tcp_idle)
{
	struct plan_session session = {.number = 1};

	(void)snprintf(session.source.text, sizeof(session.source.text), "eni-%zu",
		       scene->plan.session_count);
	(void)string_copy(session.fleet, sizeof(session.fleet), arn);
	assert_int_equal(
		array_append(&scene->plan, sessions, session_count, session_capacity, session), 0);
	assert_int_equal(wanted_fleets_add(&scene->wanted, arn, tcp_idle), 0);
}

static const struct plan_session *session_of(const struct scene *scene, const char *source)
{
	struct resource_id id = {};
	size_t count;

	(void)string_copy(id.text, sizeof(id.text), source);
	return plan_find_sessions(&scene->plan, &id, &count);
}

static void test_sessions_of_one_group_share_a_fleet(void **state)
{
	struct scene *scene = *state;

	make_group(scene, "arn:a", 2);
	make_way(scene, "arn:a", 100);
	make_way(scene, "arn:a", 300);
	make_way(scene, "arn:a", 200);
	assert_int_equal(plan_add_fleets(scene->fixture.control, &scene->wanted, &scene->plan), 0);
	assert_int_equal(scene->plan.fleet_count, 1);
	assert_int_equal(scene->plan.fleets[0].member_count, 2);
	assert_int_equal(scene->plan.fleets[0].tcp_idle, 300);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(scene->plan.sessions[i].fleet, "arn:a");
		assert_false(scene->plan.sessions[i].crowded_out);
	}
}

static void test_the_largest_fleet_is_left_out(void **state)
{
	struct scene *scene = *state;

	make_group(scene, "arn:a", 5000);
	make_group(scene, "arn:b", 4000);
	make_group(scene, "arn:c", 1001);
	make_way(scene, "arn:a", 350);
	make_way(scene, "arn:b", 350);
	make_way(scene, "arn:c", 350);
	assert_int_equal(plan_add_fleets(scene->fixture.control, &scene->wanted, &scene->plan), 0);
	assert_int_equal(scene->plan.fleet_count, 2);
	assert_null(plan_find_fleet(&scene->plan, "arn:a"));
	assert_true(session_of(scene, "eni-0")->crowded_out);
	assert_string_equal(session_of(scene, "eni-0")->fleet, "");
	assert_false(session_of(scene, "eni-1")->crowded_out);
	assert_string_equal(session_of(scene, "eni-2")->fleet, "arn:c");
}

static void test_exactly_as_many_members_find_room(void **state)
{
	struct scene *scene = *state;

	make_group(scene, "arn:a", 5000);
	make_group(scene, "arn:b", PLAN_MEMBERS_MAX - 5000);
	make_way(scene, "arn:a", 350);
	make_way(scene, "arn:b", 350);
	assert_int_equal(plan_add_fleets(scene->fixture.control, &scene->wanted, &scene->plan), 0);
	assert_int_equal(scene->plan.fleet_count, 2);
}

static void test_so_many_fleets_find_room(void **state)
{
	struct scene *scene = *state;
	size_t left_out = 0;

	for (size_t i = 0; i <= PLAN_FLEETS_MAX; i++) {
		char arn[32];

		(void)snprintf(arn, sizeof(arn), "arn:%zu", i);
		make_group(scene, arn, 1);
		make_way(scene, arn, 350);
	}
	assert_int_equal(plan_add_fleets(scene->fixture.control, &scene->wanted, &scene->plan), 0);
	assert_int_equal(scene->plan.fleet_count, PLAN_FLEETS_MAX);
	for (size_t i = 0; i < scene->plan.session_count; i++)
		left_out += scene->plan.sessions[i].crowded_out;
	assert_int_equal(left_out, 1);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		SCENE(test_sessions_of_one_group_share_a_fleet),
		SCENE(test_the_largest_fleet_is_left_out),
		SCENE(test_exactly_as_many_members_find_room),
		SCENE(test_so_many_fleets_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
