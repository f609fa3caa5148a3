// SPDX-License-Identifier: Apache-2.0
#include "store/enrolment.h"

#include "store/statement.h"

#define COLUMNS "id, account, digest, host, created, expires"

int store_add_enrolment(struct store *store, const struct stored_enrolment *enrolment)
{
	return store_run(store,
			 "INSERT INTO enrolments (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)",
			 VALUES(TEXT(enrolment->id), TEXT(enrolment->account.text),
				TEXT(enrolment->digest), TEXT(enrolment->host),
				INTEGER(enrolment->created), INTEGER(enrolment->expires)));
}

int store_get_enrolment(struct store *store, const char *id, struct stored_enrolment *ret_enrolment)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM enrolments WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r == 0)
		r = store_next_enrolment(cursor, ret_enrolment);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_enrolment(struct store *store, const char *id)
{
	return store_run_one(store, "DELETE FROM enrolments WHERE id = $1", VALUES(TEXT(id)));
}

int store_delete_enrolments_of_host(struct store *store, const char *account, const char *host)
{
	return store_run(store, "DELETE FROM enrolments WHERE account = $1 AND host = $2",
			 VALUES(TEXT(account), TEXT(host)));
}

int store_expire_enrolments(struct store *store, const char *account, int64_t when)
{
	return store_run(store, "DELETE FROM enrolments WHERE account = $1 AND expires <= $2",
			 VALUES(TEXT(account), INTEGER(when)));
}

int store_count_enrolments(struct store *store, const char *account, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM enrolments WHERE account = $1",
				   VALUES(TEXT(account)), ret_count);
}

int store_select_enrolments(struct store *store, const char *account, const char *after,
			    struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM enrolments "
			   "WHERE account = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(account), TEXT(after)), ret_cursor);
}

int store_next_enrolment(struct cursor *cursor, struct stored_enrolment *ret_enrolment)
{
	struct stored_enrolment enrolment = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, enrolment.id);
	CURSOR_COPY(cursor, 1, enrolment.account.text);
	CURSOR_COPY(cursor, 2, enrolment.digest);
	CURSOR_COPY(cursor, 3, enrolment.host);
	enrolment.created = cursor_integer(cursor, 4);
	enrolment.expires = cursor_integer(cursor, 5);
	*ret_enrolment = enrolment;
	return STORE_ROW;
}
