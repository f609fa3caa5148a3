// SPDX-License-Identifier: Apache-2.0
#include "ship/segment.h"

#include "base/count.h"
#include "mirror/session.h"
#include "ship/checksum.h"
#include "ship/crc32c.h"
#include "ship/octets.h"
#include "ship/segment_chunks.h"
#include "ship/segment_rewrite.h"
#include "wire/capture.h"

#include <netinet/in.h>

#define MAC_ADDRESSES_SIZE   12U
#define VLAN_TAG_SIZE        4U
#define NEXT_HEADER_BYTE     6U
#define IPV6_HEADER_SIZE     40U
#define JUMBO_OPTION_SIZE    8U
#define UDP_CHECKSUM_OFFSET  6U
#define SCTP_CHECKSUM_OFFSET 8U
#define SCTP_CHECKSUM_SIZE   4U

/* Bytes that the tag held aside adds to a packet. */
static inline uint32_t tag_size(const struct capture_record *record)
{
	return record->vlan_protocol != 0 ? VLAN_TAG_SIZE : 0;
}

static uint32_t packet_limit(const struct capture_record *record, const uint8_t *bytes,
			     uint16_t packet_length);
static int super_packet_init(struct segmenter *segmenter);
static int chunks_init(struct segmenter *segmenter, uint32_t payload);
static void super_packet_next(struct segmenter *segmenter, uint8_t *header,
			      struct segment *ret_segment);
static uint32_t piece_size(const struct segmenter *segmenter);
static void plain_packet_init(struct segmenter *segmenter);
static void plain_packet_next(const struct segmenter *segmenter, uint8_t *header,
			      struct segment *ret_segment);
static uint32_t checksum_end(const struct capture_record *record);
static uint32_t header_copy(const struct segmenter *segmenter, uint8_t *header);
static void jumbo_option_remove(const struct segmenter *segmenter, uint8_t *header);
static void checksum_fill_in(const struct segmenter *segmenter, uint8_t *header);
static uint32_t packet_end(const struct capture_record *record, const uint8_t *bytes);

int segmenter_init(struct segmenter *segmenter, const struct capture_record *record,
		   const uint8_t *bytes, uint16_t packet_length)
{
	segmenter->record = record;
	segmenter->bytes = bytes;
	segmenter->limit = packet_limit(record, bytes, packet_length);
	segmenter->index = 0;
	segmenter->count = record->segment_count;
	if (record->segment_size > 0)
		return super_packet_init(segmenter);
	if (record->segment_count != 1)
		return SEGMENT_MALFORMED;
	plain_packet_init(segmenter);
	return 0;
}

bool segmenter_next(struct segmenter *segmenter, uint8_t ret_header[SEGMENT_HEADER_SIZE_MAX],
		    struct segment *ret_segment)
{
	if (segmenter->index >= segmenter->count)
		return false;
	if (segmenter->record->segment_size > 0)
		super_packet_next(segmenter, ret_header, ret_segment);
	else
		plain_packet_next(segmenter, ret_header, ret_segment);
	ret_segment->header_size = MIN(ret_segment->header_size, segmenter->limit);
	ret_segment->tail_size =
		MIN(ret_segment->tail_size, segmenter->limit - ret_segment->header_size);
	segmenter->index++;
	return true;
}

uint64_t segment_wire_bytes(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t held, length;

	if (record->segment_size == 0)
		return record->packet_length;
	segment_layout_measure(record, bytes, &held, &length);
	if (record->packet_length <= held)
		return record->packet_length;
	return record->packet_length - held + (uint64_t)record->segment_count * length;
}

static uint32_t packet_limit(const struct capture_record *record, const uint8_t *bytes,
			     uint16_t packet_length)
{
	uint32_t floor = PACKET_LENGTH_FLOOR_IPV4;

	if (packet_length == 0)
		return UINT32_MAX;
	if (record->network_offset < record->captured_length &&
	    bytes[record->network_offset] >> 4 == 6)
		floor = PACKET_LENGTH_FLOOR_IPV6;
	return MAX((uint32_t)packet_length, floor);
}

static int super_packet_init(struct segmenter *segmenter)
{
	const struct capture_record *record = segmenter->record;
	struct segment_layout *layout = &segmenter->layout;
	uint32_t payload;

	if (record->captured_length != record->packet_length ||
	    segment_layout_read(record, segmenter->bytes, layout) != 0 ||
	    layout->held + tag_size(record) > SEGMENT_HEADER_SIZE_MAX)
		return SEGMENT_MALFORMED;
	payload = record->captured_length - layout->held;
	segmenter->header_length = layout->held;
	segmenter->offset = layout->held;
	if (layout->protocol == IPPROTO_SCTP)
		return chunks_init(segmenter, payload);
	segmenter->segment_size = record->segment_size;
	if (layout->length - layout->network + record->segment_size > UINT16_MAX ||
	    (payload - 1) / record->segment_size + 1 != record->segment_count)
		return SEGMENT_MALFORMED;
	return 0;
}

static int chunks_init(struct segmenter *segmenter, uint32_t payload)
{
	const struct segment_layout *layout = &segmenter->layout;

	segmenter->segment_size = chunks_limit(segmenter->bytes + layout->held, payload,
					       segmenter->record->segment_count);
	return segmenter->segment_size == 0 ||
			       layout->length - layout->network + segmenter->segment_size >
				       UINT16_MAX
		       ? SEGMENT_MALFORMED
		       : 0;
}

static void super_packet_next(struct segmenter *segmenter, uint8_t *header,
			      struct segment *ret_segment)
{
	const struct segment_layout *layout = &segmenter->layout;
	uint32_t shift = header_copy(segmenter, header);
	struct wire_packet packet = {
		.header = header + shift,
		.payload = segmenter->bytes + segmenter->offset,
		.payload_size = piece_size(segmenter),
	};

	if (layout->has_jumbo_option)
		jumbo_option_remove(segmenter, packet.header);
	segment_rewrite(segmenter, &packet);
	ret_segment->header_size = layout->length + shift;
	ret_segment->tail = packet.payload;
	ret_segment->tail_size = packet.payload_size;
	ret_segment->wire_length = layout->length + packet.payload_size;
	segmenter->offset += packet.payload_size;
}

static uint32_t piece_size(const struct segmenter *segmenter)
{
	uint32_t rest = segmenter->record->captured_length - segmenter->offset;

	if (segmenter->layout.protocol == IPPROTO_SCTP)
		return chunks_take(segmenter->bytes + segmenter->offset, rest,
				   segmenter->segment_size);
	return MIN(segmenter->segment_size, rest);
}

static void plain_packet_init(struct segmenter *segmenter)
{
	const struct capture_record *record = segmenter->record;
	uint32_t checksum = checksum_end(record);

	if (checksum != 0)
		segmenter->header_length = checksum;
	else
		segmenter->header_length =
			tag_size(record) != 0 ? MIN(record->captured_length, MAC_ADDRESSES_SIZE)
					      : 0;
}

static void plain_packet_next(const struct segmenter *segmenter, uint8_t *header,
			      struct segment *ret_segment)
{
	const struct capture_record *record = segmenter->record;
	uint32_t shift = header_copy(segmenter, header);

	if (checksum_end(record) != 0)
		checksum_fill_in(segmenter, header + shift);
	ret_segment->header_size = segmenter->header_length + shift;
	ret_segment->tail = segmenter->bytes + segmenter->header_length;
	ret_segment->tail_size = record->captured_length - segmenter->header_length;
	ret_segment->wire_length = record->packet_length;
}

/* Where the checksum to be filled in ends, or 0 when this packet needs none or cannot get it. */
static uint32_t checksum_end(const struct capture_record *record)
{
	uint32_t end = (uint32_t)record->checksum_start + record->checksum_offset;

	end += record->checksum_offset == SCTP_CHECKSUM_OFFSET ? SCTP_CHECKSUM_SIZE : 2;
	if (!(record->flags & CAPTURE_CHECKSUM_PARTIAL) ||
	    record->checksum_start < MAC_ADDRESSES_SIZE ||
	    record->captured_length != record->packet_length ||
	    end > MIN(record->captured_length, SEGMENT_HEADER_SIZE_MAX - VLAN_TAG_SIZE))
		return 0;
	return end;
}

/* Copies the captured headers, with the tag that was held aside.  Returns how many bytes it added. */
static uint32_t header_copy(const struct segmenter *segmenter, uint8_t *header)
{
	const struct capture_record *record = segmenter->record;
	uint32_t shift = tag_size(record), before = segmenter->header_length;

	if (shift == 0 || before < MAC_ADDRESSES_SIZE) {
		memcpy(header, segmenter->bytes, before);
		return 0;
	}
	memcpy(header, segmenter->bytes, MAC_ADDRESSES_SIZE);
	memcpy(header + MAC_ADDRESSES_SIZE, &record->vlan_protocol, 2);
	store16(header + MAC_ADDRESSES_SIZE + 2, record->vlan_tci);
	memcpy(header + MAC_ADDRESSES_SIZE + shift, segmenter->bytes + MAC_ADDRESSES_SIZE,
	       before - MAC_ADDRESSES_SIZE);
	return shift;
}

/* Moves what follows the option forward, over it. */
static void jumbo_option_remove(const struct segmenter *segmenter, uint8_t *header)
{
	uint8_t *network = header + segmenter->layout.network;
	uint8_t *option = network + IPV6_HEADER_SIZE;

	network[NEXT_HEADER_BYTE] = option[0];
	memmove(option, option + JUMBO_OPTION_SIZE,
		segmenter->layout.length - segmenter->layout.network - IPV6_HEADER_SIZE);
}

/* Does what the NIC would have done: sums up from where it was told to the end, with in the checksum's place what the
 * sender left there, which in TCP and UDP is the sum of the pseudo-header. */
static void checksum_fill_in(const struct segmenter *segmenter, uint8_t *header)
{
	const struct capture_record *record = segmenter->record;
	uint32_t start = record->checksum_start;
	uint8_t *place = header + start + record->checksum_offset;
	uint32_t size = packet_end(record, segmenter->bytes) - start;
	uint16_t checksum;
	uint32_t crc;

	if (record->checksum_offset == SCTP_CHECKSUM_OFFSET) {
		uint32_t first = SCTP_CHECKSUM_OFFSET + SCTP_CHECKSUM_SIZE;

		memset(place, 0, SCTP_CHECKSUM_SIZE);
		crc = crc32c_add(CRC32C_START, header + start, first);
		crc32c_store(place,
			     crc32c_add(crc, segmenter->bytes + start + first, size - first));
		return;
	}
	checksum = checksum_finish(checksum_add(0, segmenter->bytes + start, size));
	if (record->checksum_offset == UDP_CHECKSUM_OFFSET)
		checksum = udp_checksum(checksum);
	store_checksum(place, checksum);
}

/* Where the packet ends by the word of its IP header, so that padding behind it does not count; at the end of the
 * frame if the header says nothing of use. */
static uint32_t packet_end(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t end = record->network_offset, least = checksum_end(record);

	if (end + IPV6_HEADER_SIZE > record->captured_length)
		return record->captured_length;
	end += bytes[end] >> 4 == 6 ? load16(bytes + end + 4) + IPV6_HEADER_SIZE
				    : load16(bytes + end + 2);
	return end >= least && end <= record->captured_length ? end : record->captured_length;
}
