// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "mirror/session.h"
#include "ship/checksum.h"
#include "ship/segment_example.h"
#include "wire/capture.h"

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

#define FIN 0x01
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80

static struct frame_example frame;

static uint32_t load(const uint8_t *bytes, unsigned int size)
{
	uint32_t number = 0;

	for (unsigned int i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* What every wire packet of a super-packet has to be, whatever its protocols. */
static void expect_packet(const struct frame_wish *wish, const struct wire_example *packet,
			  uint32_t index)
{
	const struct capture_record *record = &frame.record;
	uint32_t shift = wish->held_tag ? 4 : 0, done = index * wish->segment_size;
	uint32_t header = record->packet_length - wish->payload_size;
	uint32_t payload = wish->payload_size - done < wish->segment_size
				   ? wish->payload_size - done
				   : wish->segment_size;
	const uint8_t *network = packet->bytes + record->network_offset + shift;
	const uint8_t *transport = packet->bytes + record->transport_offset + shift;
	const uint8_t *old = frame.bytes + record->transport_offset;
	uint32_t network_size = (uint32_t)(transport - network);
	uint32_t length = header - record->transport_offset + payload;
	bool last = done + payload == wish->payload_size;

	assert_int_equal(packet->size, header + shift + payload);
	assert_int_equal(packet->wire_length, header + payload);
	assert_memory_equal(packet->bytes, frame.bytes, 12);
	if (wish->held_tag) {
		assert_int_equal(load(packet->bytes + 12, 2), 0x8100);
		assert_int_equal(load(packet->bytes + 14, 2), wish->held_tag);
	}
	assert_memory_equal(packet->bytes + 12 + shift, frame.bytes + 12,
			    record->network_offset - 12U);
	if (wish->version == 4) {
		assert_int_equal(load(network + 2, 2), network_size + length);
		assert_int_equal(load(network + 4, 2), (wish->identification + index) & 0xffff);
		assert_int_equal(checksum_finish(checksum_add(0, network, network_size)), 0);
		assert_memory_equal(network + 12, frame.bytes + record->network_offset + 12,
				    network_size - 12);
	} else {
		assert_int_equal(load(network + 4, 2), network_size - 40 + length);
		assert_memory_equal(network + 6, frame.bytes + record->network_offset + 6,
				    network_size - 6);
	}
	assert_memory_equal(transport, old, 4);
	if (wish->protocol == IPPROTO_TCP) {
		uint8_t flags = wish->tcp_flags;

		if (!last)
			flags &= (uint8_t) ~(FIN | PSH);
		if (index > 0)
			flags &= (uint8_t)~CWR;
		assert_int_equal(load(transport + 4, 4), load(old + 4, 4) + done);
		assert_int_equal(transport[13], flags);
		assert_memory_equal(transport + 20, old + 20, wish->transport_options);
	} else {
		assert_int_equal(load(transport + 4, 2), length);
		assert_int_not_equal(load(transport + 6, 2), 0);
	}
	assert_true(transport_sum_is_right(network, transport, length, wish->protocol));
	assert_memory_equal(transport + length - payload, frame.bytes + header + done, payload);
}

static void expect_cut(const struct frame_wish *wish)
{
	static struct wire_example packet;
	struct segmenter segmenter;
	uint64_t bytes = 0;
	uint32_t index = 0;

	frame_example_build(wish, &frame);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	for (; wire_example_next(&segmenter, &packet); index++) {
		expect_packet(wish, &packet, index);
		bytes += packet.wire_length;
	}
	assert_int_equal(index, frame.record.segment_count);
	assert_int_equal(bytes, segment_wire_bytes(&frame.record, frame.bytes));
}

static const uint8_t versions[] = {4, 6};
static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
static const uint32_t payload_sizes[] = {1, 2, 99, 100, 101, 1447, 1448, 1449, 2896, 64000};

static void super_packets_are_cut_into_wire_packets(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2 * 2 * 10 * 8; i++) {
		struct frame_wish wish = {
			.version = versions[i & 1],
			.protocol = protocols[i >> 1 & 1],
			.placeholder = i >> 2 & 1,
			.held_tag = i >> 3 & 1 ? 0x2042 : 0,
			.inline_tags = i >> 4 & 1 ? 2 : 0,
			.payload_size = payload_sizes[i >> 5],
			.tcp_flags = ACK,
			.identification = 0xfff0,
		};

		for (wish.segment_size = 1448; wish.segment_size > 0; wish.segment_size /= 11)
			expect_cut(&wish);
	}
}

static void options_and_extension_headers_are_kept(void **state)
{
	(void)state;
	for (unsigned int options = 0; options <= 40; options += 8)
		for (unsigned int i = 0; i < 4; i++)
			expect_cut(&(struct frame_wish){
				.version = versions[i & 1],
				.protocol = protocols[i >> 1],
				.payload_size = 5000,
				.segment_size = 1211,
				.network_options = options,
				.transport_options = i >> 1 ? 0 : 40 - options,
				.tcp_flags = ACK,
				.identification = 7,
			});
}

static void flags_stay_with_the_first_or_the_last(void **state)
{
	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++)
		expect_cut(&(struct frame_wish){
			.version = 4,
			.protocol = IPPROTO_TCP,
			.payload_size = 3000,
			.segment_size = 1000,
			.identification = 1,
			.tcp_flags = (uint8_t)flags,
		});
}

/* macOS and others send zero with DF (RFC 6864); what was reassembled from those had zero in every packet. */
static void an_identification_of_zero_stays(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {
		.version = 4, .protocol = IPPROTO_TCP, .payload_size = 3000, .segment_size = 1000};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	while (wire_example_next(&segmenter, &packet))
		assert_int_equal(load(packet.bytes + 18, 2), 0);
	/* Without DF they have to differ. */
	frame.bytes[20] = 0;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	for (uint32_t index = 0; wire_example_next(&segmenter, &packet); index++)
		assert_int_equal(load(packet.bytes + 18, 2), index);
}

/* A datagram sent without a checksum has none after cutting either. */
static void an_absent_checksum_stays_absent(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {
		.version = 4, .protocol = IPPROTO_UDP, .payload_size = 3000, .segment_size = 1000};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	memset(frame.bytes + 40, 0, 2);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	while (wire_example_next(&segmenter, &packet))
		assert_int_equal(load(packet.bytes + 40, 2), 0);
}

static void plain_packets_are_not_touched(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {.version = 4, .protocol = IPPROTO_TCP, .payload_size = 500};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	frame.bytes[50] ^= 0x55; /* A wrong checksum is what the analyst wants to see. */
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	assert_true(wire_example_next(&segmenter, &packet));
	assert_int_equal(packet.size, frame.record.packet_length);
	assert_memory_equal(packet.bytes, frame.bytes, packet.size);
	assert_false(wire_example_next(&segmenter, &packet));
}

static void checksums_left_to_the_nic_are_filled_in(void **state)
{
	static struct wire_example packet;

	(void)state;
	for (uint32_t size = 0; size < 1500; size += size < 70 ? 1 : 113) {
		for (unsigned int i = 0; i < 4; i++) {
			struct frame_wish wish = {.version = versions[i & 1],
						  .protocol = protocols[i >> 1],
						  .payload_size = size,
						  .placeholder = true,
						  .held_tag = size & 1 ? 5 : 0};
			uint32_t shift = wish.held_tag ? 4 : 0, transport;
			struct segmenter segmenter;

			frame_example_build(&wish, &frame);
			transport = frame.record.transport_offset + shift;
			assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0),
					 0);
			assert_true(wire_example_next(&segmenter, &packet));
			assert_int_equal(packet.size, frame.record.packet_length + shift);
			assert_true(transport_sum_is_right(
				packet.bytes + frame.record.network_offset + shift,
				packet.bytes + transport, packet.size - transport, wish.protocol));
		}
	}
}

static void padding_does_not_count_in_a_checksum(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {
		.version = 4, .protocol = IPPROTO_UDP, .payload_size = 4, .placeholder = true};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	memset(frame.bytes + frame.record.packet_length, 0xee, 14);
	frame.record.packet_length += 14;
	frame.record.captured_length += 14;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	assert_true(wire_example_next(&segmenter, &packet));
	assert_int_equal(packet.size, 60);
	assert_true(transport_sum_is_right(packet.bytes + 14, packet.bytes + 34, 12, IPPROTO_UDP));
}

/* UDP reads a checksum of zero as none; the payload is chosen so that the sum comes out as zero. */
static void a_udp_checksum_of_zero_is_sent_as_all_ones(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {.version = 4, .protocol = IPPROTO_UDP, .payload_size = 2};
	struct segmenter segmenter;

	(void)state;
	wish.placeholder = true;
	for (unsigned int word = 0; word <= UINT16_MAX; word++) {
		frame_example_build(&wish, &frame);
		frame.bytes[42] = (uint8_t)(word >> 8);
		frame.bytes[43] = (uint8_t)word;
		assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
		assert_true(wire_example_next(&segmenter, &packet));
		assert_int_not_equal(load(packet.bytes + 40, 2), 0);
		if (load(packet.bytes + 40, 2) == 0xffff)
			return;
	}
	fail_msg("no payload makes the sum zero");
}

/* Kept bytes are the wire's: the beginning of the packet that is not truncated. */
static void expect_truncation(const struct frame_wish *wish)
{
	static struct wire_example whole, kept;
	uint32_t floor = (wish->tunnel.kind ? wish->tunnel.version : wish->version) == 4 ? 35 : 55;
	struct segmenter all, cut;

	frame_example_build(wish, &frame);
	for (uint16_t length = 1; length <= PACKET_LENGTH_MAX; length++) {
		uint32_t size = length < floor ? floor : length;

		assert_int_equal(segmenter_init(&all, &frame.record, frame.bytes, 0), 0);
		assert_int_equal(segmenter_init(&cut, &frame.record, frame.bytes, length), 0);
		while (wire_example_next(&all, &whole)) {
			assert_true(wire_example_next(&cut, &kept));
			assert_int_equal(kept.size, size < whole.size ? size : whole.size);
			assert_memory_equal(kept.bytes, whole.bytes, kept.size);
			assert_int_equal(kept.wire_length, whole.wire_length);
		}
		assert_false(wire_example_next(&cut, &kept));
	}
}

/* Plain packets, small, large and jumbo frames; super-packets; tags; tunnels; both families. */
static void every_packet_length_keeps_the_beginning(void **state)
{
	static const uint32_t sizes[] = {0, 700, 8486, 9000};

	(void)state;
	for (unsigned int i = 0; i < 2 * 2 * 4 * 2 * 2; i++) {
		bool tunnel = i >> 5 & 1;
		struct frame_wish wish = {.version = versions[i & 1],
					  .protocol = protocols[i >> 1 & 1],
					  .payload_size = sizes[i >> 2 & 3],
					  .placeholder = i >> 4 & 1,
					  .held_tag = i >> 4 & 1 ? 9 : 0,
					  .identification = 3};

		wish.segment_size = wish.payload_size > 700 && i & 1 ? 4096 : 0;
		if (tunnel && wish.segment_size)
			wish.tunnel = (struct tunnel_wish){CAPTURE_TUNNEL_UDP, versions[i >> 1 & 1],
							   true, 5};
		expect_truncation(&wish);
	}
}

/* The kernel copied no more than the session keeps. */
static void a_capture_may_be_shorter_than_its_packet(void **state)
{
	static struct wire_example packet;
	struct frame_wish wish = {.version = 4, .protocol = IPPROTO_TCP, .payload_size = 1000};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	frame.record.captured_length = 128;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 128), 0);
	assert_true(wire_example_next(&segmenter, &packet));
	assert_int_equal(packet.size, 128);
	assert_int_equal(packet.wire_length, 1054);
}

static void expect_malformed(void (*spoil)(void))
{
	struct frame_wish wish = {.version = 4,
				  .protocol = IPPROTO_TCP,
				  .payload_size = 3000,
				  .segment_size = 1000,
				  .tcp_flags = ACK};
	struct segmenter segmenter;

	frame_example_build(&wish, &frame);
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	spoil();
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0),
			 SEGMENT_MALFORMED);
}

static void spoil_count(void)
{
	frame.record.segment_count = 4;
}

static void spoil_size(void)
{
	frame.record.segment_size = 999;
}

static void spoil_capture(void)
{
	frame.record.captured_length--;
}

static void spoil_protocol(void)
{
	frame.record.transport_protocol = IPPROTO_SCTP;
}

static void spoil_version(void)
{
	frame.bytes[14] = 0x75;
}

static void spoil_network_length(void)
{
	frame.bytes[14] = 0x46;
}

static void spoil_transport_length(void)
{
	frame.bytes[34 + 12] = 0x40;
}

static void spoil_transport(void)
{
	frame.record.transport_offset = 0;
}

static void spoil_single(void)
{
	frame.record.segment_size = 0;
}

static void what_cannot_be_cut_is_malformed(void **state)
{
	(void)state;
	expect_malformed(spoil_count);
	expect_malformed(spoil_size);
	expect_malformed(spoil_capture);
	expect_malformed(spoil_protocol);
	expect_malformed(spoil_version);
	expect_malformed(spoil_network_length);
	expect_malformed(spoil_transport_length);
	expect_malformed(spoil_transport);
	expect_malformed(spoil_single);
}

/* With the offsets of a whole packet and all kinds of claims. */
static void short_captures_are_read_within_bounds(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64; i++) {
		struct frame_wish wish = {.version = versions[i & 1],
					  .protocol = protocols[i >> 1 & 1],
					  .payload_size = 60,
					  .segment_size = i >> 2 & 1 ? 25 : 0,
					  .placeholder = i >> 3 & 1,
					  .held_tag = i >> 4 & 1 ? 9 : 0};

		frame_example_build(&wish, &frame);
		assert_true(short_captures_stay_within(&frame, i >> 5 & 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(super_packets_are_cut_into_wire_packets),
		cmocka_unit_test(options_and_extension_headers_are_kept),
		cmocka_unit_test(flags_stay_with_the_first_or_the_last),
		cmocka_unit_test(an_identification_of_zero_stays),
		cmocka_unit_test(an_absent_checksum_stays_absent),
		cmocka_unit_test(plain_packets_are_not_touched),
		cmocka_unit_test(checksums_left_to_the_nic_are_filled_in),
		cmocka_unit_test(padding_does_not_count_in_a_checksum),
		cmocka_unit_test(a_udp_checksum_of_zero_is_sent_as_all_ones),
		cmocka_unit_test(every_packet_length_keeps_the_beginning),
		cmocka_unit_test(a_capture_may_be_shorter_than_its_packet),
		cmocka_unit_test(what_cannot_be_cut_is_malformed),
		cmocka_unit_test(short_captures_are_read_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
