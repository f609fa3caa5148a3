// SPDX-License-Identifier: Apache-2.0
#include "store/selection.h"

#include "store/statement.h"

#include <string.h>

/* Interfaces of accounts that have selectors. */
#define MARK                                                                           \
	"INSERT INTO selector_marks (owner, source) SELECT owner, id FROM interfaces " \
	"WHERE EXISTS (SELECT 1 FROM selectors WHERE owner = interfaces.owner) AND "

#define REFUSALS "SELECT selector, source, reason, since FROM selector_refusals "

static int id_only(struct cursor *cursor, struct resource_id *ret_id);

int store_mark_source(struct store *store, const char *source)
{
	return store_run(store, MARK "id = $1 ON CONFLICT (owner, source) DO NOTHING",
			 VALUES(TEXT(source)));
}

int store_mark_sources_of_instance(struct store *store, const char *instance)
{
	return store_run(store, MARK "instance = $1 ON CONFLICT (owner, source) DO NOTHING",
			 VALUES(TEXT(instance)));
}

int store_delete_mark(struct store *store, const char *source)
{
	return store_run(store, "DELETE FROM selector_marks WHERE source = $1",
			 VALUES(TEXT(source)));
}

int store_first_mark(struct store *store, struct resource_id *ret_source)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT source FROM selector_marks ORDER BY owner, source LIMIT 1",
			NULL, 0, &cursor);
	return r == 0 ? id_only(cursor, ret_source) : r;
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

int store_first_sweep(struct store *store, struct resource_id *ret_selector,
		      struct resource_id *ret_after)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT id, swept FROM selectors WHERE swept IS NOT NULL "
			"ORDER BY id LIMIT 1",
			NULL, 0, &cursor);
	if (r == 0)
		r = id_only(cursor, ret_selector);
	if (r == 0)
		CURSOR_COPY(cursor, 1, ret_after->text);
	return r;
}

int store_put_selector_refusal(struct store *store, const struct selector_refusal *refusal)
{
	return store_run(store,
			 "INSERT INTO selector_refusals (selector, source, reason, since) "
			 "VALUES ($1, $2, $3, $4) ON CONFLICT (selector, source) DO UPDATE SET "
			 "reason = excluded.reason, since = excluded.since",
			 VALUES(TEXT(refusal->selector.text), TEXT(refusal->source.text),
				TEXT(refusal->reason), INTEGER(refusal->since)));
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
			   REFUSALS "WHERE (selector, source) > ($2, $3) AND selector IN "
				    "(SELECT id FROM selectors WHERE owner = $1) "
				    "ORDER BY selector, source",
			   VALUES(TEXT(owner), TEXT(after_selector), TEXT(after_source)),
			   ret_cursor);
}

int store_select_all_refusals(struct store *store, const char *after_selector,
			      const char *after_source, struct cursor **ret_cursor)
{
	return store_query(store,
			   REFUSALS "WHERE (selector, source) > ($1, $2) ORDER BY selector, source",
			   VALUES(TEXT(after_selector), TEXT(after_source)), ret_cursor);
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
	CURSOR_COPY(cursor, 1, ret_refusal->source.text);
	CURSOR_COPY(cursor, 2, ret_refusal->reason);
	ret_refusal->since = cursor_integer(cursor, 3);
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
