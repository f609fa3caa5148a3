/* A blob while it is being written: head, rules, each once, tables of nodes, and lists too long for a node.
 *
 * Growing may move the bytes, so places are kept as offsets. */
#pragma once

#include "base/cleanup.h"
#include "capture/classifier_box.h"

struct arena {
	uint8_t *bytes;
	size_t size, capacity;
	const struct boxes *boxes;
	bool more;        /* Some rule asks for more than addresses and lanes. */
	uint16_t *places; /* Of the rules in the blob, by rank. */
};

/* Begins with an empty head.  'boxes' has to outlive the arena.  Returns 0 or -ENOMEM; fini either way. */
int arena_init(struct arena *arena, const struct boxes *boxes);
void arena_fini(struct arena *arena);
#define _cleanup_arena_ _cleanup_(arena_fini)

/* Appends zeroed bytes at a multiple of a node's size. */
int arena_grow(struct arena *arena, size_t size, size_t *ret_offset);

/* Writes all rules, behind one that nothing matches; the first to be written after the head. */
int arena_write_rules(struct arena *arena);

/* Writes what rules ask beyond addresses and lanes, if any does, and notes in the head where. */
int arena_write_more(struct arena *arena);

/* A node that names the rules with these ranks, ascending. */
int arena_write_list(struct arena *arena, const uint16_t *ranks, size_t count,
		     struct classifier_node *ret_node);

/* Bytes that such a list takes besides its node, at most. */
size_t list_size(const struct arena *arena, size_t count);

struct classifier_head *arena_head(const struct arena *arena);
void arena_set_node(const struct arena *arena, size_t offset, const struct classifier_node *node);
