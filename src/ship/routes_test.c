// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/routes.h"

#include "ship/fleets.h"
#include "ship/ship.h"

#include <cmocka.h>
#include <errno.h>

#define SLOT_LIMIT 16

static const struct fleets nobody;

static struct ship_route route(uint32_t slot, uint32_t generation, uint8_t host)
{
	return (struct ship_route){
		.slot = slot,
		.generation = generation,
		.vni = 0x123456,
		.packet_length = 200,
		.reachable = host != 0,
		.address = {.family = host ? 4 : 0, .bytes = {127, 0, 0, host}},
		.port = 4789,
	};
}

static struct routes *table(const struct ship_route *given, size_t count,
			    const struct routes *previous)
{
	struct routes *routes = NULL;

	assert_int_equal(routes_new(given, count, &nobody, SLOT_LIMIT, 0, previous, &routes), 0);
	return routes;
}

static void records_find_their_slot(void **state)
{
	const struct ship_route given[] = {route(3, 7, 1), route(4, 1, 0)};
	_cleanup_(routes_freep) struct routes *routes = table(given, 2, NULL);
	const uint8_t vxlan[] = {0x08, 0, 0, 0, 0x12, 0x34, 0x56, 0};
	const struct slot *slot = routes_find(routes, 3, 7);

	(void)state;
	assert_non_null(slot);
	assert_int_equal(slot->state, SLOT_LIVE);
	assert_int_equal(slot->packet_length, 200);
	assert_memory_equal(slot->envelope.bytes, vxlan, sizeof(vxlan));
	assert_int_equal(routes_find(routes, 4, 1)->state, SLOT_NO_TARGET);
	assert_null(routes_find(routes, 3, 6));
	assert_null(routes_find(routes, 5, 0));
	assert_null(routes_find(routes, SLOT_LIMIT, 7));
	assert_null(routes_find(routes, UINT32_MAX, 7));
}

static void an_ended_session_is_remembered_until_its_slot_is_taken(void **state)
{
	const struct ship_route given[] = {route(3, 7, 1), route(4, 1, 1)};
	_cleanup_(routes_freep) struct routes *first = table(given, 2, NULL);
	_cleanup_(routes_freep) struct routes *second = table(given + 1, 1, first);
	_cleanup_(routes_freep) struct routes *third = table(given + 1, 1, second);
	const struct ship_route successor = route(3, 8, 2);
	_cleanup_(routes_freep) struct routes *fourth = table(&successor, 1, third);

	(void)state;
	assert_int_equal(routes_find(second, 3, 7)->state, SLOT_ENDED);
	assert_int_equal(routes_find(third, 3, 7)->state, SLOT_ENDED);
	assert_null(routes_find(fourth, 3, 7));
	assert_int_equal(routes_find(fourth, 3, 8)->state, SLOT_LIVE);
	assert_int_equal(routes_find(fourth, 4, 1)->state, SLOT_ENDED);
}

static void appliances_are_shared_and_keep_what_was_measured(void **state)
{
	const struct ship_route given[] = {route(1, 1, 1), route(2, 1, 1), route(3, 1, 2)};
	_cleanup_(routes_freep) struct routes *first = table(given, 3, NULL);
	_cleanup_(routes_freep) struct routes *second = NULL;

	(void)state;
	assert_int_equal(first->target_count, 2);
	assert_ptr_equal(routes_find(first, 1, 1)->target, routes_find(first, 2, 1)->target);
	atomic_store(&routes_find(first, 1, 1)->target->room, 1234);
	second = table(given, 3, first);
	assert_int_equal(target_room(routes_find(second, 2, 1)->target), 1234);
}

/* What is said about packets is said for a target, so other words make another one of the same appliance. */
static void other_words_need_another_target(void **state)
{
	struct ship_route given[] = {route(1, 1, 1), route(2, 1, 1), route(3, 1, 1),
				     route(4, 1, 1)};
	_cleanup_(routes_freep) struct routes *routes = NULL;

	(void)state;
	given[1].dscp = 46;
	given[2].source = (struct address){.family = 4, .bytes = {127, 0, 0, 1}};
	given[3].format = SHIP_GENEVE;
	routes = table(given, 4, NULL);
	assert_int_equal(routes->target_count, 3);
	assert_int_equal(routes_find(routes, 1, 1)->target->control_size, 0);
	assert_int_equal(routes_find(routes, 2, 1)->target->control_size, CMSG_SPACE(sizeof(int)));
	assert_int_equal(routes_find(routes, 3, 1)->target->control_size,
			 CMSG_SPACE(sizeof(struct in_pktinfo)));
	assert_ptr_equal(routes_find(routes, 4, 1)->target, routes_find(routes, 1, 1)->target);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(routes->targets[i].seat, i * SHIP_PORT_COUNT);
}

static void impossible_routes_are_refused(void **state)
{
	struct ship_route bad = route(SLOT_LIMIT, 1, 1);
	struct routes *routes = NULL;

	(void)state;
	assert_int_equal(routes_new(&bad, 1, &nobody, SLOT_LIMIT, 0, NULL, &routes), -EINVAL);
	bad = route(1, 1, 1);
	bad.address.family = 0;
	assert_int_equal(routes_new(&bad, 1, &nobody, SLOT_LIMIT, 0, NULL, &routes), -EINVAL);
	assert_null(routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_find_their_slot),
		cmocka_unit_test(an_ended_session_is_remembered_until_its_slot_is_taken),
		cmocka_unit_test(appliances_are_shared_and_keep_what_was_measured),
		cmocka_unit_test(other_words_need_another_target),
		cmocka_unit_test(impossible_routes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
