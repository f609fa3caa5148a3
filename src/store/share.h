/* Rows of shares: which account may send to which target of another. */
#pragma once

#include "mirror/id.h"
#include "store/cursor.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct stored_share {
	struct resource_id target;
	struct account_id account; /* That may send to it. */
	struct account_id owner;   /* Of the target. */
	int64_t created;           /* Milliseconds since the epoch. */
};

/* A share that is there already stays as it is. */
int store_add_share(struct store *store, const struct stored_share *share);

/* Returns 0 or STORE_MISSING. */
int store_delete_share(struct store *store, const char *target, const char *account);

int store_has_share(struct store *store, const char *target, const char *account, bool *ret_answer);

/* Whether the account shares anything, or has anything shared with it. */
int store_account_shares(struct store *store, const char *account, bool *ret_answer);

/* Both of the account's sides; by target, then account, those after the given pair. */
int store_select_shares(struct store *store, const char *account, const char *after_target,
			const char *after_account, struct cursor **ret_cursor);
int store_next_share(struct cursor *cursor, struct stored_share *ret_share);
