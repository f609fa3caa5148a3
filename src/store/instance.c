// SPDX-License-Identifier: Apache-2.0
#include "store/instance.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS "id, owner, host, device, created"

int store_add_instance(struct store *store, const struct stored_instance *instance)
{
	return store_run(store, "INSERT INTO instances (" COLUMNS ") VALUES ($1, $2, $3, $4, $5)",
			 VALUES(TEXT(instance->id.text), TEXT(instance->owner.text),
				TEXT(instance->host), TEXT(instance->device),
				INTEGER(instance->created)));
}

int store_get_instance(struct store *store, const char *id, struct stored_instance *ret_instance)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM instances WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r < 0)
		return r;
	r = store_next_instance(cursor, ret_instance);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_forget_instance(struct store *store, const char *id)
{
	int r;

	r = store_run_one(store,
			  "DELETE FROM instances WHERE id = $1 AND device <> '' AND NOT EXISTS "
			  "(SELECT 1 FROM interfaces WHERE instance = $1)",
			  VALUES(TEXT(id)));
	if (r == STORE_MISSING)
		return 0;
	return r < 0 ? r : store_delete_tags(store, id);
}

int store_select_instances(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM instances "
			   "WHERE owner = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_next_instance(struct cursor *cursor, struct stored_instance *ret_instance)
{
	struct stored_instance instance = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, instance.id.text);
	CURSOR_COPY(cursor, 1, instance.owner.text);
	CURSOR_COPY(cursor, 2, instance.host);
	CURSOR_COPY(cursor, 3, instance.device);
	instance.created = cursor_integer(cursor, 4);
	*ret_instance = instance;
	return STORE_ROW;
}
