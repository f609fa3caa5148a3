/* Rows of targets. */
#pragma once

#include "mirror/target.h"
#include "store/cursor.h"

struct store;

/* Inserts; a target never changes. */
int store_add_target(struct store *store, const struct target *target);

/* Both return 0 or STORE_MISSING. */
int store_get_target(struct store *store, const char *id, struct target *ret_target);
int store_find_target(struct store *store, enum target_type type, const char *locator,
		      struct target *ret_target);

/* Takes its tags along.  No session may use it any more.  Returns 0 or STORE_MISSING. */
int store_delete_target(struct store *store, const char *id);
int store_count_targets(struct store *store, const char *owner, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_targets(struct store *store, const char *owner, const char *after,
			 struct cursor **ret_cursor);
/* The same, with those that others share with the account. */
int store_select_usable_targets(struct store *store, const char *account, const char *after,
				struct cursor **ret_cursor);
int store_next_target(struct cursor *cursor, struct target *ret_target);
