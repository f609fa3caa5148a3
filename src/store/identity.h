/* Rows of users, roles and hosts that have keys. */
#pragma once

#include "access/identity.h"
#include "store/cursor.h"

struct store;

/* Inserts; -EEXIST if the account has one of that kind and name. */
int store_add_identity(struct store *store, const struct identity *identity);

/* Name, path, trust, description and longest session; -EEXIST as above. */
int store_put_identity(struct store *store, const struct identity *identity);

/* All three return 0 or STORE_MISSING.  A role's trust is the caller's to release. */
int store_get_identity(struct store *store, const char *id, struct identity *ret_identity);
int store_find_identity(struct store *store, const char *account, enum identity_kind kind,
			const char *name, struct identity *ret_identity);

/* Takes its policies along.  Its keys must be gone. */
int store_delete_identity(struct store *store, const char *id);

/* With keys, policies and hosts that were to be enrolled. */
int store_delete_identities(struct store *store, const char *account);

int store_count_identities(struct store *store, const char *account, enum identity_kind kind,
			   int64_t *ret_count);

/* By folded name, those after 'after' whose path begins with 'path_prefix'. */
int store_select_identities(struct store *store, const char *account, enum identity_kind kind,
			    const char *path_prefix, const char *after, struct cursor **ret_cursor);
int store_next_identity(struct cursor *cursor, struct identity *ret_identity);
