// SPDX-License-Identifier: Apache-2.0
#include "ship/ship.h"

#include "base/clock.h"
#include "base/count.h"
#include "ship/fleets.h"
#include "ship/thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

struct ship {
	struct ship_common common;
	struct fleets fleets;
	size_t flow_capacity;
	struct flows_budget flow_budget;
	struct routes *replaced; /* Tables that a thread may still be using. */
	struct thread *threads;
	size_t thread_count;
};

static void replaced_collect(struct ship *ship);
static bool routes_are_in_use(const struct ship *ship, const struct routes *routes);
static struct ship *ship_new(const struct ship_options *options);
static int heads_keep(struct ship_common *common, const struct ship_options *options);
static int threads_init(struct ship *ship, const struct ship_options *options);
static void threads_stop(struct ship *ship);

int ship_apply(struct ship *ship, const struct ship_route *routes, size_t count)
{
	struct routes *previous = atomic_load(&ship->common.routes), *present;
	int r;

	r = fleets_settle(&ship->fleets);
	if (r == 0)
		r = routes_new(routes, count, &ship->fleets, ship->common.slot_limit,
			       ship->common.mark, previous, &present);
	if (r < 0)
		return r;
	atomic_store(&ship->common.routes, present);
	previous->next = ship->replaced;
	ship->replaced = previous;
	replaced_collect(ship);
	return present->unsettled ? SHIP_UNSETTLED : 0;
}

int ship_open(const struct ship_options *options, struct ship **ret_ship, struct refusal *why)
{
	_cleanup_(ship_freep) struct ship *ship = NULL;
	struct routes *routes;
	int r;

	if (options->ring_count == 0 || !options->counters)
		return -EINVAL;
	ship = ship_new(options);
	if (!ship)
		return -ENOMEM;
	r = routes_new(NULL, 0, &ship->fleets, options->slot_limit, options->mark, NULL, &routes);
	if (r < 0)
		return r;
	atomic_init(&ship->common.routes, routes);
	ship->common.stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ship->common.stop_event < 0)
		return -errno;
	r = lanes_open(options->port_base, options->mark, &ship->common.lanes, why);
	if (r != 0)
		return r;
	r = heads_keep(&ship->common, options);
	if (r < 0)
		return r;
	r = threads_init(ship, options);
	if (r < 0)
		return r;
	*ret_ship = TAKE_PTR(ship);
	return 0;
}

int ship_set_fleets(struct ship *ship, const struct fleet *fleets, size_t count)
{
	return fleets_set(&ship->fleets, fleets, count, ship->flow_capacity);
}

bool ship_set_health(struct ship *ship, const char *fleet, const char *member, uint16_t port,
		     enum member_state state)
{
	return fleets_set_health(&ship->fleets, fleet, member, port, state);
}

bool ship_count_flows(struct ship *ship, const char *fleet, struct ship_flows *ret_flows)
{
	return fleets_count_flows(&ship->fleets, fleet, clock_monotonic(), ret_flows);
}

uint64_t ship_count_held(const struct ship *ship, const char *fleet, const char *member,
			 uint16_t port)
{
	return fleets_count_held(&ship->fleets, fleet, member, port);
}

void ship_refresh(struct ship *ship)
{
	routes_refresh(atomic_load(&ship->common.routes), ship->common.mark);
}

int ship_start(struct ship *ship)
{
	sigset_t all, before;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; r == 0 && i < ship->thread_count; i++)
		r = thread_start(&ship->threads[i]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

struct ship *ship_free(struct ship *ship)
{
	if (!ship)
		return NULL;
	threads_stop(ship);
	routes_free(atomic_load(&ship->common.routes));
	while (ship->replaced) {
		struct routes *routes = ship->replaced;

		ship->replaced = routes->next;
		routes_free(routes);
	}
	fleets_fini(&ship->fleets);
	lanes_close(&ship->common.lanes);
	closep(&ship->common.stop_event);
	free(ship->common.heads);
	free(ship->threads);
	free(ship);
	return NULL;
}

uint64_t ship_get_orphans(const struct ship *ship)
{
	return atomic_load_explicit(&ship->common.orphans, memory_order_relaxed);
}

uint16_t ship_get_port_base(const struct ship *ship)
{
	return ship->common.lanes.port_base;
}

/* Frees replaced tables that nobody uses any more. */
static void replaced_collect(struct ship *ship)
{
	struct routes **link = &ship->replaced;

	while (*link) {
		struct routes *routes = *link;

		if (routes_are_in_use(ship, routes)) {
			link = &routes->next;
			continue;
		}
		*link = routes->next;
		routes_free(routes);
	}
}

static bool routes_are_in_use(const struct ship *ship, const struct routes *routes)
{
	for (size_t i = 0; i < ship->thread_count; i++)
		if (atomic_load(&ship->threads[i].routes_in_use) == routes)
			return true;
	return false;
}

/* A ship that holds nothing yet, and is valid to free. */
static struct ship *ship_new(const struct ship_options *options)
{
	struct ship *ship = calloc(1, sizeof(*ship));

	if (!ship)
		return NULL;
	ship->common.counters = options->counters;
	ship->common.slot_limit = options->slot_limit;
	ship->common.mark = options->mark;
	ship->common.stop_event = -1;
	ship->flow_capacity = options->flow_capacity ? options->flow_capacity : SHIP_FLOWS_DEFAULT;
	atomic_init(&ship->flow_budget.left, SHIP_FLOWS_BUDGET);
	ship->fleets.budget = &ship->flow_budget;
	memset(ship->common.lanes.sockets, -1, sizeof(ship->common.lanes.sockets));
	return ship;
}

static int heads_keep(struct ship_common *common, const struct ship_options *options)
{
	common->heads = calloc(options->ring_count, sizeof(*common->heads));
	if (!common->heads)
		return -ENOMEM;
	for (size_t i = 0; i < options->ring_count; i++)
		common->heads[i] = options->rings[i].head;
	common->ring_count = options->ring_count;
	return 0;
}

static int threads_init(struct ship *ship, const struct ship_options *options)
{
	size_t wanted = MAX(options->thread_count, (size_t)1);
	size_t count = MIN(options->ring_count, wanted);
	int r = 0;

	ship->threads = calloc(count, sizeof(*ship->threads));
	if (!ship->threads)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < count; i++) {
		ship->thread_count++;
		r = thread_init(&ship->threads[i], &ship->common, (unsigned int)i, options->rings,
				options->ring_count, count);
	}
	return r;
}

static void threads_stop(struct ship *ship)
{
	atomic_store(&ship->common.stopping, true);
	if (ship->common.stop_event >= 0)
		(void)eventfd_write(ship->common.stop_event, 1);
	for (size_t i = 0; i < ship->thread_count; i++) {
		thread_join(&ship->threads[i]);
		thread_fini(&ship->threads[i]);
	}
}
