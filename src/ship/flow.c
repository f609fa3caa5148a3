// SPDX-License-Identifier: Apache-2.0
/* The kernel program already found the headers; what remains is to tell fragments, and to order the two ends so
 * that a packet and its answer look alike.  Each copy passes through here: two multiplications of IPv4, four of IPv6.  Bytes make the
 * same numbers on every kind of host. */
#include "ship/flow.h"

#include "balance/fragments.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/fleet.h"
#include "wire/capture.h"

#include <endian.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define SEED_LEFT  0xa0761d6478bd642fULL /* Odd numbers with as many ones as zeros. */
#define SEED_RIGHT 0xe7037ed1a0b428dbULL

#define FRAGMENT_IDENTIFICATION 4 /* Within IPv6's fragment header, and within IPv4's. */
#define IPV4_PROTOCOL           9

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

static inline bool ends_find(const struct capture_record *record, const uint8_t *bytes,
			     struct ends *ret_ends, uint32_t *ret_fragment);
static inline uint64_t ends_mix(struct ends ends, uint64_t protocol);
static uint64_t datagram_identify(const struct capture_record *record, const uint8_t *bytes,
				  struct ends ends, uint32_t fragment);
static inline struct ends ipv4_ends(const uint8_t *network);
static inline struct ends ipv6_ends(const uint8_t *network);
static inline uint64_t half_at(const uint8_t *bytes);
static inline bool ipv4_is_fragment(const uint8_t *network);
static uint32_t ipv6_find_fragment(const struct capture_record *record, const uint8_t *bytes);
static inline bool has_ports(const struct capture_record *record);
static inline uint64_t port_at(const uint8_t *transport);

uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *transport = bytes + record->transport_offset;
	struct ends ends;
	uint32_t fragment;

	if (!ends_find(record, bytes, &ends, &fragment))
		return 0;
	if (fragment == 0 && has_ports(record)) {
		ends.left ^= port_at(transport);
		ends.right ^= port_at(transport + 2);
	}
	return (uint32_t)ends_mix(ends, record->transport_protocol);
}

uint64_t flow_identify(const struct capture_record *record, const uint8_t *bytes,
		       enum fleet_stickiness stickiness, struct fragments *fragments)
{
	const uint8_t *transport = bytes + record->transport_offset;
	uint32_t now = (uint32_t)(record->timestamp / NSEC_PER_SEC), fragment;
	uint64_t datagram = 0, flow;
	struct ends ends;

	if (!ends_find(record, bytes, &ends, &fragment))
		return 0;
	if (stickiness != FLEET_5_TUPLE)
		return ends_mix(ends, stickiness == FLEET_3_TUPLE ? record->transport_protocol : 0);
	if (fragment != 0)
		datagram = datagram_identify(record, bytes, ends, fragment);
	if (has_ports(record)) {
		ends.left ^= port_at(transport);
		ends.right ^= port_at(transport + 2);
	} else if (fragment != 0 && fragments_find(fragments, datagram, now, &flow)) {
		return flow;
	}
	flow = ends_mix(ends, record->transport_protocol);
	if (fragment != 0 && has_ports(record))
		fragments_note(fragments, datagram, flow, now);
	return flow;
}

/* The addresses of a packet, and of a fragment where the header is that says so; 0: it is none.  Returns false when it is no IP
 * packet, or not enough of it was captured. */
static inline bool ends_find(const struct capture_record *record, const uint8_t *bytes,
			     struct ends *ret_ends, uint32_t *ret_fragment)
{
	const uint8_t *network = bytes + record->network_offset;

	if (record->network_offset + 20U <= record->captured_length && network[0] >> 4 == 4) {
		*ret_ends = ipv4_ends(network);
		*ret_fragment = ipv4_is_fragment(network) ? record->network_offset : 0;
		return true;
	}
	if (record->network_offset + 40U <= record->captured_length && network[0] >> 4 == 6) {
		*ret_ends = ipv6_ends(network);
		*ret_fragment = ipv6_find_fragment(record, bytes);
		return true;
	}
	return false;
}

/* Once more, since ports that follow each other leave one product at equal steps, which miss some of few lanes. */
static inline uint64_t ends_mix(struct ends ends, uint64_t protocol)
{
	return mix(mix(MIN(ends.left, ends.right) ^ protocol, MAX(ends.left, ends.right)), 0);
}

/* IPv4's identification has 16 bits and counts for one protocol, which each fragment names.  IPv6's has 32 and counts for all: what
 * follows its fragment header is for the first fragment alone to say (RFC 8200, section 4.5). */
static uint64_t datagram_identify(const struct capture_record *record, const uint8_t *bytes,
				  struct ends ends, uint32_t fragment)
{
	const bool ipv4 = fragment == record->network_offset;
	uint32_t identification = 0;
	uint64_t protocol = ipv4 ? bytes[fragment + IPV4_PROTOCOL] : 0;

	if (fragment + FRAGMENT_IDENTIFICATION + sizeof(identification) <= record->captured_length)
		memcpy(&identification, bytes + fragment + FRAGMENT_IDENTIFICATION,
		       ipv4 ? sizeof(uint16_t) : sizeof(identification));
	return mix(mix(ends.left, ends.right), protocol << 32 | identification);
}

static inline struct ends ipv4_ends(const uint8_t *network)
{
	uint32_t left, right;

	memcpy(&left, network + 12, sizeof(left));
	memcpy(&right, network + 16, sizeof(right));
	return (struct ends){le32toh(left), le32toh(right)};
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
	return le64toh(half);
}

static inline bool ipv4_is_fragment(const uint8_t *network)
{
	return ((network[6] & 0x3f) | network[7]) != 0;
}

/* Where an IPv6 packet has a fragment header before its transport header; 0: nowhere. */
static uint32_t ipv6_find_fragment(const struct capture_record *record, const uint8_t *bytes)
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
	return next == IPPROTO_FRAGMENT ? offset : 0;
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
	return (uint64_t)le16toh(port) << 32;
}
