/* Rows of client tokens: which create made what, so that its repetition makes nothing. */
#pragma once

#include "mirror/id.h"

#include <stdint.h>

struct store;

#define REQUEST_HASH_SIZE 129

struct stored_token {
	char request_hash[REQUEST_HASH_SIZE];
	struct resource_id resource;
	int64_t created; /* Milliseconds since the epoch. */
};

/* Inserts or replaces. */
int store_put_token(struct store *store, const char *account, const char *action, const char *token,
		    const struct stored_token *row);

/* Returns 0 or STORE_MISSING. */
int store_get_token(struct store *store, const char *account, const char *action, const char *token,
		    struct stored_token *ret_row);

/* Forgets the tokens made before 'time'. */
int store_expire_tokens(struct store *store, int64_t time);
