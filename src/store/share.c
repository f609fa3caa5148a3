// SPDX-License-Identifier: Apache-2.0
#include "store/share.h"

#include "store/statement.h"

static int share_exists(struct store *store, const char *sql, const struct value *values,
			size_t count, bool *ret_answer);

int store_add_share(struct store *store, const struct stored_share *share)
{
	return store_run(store,
			 "INSERT INTO shares (target, account, owner, created) "
			 "VALUES ($1, $2, $3, $4) ON CONFLICT (target, account) DO NOTHING",
			 VALUES(TEXT(share->target.text), TEXT(share->account.text),
				TEXT(share->owner.text), INTEGER(share->created)));
}

int store_delete_share(struct store *store, const char *target, const char *account)
{
	return store_run_one(store, "DELETE FROM shares WHERE target = $1 AND account = $2",
			     VALUES(TEXT(target), TEXT(account)));
}

int store_has_share(struct store *store, const char *target, const char *account, bool *ret_answer)
{
	return share_exists(store, "SELECT COUNT(*) FROM shares WHERE target = $1 AND account = $2",
			    VALUES(TEXT(target), TEXT(account)), ret_answer);
}

int store_account_shares(struct store *store, const char *account, bool *ret_answer)
{
	return share_exists(store,
			    "SELECT CASE WHEN EXISTS (SELECT 1 FROM shares WHERE owner = $1) "
			    "OR EXISTS (SELECT 1 FROM shares WHERE account = $1) "
			    "THEN 1 ELSE 0 END",
			    VALUES(TEXT(account)), ret_answer);
}

int store_select_shares(struct store *store, const char *account, const char *after_target,
			const char *after_account, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT target, account, owner, created FROM shares "
			   "WHERE (owner = $1 OR account = $1) "
			   "AND (target > $2 OR (target = $2 AND account > $3)) "
			   "ORDER BY target, account",
			   VALUES(TEXT(account), TEXT(after_target), TEXT(after_account)),
			   ret_cursor);
}

int store_next_share(struct cursor *cursor, struct stored_share *ret_share)
{
	struct stored_share share = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, share.target.text);
	CURSOR_COPY(cursor, 1, share.account.text);
	CURSOR_COPY(cursor, 2, share.owner.text);
	share.created = cursor_integer(cursor, 3);
	*ret_share = share;
	return STORE_ROW;
}

static int share_exists(struct store *store, const char *sql, const struct value *values,
			size_t count, bool *ret_answer)
{
	int64_t number = 0;
	int r = store_query_integer(store, sql, values, count, &number);

	if (r == 0)
		*ret_answer = number > 0;
	return r;
}
