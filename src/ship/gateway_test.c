// SPDX-License-Identifier: Apache-2.0
/* What copies to a gateway seem to come from, where their source has no IPv4 address of its own: in a namespace made for the test, whose
 * routes come one by one.  Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/routes.h"

#include "base/count.h"
#include "net/net_example.h"
#include "ship/fleets.h"
#include "ship/ship.h"

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS 3

static struct fleet_member members[MEMBERS];

static int make_namespace(void **state)
{
	(void)state;
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	shell("ip link set lo up");
	shell("ip link add first type veth peer name second");
	shell("ip addr add 192.0.2.1/24 dev first");
	shell("ip addr add 198.51.100.1/24 dev second");
	shell("ip link set first up");
	shell("ip link set second up");
	return 0;
}

static int flush_routes(void **state)
{
	(void)state;
	shell("ip route flush table main");
	shell("ip -6 route flush table main");
	return 0;
}

/* The table of one session to a gateway's fleet, of as many members as are given. */
static struct routes *table_to(const char *first, const char *second, const char *third)
{
	const char *const texts[] = {first, second, third};
	const struct ship_route route = {
		.generation = 1,
		.port = 4789,
		.fleet = "a",
		.gateway = {.endpoint = 1, .address = address("198.18.0.7")},
	};
	struct fleet fleet = {.id = "a",
			      .tcp_idle = 350,
			      .other_idle = 120,
			      .check.protocol = CHECK_NONE,
			      .members = members};
	struct fleets fleets = {};
	struct routes *routes = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && texts[i]; i++) {
		members[i] = (struct fleet_member){
			.port = 6081, .weight = 1, .address = address(texts[i])};
		(void)snprintf(members[i].id, sizeof(members[i].id), "%zu", i);
		fleet.member_count++;
	}
	assert_int_equal(fleets_set(&fleets, &fleet, 1, 1 << 10), 0);
	assert_int_equal(fleets_settle(&fleets), 0);
	assert_int_equal(routes_new(&route, 1, &fleets, 1, 0, NULL, &routes), 0);
	fleets_fini(&fleets);
	return routes;
}

/* The source of the inner packet, which follows Geneve's header and options. */
static void expect_source(const struct routes *routes, const char *text)
{
	const struct address source = address(text);
	const struct slot *slot = routes_find(routes, 0, 1);
	const size_t place = 40 + 12;

	assert_false(routes->unsettled);
	assert_int_equal(slot->state, SLOT_LIVE);
	assert_memory_equal(slot->envelope.bytes + place, source.bytes, 4);
}

static void whoever_can_be_reached_tells(void **state)
{
	_cleanup_(routes_freep) struct routes *routes = NULL;

	(void)state;
	shell("ip route add 203.0.113.2 dev second src 198.51.100.1");
	routes = table_to("203.0.113.1", "2001:db8::1", "203.0.113.2");
	expect_source(routes, "198.51.100.1");
}

static void else_the_way_to_the_endpoint_tells(void **state)
{
	_cleanup_(routes_freep) struct routes *routes = NULL;

	(void)state;
	shell("ip route add default dev first src 192.0.2.1");
	routes = table_to("2001:db8::1", "2001:db8::2", NULL);
	expect_source(routes, "192.0.2.1");
}

static void without_any_way_the_table_is_unsettled(void **state)
{
	_cleanup_(routes_freep) struct routes *routes = NULL, *later = NULL;

	(void)state;
	routes = table_to("203.0.113.1", "203.0.113.2", NULL);
	assert_true(routes->unsettled);
	assert_int_equal(routes_find(routes, 0, 1)->state, SLOT_NO_ROUTE);
	shell("ip route add 203.0.113.0/24 dev first src 192.0.2.1");
	later = table_to("203.0.113.1", "203.0.113.2", NULL);
	expect_source(later, "192.0.2.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(whoever_can_be_reached_tells, flush_routes),
		cmocka_unit_test_teardown(else_the_way_to_the_endpoint_tells, flush_routes),
		cmocka_unit_test_teardown(without_any_way_the_table_is_unsettled, flush_routes),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, make_namespace, NULL);
}
