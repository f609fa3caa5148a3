// SPDX-License-Identifier: Apache-2.0
/* A tree in the making is a heap of places: nodes whose lists may still be cut.  Every place has the memory of its plain
 * list set aside, so that giving up is possible at any moment; a cut spends of what is left. */
#include "capture/classifier_tree.h"

#include "base/array.h"
#include "base/count.h"
#include "capture/classifier_choose.h"

#include <errno.h>
#include <string.h>

#define LIST_GOOD  NODE_RULES /* Longer ones are worth a table; a node names these whole. */
#define LIST_BYTES sizeof(uint16_t)
#define GROWTH_MAX 8 /* Rules that a table may list for each that comes to it. */

/* Nanoseconds, to compare one shape with another. */
#define COST_NODE 6.0
#define COST_RULE 6.0
#define COST_LONG 12.0

#define NODE_ROOT SIZE_MAX

/* A list that may be cut still. */
struct place {
	uint16_t *ranks;
	size_t count;
	size_t node; /* Its offset, or NODE_ROOT. */
	struct region region;
	unsigned int depth;
	float weight; /* Share of the packets that come here. */
};

/* Places by length, the longest at the root. */
struct heap {
	struct place *items;
	size_t count, capacity;
	size_t listed; /* Rules in all places. */
};

struct tree {
	struct arena *arena;
	struct heap heap;
	size_t budget; /* Bytes left to spend. */
	uint8_t family;
	uint32_t seams[2]; /* As struct cut_limits has them. */
	struct classifier_node root;
	double cost;
};

/* The rules of each slice of a cut: those of slice i from starts[i] on. */
struct division {
	uint32_t *starts, *counts;
	float *weights;
	uint16_t *ranks;
};

static void heap_fini(struct heap *heap);
static void division_fini(struct division *division);
#define _cleanup_division_ _cleanup_(division_fini)
static int tree_grow(struct tree *tree);
static bool place_cut(const struct tree *tree, const struct place *place, size_t share,
		      struct cut *ret_cut);
static int divide(const struct arena *arena, const struct place *place, const struct cut *cut,
		  struct division *ret_division);
static void division_deal(struct division *division, const struct arena *arena,
			  const struct place *place, const struct cut *cut, uint16_t *slices,
			  bool *closed);
static int table_write(struct tree *tree, const struct place *place, const struct cut *cut,
		       const struct division *division);
static int slice_write(struct tree *tree, const struct place *place, const uint16_t *ranks);
static int leaf_write(struct tree *tree, const struct place *place, const uint16_t *ranks);
static void place_settle(struct tree *tree, const struct place *place,
			 const struct classifier_node *node);
static void budget_spend(struct tree *tree, size_t spent);
static int heap_push(struct heap *heap, const struct place *place, const uint16_t *ranks);
static struct place heap_pop(struct heap *heap);

int tree_build(struct arena *arena, const uint16_t *ranks, size_t count, size_t budget,
	       struct classifier_node *ret_root, double *ret_cost)
{
	const struct boxes *boxes = arena->boxes;
	struct tree tree = {
		.arena = arena, .budget = budget, .family = boxes->items[ranks[0]].family};
	struct place root = {.count = count, .node = NODE_ROOT, .weight = 1};
	int r;

	if (tree.family == 6)
		for (enum dimension i = BOX_DESTINATION; i <= BOX_SOURCE; i++)
			tree.seams[i] = digest_seams(&boxes->digests[i]);
	budget_spend(&tree, list_size(arena, count));
	r = heap_push(&tree.heap, &root, ranks);
	while (r == 0 && tree.heap.count > 0)
		r = tree_grow(&tree);
	heap_fini(&tree.heap);
	*ret_root = tree.root;
	*ret_cost = tree.cost;
	return r;
}

static void heap_fini(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++)
		free(heap->items[i].ranks);
	free(heap->items);
}

static void division_fini(struct division *division)
{
	free(division->starts);
	free(division->counts);
	free(division->weights);
	free(division->ranks);
}

/* Settles the longest list: cuts it, or writes it as it is.  Each list may use its share of the memory that is left. */
static int tree_grow(struct tree *tree)
{
	double listed = (double)MAX(tree->heap.listed, (size_t)1);
	struct place place = heap_pop(&tree->heap);
	_cleanup_free_ uint16_t *ranks = place.ranks;
	_cleanup_division_ struct division division = {};
	size_t share = (size_t)((double)tree->budget * (double)place.count / listed);
	struct cut cut;
	int r;

	tree->budget += list_size(tree->arena, place.count);
	if (!place_cut(tree, &place, share, &cut))
		return leaf_write(tree, &place, ranks);
	r = divide(tree->arena, &place, &cut, &division);
	return r < 0 ? r : table_write(tree, &place, &cut, &division);
}

/* Whether to cut, and how.  The sample may have been misleading, so what the cut takes is counted exactly, as if no two
 * lists were the same, before it is made. */
static bool place_cut(const struct tree *tree, const struct place *place, size_t share,
		      struct cut *ret_cut)
{
	struct cut_limits limits = {
		.listed = GROWTH_MAX * place->count,
		.nodes = share / sizeof(struct classifier_node),
		.seams = {tree->seams[BOX_DESTINATION], tree->seams[BOX_SOURCE]},
	};
	const struct box *boxes = tree->arena->boxes->items;
	size_t size;

	if (place->count <= LIST_GOOD || place->depth == CLASSIFIER_LEVELS ||
	    !cut_choose(boxes, place->ranks, place->count, &place->region, &limits, ret_cut))
		return false;
	size = (sizeof(struct classifier_node) + list_size(tree->arena, 1)) << cut_width(ret_cut);
	for (size_t i = 0; i < place->count; i++)
		size += LIST_BYTES *
			cut_count_slices(ret_cut, &boxes[place->ranks[i]], &place->region);
	return size <= tree->budget;
}

static int divide(const struct arena *arena, const struct place *place, const struct cut *cut,
		  struct division *ret_division)
{
	size_t nodes = (size_t)1 << cut_width(cut);
	_cleanup_free_ uint16_t *slices = calloc(nodes, sizeof(*slices));
	_cleanup_free_ bool *closed = calloc(nodes, sizeof(*closed));
	_cleanup_division_ struct division division = {
		.starts = calloc(nodes + 1, sizeof(*division.starts)),
		.counts = calloc(nodes, sizeof(*division.counts)),
		.weights = calloc(nodes, sizeof(*division.weights)),
	};

	if (!slices || !closed || !division.starts || !division.counts || !division.weights)
		return -ENOMEM;
	for (size_t i = 0; i < place->count; i++) {
		const struct box *box = &arena->boxes->items[place->ranks[i]];
		size_t count = cut_list_slices(cut, box, &place->region, slices);

		for (size_t j = 0; j < count; j++)
			division.starts[slices[j] + 1]++;
	}
	for (size_t i = 0; i < nodes; i++)
		division.starts[i + 1] += division.starts[i];
	division.ranks = calloc(division.starts[nodes] + 1, sizeof(*division.ranks));
	if (!division.ranks)
		return -ENOMEM;
	division_deal(&division, arena, place, cut, slices, closed);
	*ret_division = division;
	division = (struct division){};
	return 0;
}

/* A rule that covers its slice is the last that a packet there can meet: the slice is closed. */
static void division_deal(struct division *division, const struct arena *arena,
			  const struct place *place, const struct cut *cut, uint16_t *slices,
			  bool *closed)
{
	for (size_t i = 0; i < place->count; i++) {
		const struct box *box = &arena->boxes->items[place->ranks[i]];
		size_t count = cut_list_slices(cut, box, &place->region, slices);

		for (size_t j = 0; j < count; j++) {
			uint32_t slice = slices[j];
			struct region region;

			division->weights[slice] += 1 / (float)count;
			if (closed[slice])
				continue;
			division->ranks[division->starts[slice] + division->counts[slice]++] =
				place->ranks[i];
			if (!box_may_cover(box))
				continue;
			region = cut_region(cut, &place->region, slice);
			closed[slice] = box_covers(box, &region);
		}
	}
}

static int table_write(struct tree *tree, const struct place *place, const struct cut *cut,
		       const struct division *division)
{
	struct classifier_node node = cut_to_node(cut, tree->family, tree->arena->boxes->digests);
	size_t nodes = (size_t)1 << cut_width(cut), table;
	int r;

	r = arena_grow(tree->arena, nodes * sizeof(node), &table);
	if (r < 0)
		return r;
	budget_spend(tree, nodes * sizeof(node));
	node.offset = (uint32_t)(table / sizeof(node));
	place_settle(tree, place, &node);
	for (uint32_t i = 0; i < nodes && r == 0; i++) {
		struct place slice = {
			.count = division->counts[i],
			.node = table + i * sizeof(node),
			.depth = place->depth + 1,
			.weight = place->weight * division->weights[i] / (float)place->count,
		};

		if (slice.count > LIST_GOOD)
			slice.region = cut_region(cut, &place->region, i);
		r = slice_write(tree, &slice, division->ranks + division->starts[i]);
	}
	return r;
}

static int slice_write(struct tree *tree, const struct place *place, const uint16_t *ranks)
{
	if (place->count <= LIST_GOOD)
		return leaf_write(tree, place, ranks);
	budget_spend(tree, list_size(tree->arena, place->count));
	return heap_push(&tree->heap, place, ranks);
}

static int leaf_write(struct tree *tree, const struct place *place, const uint16_t *ranks)
{
	struct classifier_node node;
	int r;

	r = arena_write_list(tree->arena, ranks, place->count, &node);
	if (r < 0)
		return r;
	budget_spend(tree, list_size(tree->arena, place->count));
	place_settle(tree, place, &node);
	tree->cost += (double)place->weight *
		      (COST_NODE * place->depth +
		       COST_RULE * (double)(MAX(place->count, (size_t)1) + 1) / 2 +
		       (place->count > NODE_RULES ? COST_LONG : 0));
	return 0;
}

static void place_settle(struct tree *tree, const struct place *place,
			 const struct classifier_node *node)
{
	if (place->node == NODE_ROOT)
		tree->root = *node;
	else
		arena_set_node(tree->arena, place->node, node);
}

static void budget_spend(struct tree *tree, size_t spent)
{
	tree->budget -= MIN(spent, tree->budget);
}

static int heap_push(struct heap *heap, const struct place *place, const uint16_t *ranks)
{
	_cleanup_free_ uint16_t *copy = malloc((place->count + 1) * sizeof(*copy));
	size_t at = heap->count;
	int r;

	r = copy ? array_append(heap, items, count, capacity, *place) : -ENOMEM;
	if (r < 0)
		return r;
	memcpy(copy, ranks, place->count * sizeof(*copy));
	heap->listed += place->count;
	for (; at > 0 && heap->items[(at - 1) / 2].count < place->count; at = (at - 1) / 2)
		heap->items[at] = heap->items[(at - 1) / 2];
	heap->items[at] = *place;
	heap->items[at].ranks = TAKE_PTR(copy);
	return 0;
}

static struct place heap_pop(struct heap *heap)
{
	struct place top = heap->items[0], last = heap->items[--heap->count];
	size_t at = 0, below;

	heap->listed -= top.count;
	while ((below = 2 * at + 1) < heap->count) {
		if (below + 1 < heap->count &&
		    heap->items[below + 1].count > heap->items[below].count)
			below++;
		if (heap->items[below].count <= last.count)
			break;
		heap->items[at] = heap->items[below];
		at = below;
	}
	heap->items[at] = last;
	return top;
}
