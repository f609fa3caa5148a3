/* Which bits a table is indexed by, and into which of its slices a box falls. */
#pragma once

#include "capture/classifier_box.h"

#define CUT_WIDTH_MAX 12 /* A table has at most 2^12 nodes. */

enum { CUT_DESTINATION, CUT_SOURCE, CUT_LANES, CUT_WINDOWS };

/* Up to one window for each part of an index; a width of 0 is none. */
struct cut {
	struct window windows[CUT_WINDOWS];
};

unsigned int cut_width(const struct cut *cut);

/* The place of a window in an index. */
unsigned int cut_shift(const struct cut *cut, unsigned int window);

/* How many slices the box falls into, and which: room for 2^CUT_WIDTH_MAX of them. */
size_t cut_count_slices(const struct cut *cut, const struct box *box, const struct region *region);
size_t cut_list_slices(const struct cut *cut, const struct box *box, const struct region *region,
		       uint16_t *ret_slices);

/* What is known of the packets that come to a slice of the region. */
struct region cut_region(const struct cut *cut, const struct region *region, uint32_t slice);

/* The node of a table that is cut so; its offset is left to the caller. */
struct classifier_node cut_to_node(const struct cut *cut, uint8_t family,
				   const struct digest digests[2]);
