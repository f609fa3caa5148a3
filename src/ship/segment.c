// SPDX-License-Identifier: Apache-2.0
#include "ship/segment.h"

#include "base/count.h"
#include "mirror/session.h"
#include "ship/checksum.h"
#include "wire/capture.h"

#include <netinet/in.h>
#include <string.h>

#define MAC_ADDRESSES_SIZE 12U
#define VLAN_TAG_SIZE      4U
#define UDP_HEADER_SIZE    8U

#define IPV4_DF 0x40
#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

static inline uint16_t load16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t load32(const uint8_t *bytes)
{
	return (uint32_t)load16(bytes) << 16 | load16(bytes + 2);
}

static inline void store16(uint8_t *bytes, uint16_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static inline void store32(uint8_t *bytes, uint32_t number)
{
	store16(bytes, (uint16_t)(number >> 16));
	store16(bytes + 2, (uint16_t)number);
}

/* A checksum comes out of checksum_finish() in network order already. */
static inline void store_checksum(uint8_t *bytes, uint16_t checksum)
{
	memcpy(bytes, &checksum, sizeof(checksum));
}

/* UDP says "no checksum" with zero, so a sum that happens to be zero is sent as its other form. */
static inline uint16_t udp_checksum(uint16_t checksum)
{
	return checksum == 0 ? UINT16_MAX : checksum;
}

/* Bytes that the tag held aside adds to a packet. */
static inline uint32_t tag_size(const struct capture_record *record)
{
	return record->vlan_protocol != 0 ? VLAN_TAG_SIZE : 0;
}

/* The packet being made: its headers, and the payload that stays in the capture. */
struct packet {
	uint8_t *network, *transport;
	uint32_t transport_size; /* Of the header. */
	const uint8_t *payload;
	uint32_t payload_size;
};

static uint32_t packet_limit(const struct capture_record *record, const uint8_t *bytes,
			     uint16_t packet_length);
static unsigned int ip_version(const struct capture_record *record, const uint8_t *bytes);
static int super_packet_init(struct segmenter *segmenter);
static bool network_is_sound(const struct capture_record *record, const uint8_t *bytes);
static uint32_t transport_end(const struct capture_record *record, const uint8_t *bytes);
static void plain_packet_init(struct segmenter *segmenter);
static uint32_t pending_checksum(const struct capture_record *record);
static uint32_t header_copy(const struct segmenter *segmenter, uint8_t *header);
static void headers_rewrite(const struct segmenter *segmenter, uint8_t *header, uint32_t shift,
			    const uint8_t *payload, uint32_t payload_size);
static void network_rewrite(const struct segmenter *segmenter, const struct packet *packet);
static void tcp_rewrite(const struct segmenter *segmenter, const struct packet *packet);
static uint16_t transport_checksum(const struct packet *packet, uint32_t protocol);
static void udp_rewrite(const struct segmenter *segmenter, const struct packet *packet);
static void checksum_fill_in(const struct segmenter *segmenter, uint8_t *header, uint32_t shift);
static uint32_t packet_end(const struct capture_record *record, const uint8_t *bytes);
static uint32_t repeated_length(const struct capture_record *record, const uint8_t *bytes);

int segmenter_init(struct segmenter *segmenter, const struct capture_record *record,
		   const uint8_t *bytes, uint16_t packet_length)
{
	*segmenter = (struct segmenter){
		.record = record,
		.bytes = bytes,
		.limit = packet_limit(record, bytes, packet_length),
	};
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
	const struct capture_record *record = segmenter->record;
	uint32_t offset, size, shift;

	if (segmenter->index >= segmenter->count)
		return false;
	offset = segmenter->header_length + segmenter->index * segmenter->segment_size;
	size = MIN(segmenter->segment_size, record->captured_length - offset);
	shift = header_copy(segmenter, ret_header);
	if (record->segment_size > 0)
		headers_rewrite(segmenter, ret_header, shift, segmenter->bytes + offset, size);
	else if (pending_checksum(record) != 0)
		checksum_fill_in(segmenter, ret_header, shift);
	ret_segment->header_size = MIN(segmenter->header_length + shift, segmenter->limit);
	ret_segment->tail = segmenter->bytes + offset;
	ret_segment->tail_size = MIN(size, segmenter->limit - ret_segment->header_size);
	ret_segment->wire_length = record->segment_size > 0 ? segmenter->header_length + size
							    : record->packet_length;
	segmenter->index++;
	return true;
}

uint64_t segment_wire_bytes(const struct capture_record *record, const uint8_t *bytes)
{
	return record->packet_length +
	       (record->segment_count - 1ULL) * repeated_length(record, bytes);
}

static uint32_t packet_limit(const struct capture_record *record, const uint8_t *bytes,
			     uint16_t packet_length)
{
	uint32_t floor = ip_version(record, bytes) == 6 ? PACKET_LENGTH_FLOOR_IPV6
							: PACKET_LENGTH_FLOOR_IPV4;

	return packet_length == 0 ? UINT32_MAX : MAX((uint32_t)packet_length, floor);
}

static unsigned int ip_version(const struct capture_record *record, const uint8_t *bytes)
{
	return record->network_offset < record->captured_length ? bytes[record->network_offset] >> 4
								: 0;
}

static int super_packet_init(struct segmenter *segmenter)
{
	const struct capture_record *record = segmenter->record;
	uint32_t end, payload;

	if (record->captured_length != record->packet_length ||
	    !network_is_sound(record, segmenter->bytes))
		return SEGMENT_MALFORMED;
	end = transport_end(record, segmenter->bytes);
	if (end == 0 || end + tag_size(record) > SEGMENT_HEADER_SIZE_MAX ||
	    end - record->network_offset + record->segment_size > UINT16_MAX)
		return SEGMENT_MALFORMED;
	payload = record->captured_length - end;
	if (payload == 0 || (payload - 1) / record->segment_size + 1 != record->segment_count)
		return SEGMENT_MALFORMED;
	segmenter->header_length = end;
	segmenter->segment_size = record->segment_size;
	segmenter->count = record->segment_count;
	return 0;
}

/* Whether a whole IP header without room for doubt ends at or before the transport header. */
static bool network_is_sound(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t network = record->network_offset, transport = record->transport_offset;

	if (network < MAC_ADDRESSES_SIZE + 2 || transport >= record->captured_length)
		return false;
	switch (ip_version(record, bytes)) {
	case 4:
		return network + 20 <= transport &&
		       network + (bytes[network] & 0x0fU) * 4 == transport;
	case 6:
		return network + 40 <= transport;
	default:
		return false;
	}
}

/* Where the transport header ends, or 0 when it is not whole or not one that can be repeated. */
static uint32_t transport_end(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t transport = record->transport_offset, size = 0;

	if (record->transport_protocol == IPPROTO_UDP) {
		size = UDP_HEADER_SIZE;
	} else if (record->transport_protocol == IPPROTO_TCP) {
		if (transport + 20 > record->captured_length)
			return 0;
		size = (bytes[transport + 12] >> 4) * 4U;
		if (size < 20)
			return 0;
	}
	return size != 0 && transport + size <= record->captured_length ? transport + size : 0;
}

static void plain_packet_init(struct segmenter *segmenter)
{
	const struct capture_record *record = segmenter->record;
	uint32_t checksum = pending_checksum(record);

	if (checksum != 0)
		segmenter->header_length = checksum + 2;
	else if (tag_size(record) != 0)
		segmenter->header_length = MIN(record->captured_length, MAC_ADDRESSES_SIZE);
	segmenter->segment_size = record->captured_length - segmenter->header_length;
	segmenter->count = 1;
}

/* Where the checksum to be filled in lies, or 0 when this packet needs none or cannot get it. */
static uint32_t pending_checksum(const struct capture_record *record)
{
	uint32_t offset;

	if (!(record->flags & CAPTURE_CHECKSUM_PARTIAL) ||
	    record->transport_offset < record->network_offset + 20U ||
	    record->captured_length != record->packet_length)
		return 0;
	switch (record->transport_protocol) {
	case IPPROTO_TCP:
		offset = record->transport_offset + 16U;
		break;
	case IPPROTO_UDP:
		offset = record->transport_offset + 6U;
		break;
	default:
		return 0;
	}
	return offset + 2 <= MIN(record->captured_length, SEGMENT_HEADER_SIZE_MAX - VLAN_TAG_SIZE)
		       ? offset
		       : 0;
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

/* Makes the copied headers, which the tag has shifted, those of the packet that is next. */
static void headers_rewrite(const struct segmenter *segmenter, uint8_t *header, uint32_t shift,
			    const uint8_t *payload, uint32_t payload_size)
{
	const struct capture_record *record = segmenter->record;
	struct packet packet = {
		.network = header + shift + record->network_offset,
		.transport = header + shift + record->transport_offset,
		.transport_size = segmenter->header_length - record->transport_offset,
		.payload = payload,
		.payload_size = payload_size,
	};

	network_rewrite(segmenter, &packet);
	if (record->transport_protocol == IPPROTO_TCP)
		tcp_rewrite(segmenter, &packet);
	else
		udp_rewrite(segmenter, &packet);
}

/* Gives the network header the length and identity of this packet.  A sender whose identification is constantly
 * zero (RFC 6864 allows it with DF) is recognized by the zero; other TCP senders have it once in 65,536 packets. */
static void network_rewrite(const struct segmenter *segmenter, const struct packet *packet)
{
	uint8_t *network = packet->network;
	uint32_t header_size = (uint32_t)(packet->transport - network);
	uint32_t length = header_size + packet->transport_size + packet->payload_size;
	uint16_t identification = load16(network + 4);

	if (network[0] >> 4 == 6) {
		store16(network + 4, (uint16_t)(length - 40));
		return;
	}
	store16(network + 2, (uint16_t)length);
	if (identification != 0 || !(network[6] & IPV4_DF) ||
	    segmenter->record->transport_protocol != IPPROTO_TCP)
		store16(network + 4, (uint16_t)(identification + segmenter->index));
	store16(network + 10, 0);
	store_checksum(network + 10, checksum_finish(checksum_add(0, network, header_size)));
}

static void tcp_rewrite(const struct segmenter *segmenter, const struct packet *packet)
{
	uint8_t *tcp = packet->transport;

	store32(tcp + 4, load32(tcp + 4) + segmenter->index * segmenter->segment_size);
	if (segmenter->index > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	if (segmenter->index + 1 < segmenter->count)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	store16(tcp + 16, 0);
	store_checksum(tcp + 16, transport_checksum(packet, IPPROTO_TCP));
}

/* The checksum over pseudo-header, transport header and payload. */
static uint16_t transport_checksum(const struct packet *packet, uint32_t protocol)
{
	const uint8_t *network = packet->network;
	uint64_t sum = network[0] >> 4 == 4 ? checksum_add(0, network + 12, 8)
					    : checksum_add(0, network + 8, 32);

	sum = checksum_add_number(sum, protocol + packet->transport_size + packet->payload_size);
	sum = checksum_add(sum, packet->transport, packet->transport_size);
	sum = checksum_add(sum, packet->payload, packet->payload_size);
	return checksum_finish(sum);
}

/* A datagram may go without a checksum, unless one was still to be filled in. */
static void udp_rewrite(const struct segmenter *segmenter, const struct packet *packet)
{
	uint8_t *udp = packet->transport;
	bool checksummed = load16(udp + 6) != 0 ||
			   (segmenter->record->flags & CAPTURE_CHECKSUM_PARTIAL);

	store16(udp + 4, (uint16_t)(UDP_HEADER_SIZE + packet->payload_size));
	store16(udp + 6, 0);
	if (checksummed)
		store_checksum(udp + 6, udp_checksum(transport_checksum(packet, IPPROTO_UDP)));
}

/* Does what the NIC would have done: sums up from the transport header to the end, the sum of the pseudo-header being
 * in the checksum's place. */
static void checksum_fill_in(const struct segmenter *segmenter, uint8_t *header, uint32_t shift)
{
	const struct capture_record *record = segmenter->record;
	uint8_t *place = header + shift + segmenter->header_length - 2;
	uint32_t size = packet_end(record, segmenter->bytes) - record->transport_offset;
	uint16_t checksum =
		checksum_finish(checksum_add(0, segmenter->bytes + record->transport_offset, size));

	if (record->transport_protocol == IPPROTO_UDP)
		checksum = udp_checksum(checksum);
	store_checksum(place, checksum);
}

/* Where the packet ends by the word of its IP header, so that padding behind it does not count; at the end of the
 * frame if the header says nothing of use. */
static uint32_t packet_end(const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *network = bytes + record->network_offset;
	uint32_t end = record->network_offset;

	end += network[0] >> 4 == 6 ? load16(network + 4) + 40U : load16(network + 2);
	return end > record->transport_offset + UDP_HEADER_SIZE && end <= record->captured_length
		       ? end
		       : record->captured_length;
}

/* What each wire packet repeats, by the kernel program's reckoning (packet_header_length), sound or not. */
static uint32_t repeated_length(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t transport = record->transport_offset;

	if (transport == 0)
		return record->network_offset;
	if (record->transport_protocol == IPPROTO_UDP)
		return transport + UDP_HEADER_SIZE;
	if (record->transport_protocol != IPPROTO_TCP || transport + 12 >= record->captured_length)
		return transport;
	return transport + (bytes[transport + 12] >> 4) * 4U;
}
