/* The record that the kernel writes into the ring for each packet it copies.
 *
 *	+----------------+----------------------------------+
 *	| capture_record | 'captured_length' bytes of frame |
 *	+----------------+----------------------------------+
 *
 * The bytes start at the Ethernet header.  An accelerated 802.1Q tag is not among them: it is in 'vlan_*', to be put
 * back between MAC addresses and EtherType.  Everything is in host order but 'vlan_protocol'.
 *
 * Shared by capture/kernel (writer) and ship (reader); pinned rings outlive both, so the layout is versioned by the
 * pin directory's name (CAPTURE_LAYOUT_VERSION). */
#pragma once

#include <linux/types.h>

#define CAPTURE_LAYOUT_VERSION 6

enum capture_flags {
	/* The checksum at 'checksum_start' + 'checksum_offset' was still to be filled in by the NIC; 'captured_length' then
	 * covers the whole packet, so that the shipper can do it. */
	CAPTURE_CHECKSUM_PARTIAL = 1 << 0,
};

/* What a super-packet's payload is wrapped in, as it looks. */
enum capture_tunnel {
	CAPTURE_TUNNEL_NONE,
	CAPTURE_TUNNEL_UDP, /* VXLAN, Geneve and the like. */
	CAPTURE_TUNNEL_GRE,
	CAPTURE_TUNNEL_IP, /* IPv4 or IPv6 in either. */
};

struct capture_record {
	__u64 timestamp;          /* CLOCK_MONOTONIC nanoseconds at capture. */
	__u32 session_slot;       /* Index into the session tables. */
	__u32 session_generation; /* Tells a slot's present owner from its last one. */
	__u32 packet_length; /* Bytes of the frame as the kernel held it, without accelerated tag. */
	__u32 captured_length; /* Bytes that follow this header. */
	__u16 segment_size;    /* Payload bytes per wire packet of a super-packet; 0: not one. */
	__u16 segment_count;   /* Wire packets; 1 unless a super-packet.  Counted as accepted. */
	__u16 vlan_tci;
	__be16 vlan_protocol;    /* 0: no accelerated tag. */
	__u16 network_offset;    /* Of the IP header, from the first byte. */
	__u16 transport_offset;  /* Of the transport header; 0 when there is none to be seen. */
	__u8 transport_protocol; /* IANA number after IPv6 extension headers. */
	__u8 direction;          /* enum direction, from the source's view. */
	__u8 flags;              /* enum capture_flags. */
	__u8 tunnel; /* enum capture_tunnel: what a super-packet's payload is wrapped in. */
	__u16 inner_network_offset; /* Of the wrapped packet's headers; 0 unless 'tunnel' says so. */
	__u16 inner_transport_offset;
	__u16 checksum_start; /* Where CAPTURE_CHECKSUM_PARTIAL begins to sum, and where, from there, the sum goes. */
	__u16 checksum_offset;
};

_Static_assert(sizeof(struct capture_record) == 48, "the record is part of the ring's layout");
