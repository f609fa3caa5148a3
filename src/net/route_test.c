// SPDX-License-Identifier: Apache-2.0
/* Routes and devices of a namespace made for the test; only the question about real hardware is asked where there may
 * be some.  Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "net/route.h"

#include "net/net_example.h"

#include <cmocka.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_hardware(const char *device)
{
	bool hardware = false;

	assert_int_equal(device_is_hardware((int)if_nametoindex(device), &hardware), 0);
	return hardware;
}

static bool segments(const char *device)
{
	bool answer = false;

	assert_int_equal(device_segments_udp(device, &answer), 0);
	return answer;
}

static void expect_route(const char *destination, uint32_t mark, const char *device,
			 const char *source)
{
	struct address to = address(destination), from = address(source);
	struct route route;

	assert_int_equal(route_lookup(&to, mark, &route), 0);
	assert_string_equal(route.device, device);
	assert_int_equal(route.ifindex, (int)if_nametoindex(device));
	assert_true(address_equal(&route.source, &from));
}

static void routes_are_those_of_the_kernel(void **state)
{
	struct address nowhere = address("203.0.113.1"), nowhere6 = address("2001:db8:9::1");
	struct route route;

	(void)state;
	expect_route("10.1.0.9", 0, "first", "10.1.0.1");
	expect_route("fd01::9", 0, "first", "fd01::1");
	expect_route("10.1.0.1", 0, "lo", "10.1.0.1");
	assert_int_equal(route_lookup(&nowhere, 0, &route), ROUTE_MISSING);
	assert_int_equal(route_lookup(&nowhere6, 0, &route), ROUTE_MISSING);
	shell("ip route add blackhole 203.0.113.0/24");
	assert_int_equal(route_lookup(&nowhere, 0, &route), ROUTE_MISSING);
}

static void marks_may_take_another_way(void **state)
{
	(void)state;
	expect_route("10.7.0.9", 0, "first", "10.1.0.1");
	expect_route("10.7.0.9", 7, "second", "10.2.0.1");
}

static void expect_default(uint8_t family, const char *device)
{
	int ifindex = 0;

	assert_int_equal(route_find_default(family, &ifindex), device ? 0 : ROUTE_MISSING);
	if (device)
		assert_int_equal(ifindex, (int)if_nametoindex(device));
}

/* A network with an address of the probes is no default route, and hides none. */
static void the_default_route_is_found(void **state)
{
	(void)state;
	expect_default(4, NULL);
	expect_default(6, NULL);
	shell("ip route add 192.0.2.0/24 via 10.2.0.9");
	expect_default(4, NULL);
	shell("ip route add default via 10.1.0.9 metric 10");
	expect_default(4, "first");
	shell("ip route add default via 10.2.0.9 metric 5");
	expect_default(4, "second");
	shell("ip route del default metric 5");
	/* A tunnel's two halves of everything leave the default route what it is, but nothing takes it. */
	shell("ip route add 0.0.0.0/1 via 10.2.0.9; ip route add 128.0.0.0/1 via 10.2.0.9");
	expect_default(4, NULL);
	shell("ip route add default via fd01::9 dev first");
	expect_default(6, "first");
	shell("ip -6 route del default; ip -6 route add 2001:db8::/32 dev first");
	expect_default(6, NULL);
	shell("ip route flush default; ip route add blackhole default; ip route del 0.0.0.0/1");
	shell("ip route del 128.0.0.0/1");
	expect_default(4, NULL);
}

static void virtual_devices_are_not_hardware(void **state)
{
	const char *const devices[] = {"lo", "first", "dummy", "vlan", "bridge", "bond", "macvlan"};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (if_nametoindex(devices[i]) != 0)
			assert_false(is_hardware(devices[i]));
	assert_int_not_equal(device_is_hardware(9999, &(bool){false}), 0);
}

static void features_are_the_present_ones(void **state)
{
	(void)state;
	assert_true(segments("first"));
	shell("ethtool -K first tx-udp-segmentation off >/dev/null");
	assert_false(segments("first"));
	shell("ethtool -K first tx-udp-segmentation on >/dev/null");
	assert_true(segments("first"));
	assert_int_not_equal(device_segments_udp("missing", &(bool){false}), 0);
}

/* What has a bus behind it, by the word of sysfs. */
static void hardware_is_found(void **state)
{
	struct if_nameindex *devices = if_nameindex();

	(void)state;
	assert_non_null(devices);
	for (size_t i = 0; devices[i].if_index != 0; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/sys/class/net/%s/device", devices[i].if_name);
		if (access(path, F_OK) == 0)
			assert_true(is_hardware(devices[i].if_name));
	}
	if_freenameindex(devices);
}

int main(void)
{
	const struct CMUnitTest outside[] = {cmocka_unit_test(hardware_is_found)};
	const struct CMUnitTest inside[] = {
		cmocka_unit_test(routes_are_those_of_the_kernel),
		cmocka_unit_test(marks_may_take_another_way),
		cmocka_unit_test(the_default_route_is_found),
		cmocka_unit_test(virtual_devices_are_not_hardware),
		cmocka_unit_test(features_are_the_present_ones),
	};
	int failed = cmocka_run_group_tests(outside, NULL, NULL);

	if (unshare(CLONE_NEWNET) < 0) {
		print_message("Making a network namespace needs root\n");
		return failed ? failed : 77;
	}
	shell("ip link set lo up");
	shell("ip link add first type veth peer name first_peer");
	shell("ip link add second type veth peer name second_peer");
	shell("for device in first first_peer second second_peer; do ip link set $device up; done");
	shell("ip address add 10.1.0.1/24 dev first; ip address add 10.2.0.1/24 dev second");
	shell("ip address add fd01::1/64 dev first nodad");
	shell("ip route add 10.7.0.0/24 via 10.1.0.9");
	shell("ip route add 10.7.0.0/24 via 10.2.0.9 table 7; ip rule add fwmark 7 table 7");
	shell("ip link add bridge type bridge && ip link set second_peer master bridge");
	/* Not every kernel has these. */
	shell("(ip link add dummy type dummy; ip link add bond type bond) 2>/dev/null || true");
	shell("ip link add link first name vlan type vlan id 5 2>/dev/null || true");
	shell("ip link add link first name macvlan type macvlan mode bridge 2>/dev/null || true");
	return failed + cmocka_run_group_tests(inside, NULL, NULL);
}
