/* Rows of endpoints. */
#pragma once

#include "mirror/endpoint.h"
#include "store/cursor.h"

struct store;

enum endpoint_selection {
	ENDPOINTS_OF_OWNER,
	ENDPOINTS_CONNECTED,  /* To services of the owner. */
	ENDPOINTS_OF_SERVICE, /* Those that it has not rejected. */
};

/* Inserts, or replaces the state. */
int store_put_endpoint(struct store *store, const struct endpoint *endpoint);

/* Returns 0 or STORE_MISSING. */
int store_get_endpoint(struct store *store, const char *id, struct endpoint *ret_endpoint);

/* Takes its tags along.  Returns 0 or STORE_MISSING. */
int store_delete_endpoint(struct store *store, const char *id);
int store_count_endpoints(struct store *store, enum endpoint_selection selection, const char *key,
			  int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_endpoints(struct store *store, enum endpoint_selection selection, const char *key,
			   const char *after, struct cursor **ret_cursor);
int store_next_endpoint(struct cursor *cursor, struct endpoint *ret_endpoint);
