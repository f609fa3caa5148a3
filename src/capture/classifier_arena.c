// SPDX-License-Identifier: Apache-2.0
#include "capture/classifier_arena.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

static bool list_asks_more(const struct arena *arena, const uint16_t *ranks, size_t count);
static int rules_write(struct arena *arena, uint8_t family);

int arena_init(struct arena *arena, const struct boxes *boxes)
{
	size_t head;

	*arena = (struct arena){
		.boxes = boxes,
		.places = calloc(boxes->count + 1, sizeof(*arena->places)),
	};
	if (!arena->places)
		return -ENOMEM;
	for (size_t i = 0; i < boxes->count && !arena->more; i++)
		arena->more = boxes->items[i].more != 0;
	return arena_grow(arena, sizeof(struct classifier_head), &head);
}

void arena_fini(struct arena *arena)
{
	free(arena->bytes);
	free(arena->places);
	*arena = (struct arena){};
}

int arena_grow(struct arena *arena, size_t size, size_t *ret_offset)
{
	const size_t step = sizeof(struct classifier_node);
	size_t needed = arena->size + (size + step - 1) / step * step;
	size_t capacity = MAX(arena->capacity * 2, needed);
	uint8_t *bytes;

	if (needed > arena->capacity) {
		bytes = realloc(arena->bytes, capacity);
		if (!bytes)
			return -ENOMEM;
		arena->bytes = bytes;
		arena->capacity = capacity;
	}
	memset(arena->bytes + arena->size, 0, needed - arena->size);
	*ret_offset = arena->size;
	arena->size = needed;
	return 0;
}

/* IPv6 first, so that each of its rules has a cache line to itself. */
int arena_write_rules(struct arena *arena)
{
	/* Its ports are out of order. */
	const struct classifier_rule4 nothing = {.lowest = 1ULL << LANE_DESTINATION_PORT};
	size_t offset;
	int r;

	r = arena_grow(arena, sizeof(struct classifier_rule6), &offset);
	if (r < 0)
		return r;
	memcpy(arena->bytes + offset, &nothing, sizeof(nothing));
	memcpy(arena->bytes + offset + RULE_NOTHING * RULE_UNIT, &nothing, sizeof(nothing));
	r = rules_write(arena, 6);
	return r < 0 ? r : rules_write(arena, 4);
}

int arena_write_more(struct arena *arena)
{
	const struct boxes *boxes = arena->boxes;
	size_t offset;
	int r;

	if (!arena->more)
		return 0;
	r = arena_grow(arena, boxes->count * sizeof(boxes->items[0].more), &offset);
	if (r < 0)
		return r;
	for (size_t i = 0; i < boxes->count; i++)
		memcpy(arena->bytes + offset + i * sizeof(boxes->items[i].more),
		       &boxes->items[i].more, sizeof(boxes->items[i].more));
	arena_head(arena)->more = (uint32_t)(offset / sizeof(struct classifier_node));
	return 0;
}

int arena_write_list(struct arena *arena, const uint16_t *ranks, size_t count,
		     struct classifier_node *ret_node)
{
	bool more = list_asks_more(arena, ranks, count);
	struct classifier_node node = {.kind = more || count > NODE_RULES ? NODE_LONG : NODE_LIST};
	size_t here = more ? 0 : count > NODE_RULES ? NODE_FIRST : count, offset;
	size_t skipped = more ? CLASSIFIER_RUN : 0;
	uint16_t *rest;
	int r;

	for (size_t i = 0; i < here; i++)
		node.rules[i] = arena->places[ranks[i]];
	if (node.kind == NODE_LIST) {
		*ret_node = node;
		return 0;
	}
	r = arena_grow(arena, (skipped + count - here + 1) * sizeof(*rest), &offset);
	if (r < 0)
		return r;
	for (size_t i = here; i < NODE_FIRST; i++)
		node.first[i] = RULE_NOTHING;
	node.rest = (uint32_t)(offset / sizeof(node));
	rest = (uint16_t *)(void *)(arena->bytes + offset);
	for (size_t i = 0; i < skipped; i++)
		*rest++ = RULE_NOTHING;
	for (size_t i = here; i < count; i++)
		*rest++ = arena->places[ranks[i]];
	*ret_node = node;
	return 0;
}

/* All places, those before them and one that ends the list, in whole nodes. */
size_t list_size(const struct arena *arena, size_t count)
{
	const size_t step = sizeof(struct classifier_node);

	if (!arena->more && count <= NODE_RULES)
		return 0;
	return ((CLASSIFIER_RUN + count + 1) * sizeof(uint16_t) + step - 1) / step * step;
}

struct classifier_head *arena_head(const struct arena *arena)
{
	return (struct classifier_head *)(void *)arena->bytes;
}

void arena_set_node(const struct arena *arena, size_t offset, const struct classifier_node *node)
{
	memcpy(arena->bytes + offset, node, sizeof(*node));
}

static bool list_asks_more(const struct arena *arena, const uint16_t *ranks, size_t count)
{
	for (size_t i = 0; i < count && arena->more; i++)
		if (arena->boxes->items[ranks[i]].more)
			return true;
	return false;
}

static int rules_write(struct arena *arena, uint8_t family)
{
	size_t size = family == 4 ? sizeof(struct classifier_rule4)
				  : sizeof(struct classifier_rule6);
	size_t offset;

	for (size_t i = 0; i < arena->boxes->count; i++) {
		const struct box *box = &arena->boxes->items[i];
		uint8_t *rule;
		int r;

		if (box->family != family)
			continue;
		r = arena_grow(arena, size, &offset);
		if (r < 0)
			return r;
		rule = arena->bytes + offset;
		if (family == 4)
			*(struct classifier_rule4 *)(void *)rule = box_to_rule4(box);
		else
			*(struct classifier_rule6 *)(void *)rule = box_to_rule6(box);
		arena->places[i] =
			(uint16_t)((offset - sizeof(struct classifier_head)) / RULE_UNIT);
	}
	return 0;
}
