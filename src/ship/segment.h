/* Makes of one captured frame the packets that the wire carried, or would have carried.  Pure.
 *
 *	captured:  | headers | payload ........................... |      a super-packet of TCP or UDP
 *	               |          |           |           |
 *	wire:      | headers'| payload |  | headers"| payload |  | headers"'| pay |
 *
 * What TSO, USO, GRO or checksum offload left to hardware is done here: each packet gets its own lengths, IPv4
 * identification, sequence number, flags and checksums, those of a tunnel around it too, and every packet an 802.1Q tag that the
 * kernel held aside.  Everything else stays as it was captured, mistakes included: an analyst needs to see them.
 *
 *	segment_layout    where the headers lie, and whether that is beyond doubt
 *	segment_rewrite   headers of one wire packet of a super-packet
 *	segment_chunks    which of SCTP's chunks go into one packet
 *
 * Checksums are those of the whole packet, and truncation comes last, so the bytes that are kept are the wire's. */
#pragma once

#include "ship/segment_layout.h"

#include <stdbool.h>
#include <stdint.h>

struct capture_record;

/* Longest headers, from Ethernet to the end of the innermost TCP's options, that a super-packet is cut at. */
#define SEGMENT_HEADER_SIZE_MAX 512

#define UDP_HEADER_SIZE 8U

enum { SEGMENT_MALFORMED = 1 };

/* One wire packet: a header that was written anew, then bytes that still lie in the capture. */
struct segment {
	uint32_t header_size;
	uint32_t tail_size;
	const uint8_t *tail;
	uint32_t
		wire_length; /* Of the packet before truncation, as it is counted: without the tag held aside. */
};

struct segmenter {
	const struct capture_record *record;
	const uint8_t *bytes;
	struct segment_layout layout; /* Only of a super-packet. */
	uint32_t header_length;       /* Bytes of the capture that are written anew. */
	uint32_t segment_size;        /* Payload of a super-packet's wire packets, but the last. */
	uint32_t offset;              /* Of what is next of a super-packet's payload. */
	uint32_t limit;               /* Bytes kept of each wire packet. */
	uint32_t index, count;        /* Wire packets made so far, and in all. */
};

/* Begins with a record and its captured bytes, which must stay until the last packet is used.  'packet_length'
 * bytes are kept of each wire packet, but never fewer than the floors of mirror/session.h; 0 keeps all.
 * Returns 0, or SEGMENT_MALFORMED for a super-packet that cannot be cut into 'segment_count' packets. */
int segmenter_init(struct segmenter *segmenter, const struct capture_record *record,
		   const uint8_t *bytes, uint16_t packet_length);

/* Makes the next wire packet; 'ret_header' takes its first part.  Returns false when there is none left. */
bool segmenter_next(struct segmenter *segmenter, uint8_t ret_header[SEGMENT_HEADER_SIZE_MAX],
		    struct segment *ret_segment);

/* Bytes of all wire packets of a record together, counted as the kernel counts what it accepted, whether they
 * can be cut or not. */
uint64_t segment_wire_bytes(const struct capture_record *record, const uint8_t *bytes);
