// SPDX-License-Identifier: Apache-2.0
#include "ship/routes.h"

#include "net/route.h"
#include "ship/fleets.h"
#include "ship/ship.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What making a table goes by. */
struct maker {
	const struct fleets *fleets;
	uint32_t mark;
	const struct routes *previous;
};

static bool targets_watch(struct target *targets, size_t count, uint32_t mark);
static int slot_fill(struct routes *routes, const struct ship_route *route,
		     const struct maker *maker);
static int slot_fill_balanced(struct routes *routes, struct slot *slot,
			      const struct ship_route *route, const struct maker *maker);
static void slot_fill_gateway(struct slot *slot, const struct ship_route *route, uint32_t mark);
static struct target *target_obtain(struct routes *routes, const struct ship_route *route,
				    const struct maker *maker);
static struct target *target_find(const struct routes *routes, const struct ship_route *route);
static int way_obtain(struct routes *routes, const struct known_fleet *known,
		      const struct ship_route *route, const struct maker *maker,
		      struct way **ret_way);
static struct way *way_find(const struct routes *routes, const struct holding *holding,
			    const struct ship_route *route);
static void slots_remember(struct routes *routes, const struct routes *previous);

int routes_new(const struct ship_route *given, size_t count, const struct fleets *fleets,
	       uint32_t slot_limit, uint32_t mark, const struct routes *previous,
	       struct routes **ret_routes)
{
	const struct maker maker = {.fleets = fleets, .mark = mark, .previous = previous};
	_cleanup_(routes_freep) struct routes *routes = NULL;
	int r;

	routes = calloc(1, sizeof(*routes) + slot_limit * sizeof(routes->slots[0]));
	if (!routes)
		return -ENOMEM;
	routes->slot_limit = slot_limit;
	routes->targets = targets_new(count + 1);
	routes->ways = calloc(count + 1, sizeof(*routes->ways));
	if (!routes->targets || !routes->ways)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = slot_fill(routes, &given[i], &maker);
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
	for (size_t i = 0; i < routes->way_count; i++)
		way_fini(&routes->ways[i]);
	free(routes->ways);
	free(routes->targets);
	free(routes);
	return NULL;
}

void routes_refresh(struct routes *routes, uint32_t mark)
{
	for (size_t i = 0; i < routes->target_count; i++)
		target_refresh(&routes->targets[i], mark);
	for (size_t i = 0; i < routes->way_count; i++)
		for (size_t j = 0; j < routes->ways[i].count; j++)
			target_refresh(&routes->ways[i].targets[j], mark);
}

bool routes_watch(struct routes *routes, uint32_t mark)
{
	bool all = targets_watch(routes->targets, routes->target_count, mark);

	for (size_t i = 0; i < routes->way_count; i++)
		all &= targets_watch(routes->ways[i].targets, routes->ways[i].count, mark);
	return all;
}

static bool targets_watch(struct target *targets, size_t count, uint32_t mark)
{
	bool all = true;

	for (size_t i = 0; i < count; i++) {
		target_watch(&targets[i], mark);
		all &= target_is_reachable(&targets[i]);
	}
	return all;
}

static int slot_fill(struct routes *routes, const struct ship_route *route,
		     const struct maker *maker)
{
	struct slot *slot;

	if (route->slot >= routes->slot_limit ||
	    (route->reachable && !route->fleet && route->address.family == 0))
		return -EINVAL;
	slot = &routes->slots[route->slot];
	slot->generation = route->generation;
	slot->packet_length = route->packet_length;
	slot->state = SLOT_NO_TARGET;
	if (route->fleet)
		return slot_fill_balanced(routes, slot, route, maker);
	if (!route->reachable)
		return 0;
	slot->state = SLOT_NO_ROUTE;
	if (route->source.family != 0 && route->source.family != route->address.family)
		return 0;
	slot->state = SLOT_LIVE;
	slot->target = target_obtain(routes, route, maker);
	envelope_init(&slot->envelope, route->format, route->vni);
	return 0;
}

/* A fleet without members has no target to be seen at the far end. */
static int slot_fill_balanced(struct routes *routes, struct slot *slot,
			      const struct ship_route *route, const struct maker *maker)
{
	const struct known_fleet *known = fleets_find(maker->fleets, route->fleet);
	int r;

	if (!known || known->fleet.member_count == 0)
		return 0;
	r = way_obtain(routes, known, route, maker, &slot->way);
	if (r < 0)
		return r;
	slot->state = SLOT_LIVE;
	if (route->gateway.endpoint != 0)
		slot_fill_gateway(slot, route, maker->mark);
	else
		envelope_init(&slot->envelope, route->format, route->vni);
	return 0;
}

/* Without an address of its own a source goes by the one that this host has on the way to the appliances. */
static void slot_fill_gateway(struct slot *slot, const struct ship_route *route, uint32_t mark)
{
	const struct ship_gateway *gateway = &route->gateway;
	struct address source = gateway->source;
	struct route way;

	if (source.family != 4 && route_lookup(&slot->way->targets[0].address, mark, &way) == 0)
		source = way.source;
	if (source.family != 4) {
		slot->state = SLOT_NO_ROUTE;
		return;
	}
	envelope_init_gateway(&slot->envelope, gateway->endpoint, gateway->attachment, &source,
			      &gateway->address, route->port, route->vni);
}

/* The appliance of a route, made when it is new. */
static struct target *target_obtain(struct routes *routes, const struct ship_route *route,
				    const struct maker *maker)
{
	struct target *target = target_find(routes, route);
	const struct target *known;

	if (target)
		return target;
	target = &routes->targets[routes->target_count++];
	target_init(target, routes->seats, route);
	routes->seats += target->port_count;
	known = target_find(maker->previous, route);
	if (known)
		target_copy_way(target, known);
	else
		target_refresh(target, maker->mark);
	return target;
}

static struct target *target_find(const struct routes *routes, const struct ship_route *route)
{
	for (size_t i = 0; routes && i < routes->target_count; i++)
		if (target_serves(&routes->targets[i], route))
			return &routes->targets[i];
	return NULL;
}

/* The way to a fleet, made when it is new. */
static int way_obtain(struct routes *routes, const struct known_fleet *known,
		      const struct ship_route *route, const struct maker *maker,
		      struct way **ret_way)
{
	struct way *way = way_find(routes, known->holding, route);
	int r = 0;

	if (!way) {
		way = &routes->ways[routes->way_count++];
		r = way_init(way, known, route, maker->mark,
			     way_find(maker->previous, known->holding, route), &routes->seats);
	}
	*ret_way = way;
	return r;
}

static struct way *way_find(const struct routes *routes, const struct holding *holding,
			    const struct ship_route *route)
{
	for (size_t i = 0; routes && i < routes->way_count; i++)
		if (way_serves(&routes->ways[i], holding, route))
			return &routes->ways[i];
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
