/* Rows of target groups and their attributes. */
#pragma once

#include "mirror/group.h"
#include "store/cursor.h"

struct store;

/* Inserts or replaces, attributes too. */
int store_put_group(struct store *store, const struct group *group);

/* With their attributes.  Both return 0 or STORE_MISSING. */
int store_get_group(struct store *store, const char *arn, struct group *ret_group);
int store_find_group(struct store *store, const char *owner, const char *name,
		     struct group *ret_group);

/* Takes its members and tags along.  No listener may forward to it any more.  Returns 0 or STORE_MISSING. */
int store_delete_group(struct store *store, const char *arn);
int store_count_groups(struct store *store, const char *owner, int64_t *ret_count);

enum group_selection {
	GROUPS_OF_OWNER,
	GROUPS_OF_BALANCER, /* To which its listeners forward. */
};

/* By ARN, those after 'after'; without attributes. */
int store_select_groups(struct store *store, enum group_selection selection, const char *key,
			const char *after, struct cursor **ret_cursor);
int store_next_group(struct cursor *cursor, struct group *ret_group);
int store_load_group_attributes(struct store *store, struct group *group);
