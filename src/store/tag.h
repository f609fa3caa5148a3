/* Rows of tags, of any kind of resource. */
#pragma once

#include "mirror/id.h"
#include "mirror/tag.h"
#include "store/cursor.h"

struct store;

/* Inserts or overwrites. */
int store_put_tag(struct store *store, const char *owner, const char *resource, const char *key,
		  const char *value);

/* Whatever the value is if 'value' is NULL, else only if it is equal.  What is not there is no error. */
int store_delete_tag(struct store *store, const char *resource, const char *key, const char *value);
int store_delete_tags(struct store *store, const char *resource);

/* Adds the resource's tags to 'tags'. */
int store_load_tags(struct store *store, const char *resource, struct tags *tags);

/* By resource, then key, those after the given pair; of what has an id, not an ARN. */
int store_select_tags(struct store *store, const char *owner, const char *after_resource,
		      const char *after_key, struct cursor **ret_cursor);
/* Key and value are valid until the next call. */
int store_next_tag(struct cursor *cursor, struct resource_id *ret_resource, const char **ret_key,
		   const char **ret_value);
