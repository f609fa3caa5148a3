/* Rows of load balancers. */
#pragma once

#include "mirror/balancer.h"
#include "store/cursor.h"

struct store;

/* Inserts or replaces. */
int store_put_balancer(struct store *store, const struct balancer *balancer);

/* Both return 0 or STORE_MISSING. */
int store_get_balancer(struct store *store, const char *arn, struct balancer *ret_balancer);
int store_find_balancer(struct store *store, const char *owner, enum balancer_type type,
			const char *name, struct balancer *ret_balancer);

/* Takes its tags along, and its listeners with theirs.  Returns 0 or STORE_MISSING. */
int store_delete_balancer(struct store *store, const char *arn);
int store_count_balancers(struct store *store, const char *owner, enum balancer_type type,
			  int64_t *ret_count);

/* By ARN, those after 'after'. */
int store_select_balancers(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor);
int store_next_balancer(struct cursor *cursor, struct balancer *ret_balancer);
