/* Rows of what is registered with target groups. */
#pragma once

#include "mirror/group.h"
#include "store/cursor.h"

struct store;

/* Inserts or replaces. */
int store_put_member(struct store *store, const struct member *member);

/* Both return 0 or STORE_MISSING. */
int store_get_member(struct store *store, const char *group, const char *id, uint16_t port,
		     struct member *ret_member);
int store_delete_member(struct store *store, const char *group, const char *id, uint16_t port);

/* Those that are being deregistered, too. */
int store_count_members(struct store *store, const char *group, int64_t *ret_count);

/* By id, then port. */
int store_select_members(struct store *store, const char *group, struct cursor **ret_cursor);
/* Of any group; for instances, whose addresses change. */
int store_select_members_of_id(struct store *store, const char *id, struct cursor **ret_cursor);
/* Whose delay is over at 'now'. */
int store_count_drained(struct store *store, int64_t now, int64_t *ret_count);
int store_select_drained(struct store *store, int64_t now, struct cursor **ret_cursor);
int store_next_member(struct cursor *cursor, struct member *ret_member);
