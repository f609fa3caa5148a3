/* A blob while it is being written: rules, each once, and lists that refer to them.
 *
 * Growing may move the bytes, so places are kept as offsets.  Lists that read the same are written once: many
 * slices of a table hold the same few rules, or none. */
#pragma once

#include "base/cleanup.h"
#include "capture/classifier_box.h"

struct arena {
	uint8_t *bytes;
	size_t size, capacity;
	uint8_t family;          /* Of what is being written. */
	const struct box *boxes; /* By rank. */
	uint32_t *references;    /* Of the rules in the blob, by rank. */
	uint32_t nothing;        /* Of a rule of this family that nothing matches. */
	uint32_t *
		lists; /* A hash table of the lists written so far: 1 + offset, 0 for a free slot. */
	size_t list_slots, list_count;
};

/* 'boxes' has to outlive the arena and 'count' is how many there are.  Returns 0 or -ENOMEM; fini either way. */
int arena_init(struct arena *arena, const struct box *boxes, size_t count);
void arena_fini(struct arena *arena);
#define _cleanup_arena_ _cleanup_(arena_fini)

/* Appends zeroed bytes at a multiple of 8. */
int arena_grow(struct arena *arena, size_t size, size_t *ret_offset);

/* Writes the rules with these ranks, after one that nothing matches; the family is that of the arena from now on. */
int arena_write_rules(struct arena *arena, uint8_t family, const uint16_t *ranks, size_t count);

/* Writes a list of the rules with these ranks, ascending, unless the same is there. */
int arena_write_list(struct arena *arena, const uint16_t *ranks, size_t count, size_t *ret_offset);

/* Bytes of such a list. */
size_t list_size(size_t count);
