/* What the rules look at: reads a packet's headers, as far as they are there, into a key.
 *
 * The packet itself is never touched.  Headers at their usual places, in the first piece of the packet, are read from
 * there; others are copied to the stack one by one, wherever the kernel holds them, each by the call of a helper, which
 * costs as much as all the rest.  What cannot be read is simply not known, and no rule matches on it. */
#pragma once

#include "capture/kernel/tables.bpf.h"
#include "wire/capture.h"
#include "wire/classifier.h"
#include "wire/maps.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INLINE_TAGS_MAX    2
#define EXTENSIONS_MAX     8
#define FRAGMENT_OFFSET    0x1fff /* Of IPv4's field, in host order. */
#define FRAGMENT_MORE      0x2000
#define FRAGMENT_OFFSET_V6 0xfff8 /* Of IPv6's field, in host order. */
#define FRAGMENT_MORE_V6   0x0001
#define TRANSPORT_TCP      6
#define TRANSPORT_UDP      17
#define TCP_OFFSET_BYTE    12 /* The byte of the TCP header that has its length in the upper half. */
#define TCP_FLAGS_BYTE     13
#define TCP_CHECKSUM_BYTE  16
#define UDP_CHECKSUM_BYTE  6
#define UDP_HEADER_SIZE    8
#define PORTS_SIZE         4

/* Where the transport header of a frame without tags, options and extensions begins. */
#define USUAL_TRANSPORT_V4 (ETH_HLEN + (__u32)sizeof(struct iphdr))
#define USUAL_TRANSPORT_V6 (ETH_HLEN + (__u32)sizeof(struct ipv6hdr))
#define USUAL_IPV4         0x45 /* The first byte: version, and a header of five words. */

/* The kernel's twin of struct packet_key (mirror/filter.h). */
struct packet_key {
	struct map_address source, destination;
	__u16 source_port, destination_port;
	__u8 family; /* 4 or 6. */
	__u8 protocol;
	__u8 has_ports;
	__u8 fragment; /* Of a fragmented packet, first or later. */
	__u8 dscp;
	__u8 has_tcp_flags;
	__u8 tcp_flags;
	__u8 reserved;
};

struct packet {
	struct packet_key key;
	__u32 transport_length; /* Bytes from the transport header to the end of the packet. */
	__u16 network_offset;
	__u16 transport_offset; /* 0: no transport header in this packet. */
};

/* What a copy weighs: wire packets, their bytes, and how many of these will be sent. */
struct copy_weight {
	__u64 packets;
	__u64 bytes;
	__u64 sent_bytes; /* Only for sessions with MAP_SESSION_ADMISSION. */
};

/* What one run of the program works on, and the keys it looks things up with.
 *
 * It lies in a map and not on the stack: without CAP_PERFMON the verifier (of Linux 6.1) refuses to write parts of a
 * word on the stack one by one, and guards each word that is written twice by a barrier that costs more than the
 * look-up of this.  One per CPU will do, because a run is never interrupted by another on the same CPU. */
struct scratch {
	struct packet packet;
	struct packet inner; /* Of a tunnel's packet, what it wraps. */
	struct classifier_key key;
	struct map_resolver resolver;
	struct map_appliance appliance;
	struct map_session taker;
	struct copy_weight weight;
	struct capture_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_get(void)
{
	return map_first(&scratches);
}

static __always_inline bool transport_has_ports(__u8 protocol)
{
	return protocol == TRANSPORT_TCP || protocol == TRANSPORT_UDP;
}

/* Whether the first piece of the packet has at least 'size' bytes, a constant; they begin at 'ret_front'.  Not a pointer
 * or NULL, because the verifier lets no pointer into a packet be compared with that without CAP_PERFMON. */
static __always_inline bool packet_front(struct __sk_buff *skb, const __u32 size,
					 const char **ret_front)
{
	*ret_front = (const char *)(unsigned long)skb->data;
	return *ret_front + size <= (const char *)(unsigned long)skb->data_end;
}

/* 'ports' are both as they lie in the header. */
static __always_inline void ports_know(struct packet *packet, __u32 ports)
{
	packet->key.source_port = bpf_ntohs((__be16)ports);
	packet->key.destination_port = bpf_ntohs((__be16)(ports >> 16));
	packet->key.has_ports = 1;
}

/* Reads the ports at an offset that is a constant.  The compiler must not join this with another reading: one
 * instruction at a pointer that differs is what the verifier refuses without CAP_PERFMON. */
static __always_inline void ports_know_usual(struct packet *packet, const char *front,
					     const __u32 offset)
{
	__u32 ports = *(const __u32 *)(front + offset);

	asm volatile("" : "+r"(ports));
	if (transport_has_ports(packet->key.protocol))
		ports_know(packet, ports);
}

static __always_inline void tcp_flags_load(struct __sk_buff *skb, struct packet *packet,
					   __u32 offset)
{
	__u8 flags;

	if (packet->key.protocol != TRANSPORT_TCP ||
	    bpf_skb_load_bytes(skb, offset + TCP_FLAGS_BYTE, &flags, sizeof(flags)))
		return;
	packet->key.tcp_flags = flags;
	packet->key.has_tcp_flags = 1;
}

/* As ports_know_usual() reads ports. */
static __always_inline void tcp_flags_know_usual(struct __sk_buff *skb, struct packet *packet,
						 const __u32 offset)
{
	const char *front;
	__u32 flags;

	if (packet->key.protocol != TRANSPORT_TCP)
		return;
	if (!packet_front(skb, offset + TCP_FLAGS_BYTE + 1, &front)) {
		tcp_flags_load(skb, packet, offset);
		return;
	}
	flags = *(const __u8 *)(front + offset + TCP_FLAGS_BYTE);
	asm volatile("" : "+r"(flags));
	packet->key.tcp_flags = (__u8)flags;
	packet->key.has_tcp_flags = 1;
}

/* The length that the header states, unless it is 0 (a super-packet too large for the field) or more than there
 * is. */
static __always_inline __u32 transport_length(struct __sk_buff *skb, __u32 offset, __u32 stated)
{
	__u32 present = skb->len > offset ? skb->len - offset : 0;

	return stated && stated < present ? stated : present;
}

/* Returns the offset of the transport header, or 0 in a later fragment. */
static __always_inline __u32 ipv4_know(struct __sk_buff *skb, __u32 offset, __u32 header_length,
				       const struct iphdr *header, struct packet *packet)
{
	struct packet_key *key = &packet->key;
	__u32 total_length = bpf_ntohs(header->tot_len);
	__u16 fragment = bpf_ntohs(header->frag_off);

	key->family = 4;
	key->protocol = header->protocol;
	key->dscp = header->tos >> 2;
	key->source.words[0] = header->saddr;
	key->destination.words[0] = header->daddr;
	key->fragment = (fragment & (FRAGMENT_OFFSET | FRAGMENT_MORE)) != 0;
	if (fragment & FRAGMENT_OFFSET)
		return 0;
	offset += header_length;
	packet->transport_length = transport_length(
		skb, offset, total_length > header_length ? total_length - header_length : 0);
	return offset;
}

static __always_inline void ipv6_know(const struct ipv6hdr *header, struct packet_key *key)
{
	const __u32 *source = header->saddr.in6_u.u6_addr32;
	const __u32 *destination = header->daddr.in6_u.u6_addr32;

	key->family = 6;
	key->protocol = header->nexthdr;
	key->dscp = (__u8)(header->priority << 2 | header->flow_lbl[0] >> 6);
	for (int i = 0; i < 2; i++) {
		key->source.words[i] = source[2 * i] | (__u64)source[2 * i + 1] << 32;
		key->destination.words[i] = destination[2 * i] | (__u64)destination[2 * i + 1]
									 << 32;
	}
}

/* 'extensions' is the length of the extension headers before 'offset', where the transport header begins. */
static __always_inline void ipv6_know_length(struct __sk_buff *skb, __u32 offset, __u32 extensions,
					     const struct ipv6hdr *header, struct packet *packet)
{
	__u32 payload_length = bpf_ntohs(header->payload_len);

	packet->transport_length = transport_length(
		skb, offset, payload_length > extensions ? payload_length - extensions : 0);
}

/* Two bytes at an offset that is a constant.  Returns false when they are not in the first piece of the packet. */
static __always_inline bool front_load16(struct __sk_buff *skb, const __u32 offset,
					 __u16 *ret_bytes)
{
	const char *front;
	__u16 bytes;

	if (!packet_front(skb, offset + sizeof(bytes), &front))
		return false;
	bytes = *(const __u16 *)(front + offset);
	asm volatile("" : "+r"(bytes)); /* As in ports_know_usual(). */
	*ret_bytes = bytes;
	return true;
}

/* Two bytes of the transport header, from 'at' on, a constant.  Returns false when they are not there. */
static __always_inline bool transport_load16(struct __sk_buff *skb, const struct packet *packet,
					     const __u32 at, __u16 *ret_bytes)
{
	if (packet->transport_offset == USUAL_TRANSPORT_V4 &&
	    front_load16(skb, USUAL_TRANSPORT_V4 + at, ret_bytes))
		return true;
	if (packet->transport_offset == USUAL_TRANSPORT_V6 &&
	    front_load16(skb, USUAL_TRANSPORT_V6 + at, ret_bytes))
		return true;
	return !bpf_skb_load_bytes(skb, packet->transport_offset + at, ret_bytes,
				   sizeof(*ret_bytes));
}

static __always_inline bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_AH;
}

/* These two read headers at their usual places.  They return false when something else is there, and may have written
 * to the packet by then. */
static __always_inline bool ipv4_parse_usual(struct __sk_buff *skb, struct packet *packet)
{
	const struct iphdr *header;
	const char *front;

	if (!packet_front(skb, USUAL_TRANSPORT_V4 + PORTS_SIZE, &front) ||
	    front[ETH_HLEN] != USUAL_IPV4)
		return false;
	header = (const struct iphdr *)(front + ETH_HLEN);
	if (!ipv4_know(skb, ETH_HLEN, sizeof(*header), header, packet))
		return true;
	packet->transport_offset = USUAL_TRANSPORT_V4;
	ports_know_usual(packet, front, USUAL_TRANSPORT_V4);
	tcp_flags_know_usual(skb, packet, USUAL_TRANSPORT_V4);
	return true;
}

static __always_inline bool ipv6_parse_usual(struct __sk_buff *skb, struct packet *packet)
{
	const struct ipv6hdr *header;
	const char *front;

	if (!packet_front(skb, USUAL_TRANSPORT_V6 + PORTS_SIZE, &front))
		return false;
	header = (const struct ipv6hdr *)(front + ETH_HLEN);
	if (header->version != 6 || is_extension(header->nexthdr))
		return false;
	ipv6_know(header, &packet->key);
	ipv6_know_length(skb, USUAL_TRANSPORT_V6, 0, header, packet);
	packet->transport_offset = USUAL_TRANSPORT_V6;
	ports_know_usual(packet, front, USUAL_TRANSPORT_V6);
	tcp_flags_know_usual(skb, packet, USUAL_TRANSPORT_V6);
	return true;
}

static __always_inline bool packet_parse_usual(struct __sk_buff *skb, struct packet *packet)
{
	const char *front;
	__be16 type;

	if (!packet_front(skb, ETH_HLEN, &front))
		return false;
	type = ((const struct ethhdr *)front)->h_proto;
	packet->network_offset = ETH_HLEN;
	if (type == bpf_htons(ETH_P_IP))
		return ipv4_parse_usual(skb, packet);
	if (type == bpf_htons(ETH_P_IPV6))
		return ipv6_parse_usual(skb, packet);
	return false;
}

/* Skips the Ethernet header and inline tags.  Returns the offset of what follows, or 0. */
static __always_inline __u32 ethernet_parse(struct __sk_buff *skb, __be16 *ret_type)
{
	__u32 offset = ETH_HLEN;

	if (bpf_skb_load_bytes(skb, offset - sizeof(*ret_type), ret_type, sizeof(*ret_type)))
		return 0;
	for (int tags = 0; tags < INLINE_TAGS_MAX; tags++) {
		if (*ret_type != bpf_htons(ETH_P_8021Q) && *ret_type != bpf_htons(ETH_P_8021AD))
			break;
		offset += 4;
		if (bpf_skb_load_bytes(skb, offset - sizeof(*ret_type), ret_type,
				       sizeof(*ret_type)))
			return 0;
	}
	return offset;
}

/* Ports, TCP flags, and where the transport header is; all stay unknown when it is not there. */
static __always_inline void transport_parse(struct __sk_buff *skb, __u32 offset,
					    struct packet *packet)
{
	__u32 ports;

	if (offset >= skb->len)
		return;
	packet->transport_offset = (__u16)offset;
	if (transport_has_ports(packet->key.protocol) &&
	    !bpf_skb_load_bytes(skb, offset, &ports, sizeof(ports)))
		ports_know(packet, ports);
	tcp_flags_load(skb, packet, offset);
}

static __always_inline bool ipv4_parse(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
	struct iphdr header;
	__u32 header_length;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)))
		return false;
	header_length = header.ihl * 4u;
	if (header.version != 4 || header_length < sizeof(header))
		return false;
	offset = ipv4_know(skb, offset, header_length, &header, packet);
	if (offset)
		transport_parse(skb, offset, packet);
	return true;
}

/* Follows the chain of extension headers.  Returns the offset of what follows, or 0 when a later fragment, an
 * unreadable header or too many of them leave no transport header to be seen; 'protocol' is then the last one
 * that was named.  Unrolled, since without CAP_PERFMON the verifier also walks past the end of a loop, and there finds no
 * other end. */
static __always_inline __u32 ipv6_skip_extensions(struct __sk_buff *skb, __u32 offset,
						  struct packet_key *key)
{
	struct {
		__u8 next, length;
		__be16 fragment; /* Only in a fragment header. */
	} extension;

#pragma clang loop unroll(full)
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		__u8 kind = key->protocol;

		if (!is_extension(kind))
			return offset;
		if (bpf_skb_load_bytes(skb, offset, &extension, sizeof(extension)))
			return 0;
		key->protocol = extension.next;
		if (kind == IPPROTO_FRAGMENT) {
			__u16 fragment = bpf_ntohs(extension.fragment);

			key->fragment |= (fragment & (FRAGMENT_OFFSET_V6 | FRAGMENT_MORE_V6)) != 0;
			if (fragment & FRAGMENT_OFFSET_V6)
				return 0;
			offset += 8;
		} else if (kind == IPPROTO_AH) {
			offset += (extension.length + 2u) * 4;
		} else {
			offset += (extension.length + 1u) * 8;
		}
	}
	return is_extension(key->protocol) ? 0 : offset;
}

static __always_inline bool ipv6_parse(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
	__u32 payload_offset = offset + sizeof(struct ipv6hdr);
	struct ipv6hdr header;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)))
		return false;
	if (header.version != 6)
		return false;
	ipv6_know(&header, &packet->key);
	offset = ipv6_skip_extensions(skb, payload_offset, &packet->key);
	if (!offset)
		return true;
	ipv6_know_length(skb, offset, offset - payload_offset, &header, packet);
	transport_parse(skb, offset, packet);
	return true;
}

/* Returns false unless the packet is IP with a readable header: nothing else is ever
 * mirrored, since rules are about addresses. */
static __always_inline bool packet_parse(struct __sk_buff *skb, struct packet *ret_packet)
{
	__u32 offset;
	__be16 type;

	__builtin_memset(ret_packet, 0, sizeof(*ret_packet));
	if (packet_parse_usual(skb, ret_packet))
		return true;
	offset = ethernet_parse(skb, &type);
	if (!offset)
		return false;
	ret_packet->network_offset = (__u16)offset;
	if (type == bpf_htons(ETH_P_IP))
		return ipv4_parse(skb, offset, ret_packet);
	if (type == bpf_htons(ETH_P_IPV6))
		return ipv6_parse(skb, offset, ret_packet);
	return false;
}
