// SPDX-License-Identifier: Apache-2.0
#include "store/lifetime.h"

#include "store/statement.h"

#define COLUMNS "owner, source, session, host, device, created, deleted, hours"

/* Who owns it, and whether it reaches into the time from $3 to before $4.  '~' sorts behind every account. */
#define SEEN                                                               \
	"owner >= $1 AND owner <= CASE WHEN $1 = '' THEN '~' ELSE $1 END " \
	"AND created < $3 AND (deleted = 0 OR deleted >= $2) "

int store_add_lifetime(struct store *store, const struct lifetime *lifetime)
{
	return store_run(store,
			 "INSERT INTO lifetimes (owner, source, session, host, device, created) "
			 "VALUES ($1, $2, $3, $4, $5, $6)",
			 VALUES(TEXT(lifetime->owner.text), TEXT(lifetime->source.text),
				TEXT(lifetime->session.text), TEXT(lifetime->host),
				TEXT(lifetime->device), INTEGER(lifetime->created)));
}

int store_end_lifetime(struct store *store, const char *session, int64_t now)
{
	return store_run(
		store,
		"UPDATE lifetimes SET deleted = CASE WHEN $2 < created THEN created ELSE $2 END "
		"WHERE session = $1 AND deleted = 0",
		VALUES(TEXT(session), INTEGER(now)));
}

int store_select_lifetime_groups(struct store *store, enum lifetime_grouping grouping,
				 const char *owner, int64_t from, int64_t to,
				 const struct lifetime_group *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[LIFETIMES_BY_ACCOUNT] = "SELECT owner, '', '', '', '', 0, 0, 0 FROM lifetimes "
					 "WHERE " SEEN "AND owner > $4 AND $5 = $5 AND $6 = $6 "
					 "GROUP BY owner ORDER BY owner",
		[LIFETIMES_BY_SOURCE] =
			"SELECT owner, source, '', MAX(host), MAX(device), 0, 0, 0 FROM lifetimes "
			"WHERE " SEEN "AND (owner, source) > ($4, $5) AND $6 = $6 "
			"GROUP BY owner, source ORDER BY owner, source",
		[LIFETIMES_BY_SESSION] = "SELECT " COLUMNS " FROM lifetimes "
					 "WHERE " SEEN
					 "AND (owner, source, session) > ($4, $5, $6) "
					 "ORDER BY owner, source, session",
	};

	return store_query(store, queries[grouping],
			   VALUES(TEXT(owner), INTEGER(from), INTEGER(to), TEXT(after->owner),
				  TEXT(after->source), TEXT(after->session)),
			   ret_cursor);
}

int store_select_lifetimes(struct store *store, enum lifetime_grouping grouping,
			   const struct lifetime_group *group, int64_t from, int64_t to,
			   struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[LIFETIMES_BY_ACCOUNT] = "SELECT " COLUMNS " FROM lifetimes WHERE " SEEN
					 "AND $4 = $4 AND $5 = $5",
		[LIFETIMES_BY_SOURCE] = "SELECT " COLUMNS " FROM lifetimes WHERE " SEEN
					"AND source = $4 AND $5 = $5",
		[LIFETIMES_BY_SESSION] = "SELECT " COLUMNS " FROM lifetimes "
					 "WHERE " SEEN "AND source = $4 AND session = $5",
	};

	return store_query(store, queries[grouping],
			   VALUES(TEXT(group->owner), INTEGER(from), INTEGER(to),
				  TEXT(group->source), TEXT(group->session)),
			   ret_cursor);
}

int store_next_lifetime(struct cursor *cursor, struct lifetime *ret_lifetime)
{
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	*ret_lifetime = (struct lifetime){
		.created = cursor_integer(cursor, 5),
		.deleted = cursor_integer(cursor, 6),
		.hours = (uint64_t)cursor_integer(cursor, 7),
	};
	CURSOR_COPY(cursor, 0, ret_lifetime->owner.text);
	CURSOR_COPY(cursor, 1, ret_lifetime->source.text);
	CURSOR_COPY(cursor, 2, ret_lifetime->session.text);
	CURSOR_COPY(cursor, 3, ret_lifetime->host);
	CURSOR_COPY(cursor, 4, ret_lifetime->device);
	return STORE_ROW;
}

int store_find_crowded_account(struct store *store, int64_t limit, struct account_id *ret_owner,
			       int64_t *ret_count)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT owner, COUNT(*) FROM lifetimes WHERE deleted > 0 AND hours = 0 "
			"GROUP BY owner HAVING COUNT(*) > $1 ORDER BY owner LIMIT 1",
			VALUES(INTEGER(limit)), &cursor);
	if (r < 0)
		return r;
	r = cursor_next(cursor);
	if (r != STORE_ROW)
		return r < 0 ? r : STORE_MISSING;
	CURSOR_COPY(cursor, 0, ret_owner->text);
	*ret_count = cursor_integer(cursor, 1);
	return 0;
}

int store_select_ended_lifetimes(struct store *store, const char *owner, int64_t count,
				 struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM lifetimes WHERE owner = $1 AND deleted > 0 "
			   "AND hours = 0 ORDER BY deleted LIMIT $2",
			   VALUES(TEXT(owner), INTEGER(count)), ret_cursor);
}

int store_add_past_hours(struct store *store, const struct lifetime *sum)
{
	return store_run(
		store,
		"INSERT INTO lifetimes (owner, source, session, host, device, created, deleted, "
		"hours) VALUES ($1, $2, $3, $4, $5, $6, $6, $7) "
		"ON CONFLICT (owner, source, session) DO UPDATE "
		"SET hours = lifetimes.hours + excluded.hours",
		VALUES(TEXT(sum->owner.text), TEXT(sum->source.text), TEXT(sum->session.text),
		       TEXT(sum->host), TEXT(sum->device), INTEGER(sum->created),
		       INTEGER(sum->hours)));
}

int store_delete_lifetime(struct store *store, const struct lifetime *lifetime)
{
	return store_run_one(
		store, "DELETE FROM lifetimes WHERE owner = $1 AND source = $2 AND session = $3",
		VALUES(TEXT(lifetime->owner.text), TEXT(lifetime->source.text),
		       TEXT(lifetime->session.text)));
}
