// SPDX-License-Identifier: Apache-2.0
#include "api/tries.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>

#define SCALES   256
#define BURST    10
#define INTERVAL NSEC_PER_SEC

struct tries {
	uint64_t salt; /* So that nobody can pick whose scale he shares. */
	uint64_t free
		[SCALES]; /* By address: when nothing will be left of the tries, as in api/throttle.c. */
};

int tries_new(struct tries **ret_tries)
{
	struct tries *tries = calloc(1, sizeof(*tries));

	if (!tries)
		return -ENOMEM;
	tries->salt = random_number();
	*ret_tries = tries;
	return 0;
}

void tries_free(struct tries *tries)
{
	free(tries);
}

/* Whoever has an IPv6 address has the other 2^64 of its network, too. */
bool tries_take(struct tries *tries, const struct address *peer, uint64_t now)
{
	const size_t size = peer->family == 4 ? 4 : 8;
	uint64_t hash = tries->salt, *free_at;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ peer->bytes[i]) * 1099511628211ULL;
	free_at = &tries->free[(hash >> 32) % SCALES];
	*free_at = MAX(*free_at, now);
	if (*free_at - now > (BURST - 1) * INTERVAL)
		return false;
	*free_at += INTERVAL;
	return true;
}
