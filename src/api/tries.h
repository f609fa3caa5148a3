/* How often an address may try what takes no signature: ten times, then once a second.  Under the door's lock.
 *
 * Addresses share scales, so the memory is bounded and nobody can keep all others out: he does not know whose scale he shares. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct address;
struct tries;

int tries_new(struct tries **ret_tries);
void tries_free(struct tries *tries);
DEFINE_CLEANUP(struct tries *, tries_free)

/* Whether the address has one left at 'now', which is monotonic; then it has one less. */
bool tries_take(struct tries *tries, const struct address *peer, uint64_t now);
