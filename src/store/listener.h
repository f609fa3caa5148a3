/* Rows of listeners. */
#pragma once

#include "mirror/listener.h"
#include "store/cursor.h"

struct store;

/* Inserts or replaces. */
int store_put_listener(struct store *store, const struct listener *listener);

/* Both return 0 or STORE_MISSING.  A gateway's has port 0. */
int store_get_listener(struct store *store, const char *arn, struct listener *ret_listener);
int store_find_listener(struct store *store, const char *balancer, uint16_t port,
			struct listener *ret_listener);

/* Takes its tags along.  Returns 0 or STORE_MISSING. */
int store_delete_listener(struct store *store, const char *arn);

enum listener_selection {
	LISTENERS_OF_OWNER,
	LISTENERS_OF_BALANCER,
	LISTENERS_OF_GROUP, /* That forward to it. */
};

/* Those of a load balancer. */
int store_count_listeners(struct store *store, const char *balancer, int64_t *ret_count);
/* By ARN, those after 'after'.  So those of one balancer lie side by side. */
int store_select_listeners(struct store *store, enum listener_selection selection, const char *key,
			   const char *after, struct cursor **ret_cursor);
int store_next_listener(struct cursor *cursor, struct listener *ret_listener);
