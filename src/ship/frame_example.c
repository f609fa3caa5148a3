// SPDX-License-Identifier: Apache-2.0
/* Header by header, each appended to the record's frame; lengths and checksums come last, from the innermost header
 * outwards. */
#include "ship/frame_example.h"

#include "base/count.h"
#include "ship/checksum.h"
#include "ship/crc32c.h"
#include "ship/octets.h"

#include <netinet/in.h>

#define VXLAN_PORT       4789
#define VXLAN_HEADER     "\x08\0\0\0\0\0\x2a\0"
#define GRE_CHECKSUM     0x80
#define IPV6_HEADER_SIZE 40U

static uint16_t segment_count(const struct frame_wish *wish);
static uint8_t *append(struct frame_example *frame, uint32_t size);
static void outer_build(const struct frame_wish *wish, struct frame_example *frame);
static void inner_build(const struct frame_wish *wish, struct frame_example *frame);
static void ethernet_build(struct frame_example *frame, unsigned int tags, uint8_t version);
static void ip_build(struct frame_example *frame, uint8_t version, uint8_t protocol,
		     uint16_t identification, unsigned int options);
static void jumbo_build(struct frame_example *frame, uint8_t protocol);
static void transport_build(const struct frame_wish *wish, struct frame_example *frame);
static void chunks_build(uint8_t *chunks, uint32_t size, uint32_t chunk_size);
static void ip_finish(struct frame_example *frame, uint32_t network, bool jumbo);
static void transport_finish(const struct frame_wish *wish, struct frame_example *frame,
			     uint32_t network, uint32_t transport);
static void tunnel_finish(const struct frame_wish *wish, struct frame_example *frame);

void frame_example_build(const struct frame_wish *wish, struct frame_example *ret_frame)
{
	struct capture_record *record = &ret_frame->record;
	bool tunnel = wish->tunnel.kind != CAPTURE_TUNNEL_NONE;

	memset(record, 0, sizeof(*record));
	if (tunnel)
		outer_build(wish, ret_frame);
	else
		ethernet_build(ret_frame, wish->inline_tags, wish->version);
	inner_build(wish, ret_frame);
	transport_finish(wish, ret_frame,
			 tunnel ? record->inner_network_offset : record->network_offset,
			 tunnel ? record->inner_transport_offset : record->transport_offset);
	if (tunnel)
		tunnel_finish(wish, ret_frame);
	record->captured_length = record->packet_length;
	record->segment_size = wish->segment_size;
	record->segment_count = segment_count(wish);
	record->vlan_tci = wish->held_tag;
	record->vlan_protocol = htons(wish->held_tag ? 0x8100 : 0);
	record->tunnel = wish->tunnel.kind;
}

uint32_t frame_example_size(const struct frame_example *frame)
{
	return (uint32_t)sizeof(frame->record) + frame->record.captured_length;
}

static uint16_t segment_count(const struct frame_wish *wish)
{
	if (wish->segment_size == 0)
		return 1;
	return (uint16_t)((wish->payload_size - 1) / wish->segment_size + 1);
}

/* Makes room for a header of zeros. */
static uint8_t *append(struct frame_example *frame, uint32_t size)
{
	uint8_t *place = frame->bytes + frame->record.packet_length;

	memset(place, 0, size);
	frame->record.packet_length += size;
	return place;
}

/* All around the wrapped packet, but what depends on its length. */
static void outer_build(const struct frame_wish *wish, struct frame_example *frame)
{
	static const uint8_t protocols[] = {
		[CAPTURE_TUNNEL_UDP] = IPPROTO_UDP, [CAPTURE_TUNNEL_GRE] = IPPROTO_GRE};
	struct capture_record *record = &frame->record;
	uint8_t protocol = protocols[wish->tunnel.kind % ARRAY_SIZE(protocols)], *header;

	if (wish->tunnel.kind == CAPTURE_TUNNEL_IP)
		protocol = wish->version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	ethernet_build(frame, wish->inline_tags, wish->tunnel.version);
	record->network_offset = (uint16_t)record->packet_length;
	ip_build(frame, wish->tunnel.version, protocol, wish->tunnel.identification, 0);
	record->transport_offset = (uint16_t)record->packet_length;
	record->transport_protocol = protocol;
	if (protocol == IPPROTO_UDP) {
		header = append(frame, 16);
		store16(header, 50000);
		store16(header + 2, VXLAN_PORT);
		memcpy(header + 8, VXLAN_HEADER, 8);
		ethernet_build(frame, 0, wish->version);
	} else if (protocol == IPPROTO_GRE) {
		header = append(frame, wish->tunnel.checksum ? 8 : 4);
		header[0] = wish->tunnel.checksum ? GRE_CHECKSUM : 0;
		store16(header + 2, wish->version == 4 ? 0x0800 : 0x86dd);
	}
}

static void inner_build(const struct frame_wish *wish, struct frame_example *frame)
{
	struct capture_record *record = &frame->record;
	uint32_t network = record->packet_length, transport;

	ip_build(frame, wish->version, wish->protocol, wish->identification, wish->network_options);
	if (wish->jumbo)
		jumbo_build(frame, wish->protocol);
	transport = record->packet_length;
	transport_build(wish, frame);
	ip_finish(frame, network, wish->jumbo);
	if (wish->tunnel.kind != CAPTURE_TUNNEL_NONE) {
		record->inner_network_offset = (uint16_t)network;
		record->inner_transport_offset = (uint16_t)transport;
		return;
	}
	record->network_offset = (uint16_t)network;
	record->transport_offset = (uint16_t)transport;
	record->transport_protocol = wish->protocol;
}

static void ethernet_build(struct frame_example *frame, unsigned int tags, uint8_t version)
{
	memcpy(append(frame, 12), "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
	for (unsigned int i = 0; i < tags; i++) {
		uint8_t *tag = append(frame, 4);

		store16(tag, i + 1 < tags ? 0x88a8 : 0x8100);
		store16(tag + 2, 100 + i);
	}
	store16(append(frame, 2), version == 4 ? 0x0800 : 0x86dd);
}

/* 'options' is the size of IPv4 options or of an IPv6 hop-by-hop header. */
static void ip_build(struct frame_example *frame, uint8_t version, uint8_t protocol,
		     uint16_t identification, unsigned int options)
{
	uint8_t *network = append(frame, (version == 4 ? 20 : IPV6_HEADER_SIZE) + options);

	if (version == 4) {
		network[0] = (uint8_t)(0x40 | (20 + options) / 4);
		store16(network + 4, identification);
		network[6] = 0x40;
		network[8] = 64;
		network[9] = protocol;
		memcpy(network + 12, "\xc0\0\x02\x01\xc0\0\x02\x02", 8);
		memset(network + 20, 1, options);
		return;
	}
	network[0] = 0x60;
	network[6] = options ? IPPROTO_HOPOPTS : protocol;
	network[7] = 64;
	memcpy(network + 8, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	memcpy(network + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
	if (options) {
		network[40] = protocol;
		network[41] = (uint8_t)(options / 8 - 1);
		network[42] = 1; /* PadN */
		network[43] = (uint8_t)(options - 4);
	}
}

static void jumbo_build(struct frame_example *frame, uint8_t protocol)
{
	uint8_t *option = append(frame, 8);

	option[-(int)IPV6_HEADER_SIZE + 6] = IPPROTO_HOPOPTS;
	option[0] = protocol;
	option[2] = 0xc2;
	option[3] = 4;
}

/* All but the checksum. */
static void transport_build(const struct frame_wish *wish, struct frame_example *frame)
{
	uint32_t size = wish->protocol == IPPROTO_TCP   ? 20 + wish->transport_options
			: wish->protocol == IPPROTO_UDP ? 8
							: 12;
	uint8_t *transport = append(frame, size), *payload = append(frame, wish->payload_size);

	for (uint32_t i = 0; i < wish->payload_size; i++)
		payload[i] = (uint8_t)(i ^ i >> 8);
	store16(transport, wish->source_port ? wish->source_port : 40000U);
	store16(transport + 2, 443);
	if (wish->protocol == IPPROTO_TCP) {
		memcpy(transport + 4, "\xff\xff\xf0\0\x01\x02\x03\x04", 8);
		transport[12] = (uint8_t)(size / 4 << 4);
		transport[13] = wish->tcp_flags;
		store16(transport + 14, 512);
		memset(transport + 20, 1, wish->transport_options);
	} else if (wish->protocol == IPPROTO_UDP) {
		store16(transport + 4, size + wish->payload_size);
	} else {
		chunks_build(payload, wish->payload_size, wish->chunk_size);
	}
}

static void chunks_build(uint8_t *chunks, uint32_t size, uint32_t chunk_size)
{
	uint32_t step = chunk_size ? chunk_size : size;

	for (uint32_t offset = 0; offset + 4 <= size; offset += step)
		store16(chunks + offset + 2, MIN(step, size - offset));
}

static void ip_finish(struct frame_example *frame, uint32_t network, bool jumbo)
{
	uint8_t *header = frame->bytes + network;
	uint32_t length = frame->record.packet_length - network;

	if (header[0] >> 4 == 4) {
		uint32_t size = (header[0] & 15U) * 4;

		store16(header + 2, length > UINT16_MAX ? 0 : length);
		store_checksum(header + 10, checksum_finish(checksum_add(0, header, size)));
	} else if (jumbo) {
		store32(header + IPV6_HEADER_SIZE + 4, length - IPV6_HEADER_SIZE);
	} else {
		store16(header + 4, length - IPV6_HEADER_SIZE);
	}
}

/* The checksum of the innermost transport, or what a sender leaves in its place. */
static void transport_finish(const struct frame_wish *wish, struct frame_example *frame,
			     uint32_t network, uint32_t transport)
{
	uint8_t *header = frame->bytes + transport;
	uint32_t length = frame->record.packet_length - transport;
	uint32_t place = wish->protocol == IPPROTO_TCP ? 16 : wish->protocol == IPPROTO_UDP ? 6 : 8;
	uint64_t sum = pseudo_header_add(0, frame->bytes + network);
	uint16_t checksum;

	if (wish->placeholder) {
		frame->record.flags |= CAPTURE_CHECKSUM_PARTIAL;
		frame->record.checksum_start = (uint16_t)transport;
		frame->record.checksum_offset = (uint16_t)place;
	}
	if (wish->protocol == IPPROTO_SCTP) {
		if (!wish->placeholder)
			crc32c_store(header + place, crc32c_add(CRC32C_START, header, length));
		return;
	}
	sum = checksum_add_number(sum, wish->protocol + length);
	if (wish->placeholder)
		checksum = (uint16_t)~checksum_finish(sum);
	else
		checksum = checksum_finish(checksum_add(sum, header, length));
	store_checksum(header + place,
		       wish->protocol == IPPROTO_UDP ? udp_checksum(checksum) : checksum);
}

/* Lengths and checksums around the wrapped packet, of the frame as it is. */
static void tunnel_finish(const struct frame_wish *wish, struct frame_example *frame)
{
	const struct capture_record *record = &frame->record;
	uint8_t *network = frame->bytes + record->network_offset;
	uint8_t *transport = frame->bytes + record->transport_offset;
	uint32_t length = record->packet_length - record->transport_offset;
	uint64_t sum;

	ip_finish(frame, record->network_offset, false);
	if (wish->tunnel.kind == CAPTURE_TUNNEL_UDP)
		store16(transport + 4, length);
	if (!wish->tunnel.checksum)
		return;
	if (wish->tunnel.kind == CAPTURE_TUNNEL_UDP) {
		sum = checksum_add_number(pseudo_header_add(0, network), IPPROTO_UDP + length);
		sum = checksum_add(sum, transport, length);
		store_checksum(transport + 6, udp_checksum(checksum_finish(sum)));
	} else if (wish->tunnel.kind == CAPTURE_TUNNEL_GRE) {
		store_checksum(transport + 4, checksum_finish(checksum_add(0, transport, length)));
	}
}
