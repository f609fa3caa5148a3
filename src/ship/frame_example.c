// SPDX-License-Identifier: Apache-2.0
#include "ship/frame_example.h"

#include "ship/checksum.h"

#include <netinet/in.h>
#include <string.h>

static void store16(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

/* Returns where the network header begins. */
static uint32_t ethernet_build(const struct frame_wish *wish, uint8_t *bytes)
{
	uint32_t offset = 12;

	memcpy(bytes, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
	for (unsigned int i = 0; i < wish->inline_tags; i++, offset += 4) {
		store16(bytes + offset, i + 1 < wish->inline_tags ? 0x88a8 : 0x8100);
		store16(bytes + offset + 2, 100 + i);
	}
	store16(bytes + offset, wish->version == 4 ? 0x0800 : 0x86dd);
	return offset + 2;
}

static uint32_t ipv4_build(const struct frame_wish *wish, uint8_t *network, uint32_t length)
{
	uint32_t size = 20 + wish->network_options;
	uint16_t checksum;

	network[0] = (uint8_t)(0x40 | size / 4);
	store16(network + 2, size + length);
	store16(network + 4, wish->identification);
	network[6] = 0x40;
	network[8] = 64;
	network[9] = wish->protocol;
	memcpy(network + 12, "\xc0\0\x02\x01\xc0\0\x02\x02", 8);
	memset(network + 20, 1, wish->network_options);
	checksum = checksum_finish(checksum_add(0, network, size));
	memcpy(network + 10, &checksum, 2);
	return size;
}

static uint32_t ipv6_build(const struct frame_wish *wish, uint8_t *network, uint32_t length)
{
	uint32_t options = wish->network_options;

	network[0] = 0x60;
	store16(network + 4, length + options);
	network[6] = options ? IPPROTO_HOPOPTS : wish->protocol;
	network[7] = 64;
	memcpy(network + 8, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	memcpy(network + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
	if (options) {
		network[40] = wish->protocol;
		network[41] = (uint8_t)(options / 8 - 1);
		network[42] = 1; /* PadN */
		network[43] = (uint8_t)(options - 4);
	}
	return 40 + options;
}

/* All but the checksum. */
static void transport_build(const struct frame_wish *wish, uint8_t *transport)
{
	store16(transport, wish->source_port ? wish->source_port : 40000U);
	store16(transport + 2, 443);
	if (wish->protocol == IPPROTO_TCP) {
		memcpy(transport + 4, "\xff\xff\xf0\0\x01\x02\x03\x04", 8);
		transport[12] = (uint8_t)((20 + wish->transport_options) / 4 << 4);
		transport[13] = wish->tcp_flags;
		store16(transport + 14, 512);
		memset(transport + 20, 1, wish->transport_options);
	} else {
		store16(transport + 4, 8 + wish->payload_size);
	}
}

static void checksum_build(const struct frame_wish *wish, const uint8_t *network,
			   uint8_t *transport, uint32_t length)
{
	uint8_t *place = transport + (wish->protocol == IPPROTO_TCP ? 16 : 6);
	uint64_t sum = wish->version == 4 ? checksum_add(0, network + 12, 8)
					  : checksum_add(0, network + 8, 32);
	uint16_t checksum;

	sum = checksum_add_number(sum, wish->protocol + length);
	if (wish->placeholder)
		checksum = (uint16_t)~checksum_finish(sum);
	else
		checksum = checksum_finish(checksum_add(sum, transport, length));
	if (wish->protocol == IPPROTO_UDP && checksum == 0)
		checksum = UINT16_MAX;
	memcpy(place, &checksum, 2);
}

void frame_example_build(const struct frame_wish *wish, struct frame_example *ret_frame)
{
	uint32_t transport_size = wish->protocol == IPPROTO_TCP ? 20 + wish->transport_options : 8;
	uint32_t length = transport_size + wish->payload_size;
	uint8_t *bytes = ret_frame->bytes;
	uint32_t network, transport, payload;

	memset(ret_frame, 0, sizeof(*ret_frame));
	network = ethernet_build(wish, bytes);
	transport = network;
	transport += wish->version == 4 ? ipv4_build(wish, bytes + network, length)
					: ipv6_build(wish, bytes + network, length);
	transport_build(wish, bytes + transport);
	payload = transport + transport_size;
	for (uint32_t i = 0; i < wish->payload_size; i++)
		bytes[payload + i] = (uint8_t)(i ^ i >> 8);
	checksum_build(wish, bytes + network, bytes + transport, length);
	ret_frame->record = (struct capture_record){
		.packet_length = transport + length,
		.captured_length = transport + length,
		.segment_size = wish->segment_size,
		.segment_count =
			(uint16_t)(wish->segment_size
					   ? (wish->payload_size - 1) / wish->segment_size + 1
					   : 1),
		.vlan_tci = wish->held_tag,
		.vlan_protocol = htons(wish->held_tag ? 0x8100 : 0),
		.network_offset = (uint16_t)network,
		.transport_offset = (uint16_t)transport,
		.transport_protocol = wish->protocol,
		.flags = wish->placeholder ? CAPTURE_CHECKSUM_PARTIAL : 0,
	};
}

uint32_t frame_example_size(const struct frame_example *frame)
{
	return (uint32_t)sizeof(frame->record) + frame->record.captured_length;
}
