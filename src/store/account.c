// SPDX-License-Identifier: Apache-2.0
#include "store/account.h"

#include "store/statement.h"

#define COLUMNS "id, name, created"

int store_add_account(struct store *store, const struct stored_account *account)
{
	return store_run(
		store, "INSERT INTO accounts (" COLUMNS ") VALUES ($1, $2, $3)",
		VALUES(TEXT(account->id.text), TEXT(account->name), INTEGER(account->created)));
}

int store_get_account(struct store *store, const char *id, struct stored_account *ret_account)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM accounts WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r == 0)
		r = store_next_account(cursor, ret_account);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_account(struct store *store, const char *id)
{
	int r;

	r = store_run(store, "DELETE FROM tags WHERE owner = $1", VALUES(TEXT(id)));
	if (r == 0)
		r = store_run(store, "DELETE FROM tokens WHERE account = $1", VALUES(TEXT(id)));
	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM accounts WHERE id = $1", VALUES(TEXT(id)));
}

int store_count_belongings(struct store *store, const char *account, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT (SELECT COUNT(*) FROM hosts WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM interfaces WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM balancers WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM endpoint_services WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM target_groups WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM filters WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM targets WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM selectors WHERE owner = $1) "
				   "+ (SELECT COUNT(*) FROM sessions WHERE owner = $1)",
				   VALUES(TEXT(account)), ret_count);
}

int store_select_accounts(struct store *store, const char *after, struct cursor **ret_cursor)
{
	return store_query(store, "SELECT " COLUMNS " FROM accounts WHERE id > $1 ORDER BY id",
			   VALUES(TEXT(after)), ret_cursor);
}

int store_next_account(struct cursor *cursor, struct stored_account *ret_account)
{
	struct stored_account account = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, account.id.text);
	CURSOR_COPY(cursor, 1, account.name);
	account.created = cursor_integer(cursor, 2);
	*ret_account = account;
	return STORE_ROW;
}
