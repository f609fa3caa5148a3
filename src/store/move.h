/* Carries everything that a store holds over into an empty one, of whichever engine.
 *
 * The new store's schema and all its rows are one transaction, which is committed after every row was read back and
 * compared; so whatever ends it before leaves nothing behind.  The old store is only read.  Secrets stay as sealed as they
 * are, and the key to them is not part of either. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct refusal;

struct move {
	int schema; /* Version of the schema, of both. */
	size_t tables;
	int64_t rows;
};

/* Locations are as in store_open().  Returns 0, or a fault, or REFUSED: the first is no store, or one that a newer version has written;
 * the second is not empty; a controller works on one of them; a row was not the same in the other. */
int store_move(const char *from, const char *to, struct move *ret_move, struct refusal *why);
