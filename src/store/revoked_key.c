// SPDX-License-Identifier: Apache-2.0
#include "store/revoked_key.h"

#include "store/statement.h"

#define COLUMNS "id, account, host, secret, revoked"

int store_add_revoked_key(struct store *store, const struct revoked_key *key)
{
	int r;

	r = store_run(store, "INSERT INTO revoked_keys (" COLUMNS ") VALUES ($1, $2, $3, $4, $5)",
		      VALUES(TEXT(key->id), TEXT(key->account.text), TEXT(key->host),
			     TEXT(key->secret), INTEGER(key->revoked)));
	return r < 0 ? r
		     : store_run(store,
				 "DELETE FROM revoked_keys WHERE account = $1 AND revoked <= "
				 "(SELECT revoked FROM revoked_keys WHERE account = $1 "
				 "ORDER BY revoked DESC LIMIT 1 OFFSET $2)",
				 VALUES(TEXT(key->account.text), INTEGER(REVOKED_KEYS_MAX)));
}

int store_get_revoked_key(struct store *store, const char *id, struct revoked_key *ret_key)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct revoked_key key = {};
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM revoked_keys WHERE id = $1",
			VALUES(TEXT(id)), &cursor);
	if (r == 0)
		r = cursor_next(cursor);
	if (r != STORE_ROW)
		return r < 0 ? r : STORE_MISSING;
	CURSOR_COPY(cursor, 0, key.id);
	CURSOR_COPY(cursor, 1, key.account.text);
	CURSOR_COPY(cursor, 2, key.host);
	CURSOR_COPY(cursor, 3, key.secret);
	key.revoked = cursor_integer(cursor, 4);
	*ret_key = key;
	return 0;
}
