/* Rules as boxes: what a rule takes in each of five dimensions, and which slices of a cut it falls into.
 *
 * In every dimension a box is known by a prefix that contains it.  For exact ports the prefix is the truth; for port
 * ranges the range is kept beside it, and for IPv6, where the prefix is one of a digest, the address. */
#pragma once

#include "base/cleanup.h"
#include "capture/classifier_digest.h"
#include "mirror/filter.h"
#include "wire/classifier.h"

enum dimension {
	BOX_DESTINATION,
	BOX_SOURCE,
	BOX_DESTINATION_PORT,
	BOX_SOURCE_PORT,
	BOX_PROTOCOL,
	BOX_DIMENSIONS,
};

struct box {
	uint32_t value[BOX_DIMENSIONS]; /* Bits below the prefix are zero. */
	uint8_t length[BOX_DIMENSIONS]; /* Of the prefix. */
	uint8_t family;
	bool ports;   /* Takes only packets that have ports. */
	bool partial; /* There is more to ask than the dimensions tell. */
	uint16_t low[BOX_DIMENSIONS], high[BOX_DIMENSIONS]; /* Ports and protocol. */
	uint32_t info;                                      /* Rank and action. */
	uint32_t more;                     /* As wire/classifier.h has it; 0: nothing. */
	struct prefix source, destination; /* As they are. */
};

/* What is known of the packets that come to a place in the tree: the bits in 'mask' are those of 'value'. */
struct region {
	uint32_t value[BOX_DIMENSIONS], mask[BOX_DIMENSIONS];
};

/* 'width' bits of a dimension, 'shift' bits above its lowest; the slices of a cut are their values. */
struct window {
	enum dimension dimension;
	uint8_t shift, width;
};

struct slices {
	uint32_t first, count;
};

/* The rules of one direction, by rank. */
struct boxes {
	struct box *items;
	size_t count;
	struct digest digests[2]; /* Of IPv6, by BOX_DESTINATION and BOX_SOURCE. */
};

/* A rule between two families can never match and is left out.  Returns 0, -E2BIG (more than CLASSIFIER_RULES rules) or
 * -ENOMEM. */
int boxes_from_filter(const struct filter *filter, enum direction direction,
		      struct boxes *ret_boxes);
void boxes_fini(struct boxes *boxes);
#define _cleanup_boxes_ _cleanup_(boxes_fini)

/* Whether they are of the same rules. */
bool boxes_equal(const struct boxes *a, const struct boxes *b);

/* The bits of the prefix. */
uint32_t dimension_prefix(enum dimension dimension, unsigned int length);

/* The slices that the box may take packets from; none when it is sure to take none. */
struct slices box_slices(const struct box *box, const struct region *region,
			 const struct window *window);
void boxes_slices(const struct box *const *boxes, size_t count, const struct region *region,
		  const struct window *window, struct slices *ret_slices);

/* Whether the box takes every packet of some region: what addresses and lanes know is all that it asks. */
static inline bool box_may_cover(const struct box *box)
{
	return !box->ports && !box->partial;
}

/* Whether the box takes every packet of the region. */
bool box_covers(const struct box *box, const struct region *region);

void region_narrow(struct region *region, const struct window *window, uint32_t slice);

struct classifier_rule4 box_to_rule4(const struct box *box);
struct classifier_rule6 box_to_rule6(const struct box *box);
