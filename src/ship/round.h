/* A look at each appliance of a table in its turn, some at a time: each costs a few calls of the kernel, a host may send to thousands,
 * and while they are looked at nothing is shipped. */
#pragma once

#include "ship/routes.h"

struct round {
	size_t next;         /* Place of the one whose turn it is. */
	unsigned int number; /* Of this round, from 0. */
	bool misses_some;    /* One of this round cannot be reached. */
	bool missed_some;    /* One of the last round could not. */
};

/* Looks at the next ones, 'count' at most, and only as far as the round goes: whether they can be reached, and in some rounds also at
 * routes and devices.  A table that was replaced meanwhile does not matter.  Returns whether the round is over. */
bool round_go_on(struct round *round, struct routes *routes, size_t count, uint32_t mark);
