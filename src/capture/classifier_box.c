// SPDX-License-Identifier: Apache-2.0
/* Boxes, regions and the slices where they meet. */
#include "capture/classifier_box.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

#define PORT_MAX     UINT16_MAX
#define PROTOCOL_MAX UINT8_MAX

static struct box box_from_rule(const struct filter_rule *rule, size_t rank);
static bool box_equal(const struct box *a, const struct box *b);
static void box_set_prefix(struct box *box, enum dimension dimension, const struct cidr *cidr);
static void box_set_range(struct box *box, enum dimension dimension, unsigned int bits,
			  uint16_t low, uint16_t high);
static void box_set_ports(struct box *box, enum dimension dimension,
			  const struct port_range *range);
static bool region_is_split_next(const struct region *region, const struct window *window);
static struct slices box_slices_exact(const struct box *box, const struct region *region,
				      const struct window *window);
static wide prefix_mask(unsigned int bits, unsigned int length);
static uint64_t lanes(const uint16_t ends[BOX_DIMENSIONS], uint64_t ports);

int boxes_from_filter(const struct filter *filter, enum direction direction,
		      struct boxes *ret_boxes)
{
	_cleanup_boxes_ struct boxes boxes = {};

	boxes.items =
		calloc(MIN(filter->rule_count, (size_t)CLASSIFIER_RULES) + 1, sizeof(*boxes.items));
	if (!boxes.items)
		return -ENOMEM;
	for (size_t i = 0; i < filter->rule_count; i++) {
		const struct filter_rule *rule = &filter->rules[i];

		if (rule->direction != direction ||
		    rule->source.address.family != rule->destination.address.family)
			continue;
		if (boxes.count == CLASSIFIER_RULES)
			return -E2BIG;
		boxes.items[boxes.count] = box_from_rule(rule, boxes.count);
		boxes.count++;
	}
	*ret_boxes = boxes;
	boxes = (struct boxes){};
	return 0;
}

void boxes_fini(struct boxes *boxes)
{
	free(boxes->items);
	*boxes = (struct boxes){};
}

bool boxes_equal(const struct boxes *a, const struct boxes *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!box_equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}

unsigned int dimension_width(enum dimension dimension, uint8_t family)
{
	if (dimension == BOX_PROTOCOL)
		return 8;
	if (dimension == BOX_SOURCE_PORT || dimension == BOX_DESTINATION_PORT)
		return 16;
	return family == 4 ? 32 : 128;
}

struct slices box_slices(const struct box *box, const struct region *region,
			 const struct window *window)
{
	unsigned int bits = dimension_width(window->dimension, region->family);
	unsigned int open = bits - box->length[window->dimension];
	unsigned int open_here;

	if (window->dimension >= BOX_DESTINATION_PORT && region_is_split_next(region, window))
		return box_slices_exact(box, region, window);
	open_here = open > window->shift ? MIN(open - window->shift, (unsigned int)window->width)
					 : 0;
	return (struct slices){
		.first = (uint32_t)(box->value[window->dimension] >> window->shift) &
			 ((1u << window->width) - 1),
		.count = 1u << open_here,
	};
}

bool box_covers(const struct box *box, const struct region *region)
{
	for (enum dimension i = 0; i < BOX_DESTINATION_PORT; i++) {
		wide mask = prefix_mask(dimension_width(i, region->family), box->length[i]);

		if (mask & ~region->mask[i] || (region->value[i] ^ box->value[i]) & mask)
			return false;
	}
	for (enum dimension i = BOX_DESTINATION_PORT; i < BOX_DIMENSIONS; i++) {
		wide all = prefix_mask(dimension_width(i, region->family),
				       dimension_width(i, region->family));

		if (box->low[i] > region->value[i] ||
		    box->high[i] < (region->value[i] | (all & ~region->mask[i])))
			return false;
	}
	return !box->ports;
}

void region_narrow(struct region *region, const struct window *window, uint32_t slice)
{
	wide mask = (((wide)1 << window->width) - 1) << window->shift;

	region->mask[window->dimension] |= mask;
	region->value[window->dimension] &= ~mask;
	region->value[window->dimension] |= (wide)slice << window->shift;
}

struct classifier_rule4 box_to_rule4(const struct box *box)
{
	uint64_t source_mask = (uint64_t)prefix_mask(32, box->length[BOX_SOURCE]);
	uint64_t destination_mask = (uint64_t)prefix_mask(32, box->length[BOX_DESTINATION]);

	return (struct classifier_rule4){
		.address = (uint64_t)box->value[BOX_SOURCE] << 32 |
			   (uint64_t)box->value[BOX_DESTINATION],
		.mask = source_mask << 32 | destination_mask,
		.lowest = lanes(box->low, box->ports) | box->info,
		.highest = lanes(box->high, 1) | LANES_INFO,
	};
}

struct classifier_rule6 box_to_rule6(const struct box *box)
{
	wide source_mask = prefix_mask(128, box->length[BOX_SOURCE]);
	wide destination_mask = prefix_mask(128, box->length[BOX_DESTINATION]);

	return (struct classifier_rule6){
		.source = {(uint64_t)(box->value[BOX_SOURCE] >> 64),
			   (uint64_t)box->value[BOX_SOURCE]},
		.destination = {(uint64_t)(box->value[BOX_DESTINATION] >> 64),
				(uint64_t)box->value[BOX_DESTINATION]},
		.source_mask = {(uint64_t)(source_mask >> 64), (uint64_t)source_mask},
		.destination_mask = {(uint64_t)(destination_mask >> 64),
				     (uint64_t)destination_mask},
		.lowest = lanes(box->low, box->ports) | box->info,
		.highest = lanes(box->high, 1) | LANES_INFO,
	};
}

static struct box box_from_rule(const struct filter_rule *rule, size_t rank)
{
	bool any = rule->protocol == PROTOCOL_ANY;
	struct box box = {
		.family = rule->source.address.family,
		.info = (uint32_t)rank << INFO_RANK |
			(rule->action == RULE_ACCEPT ? INFO_ACCEPT : 0),
		.ports = rule->source_ports.set || rule->destination_ports.set,
	};

	box_set_prefix(&box, BOX_SOURCE, &rule->source);
	box_set_prefix(&box, BOX_DESTINATION, &rule->destination);
	box_set_ports(&box, BOX_SOURCE_PORT, &rule->source_ports);
	box_set_ports(&box, BOX_DESTINATION_PORT, &rule->destination_ports);
	box_set_range(&box, BOX_PROTOCOL, 8, any ? 0 : (uint16_t)rule->protocol,
		      any ? PROTOCOL_MAX : (uint16_t)rule->protocol);
	return box;
}

static bool box_equal(const struct box *a, const struct box *b)
{
	return a->family == b->family && a->info == b->info && a->ports == b->ports &&
	       memcmp(a->value, b->value, sizeof(a->value)) == 0 &&
	       memcmp(a->length, b->length, sizeof(a->length)) == 0 &&
	       memcmp(a->low, b->low, sizeof(a->low)) == 0 &&
	       memcmp(a->high, b->high, sizeof(a->high)) == 0;
}

static void box_set_prefix(struct box *box, enum dimension dimension, const struct cidr *cidr)
{
	wide value = 0;

	for (unsigned int i = 0; i < address_size(&cidr->address); i++)
		value = value << 8 | cidr->address.bytes[i];
	box->value[dimension] = value;
	box->length[dimension] = cidr->prefix_length;
}

static void box_set_range(struct box *box, enum dimension dimension, unsigned int bits,
			  uint16_t low, uint16_t high)
{
	unsigned int length = 0;

	while (length < bits && low >> (bits - length - 1) == high >> (bits - length - 1))
		length++;
	box->low[dimension] = low;
	box->high[dimension] = high;
	box->length[dimension] = (uint8_t)length;
	box->value[dimension] = low & prefix_mask(bits, length);
}

static void box_set_ports(struct box *box, enum dimension dimension, const struct port_range *range)
{
	box_set_range(box, dimension, 16, range->set ? range->from : 0,
		      range->set ? range->to : PORT_MAX);
}

/* Whether the window holds the bits just below those that are known, so that slices are intervals. */
static bool region_is_split_next(const struct region *region, const struct window *window)
{
	unsigned int bits = dimension_width(window->dimension, region->family);
	unsigned int known = bits - window->shift - window->width;

	return region->mask[window->dimension] == prefix_mask(bits, known);
}

static struct slices box_slices_exact(const struct box *box, const struct region *region,
				      const struct window *window)
{
	unsigned int known_shift = window->shift + window->width;
	uint32_t lowest = (uint32_t)region->value[window->dimension];
	uint32_t highest = lowest | ((1u << known_shift) - 1);
	uint32_t low = MAX((uint32_t)box->low[window->dimension], lowest);
	uint32_t high = MIN((uint32_t)box->high[window->dimension], highest);

	if (low > high)
		return (struct slices){};
	return (struct slices){
		.first = low >> window->shift & ((1u << window->width) - 1),
		.count = (high >> window->shift) - (low >> window->shift) + 1,
	};
}

static wide prefix_mask(unsigned int bits, unsigned int length)
{
	wide all = bits == 128 ? ~(wide)0 : ((wide)1 << bits) - 1;

	return length == 0 ? 0 : all & ~(((wide)1 << (bits - length)) - 1);
}

static uint64_t lanes(const uint16_t ends[BOX_DIMENSIONS], uint64_t ports)
{
	return ports << LANE_PORTS | (uint64_t)ends[BOX_PROTOCOL] << LANE_PROTOCOL |
	       (uint64_t)ends[BOX_SOURCE_PORT] << LANE_SOURCE_PORT |
	       (uint64_t)ends[BOX_DESTINATION_PORT] << LANE_DESTINATION_PORT;
}
