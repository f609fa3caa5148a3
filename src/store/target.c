// SPDX-License-Identifier: Apache-2.0
#include "store/target.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS "id, owner, type, locator, description, created"

static int target_only(struct cursor *cursor, struct target *ret_target);

int store_add_target(struct store *store, const struct target *target)
{
	return store_run(store, "INSERT INTO targets (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)",
			 VALUES(TEXT(target->id.text), TEXT(target->owner.text),
				INTEGER(target->type), TEXT(target->locator),
				TEXT(target->description), INTEGER(target->created)));
}

int store_get_target(struct store *store, const char *id, struct target *ret_target)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM targets WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	return r < 0 ? r : target_only(cursor, ret_target);
}

int store_find_target(struct store *store, enum target_type type, const char *locator,
		      struct target *ret_target)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM targets WHERE type = $1 AND locator = $2",
			VALUES(INTEGER(type), TEXT(locator)), &cursor);
	return r < 0 ? r : target_only(cursor, ret_target);
}

int store_delete_target(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM targets WHERE id = $1", VALUES(TEXT(id)));
}

int store_count_targets(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM targets WHERE owner = $1",
				   VALUES(TEXT(owner)), ret_count);
}

int store_select_targets(struct store *store, const char *owner, const char *after,
			 struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM targets "
			   "WHERE owner = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_select_usable_targets(struct store *store, const char *account, const char *after,
				struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM targets WHERE (owner = $1 OR id IN "
			   "(SELECT target FROM shares WHERE account = $1)) "
			   "AND id > $2 ORDER BY id",
			   VALUES(TEXT(account), TEXT(after)), ret_cursor);
}

int store_next_target(struct cursor *cursor, struct target *ret_target)
{
	struct target target = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, target.id.text);
	CURSOR_COPY(cursor, 1, target.owner.text);
	target.type = (enum target_type)cursor_integer(cursor, 2);
	CURSOR_COPY(cursor, 3, target.locator);
	CURSOR_COPY(cursor, 4, target.description);
	target.created = cursor_integer(cursor, 5);
	*ret_target = target;
	return STORE_ROW;
}

static int target_only(struct cursor *cursor, struct target *ret_target)
{
	int r = store_next_target(cursor, ret_target);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}
