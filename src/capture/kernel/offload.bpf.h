/* What a sender left to the NIC: to fill in a checksum, and to cut a super-packet into wire packets.
 *
 * The kernel notes that beside the packet, in its sk_buff, most of which a program of this kind is not shown.  So what
 * is not told is inferred from the packet's bytes (offload_guess.bpf.h); told are only the size of a super-packet's
 * segments and that it is one. */
#pragma once

#include "capture/kernel/offload_guess.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "wire/capture.h"

#define SEGMENTS_LIMIT 65535
#define SEGMENTS_BY_FRAGS \
	0xffff /* A 'gso_size' that says: as the sender grouped its chunks (SCTP). */
#define SCTP_HEADER_SIZE  12
#define JUMBO_OPTION_SIZE 8 /* A hop-by-hop header with nothing else in it. */
#define JUMBO_OPTION_TYPE 0xc2

/* Bytes before the payload of a super-packet: as it is held, and of each of its wire packets. */
struct offload_headers {
	__u32 held, wire;
};

static __always_inline __u32 transport_end(struct __sk_buff *skb, __u32 offset, __u8 protocol)
{
	__u8 tcp_length;

	if (protocol == TRANSPORT_UDP)
		return offset + UDP_HEADER_SIZE;
	if (protocol == IPPROTO_SCTP)
		return offset + SCTP_HEADER_SIZE;
	if (protocol != TRANSPORT_TCP ||
	    bpf_skb_load_bytes(skb, offset + TCP_OFFSET_BYTE, &tcp_length, sizeof(tcp_length)))
		return offset;
	return offset + (tcp_length >> 4) * 4u;
}

/* Whether the kernel put a hop-by-hop header behind the IPv6 header, for a super-packet beyond 64 KiB ("BIG TCP"); it is
 * taken out before such a packet is cut. */
static __always_inline bool has_jumbo_option(struct __sk_buff *skb, const struct packet *packet)
{
	struct {
		struct ipv6hdr header;
		__u8 next, length, type, size;
	} start;

	if (packet->key.family != 6 ||
	    bpf_skb_load_bytes(skb, packet->network_offset, &start, sizeof(start)))
		return false;
	return start.header.payload_len == 0 && start.header.nexthdr == IPPROTO_HOPOPTS &&
	       start.next == TRANSPORT_TCP && start.length == 0 &&
	       start.type == JUMBO_OPTION_TYPE && start.size == 4;
}

static __always_inline struct offload_headers offload_headers(struct __sk_buff *skb,
							      const struct scratch *scratch)
{
	const struct packet *packet = &scratch->packet;
	const struct capture_record *record = &scratch->record;
	struct offload_headers headers;

	if (record->tunnel)
		headers.held = transport_end(skb, record->inner_transport_offset,
					     scratch->inner.key.protocol);
	else if (packet->transport_offset)
		headers.held = transport_end(skb, packet->transport_offset, packet->key.protocol);
	else
		headers.held = packet->network_offset;
	headers.wire = headers.held - (has_jumbo_option(skb, packet) ? JUMBO_OPTION_SIZE : 0);
	return headers;
}

/* Wire packets that a payload is cut into.  Computed, because the kernel's own count is 0 for what a guest hands over,
 * but for SCTP, which no guest does. */
static __always_inline __u32 segment_count(struct __sk_buff *skb, __u32 payload)
{
	__u32 count;

	if (skb->gso_size == SEGMENTS_BY_FRAGS)
		count = skb->gso_segs ? skb->gso_segs : 1;
	else
		count = (payload + skb->gso_size - 1) / skb->gso_size;
	return count < SEGMENTS_LIMIT ? count : SEGMENTS_LIMIT;
}

/* Fills in the record's members about checksum, super-packet and tunnel, and what the copy weighs.  Returns the length
 * of the headers of each of its wire packets.
 *
 * A function of its own for the verifier, which so looks at it once. */
__noinline int offload_find(struct __sk_buff *skb, struct scratch *scratch)
{
	struct offload_headers headers;
	struct capture_record *record;
	struct copy_weight *weight;

	if (!scratch)
		return 0;
	record = &scratch->record;
	record->segment_size = (__u16)skb->gso_size;
	record->segment_count = 1;
	record->flags = 0;
	record->tunnel = CAPTURE_TUNNEL_NONE;
	record->inner_network_offset = 0;
	record->inner_transport_offset = 0;
	record->checksum_start = 0;
	record->checksum_offset = 0;
	offload_guess(skb, scratch);
	weight = &scratch->weight;
	weight->packets = 1;
	weight->bytes = skb->len;
	if (!skb->gso_size)
		return 0;
	headers = offload_headers(skb, scratch);
	if (skb->len <= headers.held)
		return (int)headers.wire;
	record->segment_count = (__u16)segment_count(skb, skb->len - headers.held);
	weight->packets = record->segment_count;
	weight->bytes = skb->len - headers.held + weight->packets * headers.wire;
	return (int)headers.wire;
}
