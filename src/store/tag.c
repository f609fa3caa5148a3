// SPDX-License-Identifier: Apache-2.0
#include "store/tag.h"

#include "store/statement.h"

int store_put_tag(struct store *store, const char *owner, const char *resource, const char *key,
		  const char *value)
{
	return store_run(store,
			 "INSERT INTO tags (resource, key, value, owner) VALUES ($1, $2, $3, $4) "
			 "ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value",
			 VALUES(TEXT(resource), TEXT(key), TEXT(value), TEXT(owner)));
}

int store_delete_tag(struct store *store, const char *resource, const char *key, const char *value)
{
	if (!value)
		return store_run(store, "DELETE FROM tags WHERE resource = $1 AND key = $2",
				 VALUES(TEXT(resource), TEXT(key)));
	return store_run(store, "DELETE FROM tags WHERE resource = $1 AND key = $2 AND value = $3",
			 VALUES(TEXT(resource), TEXT(key), TEXT(value)));
}

int store_delete_tags(struct store *store, const char *resource)
{
	return store_run(store, "DELETE FROM tags WHERE resource = $1", VALUES(TEXT(resource)));
}

int store_load_tags(struct store *store, const char *resource, struct tags *tags)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT key, value FROM tags WHERE resource = $1 ORDER BY key",
			VALUES(TEXT(resource)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW)
		r = tags_set(tags, cursor_text(cursor, 0), cursor_text(cursor, 1));
	return r;
}

int store_select_tags(struct store *store, const char *owner, const char *after_resource,
		      const char *after_key, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT resource, key, value FROM tags WHERE owner = $1 "
			   "AND resource NOT LIKE 'arn:%' AND (resource > $2 OR (resource = $2 AND "
			   "key > $3)) ORDER BY resource, key",
			   VALUES(TEXT(owner), TEXT(after_resource), TEXT(after_key)), ret_cursor);
}

int store_next_tag(struct cursor *cursor, struct resource_id *ret_resource, const char **ret_key,
		   const char **ret_value)
{
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, ret_resource->text);
	*ret_key = cursor_text(cursor, 1);
	*ret_value = cursor_text(cursor, 2);
	return STORE_ROW;
}
