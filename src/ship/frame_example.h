/* Captured frames made to order, for tests and measurements. */
#pragma once

#include "wire/capture.h"

#include <stdbool.h>
#include <stdint.h>

#define FRAME_EXAMPLE_SIZE 140000

/* A record with its frame behind it, as they lie in a ring. */
struct frame_example {
	struct capture_record record;
	uint8_t bytes[FRAME_EXAMPLE_SIZE];
};

struct frame_wish {
	uint8_t version;  /* Of IP; 4 or 6. */
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP. */
	uint32_t payload_size;
	uint16_t segment_size; /* 0: no super-packet. */
	uint16_t source_port;
	unsigned int network_options;   /* Bytes of IPv4 options or of an IPv6 hop-by-hop header. */
	unsigned int transport_options; /* Bytes of TCP options. */
	unsigned int inline_tags;
	uint16_t held_tag; /* An accelerated tag's TCI; 0: none. */
	uint8_t tcp_flags;
	uint16_t identification;
	uint8_t placeholder; /* True: the checksum is left to the NIC. */
	uint8_t jumbo;       /* True: with the kernel's hop-by-hop header of "BIG TCP". */
	uint16_t chunk_size; /* Of SCTP, with its header; 0: one chunk. */
	struct tunnel_wish {
		uint8_t kind; /* enum capture_tunnel; UDP is VXLAN. */
		uint8_t version;
		uint8_t checksum; /* True: UDP or GRE has one of its own. */
		uint16_t identification;
	} tunnel;
};

/* Fills in headers and a payload of bytes that count up; checksums are those of the frame as it is, or what a
 * sender leaves for its NIC.  Addresses are 192.0.2.1 to .2, or 2001:db8::1 to ::2; the destination port is 443.  Those around a
 * tunnel are the same. */
void frame_example_build(const struct frame_wish *wish, struct frame_example *ret_frame);

/* Bytes of record and frame together. */
uint32_t frame_example_size(const struct frame_example *frame);
