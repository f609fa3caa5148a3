// SPDX-License-Identifier: Apache-2.0
/* What the program infers of checksums left to the NIC and of super-packets, tunnels' above all, and that the shipper makes
 * of it as many packets and bytes as were counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"
#include "ship/segment.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define V4_SOURCE      "192.0.2.1"
#define V4_DESTINATION "198.51.100.7"
#define V6_SOURCE      "2001:db8::1"
#define V6_DESTINATION "2001:db8:0:1::7"
#define ETHERNET_SIZE  14
#define SEGMENT_SIZE   1000

static struct packet inner, packet;

/* All between the outer IP header and the wrapped one. */
struct wrapping {
	const char *name;
	enum capture_tunnel tunnel;
	uint8_t protocol; /* 0: IP in IP, whose number is the inner version's. */
	uint16_t port;
	const char *header;
	size_t header_size;
	bool ethernet;        /* The wrapped frame's Ethernet header too. */
	uint16_t type_offset; /* Of the wrapped packet's EtherType in the header; 0: none. */
};

#define HEADER(bytes) .header = (bytes), .header_size = sizeof(bytes) - 1

static const struct wrapping wrappings[] = {
	{"VXLAN", CAPTURE_TUNNEL_UDP, IPPROTO_UDP, 4789, HEADER("\x08\0\0\0\0\0\x07\0"), true},
	{"VXLAN, old port", CAPTURE_TUNNEL_UDP, IPPROTO_UDP, 8472, HEADER("\x08\0\0\0\0\0\x07\0"),
	 true},
	{"Geneve", CAPTURE_TUNNEL_UDP, IPPROTO_UDP, 6081, HEADER("\0\0\x65\x58\0\0\x07\0"), true},
	{"Geneve with options", CAPTURE_TUNNEL_UDP, IPPROTO_UDP, 6081,
	 HEADER("\x02\0\x65\x58\0\0\x07\0\x01\x02\x80\x01\x11\x22\x33\x44"), true},
	{"Geneve of IP", CAPTURE_TUNNEL_UDP, IPPROTO_UDP, 6081, HEADER("\0\0\0\0\0\0\x07\0"),
	 .type_offset = 2},
	{"GRE", CAPTURE_TUNNEL_GRE, IPPROTO_GRE, 0, HEADER("\0\0\0\0"), .type_offset = 2},
	{"GRE with key", CAPTURE_TUNNEL_GRE, IPPROTO_GRE, 0, HEADER("\x20\0\0\0\0\0\0\x05"),
	 .type_offset = 2},
	{"GRE with checksum, key and sequence", CAPTURE_TUNNEL_GRE, IPPROTO_GRE, 0,
	 HEADER("\xb0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0\x09"), .type_offset = 2},
	{"GRE of Ethernet", CAPTURE_TUNNEL_GRE, IPPROTO_GRE, 0, HEADER("\0\0\x65\x58"), true},
	{"IP in IP", CAPTURE_TUNNEL_IP, 0, 0, HEADER("")},
};

static void make_inner(uint8_t family, uint8_t protocol, size_t payload)
{
	packet_make(&inner, family == 4 ? V4_SOURCE : V6_SOURCE,
		    family == 4 ? V4_DESTINATION : V6_DESTINATION, protocol, 1000, 2000, payload);
}

static uint16_t type_of(uint8_t family)
{
	return family == 4 ? ETH_P_IP : ETH_P_IPV6;
}

/* Puts 'inner' into a tunnel.  Afterwards 'packet' speaks of the inner transport, where the NIC is to begin. */
static void wrap(const struct wrapping *wrapping, uint8_t family)
{
	uint8_t inner_protocol = inner.family == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	size_t from = wrapping->ethernet ? 0 : ETHERNET_SIZE, header;

	packet_ethernet(&packet, type_of(family));
	if (family == 4)
		packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, 0);
	else
		packet_ipv6(&packet, V6_SOURCE, V6_DESTINATION, 0);
	packet.protocol = wrapping->protocol ? wrapping->protocol : inner_protocol;
	packet.bytes[packet.network + (family == 4 ? 9 : 6)] = packet.protocol;
	if (packet.protocol == IPPROTO_UDP)
		packet_ports(&packet, 50000, wrapping->port);
	header = packet.size;
	packet_append(&packet, wrapping->header, wrapping->header_size);
	if (wrapping->type_offset) {
		packet.bytes[header + wrapping->type_offset] =
			(uint8_t)(type_of(inner.family) >> 8);
		packet.bytes[header + wrapping->type_offset + 1] = (uint8_t)type_of(inner.family);
	}
	packet_append(&packet, inner.bytes + from, inner.size - from);
	packet_finish(&packet);
	packet.transport = packet.size - inner.size + inner.transport;
	packet.network = packet.size - inner.size + inner.network;
	packet.protocol = inner.protocol;
	packet.placeholder = inner.placeholder;
}

static struct packet_count accepted(const struct scene *scene)
{
	return scene_counters(scene, 1).direction[DIRECTION_EGRESS].accepted;
}

/* The shipper makes as many packets and bytes of the last copy as the program has counted. */
static void expect_counted(const struct scene *scene, struct packet_count before)
{
	const struct capture_record *record = &scene->caught.record;
	struct packet_count after = accepted(scene);
	uint8_t header[SEGMENT_HEADER_SIZE_MAX];
	struct segmenter segmenter;
	struct segment segment;
	uint64_t bytes = 0, count = 0;

	assert_int_equal(segmenter_init(&segmenter, record, scene->caught.bytes, 0), 0);
	for (; segmenter_next(&segmenter, header, &segment); count++)
		bytes += segment.wire_length;
	assert_int_equal(count, after.packets - before.packets);
	assert_int_equal(bytes, after.bytes - before.bytes);
	assert_int_equal(bytes, segment_wire_bytes(record, scene->caught.bytes));
}

static void expect_super(struct scene *scene, const struct wrapping *wrapping, size_t payload)
{
	const struct capture_record *record = &scene->caught.record;
	struct packet_count before = accepted(scene);

	if (scene_transmit(scene, &packet, SEGMENT_SIZE) != 1)
		fail_msg("%s: not copied", wrapping->name);
	if (record->tunnel != wrapping->tunnel)
		fail_msg("%s: taken for %u", wrapping->name, record->tunnel);
	assert_int_equal(record->inner_network_offset, packet.network);
	assert_int_equal(record->inner_transport_offset, packet.transport);
	assert_int_equal(record->segment_count, (payload - 1) / SEGMENT_SIZE + 1);
	assert_int_equal(record->captured_length, packet.size);
	assert_true(record->flags & CAPTURE_CHECKSUM_PARTIAL);
	assert_int_equal(record->checksum_start, packet.transport);
	expect_counted(scene, before);
}

/* i: the wrapping, both families, and the inner protocol. */
static void each_wrapping(struct scene *scene,
			  void (*expect)(struct scene *, const struct wrapping *, size_t),
			  size_t payload, bool placeholder)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrappings) * 8; i++) {
		const struct wrapping *wrapping = &wrappings[i / 8];

		make_inner(i & 1 ? 6 : 4, i & 4 ? IPPROTO_UDP : IPPROTO_TCP, payload);
		inner.placeholder = placeholder;
		packet_finish(&inner);
		wrap(wrapping, i & 2 ? 6 : 4);
		expect(scene, wrapping, payload);
	}
}

/* Super-packets of datagrams are given to a packet socket with VIRTIO_NET_HDR_GSO_UDP_L4, since Linux 6.2. */
static bool kernel_takes_datagrams(void)
{
	return kernel_has(6, 2);
}

static void test_tunnels(void **state)
{
	struct scene *scene = *state;

	if (!kernel_takes_datagrams())
		skip();
	scene_mirror_all(scene);
	each_wrapping(scene, expect_super, 4321, true);
}

/* The inner checksum is left to the NIC, the outer one is not: it can be told without the inner one being known. */
static void expect_partial(struct scene *scene, const struct wrapping *wrapping, size_t payload)
{
	const struct capture_record *record = &scene->caught.record;
	struct packet_count before = accepted(scene);

	(void)payload;
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	if (record->flags != CAPTURE_CHECKSUM_PARTIAL)
		fail_msg("%s: the inner checksum was not seen", wrapping->name);
	assert_int_equal(record->checksum_start, packet.transport);
	assert_int_equal(record->checksum_offset, packet.protocol == IPPROTO_TCP ? 16 : 6);
	assert_int_equal(record->captured_length, packet.size);
	assert_int_equal(record->tunnel, CAPTURE_TUNNEL_NONE);
	expect_counted(scene, before);
}

static void expect_complete(struct scene *scene, const struct wrapping *wrapping, size_t payload)
{
	(void)payload;
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	if (scene->caught.record.flags != 0)
		fail_msg("%s: a whole checksum was taken for a placeholder", wrapping->name);
	assert_int_equal(scene->caught.record.captured_length, 60);
}

static void test_inner_checksums(void **state)
{
	struct scene *scene = *state;

	scene_mirror_all(scene);
	scene->plan.sessions[0].packet_length = 60;
	scene_apply(scene);
	each_wrapping(scene, expect_partial, 777, true);
	each_wrapping(scene, expect_complete, 777, false);
}

/* Datagrams of VXLAN that an application sends at once (USO): each has a wrapped packet of its own, and the first one's
 * ends with the first. */
static void test_many_datagrams_are_no_tunnel(void **state)
{
	struct scene *scene = *state;
	struct packet_count before;
	size_t size;

	if (!kernel_takes_datagrams())
		skip();
	scene_mirror_all(scene);
	before = accepted(scene);
	make_inner(4, IPPROTO_TCP, 500);
	wrap(&wrappings[0], 4);
	size = packet.size - 42;
	for (int i = 0; i < 3; i++)
		packet_append(&packet, packet.bytes + 42, size);
	packet.network = 14;
	packet.transport = 34;
	packet.protocol = IPPROTO_UDP;
	packet.placeholder = true;
	packet_finish(&packet);
	assert_int_equal(scene_transmit(scene, &packet, (uint16_t)size), 1);
	assert_int_equal(scene->caught.record.tunnel, CAPTURE_TUNNEL_NONE);
	assert_int_equal(scene->caught.record.segment_count, 4);
	expect_counted(scene, before);
}

static void test_datagrams(void **state)
{
	struct scene *scene = *state;
	struct packet_count before;

	if (!kernel_takes_datagrams())
		skip();
	scene_mirror_all(scene);
	for (unsigned int i = 0; i < 8; i++) {
		before = accepted(scene);
		packet_make(&packet, i & 1 ? V6_SOURCE : V4_SOURCE,
			    i & 1 ? V6_DESTINATION : V4_DESTINATION, IPPROTO_UDP, 1000, 2000,
			    3000 + i);
		packet.placeholder = true;
		packet_finish(&packet);
		assert_int_equal(scene_transmit(scene, &packet, SEGMENT_SIZE), 1);
		assert_int_equal(scene->caught.record.segment_count, i ? 4 : 3);
		expect_counted(scene, before);
	}
}

/* Beyond 64 KiB neither IP header states the length; IPv6 has it in an option, which no wire packet has. */
static void test_beyond_64_kib(void **state)
{
	static const uint8_t option[] = {IPPROTO_TCP, 0, 0xc2, 4, 0, 1, 0, 0};
	struct scene *scene = *state;
	struct packet_count before;

	if (!kernel_has(6, 3))
		skip(); /* BIG TCP over IPv4, and as much through a packet socket. */
	scene_mirror_all(scene);
	for (unsigned int i = 0; i < 2; i++) {
		before = accepted(scene);
		packet_ethernet(&packet, i ? ETH_P_IPV6 : ETH_P_IP);
		if (i) {
			packet_ipv6(&packet, V6_SOURCE, V6_DESTINATION, IPPROTO_HOPOPTS);
			packet_append(&packet, option, sizeof(option));
			packet.protocol = IPPROTO_TCP;
		} else {
			packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, IPPROTO_TCP);
		}
		packet_ports(&packet, 1000, 2000);
		packet_payload(&packet, 100000);
		packet.placeholder = true;
		packet_finish(&packet);
		memset(packet.bytes + packet.network + (i ? 4 : 2), 0, 2);
		assert_int_equal(scene_transmit(scene, &packet, SEGMENT_SIZE), 1);
		assert_int_equal(scene->caught.record.packet_length, packet.size);
		assert_int_equal(scene->caught.record.segment_count, 100);
		expect_counted(scene, before);
		assert_int_equal(accepted(scene).bytes - before.bytes,
				 100 * (SEGMENT_SIZE + (i ? 74 : 54)));
	}
}

/* A sender that leaves CRC32c to the NIC leaves zero. */
static void test_sctp(void **state)
{
	static const uint8_t header[12] = {0x27, 0x0f, 0x27, 0x10, 1, 2, 3, 4};
	struct scene *scene = *state;

	scene_mirror_all(scene);
	for (unsigned int i = 0; i < 4; i++) {
		packet_ethernet(&packet, i & 1 ? ETH_P_IPV6 : ETH_P_IP);
		if (i & 1)
			packet_ipv6(&packet, V6_SOURCE, V6_DESTINATION, IPPROTO_SCTP);
		else
			packet_ipv4(&packet, V4_SOURCE, V4_DESTINATION, IPPROTO_SCTP);
		packet_append(&packet, header, sizeof(header));
		packet_payload(&packet, 100);
		packet_finish(&packet);
		packet.bytes[packet.size - 101] = i & 2 ? 1 : 0;
		assert_int_equal(scene_transmit(scene, &packet, 0), 1);
		assert_int_equal(scene->caught.record.flags, i & 2 ? 0 : CAPTURE_CHECKSUM_PARTIAL);
		if (!(i & 2)) {
			assert_int_equal(scene->caught.record.checksum_start, packet.size - 112);
			assert_int_equal(scene->caught.record.checksum_offset, 8);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tunnels, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_inner_checksums, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_many_datagrams_are_no_tunnel, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_datagrams, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_beyond_64_kib, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_sctp, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
