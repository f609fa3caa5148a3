// SPDX-License-Identifier: Apache-2.0
#include "store/member.h"

#include "store/statement.h"

#define COLUMNS "group_arn, id, port, weight, any_zone, registered, drained"

int store_put_member(struct store *store, const struct member *member)
{
	const struct value drained = member->drained ? INTEGER(member->drained)
						     : (struct value){.kind = VALUE_NULL};

	return store_run(store,
			 "INSERT INTO members (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7) "
			 "ON CONFLICT (group_arn, id, port) DO UPDATE "
			 "SET weight = excluded.weight, any_zone = excluded.any_zone, "
			 "registered = excluded.registered, drained = excluded.drained",
			 VALUES(TEXT(member->group.text), TEXT(member->id), INTEGER(member->port),
				INTEGER(member->weight), INTEGER(member->any_zone),
				INTEGER(member->registered), drained));
}

int store_get_member(struct store *store, const char *group, const char *id, uint16_t port,
		     struct member *ret_member)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " COLUMNS " FROM members "
			"WHERE group_arn = $1 AND id = $2 AND port = $3",
			VALUES(TEXT(group), TEXT(id), INTEGER(port)), &cursor);
	if (r < 0)
		return r;
	r = store_next_member(cursor, ret_member);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_member(struct store *store, const char *group, const char *id, uint16_t port)
{
	return store_run_one(store,
			     "DELETE FROM members WHERE group_arn = $1 AND id = $2 AND port = $3",
			     VALUES(TEXT(group), TEXT(id), INTEGER(port)));
}

int store_count_members(struct store *store, const char *group, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM members WHERE group_arn = $1",
				   VALUES(TEXT(group)), ret_count);
}

int store_select_members(struct store *store, const char *group, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM members WHERE group_arn = $1 ORDER BY id, port",
			   VALUES(TEXT(group)), ret_cursor);
}

int store_select_members_of_id(struct store *store, const char *id, struct cursor **ret_cursor)
{
	return store_query(store, "SELECT " COLUMNS " FROM members WHERE id = $1", VALUES(TEXT(id)),
			   ret_cursor);
}

int store_count_drained(struct store *store, int64_t now, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM members WHERE drained <= $1",
				   VALUES(INTEGER(now)), ret_count);
}

int store_select_drained(struct store *store, int64_t now, struct cursor **ret_cursor)
{
	return store_query(store, "SELECT " COLUMNS " FROM members WHERE drained <= $1",
			   VALUES(INTEGER(now)), ret_cursor);
}

int store_next_member(struct cursor *cursor, struct member *ret_member)
{
	struct member member = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, member.group.text);
	CURSOR_COPY(cursor, 1, member.id);
	member.port = (uint16_t)cursor_integer(cursor, 2);
	member.weight = (uint32_t)cursor_integer(cursor, 3);
	member.any_zone = cursor_integer(cursor, 4);
	member.registered = cursor_integer(cursor, 5);
	member.drained = cursor_integer(cursor, 6);
	*ret_member = member;
	return STORE_ROW;
}
