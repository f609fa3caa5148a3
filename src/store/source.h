/* Rows of network interfaces. */
#pragma once

#include "mirror/source.h"
#include "store/cursor.h"

struct store;

enum source_selection {
	SOURCES_OF_OWNER,
	SOURCES_OF_HOST,
	SOURCES_OF_INSTANCE,
	SOURCES_MIRRORED, /* Of an owner, with sessions. */
};

/* Inserts or replaces. */
int store_put_source(struct store *store, const struct source *source);

/* Takes the addresses of a registered interface, or -EEXIST if another one of the owner has them. */
int store_register_addresses(struct store *store, const struct source *source);

/* Returns 0 or STORE_MISSING. */
int store_get_source(struct store *store, const char *id, struct source *ret_source);

/* The registered interface that has the address.  Returns 0 or STORE_MISSING. */
int store_find_registered(struct store *store, const char *owner, const char *address,
			  struct resource_id *ret_id);
/* Interfaces that have the address, of all accounts. */
int store_count_address(struct store *store, const char *address, int64_t *ret_count);
/* Without those that the service has made. */
int store_count_registered(struct store *store, const char *owner, int64_t *ret_count);

/* Takes its tags along.  No session may have it any more.  Returns 0 or STORE_MISSING. */
int store_delete_source(struct store *store, const char *id);

/* By id, those after 'after'; "" starts at the first. */
int store_select_sources(struct store *store, enum source_selection selection, const char *key,
			 const char *after, struct cursor **ret_cursor);
int store_next_source(struct cursor *cursor, struct source *ret_source);

/* Interfaces of the host that are gone and that nobody has touched: no session, no target, nothing set by a
 * user.  The 'keep' most recently seen are left out.  Takes rows off with store_next_id(). */
int store_select_forgettable(struct store *store, const char *host, int64_t keep,
			     struct cursor **ret_cursor);
int store_next_id(struct cursor *cursor, struct resource_id *ret_id);
