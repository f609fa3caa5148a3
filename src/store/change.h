/* How programs that share a store learn of each other's writes.
 *
 * Every commit that changes what store_get_version() covers takes a number, in a row of its own.  Numbers are given under the
 * lock of the writers, and kept until the commit, so they rise in the order in which commits become visible: whoever has
 * seen one has seen all before it.  A number is max(last + 1, milliseconds since the epoch), so a store that has lost its last
 * commits does not give one out twice.  With it goes a random token, by which a writer whose connection broke while he
 * committed finds out whether he did.
 *
 * A store that one program has for itself needs none of it.  Private to store/, but for watch.h. */
#pragma once

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct change {
	int64_t number, token;
};

/* The last number; 0: there is none. */
int change_get_last(struct store *store, int64_t *ret_number);

/* What comes after the last one. */
struct change change_make(int64_t last);

/* Within a transaction that writes: makes the change part of it. */
int change_add(struct store *store, const struct change *change);

/* Whether the change is there. */
int change_find(struct store *store, const struct change *change, bool *ret_found);
