/* Which bits a table is best indexed by. */
#pragma once

#include "capture/classifier_cut.h"

/* What a table may cost. */
struct cut_limits {
	size_t listed; /* Rules in all slices. */
	size_t nodes;
	uint32_t seams
		[2]; /* Of destination and source: bits that are not in one window with the next lower one. */
};

/* Finds a cut that leaves few rules in each slice, within the limits as far as a sample of the rules tells.  Returns
 * false when none pays. */
bool cut_choose(const struct box *boxes, const uint16_t *ranks, size_t count,
		const struct region *region, const struct cut_limits *limits, struct cut *ret_cut);
