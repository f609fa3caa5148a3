// SPDX-License-Identifier: Apache-2.0
#include "store/balancer.h"

#include "store/statement.h"
#include "store/tag.h"

_Static_assert(BALANCER_NETWORK == 0 && BALANCER_GATEWAY == 1, "stored");

#define COLUMNS \
	"arn, owner, type, name, internal, interface, addressed, guarded, cross_zone, created"

static int balancer_only(struct cursor *cursor, struct balancer *ret_balancer);

int store_put_balancer(struct store *store, const struct balancer *balancer)
{
	return store_run(store,
			 "INSERT INTO balancers (" COLUMNS ") "
			 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
			 "ON CONFLICT (arn) DO UPDATE SET guarded = excluded.guarded, "
			 "cross_zone = excluded.cross_zone",
			 VALUES(TEXT(balancer->arn.text), TEXT(balancer->owner.text),
				INTEGER(balancer->type), TEXT(balancer->name),
				INTEGER(balancer->internal), TEXT(balancer->interface.text),
				INTEGER(balancer->addressed), INTEGER(balancer->guarded),
				INTEGER(balancer->cross_zone), INTEGER(balancer->created)));
}

int store_get_balancer(struct store *store, const char *arn, struct balancer *ret_balancer)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM balancers WHERE arn = $1",
			VALUES(TEXT(arn)), &cursor);
	return r < 0 ? r : balancer_only(cursor, ret_balancer);
}

int store_find_balancer(struct store *store, const char *owner, enum balancer_type type,
			const char *name, struct balancer *ret_balancer)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " COLUMNS " FROM balancers "
			"WHERE owner = $1 AND type = $2 AND name = $3",
			VALUES(TEXT(owner), INTEGER(type), TEXT(name)), &cursor);
	return r < 0 ? r : balancer_only(cursor, ret_balancer);
}

int store_delete_balancer(struct store *store, const char *arn)
{
	int r = store_delete_tags(store, arn);

	if (r == 0)
		r = store_run(store,
			      "DELETE FROM tags WHERE resource IN "
			      "(SELECT arn FROM listeners WHERE balancer = $1)",
			      VALUES(TEXT(arn)));
	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM balancers WHERE arn = $1",
				     VALUES(TEXT(arn)));
}

int store_count_balancers(struct store *store, const char *owner, enum balancer_type type,
			  int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM balancers WHERE owner = $1 AND type = $2",
				   VALUES(TEXT(owner), INTEGER(type)), ret_count);
}

int store_select_balancers(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM balancers "
			   "WHERE owner = $1 AND arn > $2 ORDER BY arn",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_next_balancer(struct cursor *cursor, struct balancer *ret_balancer)
{
	struct balancer balancer = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, balancer.arn.text);
	CURSOR_COPY(cursor, 1, balancer.owner.text);
	balancer.type = (enum balancer_type)cursor_integer(cursor, 2);
	CURSOR_COPY(cursor, 3, balancer.name);
	balancer.internal = cursor_integer(cursor, 4);
	CURSOR_COPY(cursor, 5, balancer.interface.text);
	balancer.addressed = cursor_integer(cursor, 6);
	balancer.guarded = cursor_integer(cursor, 7);
	balancer.cross_zone = cursor_integer(cursor, 8);
	balancer.created = cursor_integer(cursor, 9);
	*ret_balancer = balancer;
	return STORE_ROW;
}

static int balancer_only(struct cursor *cursor, struct balancer *ret_balancer)
{
	int r = store_next_balancer(cursor, ret_balancer);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}
