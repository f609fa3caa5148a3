// SPDX-License-Identifier: Apache-2.0
#include "store/event.h"

#include "store/statement.h"

#include <stdlib.h>
#include <string.h>

static int insert(struct store *store, const struct event *event, int64_t place);
static int find_place(struct store *store, const struct event *event, int64_t *ret_place);

void event_fini(struct event *event)
{
	free(event->resources);
	free(event->record);
	*event = (struct event){};
}

/* Each of the three looks at an end of an index, so the price does not depend on how many there are. */
int store_add_event(struct store *store, const struct event *event, int64_t room, int64_t oldest)
{
	int64_t place = 0;
	int r;

	r = find_place(store, event, &place);
	if (r == 0)
		r = insert(store, event, place);
	if (r == 0)
		r = store_run_unversioned(
			store,
			"DELETE FROM events WHERE account = $1 AND refused = $2 AND place <= $3",
			VALUES(TEXT(event->account.text), INTEGER(event->refused),
			       INTEGER(place - room)));
	if (r == 0)
		r = store_run_unversioned(store, "DELETE FROM events WHERE number < $1",
					  VALUES(INTEGER(oldest)));
	return r;
}

int store_select_events(struct store *store, const char *account, int64_t before,
			struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT number, account, refused, read_only, id, name, source, "
			   "username, access_key, resources, record FROM events "
			   "WHERE account = $1 AND number < $2 ORDER BY number DESC",
			   VALUES(TEXT(account), INTEGER(before)), ret_cursor);
}

int store_next_event(struct cursor *cursor, struct event *ret_event)
{
	_cleanup_event_ struct event event = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	event.number = cursor_integer(cursor, 0);
	CURSOR_COPY(cursor, 1, event.account.text);
	event.refused = cursor_integer(cursor, 2) != 0;
	event.read_only = cursor_integer(cursor, 3) != 0;
	CURSOR_COPY(cursor, 4, event.id);
	CURSOR_COPY(cursor, 5, event.name);
	CURSOR_COPY(cursor, 6, event.source);
	CURSOR_COPY(cursor, 7, event.username);
	CURSOR_COPY(cursor, 8, event.access_key);
	event.resources = strdup(cursor_text(cursor, 9));
	event.record = strdup(cursor_text(cursor, 10));
	if (!event.resources || !event.record)
		return -ENOMEM;
	*ret_event = event;
	event = (struct event){};
	return STORE_ROW;
}

int store_get_last_event(struct store *store, int64_t *ret_number)
{
	return store_query_integer(store, "SELECT COALESCE(MAX(number), 0) FROM events", NULL, 0,
				   ret_number);
}

/* Two controllers may have had the same number in mind: the second event has the next that is free. */
static int insert(struct store *store, const struct event *event, int64_t place)
{
	int64_t taken = 1, number = event->number - 1;
	int r = 0;

	while (r == 0 && taken > 0) {
		number++;
		r = store_query_integer(store, "SELECT COUNT(*) FROM events WHERE number = $1",
					VALUES(INTEGER(number)), &taken);
	}
	if (r != 0)
		return r;
	return store_run_unversioned(
		store,
		"INSERT INTO events (number, account, refused, place, read_only, id, name, "
		"source, username, access_key, resources, record) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		VALUES(INTEGER(number), TEXT(event->account.text), INTEGER(event->refused),
		       INTEGER(place), INTEGER(event->read_only), TEXT(event->id),
		       TEXT(event->name), TEXT(event->source), TEXT(event->username),
		       TEXT(event->access_key), TEXT(event->resources ? event->resources : ""),
		       TEXT(event->record)));
}

/* One beyond the last of its kind. */
static int find_place(struct store *store, const struct event *event, int64_t *ret_place)
{
	return store_query_integer(store,
				   "SELECT COALESCE(MAX(place), 0) + 1 FROM events WHERE account = "
				   "$1 AND refused = $2",
				   VALUES(TEXT(event->account.text), INTEGER(event->refused)),
				   ret_place);
}
