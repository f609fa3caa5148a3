/* Rows of policies: each belongs to one user or role, and goes with it. */
#pragma once

#include "store/cursor.h"

#include <stdint.h>

struct store;

/* Inserts or replaces. */
int store_put_policy(struct store *store, const char *identity, const char *name,
		     const char *document);

/* Both return 0 or STORE_MISSING.  The document is the caller's to free. */
int store_get_policy(struct store *store, const char *identity, const char *name,
		     char **ret_document);
int store_delete_policy(struct store *store, const char *identity, const char *name);

int store_count_policies(struct store *store, const char *identity, int64_t *ret_count);

/* By name, those after 'after'. */
int store_select_policies(struct store *store, const char *identity, const char *after,
			  struct cursor **ret_cursor);
/* Both texts are valid until the next call. */
int store_next_policy(struct cursor *cursor, const char **ret_name, const char **ret_document);
