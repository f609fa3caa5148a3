/* What was left to the NIC, inferred from the packet's bytes.
 *
 *	a checksum is left to the NIC   when it is what senders leave there: the folded sum of the pseudo-header, or zero in SCTP.
 *	                                A checksum that is really wrong looks like the former once in 65,536 times.
 *	a super-packet is a tunnel's    when it is GRE or IP in IP, or UDP to a port of VXLAN or Geneve, with a packet inside
 *	                                that reaches to the end: were it many datagrams, the first one's would end earlier.
 *	anything else of UDP            is many datagrams (USO), never one to be cut into fragments (UFO). */
#pragma once

#include "capture/kernel/packet.bpf.h"
#include "wire/capture.h"

#define SCTP_CHECKSUM_BYTE 8

#define VXLAN_PORT         4789
#define VXLAN_PORT_OLD     8472 /* Linux's, from before there was a standard. */
#define GENEVE_PORT        6081
#define TUNNEL_HEADER_SIZE 8 /* Of VXLAN, and of Geneve without options. */
#define GRE_HEADER_SIZE    4
#define GRE_CHECKSUM       0x8000
#define GRE_KEY            0x2000
#define GRE_SEQUENCE       0x1000
#define ETHERNET_IN_TUNNEL 0x6558

/* Whether the checksum is the folded sum of the pseudo-header.  A real one that looks like this is computed again to
 * the same value. */
static __always_inline bool checksum_is_placeholder(const struct packet *packet, __u16 checksum)
{
	const struct packet_key *key = &packet->key;
	__u64 sum = 0;

	for (int i = 0; i < 2; i++) {
		sum += (__u32)key->source.words[i] + (key->source.words[i] >> 32);
		sum += (__u32)key->destination.words[i] + (key->destination.words[i] >> 32);
	}
	sum += (__u64)bpf_htonl(packet->transport_length) + bpf_htonl(key->protocol);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return checksum == sum;
}

/* Whether the checksum in the transport header, at a place that is a constant, is left to the NIC. */
static __always_inline bool checksum_is_left(struct __sk_buff *skb, const struct packet *packet,
					     const __u32 place)
{
	__u16 checksum;

	return transport_load16(skb, packet, place, &checksum) &&
	       checksum_is_placeholder(packet, checksum);
}

static __always_inline bool checksum_is_left_sctp(struct __sk_buff *skb,
						  const struct packet *packet)
{
	__u32 checksum;

	return !bpf_skb_load_bytes(skb, packet->transport_offset + SCTP_CHECKSUM_BYTE, &checksum,
				   sizeof(checksum)) &&
	       !checksum;
}

static __always_inline void checksum_guess(struct __sk_buff *skb, const struct packet *packet,
					   struct capture_record *record)
{
	__u32 place;

	if (!packet->transport_offset || packet->key.fragment)
		return;
	if (packet->key.protocol == IPPROTO_SCTP) {
		place = SCTP_CHECKSUM_BYTE;
		if (!checksum_is_left_sctp(skb, packet))
			return;
	} else if (!packet->key.has_ports) {
		return;
	} else if (packet->key.protocol == TRANSPORT_TCP) {
		place = TCP_CHECKSUM_BYTE;
		if (!checksum_is_left(skb, packet, TCP_CHECKSUM_BYTE))
			return;
	} else {
		place = UDP_CHECKSUM_BYTE;
		if (!checksum_is_left(skb, packet, UDP_CHECKSUM_BYTE))
			return;
	}
	record->flags |= CAPTURE_CHECKSUM_PARTIAL;
	record->checksum_start = packet->transport_offset;
	record->checksum_offset = (__u16)place;
}

static __always_inline __u32 gre_header_size(__u16 flags)
{
	return GRE_HEADER_SIZE + !!(flags & GRE_CHECKSUM) * 4u + !!(flags & GRE_KEY) * 4u +
	       !!(flags & GRE_SEQUENCE) * 4u;
}

/* Where a tunnel's payload begins, and of which type it is.  Returns 0 when the packet does not look like a tunnel's. */
static __always_inline __u32 tunnel_payload(struct __sk_buff *skb, const struct packet *packet,
					    __be16 *ret_type, __u8 *ret_tunnel)
{
	__u32 offset = packet->transport_offset;
	__u16 port = packet->key.destination_port;
	__be16 head[2];

	*ret_tunnel = CAPTURE_TUNNEL_IP;
	switch (packet->key.protocol) {
	case IPPROTO_IPIP:
		*ret_type = bpf_htons(ETH_P_IP);
		return offset;
	case IPPROTO_IPV6:
		*ret_type = bpf_htons(ETH_P_IPV6);
		return offset;
	case IPPROTO_GRE:
		*ret_tunnel = CAPTURE_TUNNEL_GRE;
		if (bpf_skb_load_bytes(skb, offset, head, sizeof(head)) ||
		    head[0] & ~bpf_htons(GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE))
			return 0;
		*ret_type = head[1];
		return offset + gre_header_size(bpf_ntohs(head[0]));
	case IPPROTO_UDP:
		*ret_tunnel = CAPTURE_TUNNEL_UDP;
		offset += UDP_HEADER_SIZE;
		*ret_type = bpf_htons(ETHERNET_IN_TUNNEL);
		if (port == VXLAN_PORT || port == VXLAN_PORT_OLD)
			return offset + TUNNEL_HEADER_SIZE;
		if (port != GENEVE_PORT || bpf_skb_load_bytes(skb, offset, head, sizeof(head)))
			return 0;
		*ret_type = head[1];
		return offset + TUNNEL_HEADER_SIZE + (bpf_ntohs(head[0]) >> 8 & 0x3f) * 4u;
	default:
		return 0;
	}
}

/* Skips an Ethernet header with at most one tag. */
static __always_inline __u32 tunnel_ethernet(struct __sk_buff *skb, __u32 offset, __be16 *ret_type)
{
	offset += ETH_HLEN;
	if (bpf_skb_load_bytes(skb, offset - sizeof(*ret_type), ret_type, sizeof(*ret_type)))
		return 0;
	if (*ret_type != bpf_htons(ETH_P_8021Q))
		return offset;
	offset += 4;
	if (bpf_skb_load_bytes(skb, offset - sizeof(*ret_type), ret_type, sizeof(*ret_type)))
		return 0;
	return offset;
}

/* Reads the packet inside, whose IP header is at 'offset'.  Returns false unless it is IP.
 *
 * Functions of their own for the verifier, which so looks at each once. */
__noinline int inner_parse(struct __sk_buff *skb, __u32 offset, __u32 type,
			   struct packet *ret_inner)
{
	if (!ret_inner)
		return false;
	__builtin_memset(ret_inner, 0, sizeof(*ret_inner));
	ret_inner->network_offset = (__u16)offset;
	if (type == bpf_htons(ETH_P_IP))
		return ipv4_parse(skb, offset, ret_inner);
	if (type == bpf_htons(ETH_P_IPV6))
		return ipv6_parse(skb, offset, ret_inner);
	return false;
}

/* Returns which tunnel the packet is of, and the packet inside, or CAPTURE_TUNNEL_NONE. */
__noinline int tunnel_guess(struct __sk_buff *skb, const struct packet *packet,
			    struct packet *ret_inner)
{
	__u8 tunnel = CAPTURE_TUNNEL_NONE;
	__be16 type = 0;
	__u32 offset;

	if (!packet || !ret_inner || !packet->transport_offset || packet->key.fragment)
		return CAPTURE_TUNNEL_NONE;
	offset = tunnel_payload(skb, packet, &type, &tunnel);
	if (offset && type == bpf_htons(ETHERNET_IN_TUNNEL))
		offset = tunnel_ethernet(skb, offset, &type);
	if (!offset || !inner_parse(skb, offset, type, ret_inner))
		return CAPTURE_TUNNEL_NONE;
	return tunnel;
}

static __always_inline bool packet_may_be_tunnel(const struct packet_key *key)
{
	if (key->protocol == IPPROTO_UDP)
		return key->destination_port == VXLAN_PORT ||
		       key->destination_port == VXLAN_PORT_OLD ||
		       key->destination_port == GENEVE_PORT;
	return key->protocol == IPPROTO_GRE || key->protocol == IPPROTO_IPIP ||
	       key->protocol == IPPROTO_IPV6;
}

/* Fills in what the bytes tell. */
static __always_inline void offload_guess(struct __sk_buff *skb, struct scratch *scratch)
{
	const struct packet *packet = &scratch->packet, *inner = &scratch->inner;
	struct capture_record *record = &scratch->record;
	__u32 tunnel;

	checksum_guess(skb, packet, record);
	if (!packet_may_be_tunnel(&packet->key))
		return;
	tunnel = (__u32)tunnel_guess(skb, packet, &scratch->inner);
	if (tunnel == CAPTURE_TUNNEL_NONE)
		return;
	/* The outer checksum of a tunnel is filled in when the inner one is left to the NIC. */
	if (!(record->flags & CAPTURE_CHECKSUM_PARTIAL) || skb->gso_size)
		checksum_guess(skb, inner, record);
	if (!skb->gso_size || !inner->key.has_ports ||
	    inner->transport_offset + inner->transport_length != skb->len)
		return;
	record->tunnel = (__u8)tunnel;
	record->inner_network_offset = inner->network_offset;
	record->inner_transport_offset = inner->transport_offset;
}
