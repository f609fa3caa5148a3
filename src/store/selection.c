// SPDX-License-Identifier: Apache-2.0
#include "store/selection.h"

#include "store/statement.h"

#include <string.h>

/* Interfaces of accounts that have selectors. */
#define MARK                                                                           \
	"INSERT INTO selector_marks (owner, source) SELECT owner, id FROM interfaces " \
	"WHERE EXISTS (SELECT 1 FROM selectors WHERE owner = interfaces.owner) AND "

/* One that was looked at in part is looked at anew. */
#define MARK_AGAIN " ON CONFLICT (owner, source) DO UPDATE SET seen = ''"

#define REFUSALS "SELECT selector, owner, source, reason, since FROM selector_refusals "

static int id_only(struct cursor *cursor, struct resource_id *ret_id);
static int next_owner(struct store *store, const char *sql, const char *after,
		      struct account_id *ret_owner);

int store_mark_source(struct store *store, const char *source)
{
	return store_run(store, MARK "id = $1" MARK_AGAIN, VALUES(TEXT(source)));
}

int store_mark_sources_of_instance(struct store *store, const char *instance)
{
	return store_run(store, MARK "instance = $1" MARK_AGAIN, VALUES(TEXT(instance)));
}

int store_delete_mark(struct store *store, const char *source)
{
	return store_run(store, "DELETE FROM selector_marks WHERE source = $1",
			 VALUES(TEXT(source)));
}

int store_first_mark(struct store *store, const char *owner, struct selector_mark *ret_mark)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT source, seen FROM selector_marks WHERE owner = $1 "
			"ORDER BY source LIMIT 1",
			VALUES(TEXT(owner)), &cursor);
	if (r == 0)
		r = id_only(cursor, &ret_mark->source);
	if (r == 0)
		CURSOR_COPY(cursor, 1, ret_mark->seen.text);
	return r;
}

int store_put_mark(struct store *store, const char *owner, const struct selector_mark *mark)
{
	return store_run(store,
			 "INSERT INTO selector_marks (owner, source, seen) VALUES ($1, $2, $3) "
			 "ON CONFLICT (owner, source) DO NOTHING",
			 VALUES(TEXT(owner), TEXT(mark->source.text), TEXT(mark->seen.text)));
}

int store_account_has_marks(struct store *store, const char *owner, bool *ret_answer)
{
	int64_t found;
	int r;

	r = store_query_integer(store,
				"SELECT COUNT(*) FROM accounts WHERE id = $1 AND EXISTS "
				"(SELECT 1 FROM selector_marks WHERE owner = $1)",
				VALUES(TEXT(owner)), &found);
	if (r == 0)
		*ret_answer = found > 0;
	return r;
}

int store_put_sweep(struct store *store, const char *selector, const char *after)
{
	return store_run(store, "UPDATE selectors SET swept = $2 WHERE id = $1",
			 VALUES(TEXT(selector), TEXT(after)));
}

int store_end_sweep(struct store *store, const char *selector)
{
	return store_run(store, "UPDATE selectors SET swept = NULL WHERE id = $1",
			 VALUES(TEXT(selector)));
}

int store_get_sweep(struct store *store, const char *selector, struct resource_id *ret_after)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT swept FROM selectors WHERE id = $1 AND swept IS NOT NULL",
			VALUES(TEXT(selector)), &cursor);
	return r == 0 ? id_only(cursor, ret_after) : r;
}

int store_first_sweep(struct store *store, const char *owner, struct resource_id *ret_selector,
		      struct resource_id *ret_after)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT id, swept FROM selectors WHERE swept IS NOT NULL AND owner = $1 "
			"ORDER BY id LIMIT 1",
			VALUES(TEXT(owner)), &cursor);
	if (r == 0)
		r = id_only(cursor, ret_selector);
	if (r == 0)
		CURSOR_COPY(cursor, 1, ret_after->text);
	return r;
}

int store_next_selecting(struct store *store, const char *after, struct account_id *ret_owner)
{
	return next_owner(store,
			  "SELECT MIN(owner) FROM (SELECT MIN(owner) AS owner FROM selector_marks "
			  "WHERE owner > $1 UNION ALL SELECT MIN(owner) FROM selectors "
			  "WHERE swept IS NOT NULL AND owner > $1) AS owners",
			  after, ret_owner);
}

int store_next_refused(struct store *store, const char *after, struct account_id *ret_owner)
{
	return next_owner(store, "SELECT MIN(owner) FROM selector_refusals WHERE owner > $1", after,
			  ret_owner);
}

int store_put_selector_refusal(struct store *store, const struct selector_refusal *refusal)
{
	return store_run(store,
			 "INSERT INTO selector_refusals (selector, owner, source, reason, since) "
			 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (selector, source) DO UPDATE SET "
			 "reason = excluded.reason, since = excluded.since",
			 VALUES(TEXT(refusal->selector.text), TEXT(refusal->owner.text),
				TEXT(refusal->source.text), TEXT(refusal->reason),
				INTEGER(refusal->since)));
}

int store_delete_selector_refusal(struct store *store, const char *selector, const char *source)
{
	return store_run(store, "DELETE FROM selector_refusals WHERE selector = $1 AND source = $2",
			 VALUES(TEXT(selector), TEXT(source)));
}

int store_count_selector_refusals(struct store *store, const char *selector, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM selector_refusals WHERE selector = $1",
				   VALUES(TEXT(selector)), ret_count);
}

int store_select_selector_refusals(struct store *store, const char *owner,
				   const char *after_selector, const char *after_source,
				   struct cursor **ret_cursor)
{
	return store_query(store,
			   REFUSALS "WHERE owner = $1 AND (selector, source) > ($2, $3) "
				    "ORDER BY selector, source",
			   VALUES(TEXT(owner), TEXT(after_selector), TEXT(after_source)),
			   ret_cursor);
}

int store_select_refusals_of_source(struct store *store, const char *source,
				    struct cursor **ret_cursor)
{
	return store_query(store, REFUSALS "WHERE source = $1 ORDER BY selector",
			   VALUES(TEXT(source)), ret_cursor);
}

int store_next_selector_refusal(struct cursor *cursor, struct selector_refusal *ret_refusal)
{
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, ret_refusal->selector.text);
	CURSOR_COPY(cursor, 1, ret_refusal->owner.text);
	CURSOR_COPY(cursor, 2, ret_refusal->source.text);
	CURSOR_COPY(cursor, 3, ret_refusal->reason);
	ret_refusal->since = cursor_integer(cursor, 4);
	return STORE_ROW;
}

/* Of the first column of the only row.  Returns 0 or STORE_MISSING. */
static int id_only(struct cursor *cursor, struct resource_id *ret_id)
{
	int r = cursor_only(cursor);

	if (r == 0)
		CURSOR_COPY(cursor, 0, ret_id->text);
	return r;
}

/* There is always a row; of nobody it has no number. */
static int next_owner(struct store *store, const char *sql, const char *after,
		      struct account_id *ret_owner)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct account_id owner = {};
	int r;

	r = store_query(store, sql, VALUES(TEXT(after)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r == 0)
		CURSOR_COPY(cursor, 0, owner.text);
	if (r != 0 || owner.text[0] == '\0')
		return r < 0 ? r : STORE_MISSING;
	*ret_owner = owner;
	return 0;
}
