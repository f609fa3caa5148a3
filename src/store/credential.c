// SPDX-License-Identifier: Apache-2.0
#include "store/credential.h"

#include "store/statement.h"

#define COLUMNS "id, secret, account, principal, user_id, kind, enabled, created"

int store_add_credential(struct store *store, const struct stored_credential *credential)
{
	return store_run(store,
			 "INSERT INTO credentials (" COLUMNS
			 ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			 VALUES(TEXT(credential->id), TEXT(credential->secret),
				TEXT(credential->account.text), TEXT(credential->principal),
				TEXT(credential->user_id), INTEGER(credential->kind),
				INTEGER(credential->enabled), INTEGER(credential->created)));
}

int store_get_credential(struct store *store, const char *id,
			 struct stored_credential *ret_credential)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_credential credential = {};
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM credentials WHERE id = $1",
			VALUES(TEXT(id)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	CURSOR_COPY(cursor, 0, credential.id);
	CURSOR_COPY(cursor, 1, credential.secret);
	CURSOR_COPY(cursor, 2, credential.account.text);
	CURSOR_COPY(cursor, 3, credential.principal);
	CURSOR_COPY(cursor, 4, credential.user_id);
	credential.kind = cursor_integer(cursor, 5);
	credential.enabled = cursor_integer(cursor, 6);
	credential.created = cursor_integer(cursor, 7);
	*ret_credential = credential;
	return 0;
}

int store_enable_credential(struct store *store, const char *id, bool enabled)
{
	return store_run_one(store, "UPDATE credentials SET enabled = $2 WHERE id = $1",
			     VALUES(TEXT(id), INTEGER(enabled)));
}
