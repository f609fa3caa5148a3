// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/crc32c.h"
#include "ship/octets.h"
#include "ship/segment_chunks.h"
#include "ship/segment_example.h"

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

static struct frame_example frame;
static struct wire_example packet;

static bool crc_is_right(uint8_t *sctp, uint32_t size)
{
	uint8_t before[4], after[4];

	memcpy(before, sctp + 8, sizeof(before));
	memset(sctp + 8, 0, sizeof(before));
	crc32c_store(after, crc32c_add(CRC32C_START, sctp, size));
	return memcmp(before, after, sizeof(before)) == 0;
}

static void a_checksum_left_to_the_nic_is_filled_in(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct frame_wish wish = {.version = i & 1 ? 6 : 4,
					  .protocol = IPPROTO_SCTP,
					  .payload_size = 100,
					  .held_tag = i & 2 ? 7 : 0,
					  .placeholder = true};
		uint32_t transport;
		struct segmenter segmenter;

		frame_example_build(&wish, &frame);
		transport = frame.record.transport_offset + (wish.held_tag ? 4U : 0);
		assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
		assert_true(wire_example_next(&segmenter, &packet));
		assert_int_not_equal(load32(packet.bytes + transport + 8), 0);
		assert_true(crc_is_right(packet.bytes + transport, packet.size - transport));
	}
}

/* 'sizes' are those of the chunks, ending with 0; 'groups' how many of them are in each packet. */
static void expect_groups(const uint16_t *sizes, const uint16_t *groups)
{
	struct frame_wish wish = {
		.version = 4, .protocol = IPPROTO_SCTP, .identification = 9, .placeholder = true};
	struct capture_record *record = &frame.record;
	uint8_t *chunk = frame.bytes + 46;
	struct segmenter segmenter;
	uint32_t count = 0;

	for (const uint16_t *size = sizes; *size; size++)
		wish.payload_size += (*size + 3U) & ~3U;
	frame_example_build(&wish, &frame);
	for (const uint16_t *size = sizes; *size; chunk += (*size++ + 3U) & ~3U)
		store16(chunk + 2, *size);
	while (groups[count])
		count++;
	record->segment_size = UINT16_MAX;
	record->segment_count = (uint16_t)count;
	assert_int_equal(segmenter_init(&segmenter, record, frame.bytes, 0), 0);
	for (uint32_t i = 0; wire_example_next(&segmenter, &packet); i++) {
		uint32_t expected = 46;

		for (uint16_t n = 0; n < groups[i]; n++)
			expected += (*sizes++ + 3U) & ~3U;
		assert_int_equal(packet.size, expected);
		assert_true(network_is_right(packet.bytes + 14, packet.size - 14));
		assert_int_equal(load16(packet.bytes + 18), 9 + i);
		assert_true(crc_is_right(packet.bytes + 34, packet.size - 34));
	}
	assert_int_equal(*sizes, 0);
}

static void chunks_are_grouped_as_the_sender_did(void **state)
{
	(void)state;
	expect_groups((const uint16_t[]){1452, 1452, 1452, 500, 0},
		      (const uint16_t[]){1, 1, 1, 1, 0});
	expect_groups((const uint16_t[]){1452, 1452, 300, 300, 300, 0},
		      (const uint16_t[]){1, 1, 3, 0});
	expect_groups((const uint16_t[]){17, 717, 717, 718, 700, 31, 0},
		      (const uint16_t[]){3, 3, 0});
	expect_groups((const uint16_t[]){100, 0}, (const uint16_t[]){1, 0});
}

static void a_count_that_no_grouping_has_is_malformed(void **state)
{
	struct frame_wish wish = {.version = 6,
				  .protocol = IPPROTO_SCTP,
				  .payload_size = 3000,
				  .chunk_size = 1000,
				  .placeholder = true};
	struct segmenter segmenter;

	(void)state;
	frame_example_build(&wish, &frame);
	frame.record.segment_size = UINT16_MAX;
	frame.record.segment_count = 3;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	frame.record.segment_count = 4;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0),
			 SEGMENT_MALFORMED);
	/* A chunk that states less than its own header is one with all that follows. */
	store16(frame.bytes + frame.record.transport_offset + 14, 3);
	frame.record.segment_count = 1;
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checksum_left_to_the_nic_is_filled_in),
		cmocka_unit_test(chunks_are_grouped_as_the_sender_did),
		cmocka_unit_test(a_count_that_no_grouping_has_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
