// SPDX-License-Identifier: Apache-2.0
#include "store/policy.h"

#include "store/statement.h"

#include <string.h>

int store_put_policy(struct store *store, const char *identity, const char *name,
		     const char *document)
{
	return store_run(store,
			 "INSERT INTO policies (identity, name, document) VALUES ($1, $2, $3) "
			 "ON CONFLICT (identity, name) DO UPDATE SET document = excluded.document",
			 VALUES(TEXT(identity), TEXT(name), TEXT(document)));
}

int store_get_policy(struct store *store, const char *identity, const char *name,
		     char **ret_document)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char *document;
	int r;

	r = store_query(store, "SELECT document FROM policies WHERE identity = $1 AND name = $2",
			VALUES(TEXT(identity), TEXT(name)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	document = strdup(cursor_text(cursor, 0));
	if (!document)
		return -ENOMEM;
	*ret_document = document;
	return 0;
}

int store_delete_policy(struct store *store, const char *identity, const char *name)
{
	return store_run_one(store, "DELETE FROM policies WHERE identity = $1 AND name = $2",
			     VALUES(TEXT(identity), TEXT(name)));
}

int store_count_policies(struct store *store, const char *identity, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM policies WHERE identity = $1",
				   VALUES(TEXT(identity)), ret_count);
}

int store_select_policies(struct store *store, const char *identity, const char *after,
			  struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT name, document FROM policies "
			   "WHERE identity = $1 AND name > $2 ORDER BY name",
			   VALUES(TEXT(identity), TEXT(after)), ret_cursor);
}

int store_next_policy(struct cursor *cursor, const char **ret_name, const char **ret_document)
{
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	*ret_name = cursor_text(cursor, 0);
	*ret_document = cursor_text(cursor, 1);
	return STORE_ROW;
}
