/* Which member of a fleet a flow goes to: the one that holds it, or else Maglev's.
 *
 * A choice never changes once it is made, so threads share it; what they change, the flows held, is in a holding, which
 * outlives the choices of a fleet.  Members are known to it by numbers that stay the same from one choice to the next, while
 * their indices do not.
 *
 * Both are counted by the one thread that makes and frees choices. */
#pragma once

#include "balance/flows.h"
#include "balance/maglev.h"
#include "base/cleanup.h"

#include <stdatomic.h>
#include <stdbool.h>

/* A member's number is below this: three times as many as there are members, so a number rests before it is
 * another's. */
#define CHOICE_NUMBERS_MAX 16384
#define CHOICE_NOBODY      MAGLEV_NOBODY

struct holding {
	unsigned int references;
	struct flows *flows;
	atomic_ulong moved;   /* Flows given to another member while they were alive. */
	atomic_ulong evicted; /* Flows forgotten while they were alive, as there was no room. */
};

/* Room for 'capacity' flows, as far as the budget goes (flows.h).  Returns 0 or -ENOMEM. */
int holding_new(size_t capacity, struct flows_budget *budget, struct holding **ret_holding);
struct holding *holding_ref(struct holding *holding);
void holding_unref(struct holding *holding);
DEFINE_CLEANUP(struct holding *, holding_unref)

struct choice_member {
	uint64_t name;   /* As maglev.h has it. */
	uint32_t weight; /* 1 to MAGLEV_WEIGHT_MAX. */
	uint16_t number; /* Below CHOICE_NUMBERS_MAX; no two have one. */
	bool serves;     /* Gets new flows. */
	bool keeps;      /* Keeps those it has. */
};

struct choice {
	unsigned int references;
	struct holding *holding;
	struct flows *flows; /* Of the holding, at hand. */
	struct maglev *maglev;
	uint16_t *numbers; /* By index. */
	uint16_t number_limit;
	uint16_t keepers
		[]; /* Index by number; CHOICE_NOBODY: not in the fleet, or keeps no flows. */
};

/* 'count' is at most MAGLEV_MEMBERS_MAX.  Returns 0, -EINVAL for a number beyond the limit, or -ENOMEM. */
int choice_new(const struct choice_member *members, size_t count, struct holding *holding,
	       struct choice **ret_choice);
struct choice *choice_ref(struct choice *choice);
void choice_unref(struct choice *choice);
DEFINE_CLEANUP(struct choice *, choice_unref)

/* The index of the member that the flow goes to, and keeps it for 'idle' seconds from 'now' on (flows.h); CHOICE_NOBODY when
 * nobody holds it and nobody serves. */
uint16_t choice_find(const struct choice *choice, uint64_t flow, uint32_t now, uint32_t idle);
