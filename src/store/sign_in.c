// SPDX-License-Identifier: Apache-2.0
#include "store/sign_in.h"

#include "store/statement.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS "digest, account, access_key, token, key_expires, expires"

void sign_in_fini(struct stored_sign_in *sign_in)
{
	free(sign_in->token);
	*sign_in = (struct stored_sign_in){};
}

int store_add_sign_in(struct store *store, const struct stored_sign_in *sign_in)
{
	return store_run(store,
			 "INSERT INTO sign_ins (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)",
			 VALUES(TEXT(sign_in->digest), TEXT(sign_in->account.text),
				TEXT(sign_in->key), TEXT(sign_in->token),
				INTEGER(sign_in->key_expires), INTEGER(sign_in->expires)));
}

int store_get_sign_in(struct store *store, const char *digest, struct stored_sign_in *ret_sign_in)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_sign_in sign_in = {};
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM sign_ins WHERE digest = $1",
			VALUES(TEXT(digest)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	CURSOR_COPY(cursor, 0, sign_in.digest);
	CURSOR_COPY(cursor, 1, sign_in.account.text);
	CURSOR_COPY(cursor, 2, sign_in.key);
	sign_in.key_expires = cursor_integer(cursor, 4);
	sign_in.expires = cursor_integer(cursor, 5);
	sign_in.token = strdup(cursor_text(cursor, 3));
	if (!sign_in.token)
		return -ENOMEM;
	*ret_sign_in = sign_in;
	return 0;
}

int store_delete_sign_in(struct store *store, const char *digest)
{
	return store_run_one(store, "DELETE FROM sign_ins WHERE digest = $1", VALUES(TEXT(digest)));
}

int store_trim_sign_ins(struct store *store, const char *account, int64_t room, int64_t now)
{
	int r = store_run(store, "DELETE FROM sign_ins WHERE expires <= $1", VALUES(INTEGER(now)));

	return r < 0 ? r
		     : store_run(store,
				 "DELETE FROM sign_ins WHERE account = $1 AND digest NOT IN "
				 "(SELECT digest FROM sign_ins WHERE account = $1 "
				 "ORDER BY expires DESC, digest LIMIT $2)",
				 VALUES(TEXT(account), INTEGER(room)));
}
