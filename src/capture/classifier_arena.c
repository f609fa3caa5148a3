// SPDX-License-Identifier: Apache-2.0
#include "capture/classifier_arena.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

#define LIST_SLOTS 64 /* To begin with. */

static int rule_write(struct arena *arena, const struct box *box, uint32_t *ret_reference);
static int list_slots_grow(struct arena *arena);
static uint32_t *list_slot(const struct arena *arena, size_t offset);
static const uint32_t *list_at(const struct arena *arena, size_t offset);
static uint64_t list_hash(const uint32_t *list);
static bool list_equal(const uint32_t *a, const uint32_t *b);

int arena_init(struct arena *arena, const struct box *boxes, size_t count)
{
	*arena = (struct arena){
		.boxes = boxes,
		.references = calloc(count + 1, sizeof(*arena->references)),
		.lists = calloc(LIST_SLOTS, sizeof(*arena->lists)),
		.list_slots = LIST_SLOTS,
	};
	return arena->references && arena->lists ? 0 : -ENOMEM;
}

void arena_fini(struct arena *arena)
{
	free(arena->bytes);
	free(arena->references);
	free(arena->lists);
	*arena = (struct arena){};
}

int arena_grow(struct arena *arena, size_t size, size_t *ret_offset)
{
	size_t needed = arena->size + (size + 7) / 8 * 8;
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

int arena_write_rules(struct arena *arena, uint8_t family, const uint16_t *ranks, size_t count)
{
	/* Its protocols are out of order. */
	static const struct box nothing = {.low = {[BOX_PROTOCOL] = 1}};
	int r;

	arena->family = family;
	r = rule_write(arena, &nothing, &arena->nothing);
	for (size_t i = 0; i < count && r == 0; i++)
		r = rule_write(arena, &arena->boxes[ranks[i]], &arena->references[ranks[i]]);
	return r;
}

int arena_write_list(struct arena *arena, const uint16_t *ranks, size_t count, size_t *ret_offset)
{
	uint32_t *references, *slot;
	size_t offset;
	int r = 0;

	if (arena->list_count * 2 > arena->list_slots)
		r = list_slots_grow(arena);
	if (r == 0)
		r = arena_grow(arena, list_size(count), &offset);
	if (r < 0)
		return r;
	references = (uint32_t *)(void *)(arena->bytes + offset);
	references[0] = arena->nothing;
	for (size_t i = 0; i < count; i++)
		references[i] = arena->references[ranks[i]];
	references[MAX(count, (size_t)1) - 1] |= REFERENCE_LAST;

	slot = list_slot(arena, offset);
	if (*slot) {
		arena->size = offset;
		*ret_offset = *slot - 1;
		return 0;
	}
	*slot = (uint32_t)offset + 1;
	arena->list_count++;
	*ret_offset = offset;
	return 0;
}

/* An empty list takes the place of a list of one. */
size_t list_size(size_t count)
{
	return (MAX(count, (size_t)1) * sizeof(uint32_t) + 7) / 8 * 8;
}

static int rule_write(struct arena *arena, const struct box *box, uint32_t *ret_reference)
{
	bool is_ipv4 = arena->family == 4;
	size_t offset;
	int r;

	r = arena_grow(arena,
		       is_ipv4 ? sizeof(struct classifier_rule4) : sizeof(struct classifier_rule6),
		       &offset);
	if (r < 0)
		return r;
	if (is_ipv4)
		*(struct classifier_rule4 *)(void *)(arena->bytes + offset) = box_to_rule4(box);
	else
		*(struct classifier_rule6 *)(void *)(arena->bytes + offset) = box_to_rule6(box);
	*ret_reference = (uint32_t)(offset / 8);
	return 0;
}

static int list_slots_grow(struct arena *arena)
{
	_cleanup_free_ uint32_t *old = arena->lists;
	size_t old_slots = arena->list_slots;
	uint32_t *lists = calloc(old_slots * 2, sizeof(*lists));

	if (!lists) {
		old = NULL;
		return -ENOMEM;
	}
	arena->lists = lists;
	arena->list_slots = old_slots * 2;
	for (size_t i = 0; i < old_slots; i++)
		if (old[i])
			*list_slot(arena, old[i] - 1) = old[i];
	return 0;
}

/* The slot of a list that reads like the one at 'offset', or the free slot where it belongs. */
static uint32_t *list_slot(const struct arena *arena, size_t offset)
{
	const uint32_t *list = list_at(arena, offset);
	size_t mask = arena->list_slots - 1, slot = list_hash(list) & mask;

	while (arena->lists[slot] && !list_equal(list, list_at(arena, arena->lists[slot] - 1)))
		slot = (slot + 1) & mask;
	return &arena->lists[slot];
}

static const uint32_t *list_at(const struct arena *arena, size_t offset)
{
	return (const uint32_t *)(const void *)(arena->bytes + offset);
}

static uint64_t list_hash(const uint32_t *list)
{
	uint64_t hash = 0x9e3779b97f4a7c15;

	do {
		hash = (hash ^ *list) * 0xff51afd7ed558ccd;
		hash ^= hash >> 29;
	} while (!(*list++ & REFERENCE_LAST));
	return hash;
}

static bool list_equal(const uint32_t *a, const uint32_t *b)
{
	while (*a == *b && !(*a & REFERENCE_LAST)) {
		a++;
		b++;
	}
	return *a == *b;
}
