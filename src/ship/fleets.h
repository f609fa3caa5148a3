/* The fleets that the shipper was told of, and what of each outlives tables of routes: its members' numbers and health, the flows that
 * they hold, and the choice made of all that.
 *
 * For the one thread that changes routes; sending threads see only the choices, which do not change. */
#pragma once

#include "balance/choice.h"
#include "mirror/fleet.h"

struct ship_flows;

struct known_fleet {
	struct fleet fleet;        /* As it was told. */
	uint16_t *numbers;         /* By member; they are not another's soon. */
	enum member_state *states; /* By member. */
	uint32_t next_number;      /* For newcomers, modulo CHOICE_NUMBERS_MAX. */
	struct holding *holding;
	struct choice *choice; /* NULL: something changed, and it is to be made anew. */
	uint64_t swept;        /* When held flows were last swept, in monotonic nanoseconds. */
	/* Flows held, by member and of all: as of the last whole pass, and of the one under way. */
	uint32_t *held, *counted;
	uint64_t flow_count, counted_all;
};

struct fleets {
	struct known_fleet *items; /* Sorted by id. */
	size_t count;
	struct flows_budget *budget; /* Of all of them; outlives them.  NULL: none. */
};

void fleets_fini(struct fleets *fleets);

/* Replaces all by copies of the given, which are sorted.  Who was there before keeps number and health, and whatever is unchanged
 * its choice.  'flow_capacity' is for each new one (flows.h).  Returns 0 or a fault, which changes nothing. */
int fleets_set(struct fleets *fleets, const struct fleet *given, size_t count,
	       size_t flow_capacity);

/* Returns whether this is news of a member that is there. */
bool fleets_set_health(struct fleets *fleets, const char *fleet, const char *member, uint16_t port,
		       enum member_state state);

/* Makes the choices that are missing.  Returns 0 or a fault, after which some may be missing still. */
int fleets_settle(struct fleets *fleets);

/* Sweeps flows that are over out of as much of the fleet's memory as time has passed since the last call; ten seconds are a whole
 * pass.  'now' is monotonic nanoseconds.  Returns false when the fleet is not known. */
bool fleets_count_flows(struct fleets *fleets, const char *id, uint64_t now,
			struct ship_flows *ret_flows);

/* The flows that a member holds, as of the last whole pass; 0 of one who keeps none, or is not known. */
uint32_t fleets_count_held(const struct fleets *fleets, const char *fleet, const char *member,
			   uint16_t port);

/* NULL: unknown. */
const struct known_fleet *fleets_find(const struct fleets *fleets, const char *id);
