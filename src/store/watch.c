// SPDX-License-Identifier: Apache-2.0
#include "store/watch.h"

#include "store/change.h"
#include "store/driver.h"
#include "store/host.h"
#include "store/state.h"
#include "store/statement.h"

struct watch {
	struct store *store;
	int64_t seen; /* The number of the last change that was told. */
};

static int tell(struct watch *watch, int64_t number,
		void (*changed)(void *context, const char *host), void *context);

int watch_open(const char *location, struct watch **ret_watch, struct refusal *why)
{
	_cleanup_(watch_closep) struct watch *watch = NULL;
	const struct driver *driver;
	const char *rest;
	int r;

	r = store_find_driver(location, &driver, &rest, why);
	if (r != 0)
		return r;
	if (!driver->shared) {
		*ret_watch = NULL;
		return 0;
	}
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	r = store_connect(location, false, &watch->store, why);
	if (r == 0)
		r = change_get_last(watch->store, &watch->seen);
	if (r == 0)
		*ret_watch = TAKE_PTR(watch);
	return r;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	store_close(watch->store);
	free(watch);
}

int watch_wait(struct watch *watch, unsigned int milliseconds,
	       void (*changed)(void *context, const char *host), void *context)
{
	int64_t number;
	int r;

	r = change_get_last(watch->store, &number);
	if (r == 0 && number == watch->seen) {
		r = store_await(watch->store, milliseconds);
		if (r == 0)
			r = change_get_last(watch->store, &number);
	}
	if (r == 0 && number != watch->seen)
		r = tell(watch, number, changed, context);
	return r;
}

int watch_lead(struct watch *watch, bool *ret_leads)
{
	return store_lead(watch->store, ret_leads);
}

unsigned int watch_get_generation(const struct watch *watch)
{
	return watch->store->driver->get_generation(watch->store->connection);
}

/* A number that went back is that of a store that lost its last changes: then all may have changed. */
static int tell(struct watch *watch, int64_t number,
		void (*changed)(void *context, const char *host), void *context)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char name[HOST_NAME_SIZE];
	int r;

	changed(context, NULL);
	r = store_select_changed_hosts(watch->store, number > watch->seen ? watch->seen : -1,
				       &cursor);
	while (r >= 0 && (r = store_next_host_name(cursor, name)) == STORE_ROW)
		changed(context, name);
	if (r == 0)
		watch->seen = number;
	return r;
}
