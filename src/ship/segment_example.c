// SPDX-License-Identifier: Apache-2.0
#include "ship/segment_example.h"

#include "ship/checksum.h"
#include "ship/octets.h"

#include <stdlib.h>
#include <string.h>

static bool short_capture_stays_within(const struct capture_record *record, const uint8_t *bytes);

bool wire_example_next(struct segmenter *segmenter, struct wire_example *ret_packet)
{
	struct segment segment;

	if (!segmenter_next(segmenter, ret_packet->bytes, &segment))
		return false;
	memcpy(ret_packet->bytes + segment.header_size, segment.tail, segment.tail_size);
	ret_packet->size = segment.header_size + segment.tail_size;
	ret_packet->wire_length = segment.wire_length;
	return true;
}

bool short_captures_stay_within(const struct frame_example *frame, bool packet_too)
{
	bool within = true;

	for (uint32_t length = 0; length <= frame->record.packet_length; length++) {
		struct capture_record record = frame->record;
		uint8_t *bytes = malloc(length ? length : 1);

		if (!bytes)
			abort();
		memcpy(bytes, frame->bytes, length);
		record.captured_length = length;
		if (packet_too)
			record.packet_length = length;
		within &= short_capture_stays_within(&record, bytes);
		free(bytes);
	}
	return within;
}

bool transport_sum_is_right(const uint8_t *network, const uint8_t *transport, uint32_t length,
			    uint8_t protocol)
{
	uint64_t sum = checksum_add_number(pseudo_header_add(0, network), protocol + length);

	return checksum_finish(checksum_add(sum, transport, length)) == 0;
}

bool network_is_right(const uint8_t *network, uint32_t length)
{
	if (network[0] >> 4 == 6)
		return load16(network + 4) + 40U == length;
	return load16(network + 2) == length &&
	       checksum_finish(checksum_add(0, network, (network[0] & 15U) * 4)) == 0;
}

static bool short_capture_stays_within(const struct capture_record *record, const uint8_t *bytes)
{
	uint8_t header[SEGMENT_HEADER_SIZE_MAX];
	struct segmenter segmenter;
	struct segment segment;

	(void)segment_wire_bytes(record, bytes);
	if (segmenter_init(&segmenter, record, bytes, 0) != 0)
		return true;
	while (segmenter_next(&segmenter, header, &segment))
		if (segment.tail + segment.tail_size > bytes + record->captured_length)
			return false;
	return true;
}
