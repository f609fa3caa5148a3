// SPDX-License-Identifier: Apache-2.0
/* The kernel program already found the headers; what remains is to tell fragments, and to order the two ends so
 * that a packet and its answer look alike.  Each copy passes through here: two multiplications of IPv4, four of IPv6. */
#include "ship/flow.h"

#include "base/count.h"
#include "wire/capture.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define SEED_LEFT  0xa0761d6478bd642fULL /* Odd numbers with as many ones as zeros. */
#define SEED_RIGHT 0xe7037ed1a0b428dbULL

/* A product of 128 bits, folded: its every bit depends on many of both factors. */
static inline uint64_t mix(uint64_t left, uint64_t right)
{
	unsigned __int128 product = (unsigned __int128)(left ^ SEED_LEFT) * (right ^ SEED_RIGHT);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static bool read_ends(const struct capture_record *record, const uint8_t *bytes, uint64_t ends[2]);
static void read_ipv4(const uint8_t *network, uint64_t ends[2]);
static void read_ipv6(const uint8_t *network, uint64_t ends[2]);
static bool ipv4_is_fragment(const uint8_t *network);
static bool ipv6_is_fragment(const struct capture_record *record, const uint8_t *bytes);
static bool has_ports(const struct capture_record *record);
static void read_ports(const uint8_t *transport, uint64_t ends[2]);

uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes)
{
	uint64_t ends[2];

	if (!read_ends(record, bytes, ends))
		return 0;
	/* Once more, since ports that follow each other leave one product at equal steps, which miss some of few lanes. */
	return (uint32_t)mix(
		mix(MIN(ends[0], ends[1]) ^ record->transport_protocol, MAX(ends[0], ends[1])), 0);
}

/* Makes a number of each end's address and port.  Returns false when there is no whole IP header. */
static bool read_ends(const struct capture_record *record, const uint8_t *bytes, uint64_t ends[2])
{
	uint32_t offset = record->network_offset, rest;
	bool fragment;

	if (offset >= record->captured_length)
		return false;
	rest = record->captured_length - offset;
	if (bytes[offset] >> 4 == 4 && rest >= 20) {
		read_ipv4(bytes + offset, ends);
		fragment = ipv4_is_fragment(bytes + offset);
	} else if (bytes[offset] >> 4 == 6 && rest >= 40) {
		read_ipv6(bytes + offset, ends);
		fragment = ipv6_is_fragment(record, bytes);
	} else {
		return false;
	}
	if (!fragment && has_ports(record))
		read_ports(bytes + record->transport_offset, ends);
	return true;
}

static void read_ipv4(const uint8_t *network, uint64_t ends[2])
{
	uint32_t addresses[2];

	memcpy(addresses, network + 12, sizeof(addresses));
	ends[0] = addresses[0];
	ends[1] = addresses[1];
}

static void read_ipv6(const uint8_t *network, uint64_t ends[2])
{
	uint64_t addresses[4];

	memcpy(addresses, network + 8, sizeof(addresses));
	ends[0] = mix(addresses[0], addresses[1]);
	ends[1] = mix(addresses[2], addresses[3]);
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

/* Above an IPv4 address there is room for the port. */
static void read_ports(const uint8_t *transport, uint64_t ends[2])
{
	uint16_t ports[2];

	memcpy(ports, transport, sizeof(ports));
	ends[0] ^= (uint64_t)ports[0] << 32;
	ends[1] ^= (uint64_t)ports[1] << 32;
}
