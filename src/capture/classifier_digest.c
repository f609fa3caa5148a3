// SPDX-License-Identifier: Apache-2.0
/* Windows are picked one after the other, each to part best what those before have left together.  Half bytes are
 * steps enough: people write IPv6 addresses in such. */
#include "capture/classifier_digest.h"

#include "base/count.h"

#include <string.h>

#define STEP         4 /* Bits from one place of a window to the next. */
#define ADDRESS_BITS 128
#define SLOTS        1024 /* Of a hash table of groups; a power of two. */

/* Those prefixes are of one group, and have one hash, that no window so far tells apart. */
struct groups {
	const struct prefix *prefixes;
	uint64_t hashes[DIGEST_SAMPLE];
	size_t count;
};

static unsigned int window_choose(const struct groups *groups, const struct digest *digest,
				  unsigned int chosen);
static bool window_fits(unsigned int window, const struct digest *digest, unsigned int chosen);
static size_t groups_weigh(const struct groups *groups, unsigned int window);
static uint64_t group_part(const struct groups *groups, size_t i, unsigned int window);
static uint32_t window_value(unsigned int window, const struct prefix *prefix);
static unsigned int window_known(unsigned int window, unsigned int length);

struct prefix prefix_from_cidr(const struct cidr *cidr)
{
	struct prefix prefix = {.length = cidr->prefix_length};

	for (size_t i = 0; i < sizeof(cidr->address.bytes); i++)
		prefix.halves[i / 8] = prefix.halves[i / 8] << 8 | cidr->address.bytes[i];
	return prefix;
}

struct digest digest_choose(const struct prefix *prefixes, size_t count)
{
	struct groups groups = {.prefixes = prefixes, .count = MIN(count, (size_t)DIGEST_SAMPLE)};
	struct digest digest = {};

	for (unsigned int chosen = 0; chosen < DIGEST_WINDOWS; chosen++) {
		unsigned int window = window_choose(&groups, &digest, chosen), place;

		for (place = chosen; place > 0 && digest.windows[place - 1] < window; place--)
			digest.windows[place] = digest.windows[place - 1];
		digest.windows[place] = (uint8_t)window;
		for (size_t i = 0; i < groups.count; i++)
			groups.hashes[i] = group_part(&groups, i, window);
	}
	return digest;
}

uint32_t digest_take(const struct digest *digest, const struct prefix *prefix)
{
	uint32_t taken = 0;

	for (unsigned int i = 0; i < DIGEST_WINDOWS; i++)
		taken = taken << DIGEST_WINDOW_BITS | window_value(digest->windows[i], prefix);
	return taken;
}

unsigned int digest_length(const struct digest *digest, unsigned int length)
{
	unsigned int known = 0;

	for (unsigned int i = 0; i < DIGEST_WINDOWS; i++)
		known += window_known(digest->windows[i], length);
	return known;
}

unsigned int digest_bit(const struct digest *digest, unsigned int bit)
{
	return digest->windows[DIGEST_WINDOWS - 1 - bit / DIGEST_WINDOW_BITS] +
	       bit % DIGEST_WINDOW_BITS;
}

/* The middle of an address is a seam as well. */
uint32_t digest_seams(const struct digest *digest)
{
	uint32_t seams = 0;

	for (unsigned int bit = DIGEST_WINDOW_BITS; bit < 32; bit += DIGEST_WINDOW_BITS)
		if (digest_bit(digest, bit) != digest_bit(digest, bit - 1) + 1 ||
		    digest_bit(digest, bit) % 64 == 0)
			seams |= 1u << bit;
	return seams;
}

/* Among equals the uppermost, which more prefixes know. */
static unsigned int window_choose(const struct groups *groups, const struct digest *digest,
				  unsigned int chosen)
{
	size_t least = SIZE_MAX;
	unsigned int best = 0;

	for (unsigned int window = ADDRESS_BITS; window > 0;) {
		size_t weight;

		window -= STEP;
		if (!window_fits(window, digest, chosen))
			continue;
		weight = groups_weigh(groups, window);
		if (weight < least) {
			least = weight;
			best = window;
		}
	}
	return best;
}

/* Within one half of an address, and clear of the others. */
static bool window_fits(unsigned int window, const struct digest *digest, unsigned int chosen)
{
	if (window % 64 + DIGEST_WINDOW_BITS > 64)
		return false;
	for (unsigned int i = 0; i < chosen; i++)
		if (window < digest->windows[i] + DIGEST_WINDOW_BITS &&
		    digest->windows[i] < window + DIGEST_WINDOW_BITS)
			return false;
	return true;
}

/* The sum of the squares of the sizes of all groups, once this window has parted them. */
static size_t groups_weigh(const struct groups *groups, unsigned int window)
{
	uint64_t hashes[SLOTS];
	uint16_t sizes[SLOTS] = {};
	size_t weight = 0;

	for (size_t i = 0; i < groups->count; i++) {
		uint64_t hash = group_part(groups, i, window);
		size_t slot = hash % SLOTS;

		while (sizes[slot] && hashes[slot] != hash)
			slot = (slot + 1) % SLOTS;
		hashes[slot] = hash;
		weight += 2u * sizes[slot]++ + 1u;
	}
	return weight;
}

static uint64_t group_part(const struct groups *groups, size_t i, unsigned int window)
{
	const struct prefix *prefix = &groups->prefixes[i];
	uint64_t hash = groups->hashes[i] << 12 ^ groups->hashes[i] >> 52;

	hash ^= (uint64_t)window_known(window, prefix->length) << 8 | window_value(window, prefix);
	hash = (hash + 1) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static uint32_t window_value(unsigned int window, const struct prefix *prefix)
{
	return (uint32_t)(prefix->halves[window < 64] >> window % 64) &
	       ((1u << DIGEST_WINDOW_BITS) - 1);
}

static unsigned int window_known(unsigned int window, unsigned int length)
{
	unsigned int end = window + DIGEST_WINDOW_BITS, unknown = ADDRESS_BITS - length;

	return end > unknown ? MIN(end - unknown, (unsigned int)DIGEST_WINDOW_BITS) : 0;
}
