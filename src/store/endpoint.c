// SPDX-License-Identifier: Apache-2.0
#include "store/endpoint.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS "id, owner, service, interface, attachment, state, created"

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

int store_count_endpoints(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM endpoints WHERE owner = $1",
				   VALUES(TEXT(owner)), ret_count);
}

int store_count_connections(struct store *store, const char *service, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM endpoints "
				   "WHERE service = $1 AND state <> $2",
				   VALUES(TEXT(service), INTEGER(ENDPOINT_REJECTED)), ret_count);
}

int store_select_endpoints(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM endpoints "
			   "WHERE owner = $1 AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_select_connections(struct store *store, const char *owner, const char *after,
			     struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM endpoints WHERE service IN "
			   "(SELECT id FROM endpoint_services WHERE owner = $1) "
			   "AND id > $2 ORDER BY id",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
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
