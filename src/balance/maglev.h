/* Which appliance of a fleet gets a new flow: Maglev's consistent hashing (Eisenbud et al., NSDI 2016, section 3.4).  Pure.
 *
 * A prime number of places is shared out.  Each member has a permutation of all places, made from its name alone; by
 * turns, in the order of their names, everybody takes the next place of his permutation that is still free.  Whoever has the
 * same list of members so has the same table, on whichever host, and however he came by the list.
 *
 * Members that do not serve at present take part in this, and then hand their places to the others, who take turns
 * once more.  So an appliance that fails moves its own flows and no others, and gets the same ones back. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAGLEV_PLACES      65537
#define MAGLEV_MEMBERS_MAX 5000
#define MAGLEV_WEIGHT_MAX  1000
#define MAGLEV_NOBODY      UINT16_MAX

struct maglev_member {
	uint64_t
		name; /* The same number for the same appliance on every host; no two in one fleet. */
	uint32_t weight; /* 1 to MAGLEV_WEIGHT_MAX: its share of the places, in proportion. */
	bool serves;
};

/* Never changes once it is made, so that threads may share it. */
struct maglev;

/* 'count' is at most MAGLEV_MEMBERS_MAX; the array may be forgotten afterwards.  Returns 0 or -ENOMEM; 'ret_maglev' is
 * the caller's to free. */
int maglev_new(const struct maglev_member *members, size_t count, struct maglev **ret_maglev);
void maglev_free(struct maglev *maglev);
DEFINE_CLEANUP(struct maglev *, maglev_free);

/* The index of the member whose place the flow, a hash of 64 bits, falls on; MAGLEV_NOBODY when nobody serves. */
uint16_t maglev_find(const struct maglev *maglev, uint64_t flow);
