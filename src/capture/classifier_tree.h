/* Trees over boxes, written into an arena.
 *
 * The longest list is always cut first, into a table of shorter ones, until all are short or the memory is used up:
 * what the rules are like decides how good a tree becomes, never how large. */
#pragma once

#include "capture/classifier_arena.h"

/* Writes a tree over the rules with these ranks, ascending and of one family.  It takes at most 'budget' bytes, or
 * what a single list of them takes if that is more.  'ret_cost' is what a packet pays in it, in about nanoseconds.
 * Returns 0 or -ENOMEM. */
int tree_build(struct arena *arena, const uint16_t *ranks, size_t count, size_t budget,
	       struct classifier_node *ret_root, double *ret_cost);
