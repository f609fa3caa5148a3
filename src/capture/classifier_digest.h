/* The 32 bits of IPv6 addresses that tell the prefixes of a filter apart best.
 *
 * A digest is DIGEST_WINDOWS windows of an address, disjoint and in its order, so that a prefix of an address is a prefix
 * of its digest, and trees are built for IPv6 as for IPv4.  The kernel knows nothing of this: windows of a digest are
 * windows of the address. */
#pragma once

#include "base/address.h"

#include <stddef.h>

#define DIGEST_WINDOWS     4
#define DIGEST_WINDOW_BITS 8u
#define DIGEST_SAMPLE      256 /* Prefixes that are enough to choose by. */

/* A prefix of an IPv6 address; the bits below it are zero. */
struct prefix {
	uint64_t halves[2];
	uint8_t length;
};

/* Each window by the number of its lowest bit, the uppermost first. */
struct digest {
	uint8_t windows[DIGEST_WINDOWS];
};

struct prefix prefix_from_cidr(const struct cidr *cidr);

/* Picks the windows that part at most DIGEST_SAMPLE prefixes into the smallest groups. */
struct digest digest_choose(const struct prefix *prefixes, size_t count);

uint32_t digest_take(const struct digest *digest, const struct prefix *prefix);

/* How many bits of the digest a prefix of this length knows. */
unsigned int digest_length(const struct digest *digest, unsigned int length);

/* The number of a digest's bit in the address. */
unsigned int digest_bit(const struct digest *digest, unsigned int bit);

/* The bits of a digest below which the address has others in between. */
uint32_t digest_seams(const struct digest *digest);
