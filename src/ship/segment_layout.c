// SPDX-License-Identifier: Apache-2.0
#include "ship/segment_layout.h"

#include "ship/octets.h"
#include "ship/segment.h"
#include "wire/capture.h"

#include <netinet/in.h>

#define ETHERNET_HEADER_SIZE 14U
#define IPV6_HEADER_SIZE     40U
#define TCP_HEADER_SIZE      20U
#define SCTP_HEADER_SIZE     12U
#define GRE_HEADER_SIZE      4U
#define JUMBO_OPTION_SIZE    8U
#define JUMBO_OPTION_TYPE    0xc2
#define GRE_CHECKSUM         0x80

static unsigned int version_at(const struct capture_record *record, const uint8_t *bytes,
			       uint32_t network);
static bool has_jumbo_option(const struct capture_record *record, const uint8_t *bytes);
static uint8_t protocol_inside(const struct capture_record *record, const uint8_t *bytes);
static uint32_t transport_end(const struct capture_record *record, const uint8_t *bytes,
			      uint32_t transport, uint8_t protocol);
static bool layout_is_sound(const struct capture_record *record, const uint8_t *bytes,
			    const struct segment_layout *layout);
static bool network_is_sound(const struct capture_record *record, const uint8_t *bytes,
			     uint32_t network, uint32_t transport);
static bool tunnel_is_sound(const struct capture_record *record, const uint8_t *bytes);
static bool transport_is_sound(const struct capture_record *record,
			       const struct segment_layout *layout);
static void jumbo_option_leave_out(struct segment_layout *layout);

int segment_layout_read(const struct capture_record *record, const uint8_t *bytes,
			struct segment_layout *ret_layout)
{
	bool tunnel = record->tunnel != CAPTURE_TUNNEL_NONE;

	*ret_layout = (struct segment_layout){
		.network = record->network_offset,
		.transport = record->transport_offset,
		.inner_network = tunnel ? record->inner_network_offset : record->network_offset,
		.inner_transport = tunnel ? record->inner_transport_offset
					  : record->transport_offset,
		.protocol = tunnel ? protocol_inside(record, bytes) : record->transport_protocol,
		.has_jumbo_option = has_jumbo_option(record, bytes),
	};
	segment_layout_measure(record, bytes, &ret_layout->held, &ret_layout->length);
	if (!layout_is_sound(record, bytes, ret_layout))
		return SEGMENT_MALFORMED;
	if (ret_layout->has_jumbo_option)
		jumbo_option_leave_out(ret_layout);
	return 0;
}

void segment_layout_measure(const struct capture_record *record, const uint8_t *bytes,
			    uint32_t *ret_held, uint32_t *ret_length)
{
	uint32_t held;

	if (record->tunnel != CAPTURE_TUNNEL_NONE)
		held = transport_end(record, bytes, record->inner_transport_offset,
				     protocol_inside(record, bytes));
	else if (record->transport_offset != 0)
		held = transport_end(record, bytes, record->transport_offset,
				     record->transport_protocol);
	else
		held = record->network_offset;
	*ret_held = held;
	*ret_length = has_jumbo_option(record, bytes) ? held - JUMBO_OPTION_SIZE : held;
}

/* 0 where there is nothing to be read. */
static unsigned int version_at(const struct capture_record *record, const uint8_t *bytes,
			       uint32_t network)
{
	return network < record->captured_length ? bytes[network] >> 4 : 0;
}

/* A super-packet of IPv6 beyond 64 KiB ("BIG TCP") has its length in a hop-by-hop header that the kernel put there, and
 * takes out before it cuts. */
static bool has_jumbo_option(const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *network = bytes + record->network_offset;
	const uint8_t *option = network + IPV6_HEADER_SIZE;

	return record->network_offset + IPV6_HEADER_SIZE + JUMBO_OPTION_SIZE <=
		       record->captured_length &&
	       network[0] >> 4 == 6 && load16(network + 4) == 0 && network[6] == IPPROTO_HOPOPTS &&
	       option[0] == IPPROTO_TCP && option[1] == 0 && option[2] == JUMBO_OPTION_TYPE &&
	       option[3] == 4;
}

/* What the wrapped packet's transport is, by its IP header and, in IPv6, what lies between that and the transport. */
static uint8_t protocol_inside(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t network = record->inner_network_offset, end = record->inner_transport_offset;
	uint32_t offset = network + IPV6_HEADER_SIZE;
	uint8_t next;

	if (version_at(record, bytes, network) == 4)
		return network + 20 <= record->captured_length ? bytes[network + 9] : 0;
	if (offset > record->captured_length || end > record->captured_length)
		return 0;
	next = bytes[network + 6];
	while (offset + 8 <= end) {
		/* An authentication header counts in words of four bytes, the others of eight. */
		uint32_t size = next == IPPROTO_AH ? (bytes[offset + 1] + 2U) * 4U
						   : (bytes[offset + 1] + 1U) * 8U;

		next = bytes[offset];
		offset += size;
	}
	return next;
}

static uint32_t transport_end(const struct capture_record *record, const uint8_t *bytes,
			      uint32_t transport, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return transport + UDP_HEADER_SIZE;
	case IPPROTO_SCTP:
		return transport + SCTP_HEADER_SIZE;
	case IPPROTO_TCP:
		return transport + 12 < record->captured_length
			       ? transport + (bytes[transport + 12] >> 4) * 4U
			       : transport;
	default:
		return transport;
	}
}

static bool layout_is_sound(const struct capture_record *record, const uint8_t *bytes,
			    const struct segment_layout *layout)
{
	uint32_t outer_end = layout->transport;

	if (layout->network < ETHERNET_HEADER_SIZE ||
	    !network_is_sound(record, bytes, layout->network, layout->transport))
		return false;
	if (layout->has_jumbo_option &&
	    layout->transport < layout->network + IPV6_HEADER_SIZE + JUMBO_OPTION_SIZE)
		return false;
	if (record->tunnel != CAPTURE_TUNNEL_NONE) {
		outer_end = layout->inner_network;
		if (!tunnel_is_sound(record, bytes) ||
		    !network_is_sound(record, bytes, layout->inner_network,
				      layout->inner_transport))
			return false;
	}
	return outer_end <= layout->inner_transport && transport_is_sound(record, layout);
}

/* Whether a whole IP header without room for doubt ends at or before the transport header. */
static bool network_is_sound(const struct capture_record *record, const uint8_t *bytes,
			     uint32_t network, uint32_t transport)
{
	if (transport >= record->captured_length)
		return false;
	switch (version_at(record, bytes, network)) {
	case 4:
		return network + 20 <= transport &&
		       network + (bytes[network] & 0x0fU) * 4 == transport;
	case 6:
		return network + IPV6_HEADER_SIZE <= transport;
	default:
		return false;
	}
}

/* Whether the tunnel's own header lies between the outer and the inner packet. */
static bool tunnel_is_sound(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t transport = record->transport_offset, inner = record->inner_network_offset;

	if (inner >= record->captured_length || inner < transport)
		return false;
	switch (record->tunnel) {
	case CAPTURE_TUNNEL_UDP:
		return transport + UDP_HEADER_SIZE <= inner;
	case CAPTURE_TUNNEL_GRE:
		return transport + GRE_HEADER_SIZE + (bytes[transport] & GRE_CHECKSUM ? 4U : 0) <=
		       inner;
	case CAPTURE_TUNNEL_IP:
		return transport == inner;
	default:
		return false;
	}
}

/* Whether the innermost transport header is whole and one that can be repeated. */
static bool transport_is_sound(const struct capture_record *record,
			       const struct segment_layout *layout)
{
	if (layout->held >= record->captured_length)
		return false;
	if (layout->protocol == IPPROTO_TCP)
		return layout->held >= layout->inner_transport + TCP_HEADER_SIZE;
	return layout->protocol == IPPROTO_UDP || layout->protocol == IPPROTO_SCTP;
}

static void jumbo_option_leave_out(struct segment_layout *layout)
{
	layout->transport -= JUMBO_OPTION_SIZE;
	layout->inner_transport -= JUMBO_OPTION_SIZE;
	if (layout->inner_network != layout->network)
		layout->inner_network -= JUMBO_OPTION_SIZE;
}
