// SPDX-License-Identifier: Apache-2.0
/* Records that go to fleets, from the table of routes to what the kernel is handed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/deliver.h"

#include "balance/fragments.h"
#include "base/clock.h"
#include "base/count.h"
#include "ship/checksum.h"
#include "ship/fleets.h"
#include "ship/frame_example.h"
#include "ship/lane.h"
#include "ship/octets.h"
#include "ship/outbox.h"
#include "ship/routes.h"
#include "ship/ship.h"
#include "ship/tally.h"
#include "wire/geneve.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define MEMBERS     4
#define CONNECTIONS 500
#define WAITING     11
#define BYTES_MAX   9000
#define NOW         5000 /* Seconds. */
#define IDLE        120
#define HEADS_SIZE  76 /* Geneve with options 40, IPv4 20, UDP 8, VXLAN 8. */
#define ENDPOINT    0x0123456789abcdefULL
#define ATTACHMENT  7

/* A datagram as the kernel was handed it. */
struct datagram {
	unsigned int member, lane;
	uint16_t port;
	uint32_t size;
	uint8_t bytes[BYTES_MAX];
};

static struct test {
	struct fleets fleets;
	struct routes *routes;
	struct outbox *outbox;
	struct fragments *fragments;
	struct tally tally;
	struct session_counters counters[1];
	atomic_ulong orphans;
	size_t datagram_count;
	uint32_t sizes[WAITING]; /* Of the first ones. */
	struct datagram last;
} test;

static struct fleet_member members[MEMBERS];
static struct fleet fleet = {.id = "a",
			     .rebalance = true,
			     .check.protocol = CHECK_NONE,
			     .members = members,
			     .member_count = MEMBERS};
static struct frame_example frame, frames[WAITING];

static int kernel_send(void *context _unused_, unsigned int lane, struct mmsghdr *messages,
		       unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct msghdr *header = &messages[i].msg_hdr;
		const struct sockaddr_in *address = header->msg_name;

		assert_int_equal(header->msg_iovlen, 1);
		assert_in_range(header->msg_iov->iov_len, 1, BYTES_MAX);
		test.last = (struct datagram){
			.member = (ntohl(address->sin_addr.s_addr) & 0xff) - 1,
			.lane = lane % SHIP_PORT_COUNT,
			.port = ntohs(address->sin_port),
			.size = (uint32_t)header->msg_iov->iov_len,
		};
		memcpy(test.last.bytes, header->msg_iov->iov_base, test.last.size);
		if (test.datagram_count < WAITING)
			test.sizes[test.datagram_count] = test.last.size;
		test.datagram_count++;
	}
	return (int)count;
}

static void kernel_measure(void *context _unused_, struct target *target _unused_)
{
}

static void apply(const struct ship_route *route)
{
	struct routes *previous = test.routes;

	assert_int_equal(fleets_set(&test.fleets, &fleet, 1, 1 << 16), 0);
	assert_int_equal(fleets_settle(&test.fleets), 0);
	assert_int_equal(routes_new(route, 1, &test.fleets, 1, 0, previous, &test.routes), 0);
	routes_free(previous);
}

static struct ship_route balanced_route(void)
{
	return (struct ship_route){.generation = 1, .vni = 0xabcdef, .port = 4789, .fleet = "a"};
}

static struct ship_route gateway_route(void)
{
	struct ship_route route = balanced_route();

	route.gateway = (struct ship_gateway){
		.endpoint = ENDPOINT,
		.attachment = ATTACHMENT,
		.address = {4, {10, 0, 0, 7}},
		.source = {4, {192, 0, 2, 1}},
	};
	return route;
}

static int setup(void **state _unused_)
{
	const struct transmit transmit = {.send = kernel_send, .measure = kernel_measure};

	test = (struct test){};
	fleet.member_count = MEMBERS;
	fleet.stickiness = FLEET_5_TUPLE;
	fleet.tcp_idle = fleet.other_idle = IDLE;
	for (size_t i = 0; i < MEMBERS; i++) {
		members[i] = (struct fleet_member){
			.port = 4789, .weight = 1, .address = {4, {127, 0, 0, (uint8_t)(i + 1)}}};
		(void)snprintf(members[i].id, sizeof(members[i].id), "127.0.0.%zu", i + 1);
	}
	assert_int_equal(outbox_new(&transmit, &test.outbox), 0);
	assert_int_equal(fragments_new(&test.fragments), 0);
	return tally_init(&test.tally, 1);
}

static int teardown(void **state _unused_)
{
	routes_free(test.routes);
	fleets_fini(&test.fleets);
	outbox_free(test.outbox);
	fragments_free(test.fragments);
	tally_fini(&test.tally);
	return 0;
}

static void ship(void)
{
	struct delivery delivery = {
		.routes = test.routes,
		.tally = &test.tally,
		.orphans = &test.orphans,
		.outbox = test.outbox,
		.fragments = test.fragments,
		.longest = UINT64_MAX,
	};

	frame.record.session_generation = 1;
	frame.record.timestamp = NOW * NSEC_PER_SEC;
	deliver_record(&delivery, &frame.record, frame_example_size(&frame));
	deliver_rest(&delivery);
	outbox_flush(test.outbox);
	tally_commit(&test.tally, test.counters);
}

/* Ships a packet of a connection, or the answer to one. */
static const struct datagram *ship_packet(uint16_t connection, bool answer, uint32_t size)
{
	struct frame_wish wish = {.version = 4,
				  .protocol = IPPROTO_UDP,
				  .payload_size = size,
				  .source_port = (uint16_t)(20000 + connection)};
	size_t before = test.datagram_count;
	uint8_t swapped[8];

	frame_example_build(&wish, &frame);
	if (answer) {
		uint8_t *network = frame.bytes + frame.record.network_offset;
		uint8_t *transport = frame.bytes + frame.record.transport_offset;

		memcpy(swapped, network + 16, 4);
		memcpy(swapped + 4, network + 12, 4);
		memcpy(network + 12, swapped, 8);
		memcpy(swapped, transport + 2, 2);
		memcpy(swapped + 2, transport, 2);
		memcpy(transport, swapped, 4);
	}
	ship();
	assert_int_equal(test.datagram_count, before + 1);
	return &test.last;
}

static const struct packet_count *lost(enum loss_reason reason)
{
	return &test.counters[0].direction[0].lost[reason];
}

static void a_connection_stays_with_one_member(void **state _unused_)
{
	struct ship_route route = balanced_route();
	unsigned int of[CONNECTIONS], lanes[CONNECTIONS], counts[MEMBERS] = {};

	apply(&route);
	for (uint16_t i = 0; i < CONNECTIONS; i++) {
		of[i] = ship_packet(i, false, 100)->member;
		lanes[i] = test.last.lane;
		counts[of[i]]++;
	}
	for (uint16_t i = 0; i < CONNECTIONS; i++) {
		assert_int_equal(ship_packet(i, true, 1000)->member, of[i]);
		assert_int_equal(test.last.lane, lanes[i]);
	}
	for (size_t i = 0; i < MEMBERS; i++)
		assert_in_range(counts[i], CONNECTIONS / MEMBERS / 2, CONNECTIONS / MEMBERS * 2);
	assert_int_equal(test.counters[0].direction[0].shipped.packets, 2 * CONNECTIONS);
	/* Without ports in the account all of them are one flow. */
	fleet.stickiness = FLEET_3_TUPLE;
	apply(&route);
	of[0] = ship_packet(0, false, 100)->member;
	for (uint16_t i = 0; i < CONNECTIONS; i++)
		assert_int_equal(ship_packet(i, i % 2, 100)->member, of[0]);
}

/* Tables of routes come and go, and so do members. */
static void connections_outlive_changes(void **state _unused_)
{
	struct ship_route route = balanced_route();
	unsigned int of[CONNECTIONS], moved = 0;

	fleet.member_count = MEMBERS - 1;
	apply(&route);
	for (uint16_t i = 0; i < CONNECTIONS; i++)
		of[i] = ship_packet(i, false, 100)->member;
	fleet.member_count = MEMBERS;
	apply(&route);
	members[0].draining = true;
	apply(&route);
	for (uint16_t i = 0; i < CONNECTIONS; i++)
		assert_int_equal(ship_packet(i, true, 100)->member, of[i]);
	fleet.members++;
	fleet.member_count--;
	apply(&route);
	fleet.members--;
	for (uint16_t i = 0; i < CONNECTIONS; i++) {
		moved += ship_packet(i, false, 100)->member != of[i];
		assert_true(of[i] == 0 || test.last.member == of[i]);
	}
	assert_int_equal(atomic_load(&fleets_find(&test.fleets, "a")->holding->moved), moved);
	assert_in_range(moved, CONNECTIONS / 6, CONNECTIONS / 2);
}

static size_t sweep(struct flows *flows, uint32_t now)
{
	struct flows_count count = {};

	assert_true(flows_sweep(flows, now, SIZE_MAX, &count));
	return count.all;
}

/* Of two hosts whose packets are one flow, whatever their protocol, the one that is remembered longest counts. */
static void protocols_of_one_flow_are_held_alike(void **state _unused_)
{
	const struct frame_wish connection = {.version = 4, .protocol = IPPROTO_TCP};
	struct ship_route route = balanced_route();
	const struct choice *choice;

	fleet.stickiness = FLEET_2_TUPLE;
	fleet.tcp_idle = 3 * IDLE;
	apply(&route);
	frame_example_build(&connection, &frame);
	ship();
	(void)ship_packet(0, false, 100);
	choice = fleets_find(&test.fleets, "a")->choice;
	assert_int_equal(sweep(choice->flows, NOW + 2 * IDLE), 1);
	assert_int_equal(sweep(choice->flows, NOW + 3 * IDLE + 8), 0);
	fleet.stickiness = FLEET_3_TUPLE;
	apply(&route);
	frame_example_build(&connection, &frame);
	ship();
	(void)ship_packet(0, false, 100);
	choice = fleets_find(&test.fleets, "a")->choice;
	assert_int_equal(sweep(choice->flows, NOW), 2);
	assert_int_equal(sweep(choice->flows, NOW + 2 * IDLE), 1);
}

/* Records wait for others behind them, and none is left over. */
static void records_that_wait_leave_in_order(void **state _unused_)
{
	struct ship_route route = balanced_route();
	struct delivery delivery = {
		.tally = &test.tally,
		.orphans = &test.orphans,
		.outbox = test.outbox,
		.fragments = test.fragments,
		.longest = UINT64_MAX,
	};

	apply(&route);
	delivery.routes = test.routes;
	for (uint32_t i = 0; i < WAITING; i++) {
		const struct frame_wish wish = {.version = 4,
						.protocol = IPPROTO_UDP,
						.payload_size = 100 + i * 7 % WAITING,
						.source_port = 7};

		frame_example_build(&wish, &frames[i]);
		frames[i].record.session_generation = 1;
		frames[i].record.timestamp = NOW * NSEC_PER_SEC;
		deliver_record(&delivery, &frames[i].record, frame_example_size(&frames[i]));
	}
	deliver_rest(&delivery);
	outbox_flush(test.outbox);
	tally_commit(&test.tally, test.counters);
	assert_int_equal(test.datagram_count, WAITING);
	assert_int_equal(test.counters[0].direction[0].shipped.packets, WAITING);
	for (uint32_t i = 0; i < WAITING; i++)
		assert_int_equal(test.sizes[i], 8 + 42 + 100 + i * 7 % WAITING);
}

/* Each member's share of the ports is its own, so that there are as many trains as with one appliance. */
static void members_share_the_ports_out(void **state _unused_)
{
	struct ship_route route = balanced_route();
	uint32_t used[MEMBERS] = {}, all = 0;

	apply(&route);
	for (uint16_t i = 0; i < CONNECTIONS; i++) {
		const struct datagram *datagram = ship_packet(i, false, 100);

		used[datagram->member] |= 1U << datagram->lane;
	}
	for (size_t i = 0; i < MEMBERS; i++) {
		assert_int_equal(__builtin_popcount(used[i]), SHIP_PORT_COUNT / MEMBERS);
		assert_int_equal(all & used[i], 0);
		all |= used[i];
	}
	assert_int_equal(test.routes->seats, SHIP_PORT_COUNT);
}

static void a_member_has_a_port_of_its_own(void **state _unused_)
{
	struct ship_route route = balanced_route();

	for (uint16_t i = 0; i < MEMBERS; i++)
		members[i].port = (uint16_t)(6000 + i);
	apply(&route);
	for (uint16_t i = 0; i < 20; i++) {
		const struct datagram *datagram = ship_packet(i, false, 100);

		assert_int_equal(datagram->port, 6000 + datagram->member);
	}
}

static void what_finds_nobody_is_counted(void **state _unused_)
{
	struct ship_route route = balanced_route();

	route.fleet = "b";
	apply(&route);
	frame_example_build(&(struct frame_wish){.version = 4, .protocol = IPPROTO_UDP}, &frame);
	ship();
	assert_int_equal(lost(LOSS_NO_TARGET)->packets, 1);
	route.fleet = "a";
	fleet.member_count = 0;
	apply(&route);
	ship();
	assert_int_equal(lost(LOSS_NO_TARGET)->packets, 2);
	fleet.member_count = 1;
	members[0].draining = true;
	apply(&route);
	ship();
	assert_int_equal(lost(LOSS_NO_TARGET)->packets, 3);
	members[0].draining = false;
	route.source = (struct address){6, {0xfd}};
	apply(&route);
	ship();
	assert_int_equal(lost(LOSS_NO_ROUTE)->packets, 1);
	route.source = (struct address){};
	apply(&route);
	atomic_store(&test.routes->ways[0].targets[0].unreachable, true);
	ship();
	assert_int_equal(lost(LOSS_UNREACHABLE)->packets, 1);
	assert_int_equal(test.datagram_count, 0);
}

/* The headers around a copy, by a reader of our own.  'captured' is the frame within. */
static void expect_gateway_headers(const struct datagram *datagram, const uint8_t *captured)
{
	const uint8_t *ipv4 = datagram->bytes + 40, *udp = ipv4 + 20, *vxlan = udp + 8;

	assert_int_equal(datagram->bytes[0], 8); /* Words of options, of version 0. */
	assert_int_equal(load16(datagram->bytes + 2), 0x0800);
	assert_int_equal(load32(datagram->bytes + 4), 0);
	assert_int_equal(load32(datagram->bytes + 8), 0x01080102);
	assert_int_equal(load32(datagram->bytes + 12), ENDPOINT >> 32);
	assert_int_equal(load32(datagram->bytes + 16), ENDPOINT & UINT32_MAX);
	assert_int_equal(load32(datagram->bytes + 20), 0x01080202);
	assert_int_equal(load32(datagram->bytes + 28), ATTACHMENT);
	assert_int_equal(load32(datagram->bytes + 32), 0x01080301);
	assert_int_equal(ipv4[0], 0x45);
	assert_int_equal(load16(ipv4 + 2), datagram->size - 40);
	assert_int_equal(load16(ipv4 + 6), 0x4000);
	assert_int_equal(checksum_finish(checksum_add(0, ipv4, 20)), 0);
	assert_int_equal(load32(ipv4 + 12), 0xc0000201);
	assert_int_equal(load32(ipv4 + 16), 0x0a000007);
	assert_true(load16(udp) >= 49152);
	assert_int_equal(load16(udp + 2), 4789);
	assert_int_equal(load16(udp + 4), datagram->size - 60);
	assert_int_equal(load16(udp + 6), 0);
	assert_int_equal(load32(vxlan), 0x08000000);
	assert_int_equal(load32(vxlan + 4), 0xabcdef00);
	assert_memory_equal(vxlan + 8, captured, datagram->size - HEADS_SIZE);
}

static void a_gateway_wraps_copies_twice(void **state _unused_)
{
	struct ship_route route = gateway_route();
	uint32_t cookie, different = 0, first = 0;
	uint16_t port;

	apply(&route);
	for (uint16_t i = 0; i < 100; i++) {
		const struct datagram *datagram = ship_packet(i, false, 300);

		expect_gateway_headers(datagram, frame.bytes);
		cookie = load32(datagram->bytes + 36);
		port = load16(datagram->bytes + 60);
		first = i == 0 ? cookie : first;
		different += cookie != first;
		datagram = ship_packet(i, true, 301);
		expect_gateway_headers(datagram, frame.bytes);
		assert_int_equal(load32(datagram->bytes + 36), cookie);
		assert_int_equal(load16(datagram->bytes + 60), port);
	}
	assert_true(different > 90);
}

/* A super-packet's pieces have lengths of their own. */
static void a_gateway_gets_pieces(void **state _unused_)
{
	const struct frame_wish wish = {.version = 4,
					.protocol = IPPROTO_TCP,
					.payload_size = 2500,
					.segment_size = 1000,
					.source_port = 1};
	struct ship_route route = gateway_route();

	apply(&route);
	frame_example_build(&wish, &frame);
	ship();
	assert_int_equal(test.datagram_count, 3);
	assert_int_equal(load16(test.last.bytes + 42), test.last.size - 40);
	assert_int_equal(test.last.size, HEADS_SIZE + 14 + 20 + 20 + 500);
}

/* 8,500 bytes of the packet within are the most, whatever the path leaves; and where it leaves less, lengths say so. */
static void a_gateway_has_a_longest_packet(void **state _unused_)
{
	struct ship_route route = gateway_route();
	struct packet_count *truncated = &test.counters[0].direction[0].truncated;

	fleet.member_count = 1;
	apply(&route);
	expect_gateway_headers(ship_packet(1, false, 8500 - 36 - 42), frame.bytes);
	assert_int_equal(test.last.size, 40 + 8500);
	assert_int_equal(truncated->packets, 0);
	expect_gateway_headers(ship_packet(1, false, 8500 - 36 - 42 + 1), frame.bytes);
	assert_int_equal(test.last.size, 40 + 8500);
	assert_int_equal(truncated->packets, 1);
	atomic_store(&test.routes->ways[0].targets[0].room, 1472);
	expect_gateway_headers(ship_packet(1, false, 3000), frame.bytes);
	assert_int_equal(test.last.size, 1472);
	assert_int_equal(truncated->packets, 2);
	/* Shorter than the headers, too. */
	for (unsigned int room = 1; room < HEADS_SIZE + 2; room++) {
		atomic_store(&test.routes->ways[0].targets[0].room, room);
		assert_int_equal(ship_packet(1, false, 100)->size, room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_connection_stays_with_one_member, setup,
						teardown),
		cmocka_unit_test_setup_teardown(connections_outlive_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(protocols_of_one_flow_are_held_alike, setup,
						teardown),
		cmocka_unit_test_setup_teardown(records_that_wait_leave_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(members_share_the_ports_out, setup, teardown),
		cmocka_unit_test_setup_teardown(a_member_has_a_port_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(what_finds_nobody_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gateway_wraps_copies_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gateway_gets_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gateway_has_a_longest_packet, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
