// SPDX-License-Identifier: Apache-2.0
#include "capture/classifier_cut.h"

_Static_assert(CUT_WIDTH_MAX <= LINK_WIDTH_MAX, "a link has room for every window");

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

uint64_t cut_to_link(const struct cut *cut, uint8_t family)
{
	static const unsigned int lane_shifts[BOX_DIMENSIONS] = {
		[BOX_DESTINATION_PORT] = LANE_DESTINATION_PORT,
		[BOX_SOURCE_PORT] = LANE_SOURCE_PORT,
		[BOX_PROTOCOL] = LANE_PROTOCOL,
	};
	const struct window *destination = &cut->windows[CUT_DESTINATION];
	const struct window *source = &cut->windows[CUT_SOURCE];
	const struct window *lane = &cut->windows[CUT_LANES];
	uint64_t source_shift = source->shift + (family == 4 ? 32u : 0u);
	uint64_t lane_shift = lane->width ? lane->shift + lane_shifts[lane->dimension] : 0;

	return (uint64_t)destination->shift << LINK_DESTINATION_SHIFT |
	       (uint64_t)destination->width << LINK_DESTINATION_WIDTH |
	       source_shift << LINK_SOURCE_SHIFT | (uint64_t)source->width << LINK_SOURCE_WIDTH |
	       lane_shift << LINK_LANES_SHIFT | (uint64_t)lane->width << LINK_LANES_WIDTH;
}
