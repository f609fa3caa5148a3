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

/* A number of each end's address and port. */
struct ends {
	uint64_t left, right;
};

static inline struct ends ipv4_ends(const uint8_t *network);
static inline struct ends ipv6_ends(const uint8_t *network);
static inline uint64_t half_at(const uint8_t *bytes);
static inline bool ipv4_is_fragment(const uint8_t *network);
static bool ipv6_is_fragment(const struct capture_record *record, const uint8_t *bytes);
static inline bool has_ports(const struct capture_record *record);
static inline uint64_t port_at(const uint8_t *transport);

uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *network = bytes + record->network_offset;
	const uint8_t *transport = bytes + record->transport_offset;
	struct ends ends;
	bool fragment;

	if (record->network_offset + 20U <= record->captured_length && network[0] >> 4 == 4) {
		ends = ipv4_ends(network);
		fragment = ipv4_is_fragment(network);
	} else if (record->network_offset + 40U <= record->captured_length &&
		   network[0] >> 4 == 6) {
		ends = ipv6_ends(network);
		fragment = ipv6_is_fragment(record, bytes);
	} else {
		return 0;
	}
	if (!fragment && has_ports(record)) {
		ends.left ^= port_at(transport);
		ends.right ^= port_at(transport + 2);
	}
	/* Once more, since ports that follow each other leave one product at equal steps, which miss some of few lanes. */
	return (uint32_t)mix(mix(MIN(ends.left, ends.right) ^ record->transport_protocol,
				 MAX(ends.left, ends.right)),
			     0);
}

static inline struct ends ipv4_ends(const uint8_t *network)
{
	uint32_t left, right;

	memcpy(&left, network + 12, sizeof(left));
	memcpy(&right, network + 16, sizeof(right));
	return (struct ends){left, right};
}

static inline struct ends ipv6_ends(const uint8_t *network)
{
	return (struct ends){mix(half_at(network + 8), half_at(network + 16)),
			     mix(half_at(network + 24), half_at(network + 32))};
}

/* Half of an IPv6 address. */
static inline uint64_t half_at(const uint8_t *bytes)
{
	uint64_t half;

	memcpy(&half, bytes, sizeof(half));
	return half;
}

static inline bool ipv4_is_fragment(const uint8_t *network)
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

static inline bool has_ports(const struct capture_record *record)
{
	return record->transport_offset != 0 &&
	       record->transport_offset + 4U <= record->captured_length &&
	       (record->transport_protocol == IPPROTO_TCP ||
		record->transport_protocol == IPPROTO_UDP ||
		record->transport_protocol == IPPROTO_SCTP);
}

/* A port, where there is room for it above an IPv4 address. */
static inline uint64_t port_at(const uint8_t *transport)
{
	uint16_t port;

	memcpy(&port, transport, sizeof(port));
	return (uint64_t)port << 32;
}
