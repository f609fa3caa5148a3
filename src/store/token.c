// SPDX-License-Identifier: Apache-2.0
#include "store/token.h"

#include "store/statement.h"

int store_put_token(struct store *store, const char *account, const char *action, const char *token,
		    const struct stored_token *row)
{
	return store_run(store,
			 "INSERT INTO tokens (account, action, token, request_hash, resource, "
			 "created) VALUES ($1, $2, $3, $4, $5, $6) "
			 "ON CONFLICT (account, action, token) DO UPDATE "
			 "SET request_hash = excluded.request_hash, resource = excluded.resource, "
			 "created = excluded.created",
			 VALUES(TEXT(account), TEXT(action), TEXT(token), TEXT(row->request_hash),
				TEXT(row->resource.text), INTEGER(row->created)));
}

int store_get_token(struct store *store, const char *account, const char *action, const char *token,
		    struct stored_token *ret_row)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT request_hash, resource, created FROM tokens "
			"WHERE account = $1 AND action = $2 AND token = $3",
			VALUES(TEXT(account), TEXT(action), TEXT(token)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	CURSOR_COPY(cursor, 0, ret_row->request_hash);
	CURSOR_COPY(cursor, 1, ret_row->resource.text);
	ret_row->created = cursor_integer(cursor, 2);
	return 0;
}

int store_expire_tokens(struct store *store, int64_t time)
{
	return store_run(store, "DELETE FROM tokens WHERE created < $1", VALUES(INTEGER(time)));
}
