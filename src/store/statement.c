// SPDX-License-Identifier: Apache-2.0
/* Between the nouns' SQL and the driver: each statement is compiled at its first use and kept.
 *
 * A kept statement is told by the address of its SQL, which is a string literal.  One that is running (a cursor
 * is open on it) is not given out a second time; the second user gets one of his own that ends with his cursor. */
#include "store/statement.h"

#include "base/array.h"
#include "base/text.h"
#include "store/state.h"

#include <string.h>

struct cursor {
	struct store *store;
	const char *sql;
	struct driver_statement *statement;
	bool running;
	bool kept; /* In the store's table; else it is freed when closed. */
};

static int run_counted(struct store *store, const char *sql, const struct value *values,
		       size_t count, bool versioned, int64_t *ret_changes);
static int run_within(struct store *store, const char *sql, const struct value *values,
		      size_t count, bool versioned, int64_t *ret_changes);
static int cursor_get(struct store *store, const char *sql, struct cursor **ret_cursor);
static struct cursor *cursor_find_kept(const struct store *store, const char *sql, bool *ret_busy);
static int cursor_bind(struct cursor *cursor, const struct value *values, size_t count);
static void cursor_free(struct cursor *cursor);
DEFINE_CLEANUP(struct cursor *, cursor_free)

int store_execute(struct store *store, const char *sql)
{
	return store->driver->execute(store->connection, sql);
}

int store_run(struct store *store, const char *sql, const struct value *values, size_t count)
{
	int64_t changes;

	return run_counted(store, sql, values, count, true, &changes);
}

int store_run_unversioned(struct store *store, const char *sql, const struct value *values,
			  size_t count)
{
	int64_t changes;

	return run_counted(store, sql, values, count, false, &changes);
}

int store_run_one(struct store *store, const char *sql, const struct value *values, size_t count)
{
	int64_t changes;
	int r = run_counted(store, sql, values, count, true, &changes);

	if (r < 0)
		return r;
	return changes == 0 ? STORE_MISSING : 0;
}

int store_query(struct store *store, const char *sql, const struct value *values, size_t count,
		struct cursor **ret_cursor)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_settle(store);
	if (r == 0)
		r = cursor_get(store, sql, &cursor);
	if (r < 0)
		return r;
	r = cursor_bind(cursor, values, count);
	if (r < 0)
		return r;
	*ret_cursor = TAKE_PTR(cursor);
	return 0;
}

int store_query_integer(struct store *store, const char *sql, const struct value *values,
			size_t count, int64_t *ret_integer)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, sql, values, count, &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r == 0)
		*ret_integer = cursor_integer(cursor, 0);
	return r;
}

void cursor_close(struct cursor *cursor)
{
	if (!cursor)
		return;
	if (!cursor->kept) {
		cursor_free(cursor);
		return;
	}
	cursor->store->driver->reset(cursor->statement);
	cursor->running = false;
}

int cursor_next(struct cursor *cursor)
{
	int r = cursor->store->driver->step(cursor->statement);

	return r == DRIVER_ROW ? STORE_ROW : r;
}

int cursor_only(struct cursor *cursor)
{
	int r = cursor_next(cursor);

	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int64_t cursor_integer(const struct cursor *cursor, int column)
{
	return cursor->store->driver->get_integer(cursor->statement, column);
}

bool cursor_is_null(const struct cursor *cursor, int column)
{
	return !cursor->store->driver->get_text(cursor->statement, column);
}

const char *cursor_text(const struct cursor *cursor, int column)
{
	const char *text = cursor->store->driver->get_text(cursor->statement, column);

	return text ? text : "";
}

void cursor_copy(const struct cursor *cursor, int column, char *ret_text, size_t size)
{
	if (!string_copy(ret_text, size, cursor_text(cursor, column)))
		ret_text[0] = '\0';
}

void statements_release(struct store *store)
{
	for (size_t i = 0; i < store->kept_count; i++)
		cursor_free(store->kept[i]);
	free(store->kept);
}

/* Outside of a transaction, a write to a shared store is a transaction of its own, too. */
static int run_counted(struct store *store, const char *sql, const struct value *values,
		       size_t count, bool versioned, int64_t *ret_changes)
{
	const bool alone = store->driver->shared && !store->in_transaction;
	int r = alone ? store_begin(store, STORE_WRITE) : 0;

	if (r == 0)
		r = run_within(store, sql, values, count, versioned, ret_changes);
	if (alone && r == 0)
		return store_commit(store);
	if (alone)
		store_rollback(store);
	return r;
}

static int run_within(struct store *store, const char *sql, const struct value *values,
		      size_t count, bool versioned, int64_t *ret_changes)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, sql, values, count, &cursor);
	if (r == 0)
		r = cursor_next(cursor);
	if (r != 0)
		return r;
	*ret_changes = store->driver->get_changes(store->connection);
	if (!versioned)
		store->unversioned += *ret_changes;
	return 0;
}

static int cursor_get(struct store *store, const char *sql, struct cursor **ret_cursor)
{
	_cleanup_(cursor_freep) struct cursor *cursor = NULL;
	struct cursor *kept;
	bool busy = false;
	int r;

	kept = cursor_find_kept(store, sql, &busy);
	if (kept) {
		kept->running = true;
		*ret_cursor = kept;
		return 0;
	}
	cursor = calloc(1, sizeof(*cursor));
	if (!cursor)
		return -ENOMEM;
	*cursor = (struct cursor){.store = store, .sql = sql, .running = true, .kept = !busy};
	r = store->driver->prepare(store->connection, sql, &cursor->statement);
	if (r == 0 && !busy)
		r = array_append(store, kept, kept_count, kept_capacity, cursor);
	if (r < 0)
		return r;
	*ret_cursor = TAKE_PTR(cursor);
	return 0;
}

/* A few dozen statements are found soonest by looking at each. */
static struct cursor *cursor_find_kept(const struct store *store, const char *sql, bool *ret_busy)
{
	for (size_t i = 0; i < store->kept_count; i++) {
		if (store->kept[i]->sql != sql)
			continue;
		*ret_busy = store->kept[i]->running;
		return *ret_busy ? NULL : store->kept[i];
	}
	return NULL;
}

static int cursor_bind(struct cursor *cursor, const struct value *values, size_t count)
{
	const struct driver *driver = cursor->store->driver;
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < count; i++) {
		if (values[i].kind == VALUE_INTEGER)
			r = driver->bind_integer(cursor->statement, i + 1, values[i].integer);
		else if (values[i].kind == VALUE_TEXT)
			r = driver->bind_text(cursor->statement, i + 1, values[i].text);
		else
			r = driver->bind_null(cursor->statement, i + 1);
	}
	return r;
}

static void cursor_free(struct cursor *cursor)
{
	if (cursor->statement)
		cursor->store->driver->release(cursor->statement);
	free(cursor);
}
