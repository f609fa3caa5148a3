// SPDX-License-Identifier: Apache-2.0
#include "store/listener.h"

#include "store/statement.h"
#include "store/tag.h"

_Static_assert(LISTENER_EVERYTHING == 0 && LISTENER_UDP == 1 && LISTENER_TCP_UDP == 2, "stored");

#define COLUMNS "arn, balancer, owner, protocol, port, target_group, tcp_idle, created"

static int listener_only(struct cursor *cursor, struct listener *ret_listener);

int store_put_listener(struct store *store, const struct listener *listener)
{
	return store_run(store,
			 "INSERT INTO listeners (" COLUMNS ") "
			 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
			 "ON CONFLICT (arn) DO UPDATE SET protocol = excluded.protocol, "
			 "port = excluded.port, target_group = excluded.target_group, "
			 "tcp_idle = excluded.tcp_idle",
			 VALUES(TEXT(listener->arn.text), TEXT(listener->balancer.text),
				TEXT(listener->owner.text), INTEGER(listener->protocol),
				INTEGER(listener->port), TEXT(listener->group.text),
				INTEGER(listener->tcp_idle), INTEGER(listener->created)));
}

int store_get_listener(struct store *store, const char *arn, struct listener *ret_listener)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM listeners WHERE arn = $1",
			VALUES(TEXT(arn)), &cursor);
	return r < 0 ? r : listener_only(cursor, ret_listener);
}

int store_find_listener(struct store *store, const char *balancer, uint16_t port,
			struct listener *ret_listener)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " COLUMNS " FROM listeners WHERE balancer = $1 AND port = $2",
			VALUES(TEXT(balancer), INTEGER(port)), &cursor);
	return r < 0 ? r : listener_only(cursor, ret_listener);
}

int store_delete_listener(struct store *store, const char *arn)
{
	int r = store_delete_tags(store, arn);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM listeners WHERE arn = $1",
				     VALUES(TEXT(arn)));
}

int store_count_listeners(struct store *store, const char *balancer, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM listeners WHERE balancer = $1",
				   VALUES(TEXT(balancer)), ret_count);
}

int store_select_listeners(struct store *store, enum listener_selection selection, const char *key,
			   const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[LISTENERS_OF_OWNER] = "SELECT " COLUMNS " FROM listeners "
				       "WHERE owner = $1 AND arn > $2 ORDER BY arn",
		[LISTENERS_OF_BALANCER] = "SELECT " COLUMNS " FROM listeners "
					  "WHERE balancer = $1 AND arn > $2 ORDER BY arn",
		[LISTENERS_OF_GROUP] = "SELECT " COLUMNS " FROM listeners "
				       "WHERE target_group = $1 AND arn > $2 ORDER BY arn",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_listener(struct cursor *cursor, struct listener *ret_listener)
{
	struct listener listener = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, listener.arn.text);
	CURSOR_COPY(cursor, 1, listener.balancer.text);
	CURSOR_COPY(cursor, 2, listener.owner.text);
	listener.protocol = (enum listener_protocol)cursor_integer(cursor, 3);
	listener.port = (uint16_t)cursor_integer(cursor, 4);
	CURSOR_COPY(cursor, 5, listener.group.text);
	listener.tcp_idle = (uint32_t)cursor_integer(cursor, 6);
	listener.created = cursor_integer(cursor, 7);
	*ret_listener = listener;
	return STORE_ROW;
}

static int listener_only(struct cursor *cursor, struct listener *ret_listener)
{
	int r = store_next_listener(cursor, ret_listener);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}
