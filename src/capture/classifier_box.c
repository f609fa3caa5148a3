// SPDX-License-Identifier: Apache-2.0
/* Boxes, regions and the slices where they meet. */
#include "capture/classifier_box.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

#define PORT_MAX     UINT16_MAX
#define PROTOCOL_MAX UINT8_MAX

static void digests_choose(struct boxes *boxes);
static uint64_t half_mask(unsigned int length);
static struct digest digest_choose_for(const struct boxes *boxes, enum dimension dimension);
static void box_set_digest(struct box *box, enum dimension dimension, const struct prefix *prefix,
			   const struct digest *digest);
static struct box box_from_rule(const struct filter_rule *rule, size_t rank);
static uint32_t rule_more(const struct filter_rule *rule);
static bool box_equal(const struct box *a, const struct box *b);
static bool prefix_equal(const struct prefix *a, const struct prefix *b);
static void box_set_prefix(struct box *box, enum dimension dimension, const struct prefix *prefix);
static void box_set_range(struct box *box, enum dimension dimension, unsigned int bits,
			  uint16_t low, uint16_t high);
static void box_set_ports(struct box *box, enum dimension dimension,
			  const struct port_range *range);
static bool window_is_exact(const struct region *region, const struct window *window);
static struct slices box_slices_prefix(const struct box *box, const struct window *window);
static struct slices box_slices_exact(const struct box *box, const struct region *region,
				      const struct window *window);
static uint32_t prefix_mask(unsigned int bits, unsigned int length);
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
	digests_choose(&boxes);
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

static unsigned int dimension_width(enum dimension dimension)
{
	static const unsigned int widths[BOX_DIMENSIONS] = {
		[BOX_DESTINATION] = 32, [BOX_SOURCE] = 32,  [BOX_DESTINATION_PORT] = 16,
		[BOX_SOURCE_PORT] = 16, [BOX_PROTOCOL] = 8,
	};

	return widths[dimension];
}

uint32_t dimension_prefix(enum dimension dimension, unsigned int length)
{
	return prefix_mask(dimension_width(dimension), length);
}

struct slices box_slices(const struct box *box, const struct region *region,
			 const struct window *window)
{
	return window_is_exact(region, window) ? box_slices_exact(box, region, window)
					       : box_slices_prefix(box, window);
}

void boxes_slices(const struct box *const *boxes, size_t count, const struct region *region,
		  const struct window *window, struct slices *ret_slices)
{
	bool exact = window_is_exact(region, window);

	for (size_t i = 0; i < count; i++)
		ret_slices[i] = exact ? box_slices_exact(boxes[i], region, window)
				      : box_slices_prefix(boxes[i], window);
}

bool box_covers(const struct box *box, const struct region *region)
{
	if (!box_may_cover(box))
		return false;
	for (enum dimension i = 0; i < BOX_DESTINATION_PORT; i++) {
		uint32_t mask = prefix_mask(dimension_width(i), box->length[i]);

		if (mask & ~region->mask[i] || (region->value[i] ^ box->value[i]) & mask)
			return false;
	}
	for (enum dimension i = BOX_DESTINATION_PORT; i < BOX_DIMENSIONS; i++) {
		uint32_t all = prefix_mask(dimension_width(i), dimension_width(i));

		if (box->low[i] > region->value[i] ||
		    box->high[i] < (region->value[i] | (all & ~region->mask[i])))
			return false;
	}
	return true;
}

void region_narrow(struct region *region, const struct window *window, uint32_t slice)
{
	uint32_t mask = ((1u << window->width) - 1) << window->shift;

	region->mask[window->dimension] |= mask;
	region->value[window->dimension] &= ~mask;
	region->value[window->dimension] |= slice << window->shift;
}

struct classifier_rule4 box_to_rule4(const struct box *box)
{
	uint64_t source_mask = prefix_mask(32, box->length[BOX_SOURCE]);
	uint64_t destination_mask = prefix_mask(32, box->length[BOX_DESTINATION]);

	return (struct classifier_rule4){
		.lowest = lanes(box->low, box->ports) | box->info,
		.highest = lanes(box->high, 1) | (box->more ? INFO_MORE : 0),
		.address = (uint64_t)box->value[BOX_SOURCE] << 32 | box->value[BOX_DESTINATION],
		.mask = source_mask << 32 | destination_mask,
	};
}

struct classifier_rule6 box_to_rule6(const struct box *box)
{
	const struct prefix *source = &box->source, *destination = &box->destination;

	return (struct classifier_rule6){
		.lowest = lanes(box->low, box->ports) | box->info,
		.highest = lanes(box->high, 1) | (box->more ? INFO_MORE : 0) |
			   (source->length > 64 ? RULE_SOURCE_LONG : 0) |
			   (destination->length > 64 ? RULE_DESTINATION_LONG : 0),
		.source = {source->halves[0], source->halves[1]},
		.destination = {destination->halves[0], destination->halves[1]},
		.source_mask = half_mask(source->length),
		.destination_mask = half_mask(destination->length),
	};
}

/* Of the half in which a prefix ends. */
static uint64_t half_mask(unsigned int length)
{
	unsigned int known = length > 64 ? length - 64 : length;

	return known == 0 ? 0 : ~0ULL << (64 - known);
}

static void digests_choose(struct boxes *boxes)
{
	for (enum dimension i = BOX_DESTINATION; i <= BOX_SOURCE; i++)
		boxes->digests[i] = digest_choose_for(boxes, i);
	for (size_t i = 0; i < boxes->count; i++) {
		struct box *box = &boxes->items[i];

		if (box->family != 6)
			continue;
		box_set_digest(box, BOX_SOURCE, &box->source, &boxes->digests[BOX_SOURCE]);
		box_set_digest(box, BOX_DESTINATION, &box->destination,
			       &boxes->digests[BOX_DESTINATION]);
	}
}

/* Every so many of the boxes are looked at. */
static struct digest digest_choose_for(const struct boxes *boxes, enum dimension dimension)
{
	size_t stride = boxes->count / DIGEST_SAMPLE + 1, count = 0;
	struct prefix sample[DIGEST_SAMPLE];

	for (size_t i = 0; i < boxes->count; i += stride) {
		const struct box *box = &boxes->items[i];

		if (box->family == 6)
			sample[count++] = dimension == BOX_SOURCE ? box->source : box->destination;
	}
	return digest_choose(sample, count);
}

static void box_set_digest(struct box *box, enum dimension dimension, const struct prefix *prefix,
			   const struct digest *digest)
{
	box->value[dimension] = digest_take(digest, prefix);
	box->length[dimension] = (uint8_t)digest_length(digest, prefix->length);
	if (box->length[dimension] != prefix->length)
		box->partial = true;
}

static struct box box_from_rule(const struct filter_rule *rule, size_t rank)
{
	bool any = rule->protocol == PROTOCOL_ANY;
	uint32_t more = rule_more(rule);
	struct box box = {
		.family = rule->source.address.family,
		.info = (uint32_t)rank << INFO_RANK |
			(rule->action == RULE_ACCEPT ? INFO_ACCEPT : 0),
		.ports = rule->source_ports.set || rule->destination_ports.set,
		.partial = more != 0,
		.more = more,
		.source = prefix_from_cidr(&rule->source),
		.destination = prefix_from_cidr(&rule->destination),
	};

	if (box.family == 4) {
		box_set_prefix(&box, BOX_SOURCE, &box.source);
		box_set_prefix(&box, BOX_DESTINATION, &box.destination);
	}
	box_set_ports(&box, BOX_SOURCE_PORT, &rule->source_ports);
	box_set_ports(&box, BOX_DESTINATION_PORT, &rule->destination_ports);
	box_set_range(&box, BOX_PROTOCOL, 8, any ? 0 : (uint16_t)rule->protocol,
		      any ? PROTOCOL_MAX : (uint16_t)rule->protocol);
	return box;
}

/* What a rule asks beyond lanes and addresses. */
static uint32_t rule_more(const struct filter_rule *rule)
{
	uint32_t values = 0, asked = 0;

	if (rule->dscp.set) {
		values |= (uint32_t)rule->dscp.value << MORE_DSCP;
		asked |= (uint32_t)DSCP_MAX << MORE_DSCP;
	}
	if (rule->tcp_flags.mask) {
		values |= MORE_HAS_TCP_FLAGS | (uint32_t)rule->tcp_flags.value << MORE_TCP_FLAGS;
		asked |= MORE_HAS_TCP_FLAGS | (uint32_t)rule->tcp_flags.mask << MORE_TCP_FLAGS;
	}
	return asked << MORE_MASK | values;
}

/* Whether they are of equal rules; digests follow from these. */
static bool box_equal(const struct box *a, const struct box *b)
{
	return a->family == b->family && a->info == b->info && a->ports == b->ports &&
	       a->more == b->more && prefix_equal(&a->source, &b->source) &&
	       prefix_equal(&a->destination, &b->destination) &&
	       memcmp(a->low, b->low, sizeof(a->low)) == 0 &&
	       memcmp(a->high, b->high, sizeof(a->high)) == 0;
}

static bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && a->halves[0] == b->halves[0] &&
	       a->halves[1] == b->halves[1];
}

static void box_set_prefix(struct box *box, enum dimension dimension, const struct prefix *prefix)
{
	box->value[dimension] = (uint32_t)(prefix->halves[0] >> 32);
	box->length[dimension] = prefix->length;
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

/* Whether slices are intervals of ports or protocols: the window holds the bits just below those that are known. */
static bool window_is_exact(const struct region *region, const struct window *window)
{
	unsigned int bits = dimension_width(window->dimension);
	unsigned int known = bits - window->shift - window->width;

	return window->dimension >= BOX_DESTINATION_PORT &&
	       region->mask[window->dimension] == prefix_mask(bits, known);
}

static struct slices box_slices_prefix(const struct box *box, const struct window *window)
{
	unsigned int open = dimension_width(window->dimension) - box->length[window->dimension];
	unsigned int open_here =
		open > window->shift ? MIN(open - window->shift, (unsigned int)window->width) : 0;

	return (struct slices){
		.first = (uint32_t)(box->value[window->dimension] >> window->shift) &
			 ((1u << window->width) - 1),
		.count = 1u << open_here,
	};
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

static uint32_t prefix_mask(unsigned int bits, unsigned int length)
{
	return (uint32_t)((1ULL << bits) - (1ULL << (bits - length)));
}

static uint64_t lanes(const uint16_t ends[BOX_DIMENSIONS], uint64_t ports)
{
	return ports << LANE_PORTS | (uint64_t)ends[BOX_PROTOCOL] << LANE_PROTOCOL |
	       (uint64_t)ends[BOX_SOURCE_PORT] << LANE_SOURCE_PORT |
	       (uint64_t)ends[BOX_DESTINATION_PORT] << LANE_DESTINATION_PORT;
}
