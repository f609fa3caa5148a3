// SPDX-License-Identifier: Apache-2.0
/* A store that several programs write to is looked at before anything else is done with it: each visit, and each
 * transaction that writes, begins with the number of the last change, so what was remembered of the store is known to be old
 * before it is used. */
#include "store/store.h"

#include "base/clock.h"
#include "base/count.h"
#include "mirror/refusals.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/statement.h"

#include <string.h>

#define VERDICT_NSEC (5 * NSEC_PER_SEC)
#define PAUSE_NSEC   (50 * NSEC_PER_MSEC)

static const struct driver *const drivers[] = {&sqlite_driver, &memory_driver, &postgresql_driver};

static const struct driver *find_driver(const char *location, const char **ret_rest);
static int look(struct store *store);
static int append_change(struct store *store);
static int await_verdict(struct store *store);
static int find_verdict(struct store *store, bool *ret_holds);
static void end_snapshot(struct store *store);

/* The driver's version without what store_run_unversioned() wrote. */
static int64_t store_count_versioned(const struct store *store);

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
	store->logged = store->driver->shared;
	if (store->logged)
		r = look(store);
	if (r == 0)
		*ret_store = TAKE_PTR(store);
	return r;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	statements_release(store);
	if (store->connection)
		store->driver->close(store->connection);
	free(store);
}

int store_begin(struct store *store, enum store_access access)
{
	int r;

	end_snapshot(store);
	r = store->driver->begin(store->connection, access != STORE_READ, access != STORE_NOTE);
	store->in_transaction = r == 0;
	store->writing = access != STORE_READ;
	if (r < 0 || !store->logged || !store->writing)
		return r;
	r = look(store);
	if (r < 0) {
		store_rollback(store);
		return r;
	}
	store->version = store_count_versioned(store);
	store->change = change_make(store->seen);
	return 0;
}

int store_commit(struct store *store)
{
	const bool changed = store->logged && store->writing &&
			     store_count_versioned(store) != store->version;
	int r = changed ? append_change(store) : 0;

	if (r == 0)
		r = store->driver->commit(store->connection);
	if (r == -ECONNRESET)
		r = changed ? await_verdict(store) : -ENOTCONN;
	if (r < 0) {
		store_rollback(store);
		return r;
	}
	store->in_transaction = false;
	if (changed)
		store->seen = store->change.number;
	return 0;
}

void store_rollback(struct store *store)
{
	if (store->in_transaction)
		store->driver->rollback(store->connection);
	store->in_transaction = false;
}

int store_enter(struct store *store)
{
	int r;

	if (!store->logged)
		return 0;
	r = look(store);
	store->visiting = r == 0;
	return r;
}

void store_leave(struct store *store)
{
	end_snapshot(store);
	store->visiting = false;
}

bool store_was_changed(struct store *store)
{
	const bool foreign = store->foreign;

	store->foreign = false;
	return foreign;
}

int64_t store_get_version(const struct store *store)
{
	return store->logged ? store->seen : store_count_versioned(store);
}

int64_t store_get_change(const struct store *store)
{
	return store->change.number;
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
		r = store->driver->open(rest, make, &store->connection, why);
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
			      "The store '%.200s' is neither 'sqlite:PATH', 'memory' nor "
			      "'postgresql://…'",
			      location);
	*ret_driver = driver;
	return 0;
}

int store_await(struct store *store, unsigned int milliseconds)
{
	return store->driver->await(store->connection, milliseconds);
}

int store_lead(struct store *store, bool *ret_leads)
{
	return store->driver->lead(store->connection, ret_leads);
}

int store_settle(struct store *store)
{
	int r;

	if (!store->visiting || store->in_transaction || store->in_snapshot)
		return 0;
	r = store->driver->begin(store->connection, false, true);
	store->in_snapshot = r == 0;
	return r;
}

static int64_t store_count_versioned(const struct store *store)
{
	return store->driver->get_version(store->connection) - store->unversioned;
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
		    (drivers[i] != &memory_driver && rest[0] == '\0'))
			return NULL;
		*ret_rest = rest;
		return drivers[i];
	}
	return NULL;
}

static int look(struct store *store)
{
	int64_t number;
	int r = change_get_last(store, &number);

	if (r < 0)
		return r;
	store->foreign |= number != store->seen;
	store->seen = number;
	return 0;
}

static int append_change(struct store *store)
{
	int r = change_add(store, &store->change);

	return r < 0 ? r : store->driver->announce(store->connection);
}

/* The connection broke while it committed.  Under the lock of the writers nothing is under way any more, so what is not
 * there then never will be.  While the engine stays away nobody can tell; who asked comes again, and finds his token. */
static int await_verdict(struct store *store)
{
	const uint64_t until = clock_monotonic() + VERDICT_NSEC;
	bool holds = false;
	int r;

	while ((r = find_verdict(store, &holds)) == -ENOTCONN && clock_monotonic() < until)
		clock_sleep(PAUSE_NSEC);
	return r == 0 && !holds ? -ENOTCONN : r;
}

static int find_verdict(struct store *store, bool *ret_holds)
{
	int r = store->driver->begin(store->connection, true, true);

	if (r < 0)
		return r;
	store->in_transaction = true;
	r = change_find(store, &store->change, ret_holds);
	store_rollback(store);
	return r;
}

/* It has only read, so how it ends does not matter. */
static void end_snapshot(struct store *store)
{
	if (store->in_snapshot)
		store->driver->rollback(store->connection);
	store->in_snapshot = false;
}
