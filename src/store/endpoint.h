/* Rows of endpoints. */
#pragma once

#include "mirror/endpoint.h"
#include "store/cursor.h"

struct store;

/* Inserts, or replaces the state. */
int store_put_endpoint(struct store *store, const struct endpoint *endpoint);

/* Returns 0 or STORE_MISSING. */
int store_get_endpoint(struct store *store, const char *id, struct endpoint *ret_endpoint);

/* Takes its tags along.  Returns 0 or STORE_MISSING. */
int store_delete_endpoint(struct store *store, const char *id);

int store_count_endpoints(struct store *store, const char *owner, int64_t *ret_count);
/* Those that the service has not rejected. */
int store_count_connections(struct store *store, const char *service, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_endpoints(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor);
/* To all services of the owner. */
int store_select_connections(struct store *store, const char *owner, const char *after,
			     struct cursor **ret_cursor);
int store_next_endpoint(struct cursor *cursor, struct endpoint *ret_endpoint);
