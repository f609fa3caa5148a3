// SPDX-License-Identifier: Apache-2.0
/* Between the nouns' SQL and the driver: each statement is compiled at its first use and kept.
 *
 * A kept statement is told by the address of its SQL, which is a string literal.  One that is running (a cursor
 * is open on it) is not given out a second time; the second user gets one of his own that ends with his cursor. */
#include "store/store.h"

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "store/driver.h"
#include "store/schema.h"
#include "store/statement.h"

#include <string.h>

struct cursor {
	struct store *store;
	const char *sql;
	struct driver_statement *statement;
	bool running;
	bool kept; /* In the store's table; else it is freed when closed. */
};

struct store {
	const struct driver *driver;
	struct driver_connection *connection;
	struct cursor **kept;
	size_t kept_count, kept_capacity;
	bool in_transaction;
	int64_t unversioned; /* Rows that the driver's version has and ours leaves out. */
};

static const struct driver *const drivers[] = {&sqlite_driver, &memory_driver};

static const struct driver *find_driver(const char *location, const char **ret_rest);
static int cursor_get(struct store *store, const char *sql, struct cursor **ret_cursor);
static struct cursor *cursor_find_kept(const struct store *store, const char *sql, bool *ret_busy);
static int cursor_bind(struct cursor *cursor, const struct value *values, size_t count);
static void cursor_free(struct cursor *cursor);
DEFINE_CLEANUP(struct cursor *, cursor_free)

int store_open(const char *location, struct store **ret_store, struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = NULL;
	const struct schema_step *steps;
	size_t step_count;
	int r;

	r = store_connect(location, true, &store, why);
	if (r != 0)
		return r;
	steps = schema_get_steps(&step_count);
	r = schema_migrate(store, steps, step_count, why);
	if (r != 0)
		return r;
	*ret_store = TAKE_PTR(store);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->kept_count; i++)
		cursor_free(store->kept[i]);
	free(store->kept);
	if (store->connection)
		store->driver->close(store->connection);
	free(store);
}

int store_begin(struct store *store, enum store_access access)
{
	int r = store->driver->begin(store->connection, access != STORE_READ, access != STORE_NOTE);

	store->in_transaction = r == 0;
	return r;
}

int store_commit(struct store *store)
{
	int r = store->driver->commit(store->connection);

	if (r == 0)
		store->in_transaction = false;
	else
		store_rollback(store);
	return r;
}

void store_rollback(struct store *store)
{
	if (store->in_transaction)
		store->driver->rollback(store->connection);
	store->in_transaction = false;
}

int64_t store_get_version(const struct store *store)
{
	return store->driver->get_version(store->connection) - store->unversioned;
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

int store_connect(const char *location, bool make, struct store **ret_store, struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = calloc(1, sizeof(*store));
	const char *rest;
	int r;

	if (!store)
		return -ENOMEM;
	r = store_find_driver(location, &store->driver, &rest, why);
	if (r == 0)
		r = store->driver->open(rest, make, &store->connection);
	if (r == 0)
		*ret_store = TAKE_PTR(store);
	return r;
}

int store_check(struct store *store)
{
	return store->driver->check(store->connection);
}

int store_copy(struct store *store, const char *path)
{
	return store->driver->copy(store->connection, path);
}

int store_find_driver(const char *location, const struct driver **ret_driver, const char **ret_rest,
		      struct refusal *why)
{
	const struct driver *driver = find_driver(location, ret_rest);

	if (!driver)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The store '%s' is neither 'sqlite:PATH' nor 'memory'", location);
	*ret_driver = driver;
	return 0;
}

int store_execute(struct store *store, const char *sql)
{
	return store->driver->execute(store->connection, sql);
}

int store_run(struct store *store, const char *sql, const struct value *values, size_t count)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, sql, values, count, &cursor);
	if (r < 0)
		return r;
	return cursor_next(cursor);
}

int store_run_unversioned(struct store *store, const char *sql, const struct value *values,
			  size_t count)
{
	int r = store_run(store, sql, values, count);

	if (r == 0)
		store->unversioned += store->driver->get_changes(store->connection);
	return r;
}

int store_run_one(struct store *store, const char *sql, const struct value *values, size_t count)
{
	int r = store_run(store, sql, values, count);

	if (r < 0)
		return r;
	return store->driver->get_changes(store->connection) == 0 ? STORE_MISSING : 0;
}

int store_query(struct store *store, const char *sql, const struct value *values, size_t count,
		struct cursor **ret_cursor)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

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

static const struct driver *find_driver(const char *location, const char **ret_rest)
{
	size_t length = strcspn(location, ":");
	const char *rest = location[length] ? location + length + 1 : "";

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (strlen(drivers[i]->name) != length ||
		    strncmp(drivers[i]->name, location, length) != 0)
			continue;
		if ((drivers[i] == &memory_driver) != (location[length] == '\0') ||
		    (drivers[i] == &sqlite_driver && rest[0] == '\0'))
			return NULL;
		*ret_rest = rest;
		return drivers[i];
	}
	return NULL;
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
