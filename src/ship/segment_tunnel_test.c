// SPDX-License-Identifier: Apache-2.0
/* Super-packets inside tunnels.  That the wire packets are the kernel's is for segment_kernel_test.c to say; here also what
 * this kernel cannot be made to do: checksums of the tunnels themselves, and all that may be wrong with a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/checksum.h"
#include "ship/octets.h"
#include "ship/segment_example.h"

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

static struct frame_example frame;
static struct wire_example packet;

static void expect_tunnel(const struct frame_wish *wish, uint32_t tag)
{
	const struct capture_record *record = &frame.record;
	const uint8_t *network = packet.bytes + tag + record->network_offset;
	const uint8_t *transport = packet.bytes + tag + record->transport_offset;
	const uint8_t *end = packet.bytes + packet.size;
	uint32_t length = (uint32_t)(end - transport);

	assert_true(network_is_right(network, (uint32_t)(end - network)));
	if (wish->tunnel.kind == CAPTURE_TUNNEL_UDP) {
		assert_int_equal(load16(transport + 4), length);
		assert_int_equal(load16(transport + 6) != 0, wish->tunnel.checksum);
		if (wish->tunnel.checksum)
			assert_true(
				transport_sum_is_right(network, transport, length, IPPROTO_UDP));
	}
	if (wish->tunnel.kind == CAPTURE_TUNNEL_GRE && wish->tunnel.checksum)
		assert_int_equal(checksum_finish(checksum_add(0, transport, length)), 0);
}

static void expect_inner(const struct frame_wish *wish, uint32_t tag, uint32_t index)
{
	const struct capture_record *record = &frame.record;
	const uint8_t *network = packet.bytes + tag + record->inner_network_offset;
	const uint8_t *transport = packet.bytes + tag + record->inner_transport_offset;
	const uint8_t *end = packet.bytes + packet.size;
	uint32_t header = record->packet_length - wish->payload_size;
	uint32_t done = index * wish->segment_size;

	assert_true(network_is_right(network, (uint32_t)(end - network)));
	assert_true(transport_sum_is_right(network, transport, (uint32_t)(end - transport),
					   wish->protocol));
	if (wish->protocol == IPPROTO_TCP)
		assert_int_equal(load32(transport + 4),
				 load32(frame.bytes + record->inner_transport_offset + 4) + done);
	assert_memory_equal(packet.bytes + tag + header, frame.bytes + header + done,
			    packet.size - tag - header);
}

static void expect_cut(const struct frame_wish *wish)
{
	uint32_t tag = wish->held_tag ? 4 : 0, index = 0;
	struct segmenter segmenter;
	uint64_t bytes = 0;

	frame_example_build(wish, &frame);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	for (; wire_example_next(&segmenter, &packet); index++) {
		const uint8_t *outer = packet.bytes + tag + frame.record.network_offset;
		const uint8_t *inner = packet.bytes + tag + frame.record.inner_network_offset;

		expect_inner(wish, tag, index);
		expect_tunnel(wish, tag);
		if (wish->tunnel.version == 4)
			assert_int_equal(load16(outer + 4),
					 (wish->tunnel.identification + index) & 0xffff);
		if (wish->version == 4)
			assert_int_equal(load16(inner + 4),
					 (wish->identification + index) & 0xffff);
		bytes += packet.wire_length;
	}
	assert_int_equal(index, frame.record.segment_count);
	assert_int_equal(bytes, segment_wire_bytes(&frame.record, frame.bytes));
}

/* All ways of wrapping: 'i' counts through them. */
static struct frame_wish wish_of(unsigned int i)
{
	return (struct frame_wish){
		.version = i & 1 ? 6 : 4,
		.protocol = i >> 1 & 1 ? IPPROTO_UDP : IPPROTO_TCP,
		.placeholder = true,
		.held_tag = i >> 4 & 1 ? 0x2042 : 0,
		.inline_tags = i >> 5 & 1,
		.payload_size = 3001,
		.segment_size = 1000,
		.identification = 0xfffe,
		.tcp_flags = 0x10,
		.tunnel = {.kind = (uint8_t)(CAPTURE_TUNNEL_UDP + i / 64),
			   .version = i >> 2 & 1 ? 6 : 4,
			   .checksum = i >> 3 & 1,
			   .identification = 0xfffd},
	};
}

#define WISHES (64 * 3)

static void both_packets_are_rewritten(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WISHES; i++) {
		struct frame_wish wish = wish_of(i);

		expect_cut(&wish);
	}
}

/* A TCP sender's zero stays, of either packet by itself. */
static void identifications_of_zero_stay(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct frame_wish wish = wish_of(0);
		uint32_t outer_step = i & 1 ? 0 : 1, inner_step = i & 2 ? 0 : 1;
		struct segmenter segmenter;

		wish.tunnel.identification = (uint16_t)outer_step;
		wish.identification = (uint16_t)inner_step;
		frame_example_build(&wish, &frame);
		assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
		for (uint32_t n = 0; wire_example_next(&segmenter, &packet); n++) {
			const uint8_t *outer = packet.bytes + frame.record.network_offset;
			const uint8_t *inner = packet.bytes + frame.record.inner_network_offset;

			assert_int_equal(load16(outer + 4), outer_step + n * outer_step);
			assert_int_equal(load16(inner + 4), inner_step + n * inner_step);
		}
	}
}

static void expect_malformed(unsigned int wish_number, void (*spoil)(struct capture_record *))
{
	struct frame_wish wish = wish_of(wish_number);
	struct segmenter segmenter;

	frame_example_build(&wish, &frame);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	spoil(&frame.record);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0),
			 SEGMENT_MALFORMED);
}

static void spoil_inner_network(struct capture_record *record)
{
	record->inner_network_offset = (uint16_t)(record->transport_offset - 2);
}

static void spoil_inner_transport(struct capture_record *record)
{
	record->inner_transport_offset = (uint16_t)(record->inner_network_offset + 19);
}

static void spoil_inner_beyond(struct capture_record *record)
{
	record->inner_network_offset = (uint16_t)record->captured_length;
}

static void spoil_transport_beyond(struct capture_record *record)
{
	record->inner_transport_offset = (uint16_t)(record->captured_length - 3);
}

static void spoil_kind(struct capture_record *record)
{
	record->tunnel = 99;
}

static void what_cannot_be_cut_is_malformed(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WISHES; i += 64) {
		expect_malformed(i, spoil_inner_network);
		expect_malformed(i, spoil_inner_transport);
		expect_malformed(i, spoil_inner_beyond);
		expect_malformed(i, spoil_transport_beyond);
		expect_malformed(i, spoil_kind);
	}
}

static void short_captures_are_read_within_bounds(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WISHES; i++) {
		struct frame_wish wish = wish_of(i);

		wish.payload_size = 60;
		wish.segment_size = 25;
		frame_example_build(&wish, &frame);
		assert_true(short_captures_stay_within(&frame, true));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_packets_are_rewritten),
		cmocka_unit_test(identifications_of_zero_stay),
		cmocka_unit_test(what_cannot_be_cut_is_malformed),
		cmocka_unit_test(short_captures_are_read_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
