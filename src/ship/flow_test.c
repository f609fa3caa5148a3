// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/flow.h"

#include "balance/fragments.h"
#include "base/clock.h"
#include "mirror/fleet.h"
#include "ship/ship.h"
#include "wire/capture.h"

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

#define FRAME_SIZE 128

/* Worked out apart from the code. */
#define IPV4_FLOW 0xc5d09e2ef9875d93ULL
#define IPV6_FLOW 0xdb96c9d593908375ULL

struct frame {
	struct capture_record record;
	uint8_t bytes[FRAME_SIZE];
};

static void ports_put(struct frame *frame, uint16_t source, uint16_t destination)
{
	uint8_t *transport = frame->bytes + frame->record.transport_offset;

	transport[0] = (uint8_t)(source >> 8);
	transport[1] = (uint8_t)source;
	transport[2] = (uint8_t)(destination >> 8);
	transport[3] = (uint8_t)destination;
}

static struct frame ipv4_frame(uint8_t protocol, uint8_t source, uint8_t destination,
			       uint16_t source_port, uint16_t destination_port)
{
	struct frame frame = {.record = {.captured_length = 60,
					 .packet_length = 60,
					 .network_offset = 14,
					 .transport_offset = 34,
					 .transport_protocol = protocol,
					 .segment_count = 1}};

	frame.bytes[14] = 0x45;
	frame.bytes[14 + 9] = protocol;
	frame.bytes[14 + 15] = source;
	frame.bytes[14 + 19] = destination;
	ports_put(&frame, source_port, destination_port);
	return frame;
}

static struct frame ipv6_frame(uint8_t protocol, uint8_t source, uint8_t destination,
			       uint16_t source_port, uint16_t destination_port)
{
	struct frame frame = {.record = {.captured_length = 80,
					 .packet_length = 80,
					 .network_offset = 14,
					 .transport_offset = 54,
					 .transport_protocol = protocol,
					 .segment_count = 1}};

	frame.bytes[14] = 0x60;
	frame.bytes[14 + 6] = protocol;
	frame.bytes[14 + 23] = source;
	frame.bytes[14 + 39] = destination;
	ports_put(&frame, source_port, destination_port);
	return frame;
}

static uint32_t hash(const struct frame *frame)
{
	return flow_hash(&frame->record, frame->bytes);
}

static void both_directions_are_one_flow(void **state)
{
	(void)state;
	for (uint16_t port = 1; port < 2000; port += 7) {
		struct frame there = ipv4_frame(IPPROTO_TCP, 1, 2, port, 443);
		struct frame back = ipv4_frame(IPPROTO_TCP, 2, 1, 443, port);
		struct frame there6 = ipv6_frame(IPPROTO_UDP, 9, 2, port, 53);
		struct frame back6 = ipv6_frame(IPPROTO_UDP, 2, 9, 53, port);

		assert_int_equal(hash(&there), hash(&back));
		assert_int_equal(hash(&there6), hash(&back6));
	}
}

static void same_address_orders_by_port(void **state)
{
	struct frame there = ipv4_frame(IPPROTO_TCP, 7, 7, 1000, 2000);
	struct frame back = ipv4_frame(IPPROTO_TCP, 7, 7, 2000, 1000);

	(void)state;
	assert_int_equal(hash(&there), hash(&back));
}

static void every_field_counts(void **state)
{
	struct frame base = ipv4_frame(IPPROTO_TCP, 1, 2, 1000, 443);
	struct frame others[] = {
		ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 443),
		ipv4_frame(IPPROTO_TCP, 3, 2, 1000, 443),
		ipv4_frame(IPPROTO_TCP, 1, 3, 1000, 443),
		ipv4_frame(IPPROTO_TCP, 1, 2, 1001, 443),
		ipv4_frame(IPPROTO_TCP, 1, 2, 1000, 444),
		ipv6_frame(IPPROTO_TCP, 1, 2, 1000, 443),
		/* Addresses and ports belong together. */
		ipv4_frame(IPPROTO_TCP, 1, 2, 443, 1000),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_not_equal(hash(&base), hash(&others[i]));
}

static void icmp_goes_without_ports(void **state)
{
	struct frame request = ipv4_frame(IPPROTO_ICMP, 1, 2, 0x0800, 0x1234);
	struct frame reply = ipv4_frame(IPPROTO_ICMP, 2, 1, 0x0000, 0x5678);

	(void)state;
	assert_int_equal(hash(&request), hash(&reply));
}

static void fragments_go_without_ports(void **state)
{
	struct frame first = ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 53);
	struct frame later = first;

	(void)state;
	first.bytes[14 + 6] = 0x20; /* More fragments. */
	later.bytes[14 + 7] = 0x10; /* An offset. */
	later.record.transport_offset = 0;
	assert_int_equal(hash(&first), hash(&later));
	first = ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 53);
	first.bytes[14 + 6] = 0x40; /* DF alone makes no fragment. */
	assert_int_not_equal(hash(&first), hash(&later));
}

static void ipv6_fragments_are_found_behind_other_headers(void **state)
{
	struct frame first = ipv6_frame(IPPROTO_UDP, 1, 2, 0, 0);
	struct frame later = first;

	(void)state;
	first.bytes[14 + 6] = IPPROTO_HOPOPTS;
	first.bytes[54] = IPPROTO_FRAGMENT; /* Eight bytes of options, then the fragment header. */
	first.bytes[62] = IPPROTO_UDP;
	first.record.transport_offset = 70;
	later = first;
	later.record.transport_offset = 0;
	ports_put(&first, 1000, 53);
	assert_int_equal(hash(&first), hash(&later));
	/* Without the fragment header the ports count. */
	first.bytes[54] = IPPROTO_UDP;
	first.record.transport_offset = 62;
	ports_put(&first, 1000, 53);
	assert_int_not_equal(hash(&first), hash(&later));
}

static void tags_do_not_count(void **state)
{
	struct frame plain = ipv4_frame(IPPROTO_TCP, 1, 2, 1000, 443);
	struct frame tagged = {.record = plain.record};

	(void)state;
	tagged.record.network_offset += 4;
	tagged.record.transport_offset += 4;
	tagged.record.captured_length += 4;
	tagged.record.packet_length += 4;
	memcpy(tagged.bytes + 18, plain.bytes + 14, 60 - 14);
	assert_int_equal(hash(&plain), hash(&tagged));
}

/* 64,000 flows: each port gets its share, give or take a tenth. */
static void flows_spread_over_ports(void **state)
{
	unsigned int counts[SHIP_PORT_COUNT] = {};

	(void)state;
	for (unsigned int i = 0; i < 64000; i++) {
		struct frame frame = ipv4_frame(IPPROTO_TCP, (uint8_t)(i % 250), 2,
						(uint16_t)(i / 250 + 1024), 443);

		counts[hash(&frame) % SHIP_PORT_COUNT]++;
	}
	for (unsigned int port = 0; port < SHIP_PORT_COUNT; port++)
		assert_in_range(counts[port], 57600 / SHIP_PORT_COUNT, 70400 / SHIP_PORT_COUNT);
}

/* A client that takes one port after the other reaches every lane soon. */
static void consecutive_ports_use_every_lane(void **state)
{
	(void)state;
	for (unsigned int first = 1024; first < 60000; first += 997) {
		uint32_t used = 0;

		for (unsigned int i = 0; i < 400; i++) {
			struct frame frame =
				ipv4_frame(IPPROTO_UDP, 2, 3, (uint16_t)(first + i), 9);

			used |= 1U << hash(&frame) % SHIP_PORT_COUNT;
		}
		assert_int_equal(used, (1ULL << SHIP_PORT_COUNT) - 1);
	}
}

_Static_assert(SHIP_PORT_COUNT <= 32, "one bit for each");

/* Every length that a capture can be cut to, in memory that ends there. */
static void short_captures_are_read_within_bounds(void **state)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	struct frame frames[] = {ipv4_frame(IPPROTO_TCP, 1, 2, 1, 2),
				 ipv6_frame(IPPROTO_UDP, 1, 2, 1, 2),
				 ipv6_frame(IPPROTO_UDP, 1, 2, 1, 2)};

	(void)state;
	frames[1].bytes[14 + 6] = IPPROTO_HOPOPTS;
	frames[2].bytes[14 + 6] = IPPROTO_FRAGMENT;
	assert_int_equal(fragments_new(&fragments), 0);
	for (size_t i = 0; i < 3; i++) {
		for (uint32_t length = 0; length <= FRAME_SIZE; length++) {
			uint8_t *bytes = test_malloc(length + 1);

			memcpy(bytes + 1, frames[i].bytes, length);
			frames[i].record.captured_length = length;
			(void)flow_hash(&frames[i].record, bytes + 1);
			(void)flow_identify(&frames[i].record, bytes + 1, FLEET_5_TUPLE, fragments);
			test_free(bytes);
		}
	}
}

static uint64_t identify(const struct frame *frame, enum fleet_stickiness stickiness)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;

	assert_int_equal(fragments_new(&fragments), 0);
	return flow_identify(&frame->record, frame->bytes, stickiness, fragments);
}

static void stickiness_says_what_counts(void **state)
{
	struct frame base = ipv4_frame(IPPROTO_TCP, 1, 2, 1000, 443);
	struct frame answer = ipv4_frame(IPPROTO_TCP, 2, 1, 443, 1000);
	struct frame other_port = ipv4_frame(IPPROTO_TCP, 1, 2, 1001, 443);
	struct frame other_protocol = ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 443);
	struct frame other_address = ipv6_frame(IPPROTO_TCP, 1, 3, 1000, 443);
	uint64_t flow;

	(void)state;
	for (enum fleet_stickiness i = FLEET_5_TUPLE; i <= FLEET_2_TUPLE; i++) {
		flow = identify(&base, i);
		assert_true(identify(&answer, i) == flow);
		assert_true((identify(&other_port, i) == flow) == (i != FLEET_5_TUPLE));
		assert_true((identify(&other_protocol, i) == flow) == (i == FLEET_2_TUPLE));
		assert_true(identify(&other_address, i) != flow);
	}
}

/* Hosts of other builds, and later ones, have to agree with this. */
static void flows_have_the_same_number_everywhere(void **state)
{
	struct frame ipv4 = ipv4_frame(IPPROTO_TCP, 1, 2, 1000, 443);
	struct frame ipv6 = ipv6_frame(IPPROTO_UDP, 1, 2, 1000, 443);

	(void)state;
	assert_true(identify(&ipv4, FLEET_5_TUPLE) == IPV4_FLOW);
	assert_true(identify(&ipv6, FLEET_5_TUPLE) == IPV6_FLOW);
}

/* Makes fragments of a frame: the first has ports, the later one has none. */
static void fragments_make(struct frame *first, struct frame *later)
{
	*later = *first;
	first->bytes[14 + 4] = later->bytes[14 + 4] = 0x77;
	first->bytes[14 + 6] = 0x20;
	later->bytes[14 + 7] = 0x10;
	later->record.transport_offset = 0;
}

static void fragments_follow_their_first(void **state)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	struct frame whole = ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 53);
	struct frame first = whole, later, stranger;
	uint64_t flow = identify(&whole, FLEET_5_TUPLE), alone;

	(void)state;
	fragments_make(&first, &later);
	stranger = later;
	stranger.bytes[14 + 5] = 1;
	assert_int_equal(fragments_new(&fragments), 0);
	alone = flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments);
	assert_true(alone != flow);
	assert_true(flow_identify(&first.record, first.bytes, FLEET_5_TUPLE, fragments) == flow);
	assert_true(flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments) == flow);
	assert_true(flow_identify(&stranger.record, stranger.bytes, FLEET_5_TUPLE, fragments) ==
		    alone);
	later.record.timestamp += (FRAGMENTS_SECONDS + 1) * NSEC_PER_SEC;
	assert_true(flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments) == alone);
}

/* Linux counts IPv4's identifications for each protocol, so two may well have the same at a time. */
static void protocols_do_not_share_identifications(void **state)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	struct frame first = ipv4_frame(IPPROTO_UDP, 1, 2, 1000, 53), later;
	struct frame echo = ipv4_frame(IPPROTO_ICMP, 1, 2, 0, 0), echo_later;
	uint64_t flow, alone;

	(void)state;
	fragments_make(&first, &later);
	fragments_make(&echo, &echo_later);
	alone = identify(&echo, FLEET_5_TUPLE);
	assert_int_equal(fragments_new(&fragments), 0);
	flow = flow_identify(&first.record, first.bytes, FLEET_5_TUPLE, fragments);
	assert_true(flow_identify(&echo.record, echo.bytes, FLEET_5_TUPLE, fragments) == alone);
	assert_true(flow_identify(&echo_later.record, echo_later.bytes, FLEET_5_TUPLE, fragments) ==
		    alone);
	assert_true(flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments) == flow);
}

static void ipv6_fragments_follow_their_first(void **state)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	struct frame whole = ipv6_frame(IPPROTO_UDP, 1, 2, 1000, 53), first = whole, later;
	uint64_t flow = identify(&whole, FLEET_5_TUPLE);

	(void)state;
	first.bytes[14 + 6] = IPPROTO_FRAGMENT;
	memset(first.bytes + 54, 0, 8);
	first.bytes[54] = IPPROTO_UDP;
	first.bytes[61] = 9; /* Of the identification. */
	later = first;
	later.record.transport_offset = 0;
	first.record.transport_offset = 62;
	ports_put(&first, 1000, 53);
	assert_int_equal(fragments_new(&fragments), 0);
	assert_true(flow_identify(&first.record, first.bytes, FLEET_5_TUPLE, fragments) == flow);
	assert_true(flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments) == flow);
	later.bytes[61] = 8;
	assert_true(flow_identify(&later.record, later.bytes, FLEET_5_TUPLE, fragments) != flow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one_flow),
		cmocka_unit_test(same_address_orders_by_port),
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(icmp_goes_without_ports),
		cmocka_unit_test(fragments_go_without_ports),
		cmocka_unit_test(ipv6_fragments_are_found_behind_other_headers),
		cmocka_unit_test(tags_do_not_count),
		cmocka_unit_test(flows_spread_over_ports),
		cmocka_unit_test(consecutive_ports_use_every_lane),
		cmocka_unit_test(stickiness_says_what_counts),
		cmocka_unit_test(flows_have_the_same_number_everywhere),
		cmocka_unit_test(fragments_follow_their_first),
		cmocka_unit_test(protocols_do_not_share_identifications),
		cmocka_unit_test(ipv6_fragments_follow_their_first),
		cmocka_unit_test(short_captures_are_read_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
