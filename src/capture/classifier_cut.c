// SPDX-License-Identifier: Apache-2.0
#include "capture/classifier_cut.h"

_Static_assert(CUT_WIDTH_MAX <= NODE_INDEX_BITS, "a node has room for every window");

#define PAIR_SOURCE 32 /* Shift of the source where both IPv4 addresses are one word. */

_Static_assert(CUT_WIDTH_MAX <= LANE_PROTOCOL, "lanes are shifted down, never up");

static uint16_t window_mask(const struct cut *cut, unsigned int window);

unsigned int cut_width(const struct cut *cut)
{
	return cut_shift(cut, CUT_WINDOWS);
}

unsigned int cut_shift(const struct cut *cut, unsigned int window)
{
	unsigned int shift = 0;

	for (unsigned int i = 0; i < window; i++)
		shift += cut->windows[i].width;
	return shift;
}

size_t cut_count_slices(const struct cut *cut, const struct box *box, const struct region *region)
{
	size_t count = 1;

	for (unsigned int i = 0; i < CUT_WINDOWS; i++)
		count *= box_slices(box, region, &cut->windows[i]).count;
	return count;
}

size_t cut_list_slices(const struct cut *cut, const struct box *box, const struct region *region,
		       uint16_t *ret_slices)
{
	struct slices destination = box_slices(box, region, &cut->windows[CUT_DESTINATION]);
	struct slices source = box_slices(box, region, &cut->windows[CUT_SOURCE]);
	struct slices lane = box_slices(box, region, &cut->windows[CUT_LANES]);
	size_t count = 0;

	for (uint32_t l = lane.first; l < lane.first + lane.count; l++)
		for (uint32_t s = source.first; s < source.first + source.count; s++)
			for (uint32_t d = 0; d < destination.count; d++)
				ret_slices[count++] = (uint16_t)((l << cut_shift(cut, CUT_LANES)) +
								 (s << cut_shift(cut, CUT_SOURCE)) +
								 destination.first + d);
	return count;
}

struct region cut_region(const struct cut *cut, const struct region *region, uint32_t slice)
{
	struct region narrow = *region;

	for (unsigned int i = 0; i < CUT_WINDOWS; i++) {
		const struct window *window = &cut->windows[i];

		if (window->width > 0)
			region_narrow(&narrow, window,
				      slice >> cut_shift(cut, i) & ((1u << window->width) - 1));
	}
	return narrow;
}

struct classifier_node cut_to_node(const struct cut *cut, uint8_t family,
				   const struct digest digests[2])
{
	static const unsigned int lane_shifts[BOX_DIMENSIONS] = {
		[BOX_DESTINATION_PORT] = LANE_DESTINATION_PORT,
		[BOX_SOURCE_PORT] = LANE_SOURCE_PORT,
		[BOX_PROTOCOL] = LANE_PROTOCOL,
	};
	const struct window *lane = &cut->windows[CUT_LANES];
	unsigned int lane_shift = lane_shifts[lane->width ? lane->dimension : BOX_PROTOCOL];
	unsigned int destination = cut->windows[CUT_DESTINATION].shift;
	unsigned int source = cut->windows[CUT_SOURCE].shift;
	struct classifier_node node = {
		.kind = NODE_TABLE,
		.destination_mask = window_mask(cut, CUT_DESTINATION),
		.source_mask = window_mask(cut, CUT_SOURCE),
		.source_place = (uint8_t)cut_shift(cut, CUT_SOURCE),
		.lanes_shift = (uint8_t)(lane->shift + lane_shift - cut_shift(cut, CUT_LANES)),
		.lanes_mask = (uint16_t)(window_mask(cut, CUT_LANES) << cut_shift(cut, CUT_LANES)),
	};

	if (family == 4) {
		source += PAIR_SOURCE;
	} else {
		destination = digest_bit(&digests[BOX_DESTINATION], destination);
		source = digest_bit(&digests[BOX_SOURCE], source);
		node.halves = (uint8_t)((destination < 64 ? 0 : NODE_DESTINATION_UPPER) |
					(source < 64 ? 0 : NODE_SOURCE_UPPER));
	}
	node.destination_shift = destination % 64;
	node.source_shift = source % 64;
	return node;
}

static uint16_t window_mask(const struct cut *cut, unsigned int window)
{
	return (uint16_t)((1u << cut->windows[window].width) - 1);
}
