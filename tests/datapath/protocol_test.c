// SPDX-License-Identifier: Apache-2.0
/* What the program reads from a packet: one row per shape of packet, with what of it a rule can match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define V4_SOURCE      "192.0.2.1"
#define V4_DESTINATION "198.51.100.7"
#define V6_SOURCE      "2001:db8::1"
#define V6_DESTINATION "2001:db8:0:1::7"

static struct packet packet;

static void ipv4(uint8_t protocol)
{
	packet_ethernet(&packet, ETH_P_IP);
	packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, protocol);
}

static void ipv6(uint8_t next)
{
	packet_ethernet(&packet, ETH_P_IPV6);
	packet_ipv6(&packet, V6_SOURCE, V6_DESTINATION, next);
}

static void finish(void)
{
	packet_ports(&packet, 1000, 2000);
	packet_payload(&packet, 30);
	packet_finish(&packet);
}

static void ipv4_udp(void)
{
	ipv4(IPPROTO_UDP);
	finish();
}

static void ipv4_tcp(void)
{
	ipv4(IPPROTO_TCP);
	finish();
}

static void ipv4_icmp(void)
{
	ipv4(IPPROTO_ICMP);
	packet_payload(&packet, 30);
	packet_finish(&packet);
}

static void ipv4_options(void)
{
	ipv4(IPPROTO_UDP);
	packet_ipv4_options(&packet, 15, 0);
	finish();
}

static void ipv4_first_fragment(void)
{
	ipv4(IPPROTO_UDP);
	packet_ipv4_options(&packet, 5, 0x2000);
	finish();
}

static void ipv4_later_fragment(void)
{
	ipv4(IPPROTO_UDP);
	packet_ipv4_options(&packet, 5, 0x0010);
	finish();
}

static void ipv4_dont_fragment(void)
{
	ipv4(IPPROTO_UDP);
	packet_ipv4_options(&packet, 5, 0x4000);
	finish();
}

static void tagged(void)
{
	packet_ethernet(&packet, ETH_P_IP);
	packet_tag(&packet, ETH_P_8021Q, 7);
	packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, IPPROTO_UDP);
	finish();
}

static void tagged_twice(void)
{
	packet_ethernet(&packet, ETH_P_IPV6);
	packet_tag(&packet, ETH_P_8021Q, 7);
	packet_tag(&packet, ETH_P_8021AD, 8);
	packet_ipv6(&packet, V6_SOURCE, V6_DESTINATION, IPPROTO_UDP);
	finish();
}

static void tagged_thrice(void)
{
	packet_ethernet(&packet, ETH_P_IP);
	packet_tag(&packet, ETH_P_8021Q, 7);
	packet_tag(&packet, ETH_P_8021Q, 8);
	packet_tag(&packet, ETH_P_8021Q, 9);
	packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, IPPROTO_UDP);
	finish();
}

static void ipv6_udp(void)
{
	ipv6(IPPROTO_UDP);
	finish();
}

static void ipv6_tcp(void)
{
	ipv6(IPPROTO_TCP);
	finish();
}

static void ipv6_icmp(void)
{
	ipv6(IPPROTO_ICMPV6);
	packet_payload(&packet, 30);
	packet_finish(&packet);
}

static void ipv6_extensions(void)
{
	ipv6(IPPROTO_HOPOPTS);
	packet_extension(&packet, IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, 1);
	packet_extension(&packet, IPPROTO_DSTOPTS, IPPROTO_ROUTING, 3);
	packet_extension(&packet, IPPROTO_ROUTING, IPPROTO_AH, 5);
	packet_extension(&packet, IPPROTO_AH, IPPROTO_UDP, 6);
	finish();
}

static void ipv6_longest_extension(void)
{
	ipv6(IPPROTO_DSTOPTS);
	packet_extension(&packet, IPPROTO_DSTOPTS, IPPROTO_UDP, 256);
	finish();
}

static void ipv6_too_many_extensions(void)
{
	ipv6(IPPROTO_DSTOPTS);
	for (int i = 0; i < 8; i++)
		packet_extension(&packet, IPPROTO_DSTOPTS, IPPROTO_DSTOPTS, 1);
	packet_extension(&packet, IPPROTO_DSTOPTS, IPPROTO_UDP, 1);
	finish();
}

static void ipv6_first_fragment(void)
{
	ipv6(IPPROTO_FRAGMENT);
	packet_fragment_v6(&packet, IPPROTO_UDP, 1);
	finish();
}

static void ipv6_later_fragment(void)
{
	ipv6(IPPROTO_FRAGMENT);
	packet_fragment_v6(&packet, IPPROTO_UDP, 8 | 1);
	finish();
}

static void ipv6_no_next(void)
{
	ipv6(IPPROTO_NONE);
	packet_payload(&packet, 8);
	packet_finish(&packet);
}

static void ipv4_cut_ports(void)
{
	ipv4_udp();
	packet.size = packet.transport + 3;
}

static void ipv4_ports_only(void)
{
	ipv4_tcp();
	packet.size = packet.transport + 4;
}

static void ipv4_cut_header(void)
{
	ipv4_udp();
	packet.size = packet.network + 19;
}

static void ipv6_cut_header(void)
{
	ipv6_udp();
	packet.size = packet.network + 39;
}

static void ipv6_cut_extension(void)
{
	ipv6(IPPROTO_DSTOPTS);
	packet_extension(&packet, IPPROTO_DSTOPTS, IPPROTO_UDP, 1);
	packet_finish(&packet);
	packet.size = packet.network + 40 + 3;
}

static void ipv4_short_ihl(void)
{
	ipv4_udp();
	packet.bytes[packet.network] = 0x44;
}

static void ipv4_says_ipv6(void)
{
	ipv4_udp();
	packet.bytes[packet.network] = 0x65;
}

static void ipv6_says_ipv4(void)
{
	ipv6_udp();
	packet.bytes[packet.network] = 0x45;
}

static void arp(void)
{
	packet_ethernet(&packet, ETH_P_ARP);
	packet_payload(&packet, 46);
}

static void nothing(void)
{
	packet_ethernet(&packet, ETH_P_IP);
}

/* 'protocol' is what a rule has to name; -1: never mirrored. */
static const struct {
	const char *name;
	void (*make)(void);
	int16_t protocol;
	bool ports;
	uint16_t network, transport;
} rows[] = {
	{"ipv4 udp", ipv4_udp, IPPROTO_UDP, true, 14, 34},
	{"ipv4 tcp", ipv4_tcp, IPPROTO_TCP, true, 14, 34},
	{"ipv4 icmp", ipv4_icmp, IPPROTO_ICMP, false, 14, 34},
	{"ipv4 options", ipv4_options, IPPROTO_UDP, true, 14, 74},
	{"ipv4 first fragment", ipv4_first_fragment, IPPROTO_UDP, true, 14, 34},
	{"ipv4 later fragment", ipv4_later_fragment, IPPROTO_UDP, false, 14, 0},
	{"ipv4 don't fragment", ipv4_dont_fragment, IPPROTO_UDP, true, 14, 34},
	{"802.1Q", tagged, IPPROTO_UDP, true, 18, 38},
	{"802.1ad", tagged_twice, IPPROTO_UDP, true, 22, 62},
	{"three tags", tagged_thrice, -1, false, 0, 0},
	{"ipv6 udp", ipv6_udp, IPPROTO_UDP, true, 14, 54},
	{"ipv6 tcp", ipv6_tcp, IPPROTO_TCP, true, 14, 54},
	{"ipv6 icmp", ipv6_icmp, IPPROTO_ICMPV6, false, 14, 54},
	{"ipv6 extensions", ipv6_extensions, IPPROTO_UDP, true, 14, 150},
	{"ipv6 longest extension", ipv6_longest_extension, IPPROTO_UDP, true, 14, 2102},
	{"ipv6 too many", ipv6_too_many_extensions, IPPROTO_DSTOPTS, false, 14, 0},
	{"ipv6 first fragment", ipv6_first_fragment, IPPROTO_UDP, true, 14, 62},
	{"ipv6 later fragment", ipv6_later_fragment, IPPROTO_UDP, false, 14, 0},
	{"ipv6 no next header", ipv6_no_next, IPPROTO_NONE, false, 14, 54},
	{"ipv4 cut in ports", ipv4_cut_ports, IPPROTO_UDP, false, 14, 34},
	{"ipv4 cut after ports", ipv4_ports_only, IPPROTO_TCP, true, 14, 34},
	{"ipv4 cut in header", ipv4_cut_header, -1, false, 0, 0},
	{"ipv6 cut in header", ipv6_cut_header, -1, false, 0, 0},
	{"ipv6 cut in extension", ipv6_cut_extension, IPPROTO_DSTOPTS, false, 14, 0},
	{"ipv4 header length 4", ipv4_short_ihl, -1, false, 0, 0},
	{"ipv4 with version 6", ipv4_says_ipv6, -1, false, 0, 0},
	{"ipv6 with version 4", ipv6_says_ipv4, -1, false, 0, 0},
	{"arp", arp, -1, false, 0, 0},
	{"no network header", nothing, -1, false, 0, 0},
};

static void rule_for(struct scene *scene, int16_t protocol, const char *ports)
{
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		scene_rule(scene, 1, way, 1, RULE_ACCEPT, protocol, V4_SOURCE "/32",
			   V4_DESTINATION "/32", ports ? "1000" : NULL, ports);
		scene_rule(scene, 1, way, 2, RULE_ACCEPT, protocol, V6_SOURCE "/128",
			   V6_DESTINATION "/128", ports ? "1000" : NULL, ports);
	}
}

static void rules_clear(struct scene *scene)
{
	scene_filter(scene, 1)->rule_count = 0;
}

static void check_record(const struct scene *scene, size_t row, enum direction direction)
{
	const struct capture_record *record = &scene->caught.record;

	assert_int_equal(record->network_offset, rows[row].network);
	assert_int_equal(record->transport_offset, rows[row].transport);
	assert_int_equal(record->transport_protocol, rows[row].protocol);
	assert_int_equal(record->packet_length, packet.size);
	assert_int_equal(record->captured_length, packet.size);
	assert_int_equal(record->segment_count, 1);
	assert_int_equal(record->segment_size, 0);
	assert_int_equal(record->direction, direction);
	assert_int_equal(record->vlan_protocol, 0);
	assert_memory_equal(scene->caught.bytes, packet.bytes, packet.size);
}

/* BPF_PROG_TEST_RUN refuses frames without a whole network header. */
static bool is_testable(void)
{
	return packet.size >= packet.network + (packet.family == 6 ? 40 : 20);
}

static void check_row(struct scene *scene, size_t row, bool expected)
{
	rows[row].make();
	if (scene_transmit(scene, &packet, 0) != expected)
		fail_msg("%s sent: expected %d", rows[row].name, expected);
	if (expected)
		check_record(scene, row, DIRECTION_EGRESS);
	if (!is_testable())
		return;
	if (scene_send(scene, &packet) != expected)
		fail_msg("%s received: expected %d", rows[row].name, expected);
	if (expected)
		check_record(scene, row, DIRECTION_INGRESS);
}

/* 'ports' goes with a packet from port 1000 to port 2000. */
static const struct {
	int16_t protocol; /* 0: the row's own. */
	const char *ports;
	bool matches;
} rules[] = {
	{PROTOCOL_ANY, NULL, true}, {0, NULL, true},      {99, NULL, false},
	{0, "2000", true},          {0, "2001", false},   {0, "1999-2001", true},
	{0, "0-1999", false},       {0, "0-65535", true},
};

static void test_rows(void **state)
{
	struct scene *scene = *state;

	scene_session(scene, 1, 1, 0);
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		for (size_t rule = 0; rule < ARRAY_SIZE(rules); rule++) {
			bool readable = rows[row].protocol >= 0;

			if (!readable && rules[rule].protocol == 0)
				continue;
			rules_clear(scene);
			rule_for(scene,
				 rules[rule].protocol ? rules[rule].protocol : rows[row].protocol,
				 rules[rule].ports);
			scene_apply(scene);
			check_row(scene, row,
				  readable && rules[rule].matches &&
					  (!rules[rule].ports || rows[row].ports));
		}
	}
}

/* Addresses of one family never match the other's, and a prefix ends at its length. */
static void test_addresses(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *source, *destination;
		bool v4, v6;
	} cases[] = {
		{"0.0.0.0/0", "0.0.0.0/0", true, false},
		{"::/0", "::/0", false, true},
		{"192.0.2.0/31", "198.51.100.0/24", true, false},
		{"192.0.2.2/31", "0.0.0.0/0", false, false},
		{"0.0.0.0/0", "198.51.100.8/29", false, false},
		{"0.0.0.0/0", "192.0.2.0/24", false, false},
		{"2001:db8::/63", "2001:db8::/63", false, true},
		{"2001:db8::/64", "2001:db8::/64", false, false},
		{"2001:db8::1/128", "2001:db8:0:1::7/128", false, true},
		{"2001:db8::1/128", "2001:db8:0:1::6/128", false, false},
		{"2001:db8::/127", "2001:db8:0:1::6/127", false, true},
	};

	scene_session(scene, 1, 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		rules_clear(scene);
		scene_rule(scene, 1, DIRECTION_INGRESS, 1, RULE_ACCEPT, PROTOCOL_ANY,
			   cases[i].source, cases[i].destination, NULL, NULL);
		scene_apply(scene);
		ipv4_udp();
		assert_int_equal(scene_send(scene, &packet), cases[i].v4);
		ipv6_udp();
		assert_int_equal(scene_send(scene, &packet), cases[i].v6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_addresses, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
