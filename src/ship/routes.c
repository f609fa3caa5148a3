// SPDX-License-Identifier: Apache-2.0
#include "ship/routes.h"

#include "ship/ship.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int slot_fill(struct routes *routes, const struct ship_route *route, uint32_t mark,
		     const struct routes *previous);
static struct target *target_obtain(struct routes *routes, const struct ship_route *route,
				    uint32_t mark, const struct routes *previous);
static struct target *target_find(const struct routes *routes, const struct ship_route *route);
static void slots_remember(struct routes *routes, const struct routes *previous);

int routes_new(const struct ship_route *given, size_t count, uint32_t slot_limit, uint32_t mark,
	       const struct routes *previous, struct routes **ret_routes)
{
	_cleanup_(routes_freep) struct routes *routes = NULL;
	int r;

	routes = calloc(1, sizeof(*routes) + slot_limit * sizeof(routes->slots[0]));
	if (!routes)
		return -ENOMEM;
	routes->slot_limit = slot_limit;
	routes->targets = calloc(count + 1, sizeof(*routes->targets));
	if (!routes->targets)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = slot_fill(routes, &given[i], mark, previous);
		if (r < 0)
			return r;
	}
	slots_remember(routes, previous);
	*ret_routes = TAKE_PTR(routes);
	return 0;
}

struct routes *routes_free(struct routes *routes)
{
	if (!routes)
		return NULL;
	free(routes->targets);
	free(routes);
	return NULL;
}

void routes_refresh(struct routes *routes, uint32_t mark)
{
	for (size_t i = 0; i < routes->target_count; i++)
		target_refresh(&routes->targets[i], mark);
}

bool routes_watch(struct routes *routes, uint32_t mark)
{
	bool all = true;

	for (size_t i = 0; i < routes->target_count; i++) {
		target_watch(&routes->targets[i], mark);
		all &= target_is_reachable(&routes->targets[i]);
	}
	return all;
}

static int slot_fill(struct routes *routes, const struct ship_route *route, uint32_t mark,
		     const struct routes *previous)
{
	struct slot *slot;

	if (route->slot >= routes->slot_limit || (route->reachable && route->address.family == 0))
		return -EINVAL;
	slot = &routes->slots[route->slot];
	slot->generation = route->generation;
	slot->state = SLOT_NO_TARGET;
	if (!route->reachable)
		return 0;
	slot->state = SLOT_NO_ROUTE;
	if (route->source.family != 0 && route->source.family != route->address.family)
		return 0;
	slot->state = SLOT_LIVE;
	slot->packet_length = route->packet_length;
	slot->target = target_obtain(routes, route, mark, previous);
	envelope_init(&slot->envelope, route->format, route->vni);
	return 0;
}

/* The appliance of a route, made when it is new. */
static struct target *target_obtain(struct routes *routes, const struct ship_route *route,
				    uint32_t mark, const struct routes *previous)
{
	struct target *target = target_find(routes, route);
	const struct target *known;

	if (target)
		return target;
	target = &routes->targets[routes->target_count];
	target_init(target, (unsigned int)routes->target_count++, route);
	known = target_find(previous, route);
	if (known)
		target_copy_way(target, known);
	else
		target_refresh(target, mark);
	return target;
}

static struct target *target_find(const struct routes *routes, const struct ship_route *route)
{
	for (size_t i = 0; routes && i < routes->target_count; i++)
		if (target_serves(&routes->targets[i], route))
			return &routes->targets[i];
	return NULL;
}

static void slots_remember(struct routes *routes, const struct routes *previous)
{
	for (uint32_t i = 0; previous && i < routes->slot_limit; i++) {
		if (routes->slots[i].state != SLOT_UNKNOWN ||
		    previous->slots[i].state == SLOT_UNKNOWN)
			continue;
		routes->slots[i].generation = previous->slots[i].generation;
		routes->slots[i].state = SLOT_ENDED;
	}
}
