// SPDX-License-Identifier: Apache-2.0
/* UFO: one datagram, with a checksum over all of it, in fragments that only IP knows of. */
#include "ship/checksum.h"
#include "ship/octets.h"
#include "ship/segment.h"
#include "ship/segment_rewrite.h"
#include "wire/capture.h"

#include <netinet/in.h>

#define IPV6_HEADER_SIZE 40U
#define IPV4_MF          0x2000U
#define IPV6_MF          1U

static void datagram_checksum(const struct segmenter *segmenter, uint8_t *network, uint8_t *udp);
static void ipv4_fragment(const struct segmenter *segmenter, uint8_t *network, uint32_t length);
static void ipv6_fragment(const struct segmenter *segmenter, uint8_t *network, uint32_t length);

void fragment_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet)
{
	const struct segment_layout *layout = &segmenter->layout;
	uint8_t *network = packet->header + layout->network;
	uint32_t length = layout->length - layout->network + packet->payload_size;

	/* Before the network header is changed, which the checksum covers in part. */
	if (segmenter->index == 0)
		datagram_checksum(segmenter, network, packet->header + layout->length);
	if (network[0] >> 4 == 4)
		ipv4_fragment(segmenter, network, length);
	else
		ipv6_fragment(segmenter, network, length);
}

static void datagram_checksum(const struct segmenter *segmenter, uint8_t *network, uint8_t *udp)
{
	const struct capture_record *record = segmenter->record;
	uint32_t size = record->captured_length - record->transport_offset;
	uint64_t sum = checksum_add_number(pseudo_header_add(0, network), IPPROTO_UDP + size);

	memcpy(udp, segmenter->bytes + record->transport_offset, UDP_HEADER_SIZE);
	store16(udp + 6, 0);
	sum = checksum_add(sum, udp, UDP_HEADER_SIZE);
	sum = checksum_add(sum, segmenter->bytes + record->transport_offset + UDP_HEADER_SIZE,
			   size - UDP_HEADER_SIZE);
	store_checksum(udp + 6, udp_checksum(checksum_finish(sum)));
}

/* The datagram may be fragmented from here on, so DF goes. */
static void ipv4_fragment(const struct segmenter *segmenter, uint8_t *network, uint32_t length)
{
	const struct segment_layout *layout = &segmenter->layout;
	uint32_t more = segmenter->index + 1 < segmenter->count ? IPV4_MF : 0;

	store16(network + 2, length);
	store16(network + 6, (segmenter->offset - layout->held) / 8 | more);
	store16(network + 10, 0);
	store_checksum(network + 10, checksum_finish(checksum_add(
					     0, network, layout->transport - layout->network)));
}

/* The identification is ours, the same for all fragments: the kernel chooses the wire's only when it cuts. */
static void ipv6_fragment(const struct segmenter *segmenter, uint8_t *network, uint32_t length)
{
	uint32_t more = segmenter->index + 1 < segmenter->count ? IPV6_MF : 0;
	uint8_t *fragment = network + IPV6_HEADER_SIZE;

	store16(network + 4, length - IPV6_HEADER_SIZE);
	fragment[0] = network[6];
	fragment[1] = 0;
	network[6] = IPPROTO_FRAGMENT;
	store16(fragment + 2, (segmenter->offset - segmenter->layout.held) | more);
	store32(fragment + 4, (uint32_t)segmenter->record->timestamp);
}
