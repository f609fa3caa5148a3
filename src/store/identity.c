// SPDX-License-Identifier: Apache-2.0
#include "store/identity.h"

#include "store/statement.h"

#include <string.h>

#define COLUMNS                                                              \
	"id, account, kind, folded_name, name, path, created, description, " \
	"session_seconds_max, trust"

_Static_assert(IDENTITY_USER == 0 && IDENTITY_ROLE == 1 && IDENTITY_HOST == 2, "stored");

static int identity_only(struct cursor *cursor, struct identity *ret_identity);
static struct value trust_of(const struct identity *identity);

int store_add_identity(struct store *store, const struct identity *identity)
{
	char folded[IDENTITY_NAME_SIZE];

	identity_fold_name(identity->name, folded);
	return store_run(store,
			 "INSERT INTO identities (" COLUMNS
			 ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
			 VALUES(TEXT(identity->id), TEXT(identity->account.text),
				INTEGER(identity->kind), TEXT(folded), TEXT(identity->name),
				TEXT(identity->path), INTEGER(identity->created),
				TEXT(identity->description), INTEGER(identity->session_seconds_max),
				trust_of(identity)));
}

int store_put_identity(struct store *store, const struct identity *identity)
{
	char folded[IDENTITY_NAME_SIZE];

	identity_fold_name(identity->name, folded);
	return store_run(store,
			 "UPDATE identities SET folded_name = $2, name = $3, path = $4, "
			 "description = $5, session_seconds_max = $6, trust = $7 WHERE id = $1",
			 VALUES(TEXT(identity->id), TEXT(folded), TEXT(identity->name),
				TEXT(identity->path), TEXT(identity->description),
				INTEGER(identity->session_seconds_max), trust_of(identity)));
}

int store_get_identity(struct store *store, const char *id, struct identity *ret_identity)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM identities WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	return r < 0 ? r : identity_only(cursor, ret_identity);
}

int store_find_identity(struct store *store, const char *account, enum identity_kind kind,
			const char *name, struct identity *ret_identity)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char folded[IDENTITY_NAME_SIZE];
	int r;

	if (strlen(name) >= IDENTITY_NAME_SIZE)
		return STORE_MISSING;
	identity_fold_name(name, folded);
	r = store_query(store,
			"SELECT " COLUMNS " FROM identities "
			"WHERE account = $1 AND kind = $2 AND folded_name = $3",
			VALUES(TEXT(account), INTEGER(kind), TEXT(folded)), &cursor);
	return r < 0 ? r : identity_only(cursor, ret_identity);
}

int store_delete_identity(struct store *store, const char *id)
{
	return store_run_one(store, "DELETE FROM identities WHERE id = $1", VALUES(TEXT(id)));
}

int store_delete_identities(struct store *store, const char *account)
{
	int r;

	r = store_run(store, "DELETE FROM enrolments WHERE account = $1", VALUES(TEXT(account)));
	if (r == 0)
		r = store_run(store, "DELETE FROM revoked_keys WHERE account = $1",
			      VALUES(TEXT(account)));
	if (r < 0)
		return r;
	r = store_run(store,
		      "DELETE FROM access_keys WHERE identity IN "
		      "(SELECT id FROM identities WHERE account = $1)",
		      VALUES(TEXT(account)));
	return r < 0 ? r
		     : store_run(store, "DELETE FROM identities WHERE account = $1",
				 VALUES(TEXT(account)));
}

int store_count_identities(struct store *store, const char *account, enum identity_kind kind,
			   int64_t *ret_count)
{
	return store_query_integer(
		store, "SELECT COUNT(*) FROM identities WHERE account = $1 AND kind = $2",
		VALUES(TEXT(account), INTEGER(kind)), ret_count);
}

int store_select_identities(struct store *store, const char *account, enum identity_kind kind,
			    const char *path_prefix, const char *after, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM identities "
			   "WHERE account = $1 AND kind = $2 AND folded_name > $3 "
			   "AND SUBSTR(path, 1, LENGTH($4)) = $4 ORDER BY folded_name",
			   VALUES(TEXT(account), INTEGER(kind), TEXT(after), TEXT(path_prefix)),
			   ret_cursor);
}

int store_next_identity(struct cursor *cursor, struct identity *ret_identity)
{
	struct identity identity = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, identity.id);
	CURSOR_COPY(cursor, 1, identity.account.text);
	identity.kind = (enum identity_kind)cursor_integer(cursor, 2);
	CURSOR_COPY(cursor, 4, identity.name);
	CURSOR_COPY(cursor, 5, identity.path);
	identity.created = cursor_integer(cursor, 6);
	CURSOR_COPY(cursor, 7, identity.description);
	identity.session_seconds_max = cursor_integer(cursor, 8);
	if (identity.kind == IDENTITY_ROLE) {
		identity.trust = strdup(cursor_text(cursor, 9));
		if (!identity.trust)
			return -ENOMEM;
	}
	*ret_identity = identity;
	return STORE_ROW;
}

static int identity_only(struct cursor *cursor, struct identity *ret_identity)
{
	int r = store_next_identity(cursor, ret_identity);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

static struct value trust_of(const struct identity *identity)
{
	return TEXT_OR_NULL(identity->trust ? identity->trust : "");
}
