// SPDX-License-Identifier: Apache-2.0
#include "ship/routes.h"

#include "ship/fleets.h"
#include "ship/peephole.h"
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

static int slot_fill(struct routes *routes, const struct ship_route *route,
		     const struct maker *maker);
static int slot_fill_balanced(struct routes *routes, struct slot *slot,
			      const struct ship_route *route, const struct maker *maker);
static void slot_fill_gateway(struct routes *routes, struct slot *slot,
			      const struct ship_route *route, uint32_t mark);
static void slot_watch(struct routes *routes, const struct ship_route *route);
static struct target *target_obtain(struct routes *routes, const struct ship_route *route,
				    const struct maker *maker);
static struct target *target_find(const struct routes *routes, const struct ship_route *route);
static int way_obtain(struct routes *routes, const struct known_fleet *known,
		      const struct ship_route *route, const struct maker *maker,
		      struct way **ret_way);
static struct way *way_find(const struct routes *routes, const struct holding *holding,
			    const struct ship_route *route);
static const struct way *way_find_leader(const struct routes *routes, const struct holding *holding,
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
	routes->peepholes = calloc(count + 1, sizeof(*routes->peepholes));
	if (!routes->targets || !routes->ways || !routes->peepholes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = slot_fill(routes, &given[i], &maker);
		if (r < 0)
			return r;
		slot_watch(routes, &given[i]);
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
	for (size_t i = 0; i < routes->peephole_count; i++)
		peephole_unref(routes->peepholes[i]);
	free(routes->peepholes);
	free(routes->ways);
	free(routes->targets);
	free(routes);
	return NULL;
}

void routes_refresh(struct routes *routes, uint32_t mark)
{
	struct routes_place place;

	for (size_t i = 0; routes_find_place(routes, i, &place); i++) {
		target_refresh(place.target, mark);
		routes_spread(routes, &place, true);
	}
}

bool routes_find_place(const struct routes *routes, size_t number, struct routes_place *ret_place)
{
	if (number < routes->target_count) {
		*ret_place = (struct routes_place){.target = &routes->targets[number]};
		return true;
	}
	number -= routes->target_count;
	for (size_t i = 0; i < routes->way_count; i++) {
		const struct way *way = &routes->ways[i];

		if (way->leader)
			continue;
		if (number < way->count) {
			*ret_place = (struct routes_place){&way->targets[number], way, number};
			return true;
		}
		number -= way->count;
	}
	return false;
}

void routes_spread(struct routes *routes, const struct routes_place *place, bool refreshed)
{
	for (size_t i = 0; place->way && i < routes->way_count; i++) {
		struct target *target = &routes->ways[i].targets[place->member];

		if (routes->ways[i].leader != place->way)
			continue;
		if (refreshed)
			target_copy_way(target, place->target);
		target_copy_reach(target, place->target);
	}
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
		slot_fill_gateway(routes, slot, route, maker->mark);
	else
		envelope_init(&slot->envelope, route->format, route->vni);
	return 0;
}

static void slot_fill_gateway(struct routes *routes, struct slot *slot,
			      const struct ship_route *route, uint32_t mark)
{
	const struct ship_gateway *gateway = &route->gateway;
	struct address source = gateway->source;

	if (source.family != 4)
		source = way_find_source(slot->way, &gateway->address, mark);
	if (source.family != 4) {
		slot->state = SLOT_NO_ROUTE;
		routes->unsettled = true;
		return;
	}
	envelope_init_gateway(&slot->envelope, gateway->endpoint, gateway->attachment, &source,
			      &gateway->address, route->port, route->vni);
}

/* A state of its own, so that records of all other slots pass without being asked. */
static void slot_watch(struct routes *routes, const struct ship_route *route)
{
	struct slot *slot = &routes->slots[route->slot];

	if (!route->peephole || slot->state != SLOT_LIVE)
		return;
	slot->state = SLOT_WATCHED;
	slot->peephole = peephole_ref(route->peephole);
	routes->peepholes[routes->peephole_count++] = slot->peephole;
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
	const struct way *leader, *measured;
	int r = 0;

	if (!way) {
		leader = way_find_leader(routes, known->holding, route);
		measured = leader ? leader : way_find(maker->previous, known->holding, route);
		way = &routes->ways[routes->way_count++];
		r = way_init(way, known, route, maker->mark, measured, &routes->seats);
		way->leader = leader;
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

/* The first of the ways to the same members whose copies are as long. */
static const struct way *way_find_leader(const struct routes *routes, const struct holding *holding,
					 const struct ship_route *route)
{
	for (size_t i = 0; i < routes->way_count; i++)
		if (way_leads(&routes->ways[i], holding, route))
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
