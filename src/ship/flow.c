// SPDX-License-Identifier: Apache-2.0
/* The kernel program already found the headers; what remains is to tell fragments, and to order the two ends so
 * that a packet and its answer look alike. */
#include "ship/flow.h"

#include "wire/capture.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

/* One end of a flow: address and port, zero beyond what it has. */
struct flow_end {
	uint8_t address[16];
	uint64_t port;
};

/* The finalizer of splitmix64: every bit of the input reaches every bit of the output. */
static inline uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static bool read_ends(const struct capture_record *record, const uint8_t *bytes,
		      struct flow_end ends[2]);
static bool ipv4_is_fragment(const uint8_t *network);
static bool ipv6_is_fragment(const struct capture_record *record, const uint8_t *bytes);
static bool has_ports(const struct capture_record *record);
static void read_ports(const uint8_t *transport, struct flow_end ends[2]);
static bool end_is_greater(const struct flow_end *a, const struct flow_end *b);
static uint64_t mix_end(uint64_t hash, const struct flow_end *end);

uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes)
{
	struct flow_end ends[2] = {};
	unsigned int first;
	uint64_t hash;

	if (!read_ends(record, bytes, ends))
		return 0;
	first = end_is_greater(&ends[0], &ends[1]);
	hash = mix_end(record->transport_protocol + 1ULL, &ends[first]);
	hash = mix_end(hash, &ends[!first]);
	return (uint32_t)(hash >> 32);
}

/* Fills in both ends.  Returns false when there is no whole IP header. */
static bool read_ends(const struct capture_record *record, const uint8_t *bytes,
		      struct flow_end ends[2])
{
	uint32_t offset = record->network_offset, rest;
	bool fragment;

	if (offset >= record->captured_length)
		return false;
	rest = record->captured_length - offset;
	if (bytes[offset] >> 4 == 4 && rest >= 20) {
		memcpy(ends[0].address, bytes + offset + 12, 4);
		memcpy(ends[1].address, bytes + offset + 16, 4);
		fragment = ipv4_is_fragment(bytes + offset);
	} else if (bytes[offset] >> 4 == 6 && rest >= 40) {
		memcpy(ends[0].address, bytes + offset + 8, 16);
		memcpy(ends[1].address, bytes + offset + 24, 16);
		fragment = ipv6_is_fragment(record, bytes);
	} else {
		return false;
	}
	if (!fragment && has_ports(record))
		read_ports(bytes + record->transport_offset, ends);
	return true;
}

static bool ipv4_is_fragment(const uint8_t *network)
{
	return ((network[6] & 0x3f) | network[7]) != 0;
}

/* Whether an IPv6 packet has a fragment header before its transport header. */
static bool ipv6_is_fragment(const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t offset = record->network_offset + 40U;
	uint8_t next = bytes[record->network_offset + 6U];

	while (next != record->transport_protocol && next != IPPROTO_FRAGMENT &&
	       offset + 2 <= record->captured_length) {
		/* An authentication header counts in words of four bytes, the others of eight. */
		uint32_t size = next == IPPROTO_AH ? (bytes[offset + 1] + 2U) * 4U
						   : (bytes[offset + 1] + 1U) * 8U;

		next = bytes[offset];
		offset += size;
	}
	return next == IPPROTO_FRAGMENT;
}

static bool has_ports(const struct capture_record *record)
{
	return record->transport_offset != 0 &&
	       record->transport_offset + 4U <= record->captured_length &&
	       (record->transport_protocol == IPPROTO_TCP ||
		record->transport_protocol == IPPROTO_UDP ||
		record->transport_protocol == IPPROTO_SCTP);
}

static void read_ports(const uint8_t *transport, struct flow_end ends[2])
{
	ends[0].port = (uint64_t)transport[0] << 8 | transport[1];
	ends[1].port = (uint64_t)transport[2] << 8 | transport[3];
}

static bool end_is_greater(const struct flow_end *a, const struct flow_end *b)
{
	int order = memcmp(a->address, b->address, sizeof(a->address));

	return order != 0 ? order > 0 : a->port > b->port;
}

static uint64_t mix_end(uint64_t hash, const struct flow_end *end)
{
	uint64_t words[2];

	memcpy(words, end->address, sizeof(words));
	hash = mix(hash ^ words[0]);
	hash = mix(hash ^ words[1]);
	return mix(hash ^ end->port);
}
