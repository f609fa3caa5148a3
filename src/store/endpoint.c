// SPDX-License-Identifier: Apache-2.0
#include "store/endpoint.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS "id, owner, service, interface, attachment, state, created"

/* The condition of each selection; its key is $1. */
#define OF_OWNER   "owner = $1"
#define CONNECTED  "service IN (SELECT id FROM endpoint_services WHERE owner = $1)"
#define OF_SERVICE "service = $1 AND state <> 2"

int store_put_endpoint(struct store *store, const struct endpoint *endpoint)
{
	return store_run(store,
			 "INSERT INTO endpoints (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7) "
			 "ON CONFLICT (id) DO UPDATE SET state = excluded.state",
			 VALUES(TEXT(endpoint->id.text), TEXT(endpoint->owner.text),
				TEXT(endpoint->service.text), TEXT(endpoint->interface.text),
				INTEGER(endpoint->attachment), INTEGER(endpoint->state),
				INTEGER(endpoint->created)));
}

int store_get_endpoint(struct store *store, const char *id, struct endpoint *ret_endpoint)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM endpoints WHERE id = $1", VALUES(TEXT(id)),
			&cursor);
	if (r < 0)
		return r;
	r = store_next_endpoint(cursor, ret_endpoint);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_endpoint(struct store *store, const char *id)
{
	int r = store_delete_tags(store, id);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM endpoints WHERE id = $1",
				     VALUES(TEXT(id)));
}

int store_count_endpoints(struct store *store, enum endpoint_selection selection, const char *key,
			  int64_t *ret_count)
{
	static const char *const queries[] = {
		[ENDPOINTS_OF_OWNER] = "SELECT COUNT(*) FROM endpoints WHERE " OF_OWNER,
		[ENDPOINTS_CONNECTED] = "SELECT COUNT(*) FROM endpoints WHERE " CONNECTED,
		[ENDPOINTS_OF_SERVICE] = "SELECT COUNT(*) FROM endpoints WHERE " OF_SERVICE,
	};

	return store_query_integer(store, queries[selection], VALUES(TEXT(key)), ret_count);
}

int store_select_endpoints(struct store *store, enum endpoint_selection selection, const char *key,
			   const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[ENDPOINTS_OF_OWNER] = "SELECT " COLUMNS " FROM endpoints WHERE " OF_OWNER
				       " AND id > $2 ORDER BY id",
		[ENDPOINTS_CONNECTED] = "SELECT " COLUMNS " FROM endpoints WHERE " CONNECTED
					" AND id > $2 ORDER BY id",
		[ENDPOINTS_OF_SERVICE] = "SELECT " COLUMNS " FROM endpoints WHERE " OF_SERVICE
					 " AND id > $2 ORDER BY id",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_endpoint(struct cursor *cursor, struct endpoint *ret_endpoint)
{
	struct endpoint endpoint = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, endpoint.id.text);
	CURSOR_COPY(cursor, 1, endpoint.owner.text);
	CURSOR_COPY(cursor, 2, endpoint.service.text);
	CURSOR_COPY(cursor, 3, endpoint.interface.text);
	endpoint.attachment = (uint64_t)cursor_integer(cursor, 4);
	endpoint.state = (enum endpoint_state)cursor_integer(cursor, 5);
	endpoint.created = cursor_integer(cursor, 6);
	*ret_endpoint = endpoint;
	return STORE_ROW;
}
