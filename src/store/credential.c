// SPDX-License-Identifier: Apache-2.0
#include "store/credential.h"

#include "store/statement.h"

#define COLUMNS                                                                                  \
	"id, identity, secret, sealed, enabled, created, last_used, last_service, last_region, " \
	"host, expires"

static int credential_only(struct cursor *cursor, struct stored_credential *ret_credential);

int store_add_credential(struct store *store, const struct stored_credential *credential)
{
	return store_run(store,
			 "INSERT INTO access_keys (" COLUMNS
			 ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
			 VALUES(TEXT(credential->id), TEXT(credential->identity),
				TEXT(credential->secret), INTEGER(credential->sealed),
				INTEGER(credential->enabled), INTEGER(credential->created),
				INTEGER(credential->last_used), TEXT(credential->last_service),
				TEXT(credential->last_region), TEXT(credential->host),
				INTEGER(credential->expires)));
}

int store_put_credential(struct store *store, const struct stored_credential *credential)
{
	return store_run_one(store,
			     "UPDATE access_keys SET secret = $2, sealed = $3, enabled = $4, "
			     "last_used = $5, last_service = $6, last_region = $7 WHERE id = $1",
			     VALUES(TEXT(credential->id), TEXT(credential->secret),
				    INTEGER(credential->sealed), INTEGER(credential->enabled),
				    INTEGER(credential->last_used), TEXT(credential->last_service),
				    TEXT(credential->last_region)));
}

int store_note_credential_use(struct store *store, const char *id, int64_t when,
			      const char *service, const char *region)
{
	return store_run_one(store,
			     "UPDATE access_keys SET last_used = $2, last_service = $3, "
			     "last_region = $4 WHERE id = $1",
			     VALUES(TEXT(id), INTEGER(when), TEXT(service), TEXT(region)));
}

int store_expire_host_credentials(struct store *store, const char *identity, const char *host,
				  const char *but, int64_t when)
{
	return store_run(store,
			 "UPDATE access_keys SET expires = $4 WHERE identity = $1 AND host = $2 "
			 "AND id <> $3 AND expires = 0",
			 VALUES(TEXT(identity), TEXT(host), TEXT(but), INTEGER(when)));
}

int store_get_credential(struct store *store, const char *id,
			 struct stored_credential *ret_credential)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM access_keys WHERE id = $1",
			VALUES(TEXT(id)), &cursor);
	return r < 0 ? r : credential_only(cursor, ret_credential);
}

int store_delete_credential(struct store *store, const char *id)
{
	return store_run_one(store, "DELETE FROM access_keys WHERE id = $1", VALUES(TEXT(id)));
}

int store_count_credentials(struct store *store, const char *identity, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM access_keys WHERE identity = $1",
				   VALUES(TEXT(identity)), ret_count);
}

int store_count_shared_credentials(struct store *store, const char *identity, int64_t *ret_count)
{
	return store_query_integer(
		store, "SELECT COUNT(*) FROM access_keys WHERE identity = $1 AND host = ''",
		VALUES(TEXT(identity)), ret_count);
}

int store_select_credentials(struct store *store, const char *identity, const char *after,
			     struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM access_keys "
			   "WHERE identity = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(identity), TEXT(after)), ret_cursor);
}

int store_select_host_credentials(struct store *store, const char *identity, const char *host,
				  struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM access_keys "
			   "WHERE identity = $1 AND host = $2 ORDER BY id",
			   VALUES(TEXT(identity), TEXT(host)), ret_cursor);
}

int store_next_credential(struct cursor *cursor, struct stored_credential *ret_credential)
{
	struct stored_credential credential = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, credential.id);
	CURSOR_COPY(cursor, 1, credential.identity);
	CURSOR_COPY(cursor, 2, credential.secret);
	credential.sealed = cursor_integer(cursor, 3);
	credential.enabled = cursor_integer(cursor, 4);
	credential.created = cursor_integer(cursor, 5);
	credential.last_used = cursor_integer(cursor, 6);
	CURSOR_COPY(cursor, 7, credential.last_service);
	CURSOR_COPY(cursor, 8, credential.last_region);
	CURSOR_COPY(cursor, 9, credential.host);
	credential.expires = cursor_integer(cursor, 10);
	*ret_credential = credential;
	return STORE_ROW;
}

int store_find_plain_credential(struct store *store, struct stored_credential *ret_credential)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM access_keys WHERE sealed = 0 LIMIT 1", NULL,
			0, &cursor);
	return r < 0 ? r : credential_only(cursor, ret_credential);
}

static int credential_only(struct cursor *cursor, struct stored_credential *ret_credential)
{
	int r = store_next_credential(cursor, ret_credential);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}
