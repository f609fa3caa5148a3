// SPDX-License-Identifier: Apache-2.0
#include "ship/segment_rewrite.h"

#include "ship/checksum.h"
#include "ship/crc32c.h"
#include "ship/octets.h"
#include "ship/segment.h"
#include "wire/capture.h"

#include <netinet/in.h>

#define IPV6_HEADER_SIZE 40U
#define IPV4_DF          0x40
#define TCP_FIN          0x01
#define TCP_PSH          0x08
#define TCP_CWR          0x80
#define GRE_CHECKSUM     0x80

static void transport_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			      uint64_t payload_sum);
static void tcp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum);
static void udp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum, uint32_t network, uint32_t transport, bool pending);
static void sctp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet);
static void gre_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum);
static uint16_t transport_checksum(const struct segmenter *segmenter,
				   const struct wire_packet *packet, uint64_t payload_sum,
				   uint32_t network, uint32_t transport, uint32_t protocol);
static void network_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			    uint32_t network, uint32_t transport);
static bool identification_stays(const struct segmenter *segmenter, const uint8_t *network);

void segment_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet)
{
	const struct segment_layout *layout = &segmenter->layout;
	uint64_t payload_sum = checksum_add(0, packet->payload, packet->payload_size);
	uint8_t tunnel = segmenter->record->tunnel;

	transport_rewrite(segmenter, packet, payload_sum);
	if (tunnel != CAPTURE_TUNNEL_NONE)
		network_rewrite(segmenter, packet, layout->inner_network, layout->inner_transport);
	if (tunnel == CAPTURE_TUNNEL_UDP)
		udp_rewrite(segmenter, packet, payload_sum, layout->network, layout->transport,
			    false);
	if (tunnel == CAPTURE_TUNNEL_GRE)
		gre_rewrite(segmenter, packet, payload_sum);
	network_rewrite(segmenter, packet, layout->network, layout->transport);
}

static void transport_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			      uint64_t payload_sum)
{
	const struct segment_layout *layout = &segmenter->layout;

	if (layout->protocol == IPPROTO_TCP)
		tcp_rewrite(segmenter, packet, payload_sum);
	else if (layout->protocol == IPPROTO_SCTP)
		sctp_rewrite(segmenter, packet);
	else
		udp_rewrite(segmenter, packet, payload_sum, layout->inner_network,
			    layout->inner_transport,
			    segmenter->record->flags & CAPTURE_CHECKSUM_PARTIAL);
}

static void tcp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum)
{
	const struct segment_layout *layout = &segmenter->layout;
	uint8_t *tcp = packet->header + layout->inner_transport;

	store32(tcp + 4, load32(tcp + 4) + segmenter->offset - layout->held);
	if (segmenter->index > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	if (segmenter->index + 1 < segmenter->count)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	store16(tcp + 16, 0);
	store_checksum(tcp + 16,
		       transport_checksum(segmenter, packet, payload_sum, layout->inner_network,
					  layout->inner_transport, IPPROTO_TCP));
}

/* A datagram may go without a checksum, unless one was still to be filled in. */
static void udp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum, uint32_t network, uint32_t transport, bool pending)
{
	uint8_t *udp = packet->header + transport;
	bool checksummed = pending || load16(udp + 6) != 0;

	store16(udp + 4, segmenter->layout.length - transport + packet->payload_size);
	store16(udp + 6, 0);
	if (checksummed)
		store_checksum(udp + 6,
			       udp_checksum(transport_checksum(segmenter, packet, payload_sum,
							       network, transport, IPPROTO_UDP)));
}

static void sctp_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet)
{
	uint32_t transport = segmenter->layout.inner_transport;
	uint8_t *sctp = packet->header + transport;
	uint32_t crc;

	store32(sctp + 8, 0);
	crc = crc32c_add(CRC32C_START, sctp, segmenter->layout.length - transport);
	crc32c_store(sctp + 8, crc32c_add(crc, packet->payload, packet->payload_size));
}

/* The checksum, if there is one, has four bytes, of which the latter two are reserved.  Key and sequence number stay:
 * the kernel wraps nothing that it still has to cut when each packet needs a number of its own. */
static void gre_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			uint64_t payload_sum)
{
	uint32_t transport = segmenter->layout.transport;
	uint8_t *gre = packet->header + transport;
	uint64_t sum;

	if (!(gre[0] & GRE_CHECKSUM))
		return;
	store32(gre + 4, 0);
	sum = checksum_add(payload_sum, gre, segmenter->layout.length - transport);
	store_checksum(gre + 4, checksum_finish(sum));
}

/* The checksum over pseudo-header, everything from the transport header on, and payload. */
static uint16_t transport_checksum(const struct segmenter *segmenter,
				   const struct wire_packet *packet, uint64_t payload_sum,
				   uint32_t network, uint32_t transport, uint32_t protocol)
{
	uint32_t size = segmenter->layout.length - transport;
	uint64_t sum = pseudo_header_add(payload_sum, packet->header + network);

	sum = checksum_add_number(sum, protocol + size + packet->payload_size);
	return checksum_finish(checksum_add(sum, packet->header + transport, size));
}

/* Gives a network header the length and identity of this packet. */
static void network_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet,
			    uint32_t network, uint32_t transport)
{
	uint8_t *header = packet->header + network;
	uint32_t length = segmenter->layout.length - network + packet->payload_size;

	if (header[0] >> 4 == 6) {
		store16(header + 4, length - IPV6_HEADER_SIZE);
		return;
	}
	store16(header + 2, length);
	if (!identification_stays(segmenter, header))
		store16(header + 4, load16(header + 4) + segmenter->index);
	store16(header + 10, 0);
	store_checksum(header + 10, checksum_finish(checksum_add(0, header, transport - network)));
}

/* A TCP sender whose identification is constantly zero (RFC 6864 allows it with DF) is recognized by the zero; others
 * have it once in 65,536 packets. */
static bool identification_stays(const struct segmenter *segmenter, const uint8_t *network)
{
	return segmenter->layout.protocol == IPPROTO_TCP && load16(network + 4) == 0 &&
	       network[6] & IPV4_DF;
}
