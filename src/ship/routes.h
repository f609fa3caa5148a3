/* What becomes of the records of each slot: one immutable table, replaced whole.
 *
 * Threads read it without locks: each announces the table it is about to use in a place of its own (a hazard pointer),
 * and a replaced table is freed at a later change, once nobody announces it.  Nobody ever waits, neither a thread for
 * the agent nor the agent for a thread that production keeps off the CPU. */
#pragma once

#include "base/cleanup.h"
#include "ship/envelope.h"
#include "ship/target.h"
#include "ship/way.h"

#include <stddef.h>

struct fleets;
struct peephole;
struct ship_route;

enum slot_state {
	SLOT_UNKNOWN,   /* Nobody's, as far as we were ever told. */
	SLOT_ENDED,     /* Its last owner's session was deleted. */
	SLOT_NO_TARGET, /* Its session has nowhere to send. */
	SLOT_NO_ROUTE,  /* Its source address is not of its appliance's family, or there is none. */
	SLOT_LIVE,
	SLOT_WATCHED, /* The same, and somebody looks at what it copies. */
};

struct slot {
	uint32_t generation;
	enum slot_state state;
	struct target *target; /* Only when live, and not a fleet's. */
	struct way *way;       /* Of a fleet; else NULL. */
	uint16_t packet_length;
	struct envelope envelope;
	struct peephole *peephole; /* Only when watched. */
};

struct routes {
	struct routes *next; /* For whoever collects replaced tables. */
	struct target *targets;
	size_t target_count;
	struct way *ways;
	size_t way_count;
	struct peephole **peepholes; /* Of slots. */
	size_t peephole_count;
	bool unsettled;     /* A slot has no route for want of a source address, which may come. */
	unsigned int seats; /* Of all targets. */
	uint32_t slot_limit;
	struct slot slots[];
};

/* Makes a table.  Appliances that 'previous' (may be NULL) knows keep what was measured, others are looked at now;
 * slots that it knew and 'given' does not are remembered as ended.  The fleets are settled (fleets.h).  Returns 0, -EINVAL for a slot beyond the limit or
 * a live route without an address, or -ENOMEM. */
int routes_new(const struct ship_route *given, size_t count, const struct fleets *fleets,
	       uint32_t slot_limit, uint32_t mark, const struct routes *previous,
	       struct routes **ret_routes);
struct routes *routes_free(struct routes *routes);
DEFINE_CLEANUP(struct routes *, routes_free)

/* Looks again at the way to every appliance. */
void routes_refresh(struct routes *routes, uint32_t mark);

/* An appliance of the table.  One that several ways lead to has one place only: it is looked at once. */
struct routes_place {
	struct target *target;
	const struct way *way; /* Of a fleet; else NULL. */
	size_t member;
};

/* The appliance at a place, from 0 on.  Returns false beyond the last one. */
bool routes_find_place(const struct routes *routes, size_t number, struct routes_place *ret_place);

/* Tells the other ways to an appliance whether it can be reached, and how if that was looked at. */
void routes_spread(struct routes *routes, const struct routes_place *place, bool refreshed);

/* The slot of a record, or NULL when the record is not of the slot's present or last owner. */
static inline const struct slot *routes_find(const struct routes *routes, uint32_t slot,
					     uint32_t generation)
{
	if (slot >= routes->slot_limit || routes->slots[slot].state == SLOT_UNKNOWN ||
	    routes->slots[slot].generation != generation)
		return NULL;
	return &routes->slots[slot];
}
