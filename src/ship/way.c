// SPDX-License-Identifier: Apache-2.0
#include "ship/way.h"

#include "base/count.h"
#include "net/route.h"
#include "ship/fleets.h"
#include "ship/ship.h"
#include "wire/geneve.h"

#include <errno.h>

/* Members that are asked for; each question is a call of the kernel. */
#define SOURCE_QUESTIONS 8

static void source_ask(const struct address *destination, uint32_t mark, struct address *source);
static unsigned int ports_each(size_t count);
static void member_init(struct way *way, size_t index, const struct fleet_member *member,
			const struct ship_route *route, unsigned int *seat);
static const struct target *member_recall(const struct way *way, size_t index,
					  const struct way *previous, size_t *hint);

int way_init(struct way *ret_way, const struct known_fleet *known, const struct ship_route *route,
	     uint32_t mark, const struct way *previous, unsigned int *seat)
{
	const struct fleet *fleet = &known->fleet;
	const uint32_t longest_idle = MAX(fleet->tcp_idle, fleet->other_idle);
	const bool one_idle = fleet->stickiness == FLEET_2_TUPLE;
	size_t hint = 0;

	*ret_way = (struct way){
		.choice = choice_ref(known->choice),
		.stickiness = fleet->stickiness,
		.tcp_idle = one_idle ? longest_idle : fleet->tcp_idle,
		.other_idle = one_idle ? longest_idle : fleet->other_idle,
		.dscp = route->dscp,
		.gateway = route->gateway.endpoint != 0,
		.source = route->source,
		.targets = targets_new(fleet->member_count + 1),
		.count = fleet->member_count,
	};
	if (!ret_way->targets)
		return -ENOMEM;
	for (size_t i = 0; i < ret_way->count; i++) {
		struct target *target = &ret_way->targets[i];
		const struct target *before;

		member_init(ret_way, i, &fleet->members[i], route, seat);
		before = member_recall(ret_way, i, previous, &hint);
		if (before)
			target_copy_way(target, before);
		else
			target_refresh(target, mark);
	}
	return 0;
}

void way_fini(struct way *way)
{
	choice_unref(way->choice);
	free(way->targets);
	*way = (struct way){};
}

struct address way_find_source(struct way *way, const struct address *endpoint, uint32_t mark)
{
	size_t questions = SOURCE_QUESTIONS;

	if (way->source_asked)
		return way->near;
	way->source_asked = true;
	for (size_t i = 0; i < way->count && questions > 0 && way->near.family != 4; i++) {
		if (way->targets[i].address.family != 4)
			continue;
		source_ask(&way->targets[i].address, mark, &way->near);
		questions--;
	}
	if (way->near.family != 4)
		source_ask(endpoint, mark, &way->near);
	return way->near;
}

bool way_leads(const struct way *way, const struct holding *holding, const struct ship_route *route)
{
	return !way->leader && way->choice->holding == holding &&
	       way->gateway == (route->gateway.endpoint != 0);
}

bool way_serves(const struct way *way, const struct holding *holding,
		const struct ship_route *route)
{
	return way->choice->holding == holding && way->dscp == route->dscp &&
	       way->gateway == (route->gateway.endpoint != 0) &&
	       address_equal(&way->source, &route->source);
}

static void source_ask(const struct address *destination, uint32_t mark, struct address *source)
{
	struct route route;

	if (route_lookup(destination, mark, &route) == 0)
		*source = route.source;
}

/* A power of two, so that the shares of a new fleet's members do not overlap.  Those of members that came later may, which is no
 * harm: each member has trains of its own. */
static unsigned int ports_each(size_t count)
{
	unsigned int ports = SHIP_PORT_COUNT;

	while (ports > 1 && ports * count > SHIP_PORT_COUNT)
		ports /= 2;
	return ports;
}

static void member_init(struct way *way, size_t index, const struct fleet_member *member,
			const struct ship_route *route, unsigned int *seat)
{
	struct target *target = &way->targets[index];
	struct ship_route own = {
		.address = member->address,
		.port = member->port,
		.dscp = route->dscp,
		.source = route->source,
	};

	target_init(target, *seat, &own);
	target->port_count = ports_each(way->count);
	target->port_first = way->choice->numbers[index] * target->port_count % SHIP_PORT_COUNT;
	*seat += target->port_count;
	if (way->gateway)
		target_limit_room(target, (unsigned int)sizeof(struct geneve_gateway) +
						  GENEVE_GATEWAY_LENGTH_MAX);
}

/* The same member's target in the previous table.  It mostly lies where the last one was found, and a little further. */
static const struct target *member_recall(const struct way *way, size_t index,
					  const struct way *previous, size_t *hint)
{
	const struct target *target = &way->targets[index];

	for (size_t i = 0; previous && i < previous->count; i++) {
		size_t place = (*hint + i) % previous->count;
		const struct target *candidate = &previous->targets[place];

		if (candidate->port != target->port ||
		    !address_equal(&candidate->address, &target->address))
			continue;
		*hint = place + 1;
		return candidate;
	}
	return NULL;
}
