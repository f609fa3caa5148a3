// SPDX-License-Identifier: Apache-2.0
/* Any record with any bytes: either it is malformed, or its wire packets stay within the capture, keep to the limit,
 * and add up to what the kernel counted.
 *
 *	2 bytes  packet length of the session
 *	48       capture_record; the captured length is replaced by what follows
 *	...      captured bytes
 */
#include "fuzz.h"
#include "ship/flow.h"
#include "ship/segment.h"
#include "wire/capture.h"

#include <stdbool.h>
#include <string.h>

#define FLOOR_MAX 55

static void segments_check(struct segmenter *segmenter, const uint8_t *bytes, uint16_t kept)
{
	const struct capture_record *record = segmenter->record;
	static uint8_t header[SEGMENT_HEADER_SIZE_MAX];
	uint64_t wire_bytes = 0, count = 0;
	struct segment segment;

	while (segmenter_next(segmenter, header, &segment)) {
		uint32_t size = segment.header_size + segment.tail_size;

		require(segment.header_size <= sizeof(header));
		require(segment.tail >= bytes);
		require(segment.tail + segment.tail_size <= bytes + record->captured_length);
		require(kept == 0 || size <= kept || size <= FLOOR_MAX);
		wire_bytes += segment.wire_length;
		count++;
	}
	require(count == record->segment_count);
	require(wire_bytes == segment_wire_bytes(record, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_record record;
	struct segmenter segmenter;
	const uint8_t *bytes;
	uint16_t kept;

	if (size < sizeof(kept) + sizeof(record))
		return 0;
	memcpy(&kept, data, sizeof(kept));
	memcpy(&record, data + sizeof(kept), sizeof(record));
	bytes = data + sizeof(kept) + sizeof(record);
	record.captured_length = (uint32_t)(size - sizeof(kept) - sizeof(record));
	if (record.packet_length < record.captured_length || record.segment_size > 0)
		record.packet_length = record.captured_length;
	if (record.segment_count == 0)
		record.segment_count = 1;
	(void)flow_hash(&record, bytes);
	if (segmenter_init(&segmenter, &record, bytes, kept) == 0)
		segments_check(&segmenter, bytes, kept);
	return 0;
}
