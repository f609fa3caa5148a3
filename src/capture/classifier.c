// SPDX-License-Identifier: Apache-2.0
/* From boxes to a blob.
 *
 * A table that is indexed by an address repeats the rules that are wide in it, so it often pays to part rules by what
 * they are wide in, and to ask several trees instead of one.  Which way to part them is tried on a sample. */
#include "capture/classifier.h"

#include "base/count.h"
#include "capture/classifier_tree.h"

#include <errno.h>
#include <string.h>

#define BUDGET_PER_RULE 80 /* Bytes that trees may take. */
#define BUDGET_LEAST    1024
#define TRIAL_RULES     512  /* Enough of a filter to compare ways to part it. */
#define FEW_RULES       2048 /* With more, a single tree is never good. */
#define WIDE_PREFIX     8    /* Shorter ones leave addresses next to unknown. */
#define KINDS           4    /* Source wide or not, destination wide or not. */
#define COST_TREE       4.0

/* Ways to part rules: the tree of each kind.  The last is one tree for all. */
static const uint8_t partitions[][KINDS] = {{0, 0, 1, 2}, {0, 1, 0, 2}, {0, 0, 0, 0}};

/* Head, rules and trees of the most rules fit into the largest class. */
_Static_assert(sizeof(struct classifier_head) + sizeof(struct classifier_rule4) +
			       sizeof(struct classifier_rule6) +
			       CLASSIFIER_RULES *
				       (sizeof(struct classifier_rule6) + BUDGET_PER_RULE) +
			       2 * CLASSIFIER_TREES * (BUDGET_LEAST + 8) <=
		       CLASSIFIER_SIZE(CLASSIFIER_CLASSES - 1),
	       "no filter is too large");

struct ranks {
	uint16_t *items;
	size_t count;
};

static void ranks_fini(struct ranks *ranks);
#define _cleanup_ranks_ _cleanup_(ranks_fini)
static int ranks_take(const struct boxes *boxes, uint8_t family, struct ranks *ret_ranks);
static int family_write(struct arena *arena, uint8_t family, const struct boxes *boxes,
			struct classifier_tree ret_trees[CLASSIFIER_TREES]);
static int partition_choose(const struct boxes *boxes, uint8_t family, const struct ranks *ranks,
			    const uint8_t **ret_partition);
static unsigned int ranks_sample(const struct boxes *boxes, const struct ranks *ranks,
				 struct ranks *sample);
static int partition_try(const struct boxes *boxes, uint8_t family, const struct ranks *ranks,
			 const uint8_t *partition, double *ret_cost);
static int partition_write(struct arena *arena, const struct ranks *ranks, const uint8_t *partition,
			   struct classifier_tree ret_trees[CLASSIFIER_TREES], double *ret_cost);
static unsigned int box_kind(const struct box *box);
static int blob_finish(struct arena *arena, const struct classifier_head *head,
		       struct classifier *ret_classifier);

int classifier_build(const struct boxes *boxes, struct classifier *ret_classifier)
{
	_cleanup_arena_ struct arena arena = {};
	struct classifier_head head = {};
	size_t offset;
	int r;

	r = arena_init(&arena, boxes->items, boxes->count);
	if (r == 0)
		r = arena_grow(&arena, sizeof(head), &offset);
	if (r == 0)
		r = family_write(&arena, 4, boxes, head.trees4);
	if (r == 0)
		r = family_write(&arena, 6, boxes, head.trees6);
	if (r == 0)
		r = blob_finish(&arena, &head, ret_classifier);
	return r;
}

void classifier_fini(struct classifier *classifier)
{
	free(classifier->blob);
	*classifier = (struct classifier){};
}

size_t classifier_value_size(unsigned int size_class)
{
	return CLASSIFIER_SIZE(size_class) + CLASSIFIER_TAIL;
}

static void ranks_fini(struct ranks *ranks)
{
	free(ranks->items);
}

static int ranks_take(const struct boxes *boxes, uint8_t family, struct ranks *ret_ranks)
{
	uint16_t *items = calloc(boxes->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < boxes->count; i++)
		if (boxes->items[i].family == family)
			items[count++] = (uint16_t)i;
	*ret_ranks = (struct ranks){items, count};
	return 0;
}

static int family_write(struct arena *arena, uint8_t family, const struct boxes *boxes,
			struct classifier_tree ret_trees[CLASSIFIER_TREES])
{
	_cleanup_ranks_ struct ranks ranks = {};
	const uint8_t *partition = NULL;
	double cost;
	int r;

	r = ranks_take(boxes, family, &ranks);
	if (r == 0)
		r = arena_write_rules(arena, family, ranks.items, ranks.count);
	if (r == 0)
		r = partition_choose(boxes, family, &ranks, &partition);
	if (r == 0)
		r = partition_write(arena, &ranks, partition, ret_trees, &cost);
	return r;
}

static int partition_choose(const struct boxes *boxes, uint8_t family, const struct ranks *ranks,
			    const uint8_t **ret_partition)
{
	uint16_t items[TRIAL_RULES];
	struct ranks sample = {.items = items};
	unsigned int kinds = ranks_sample(boxes, ranks, &sample);
	size_t tries = ARRAY_SIZE(partitions) - (ranks->count > FEW_RULES);
	double best = 0;

	*ret_partition = partitions[0];
	if ((kinds & (kinds - 1)) == 0)
		return 0;
	for (size_t i = 0; i < tries; i++) {
		double cost;
		int r = partition_try(boxes, family, &sample, partitions[i], &cost);

		if (r < 0)
			return r;
		if (i == 0 || cost < best) {
			best = cost;
			*ret_partition = partitions[i];
		}
	}
	return 0;
}

/* Returns the set of kinds that the sample is of. */
static unsigned int ranks_sample(const struct boxes *boxes, const struct ranks *ranks,
				 struct ranks *sample)
{
	unsigned int kinds = 0;

	sample->count = MIN(ranks->count, (size_t)TRIAL_RULES);
	for (size_t i = 0; i < sample->count; i++) {
		sample->items[i] = ranks->items[i * ranks->count / sample->count];
		kinds |= 1u << box_kind(&boxes->items[sample->items[i]]);
	}
	return kinds;
}

static int partition_try(const struct boxes *boxes, uint8_t family, const struct ranks *ranks,
			 const uint8_t *partition, double *ret_cost)
{
	_cleanup_arena_ struct arena arena = {};
	struct classifier_tree trees[CLASSIFIER_TREES];
	int r;

	r = arena_init(&arena, boxes->items, boxes->count);
	if (r == 0)
		r = arena_write_rules(&arena, family, ranks->items, ranks->count);
	if (r == 0)
		r = partition_write(&arena, ranks, partition, trees, ret_cost);
	return r;
}

/* Writes the trees and puts them in order of the best answer that each can give.  The cost is that of a packet that asks
 * all of them. */
static int partition_write(struct arena *arena, const struct ranks *ranks, const uint8_t *partition,
			   struct classifier_tree ret_trees[CLASSIFIER_TREES], double *ret_cost)
{
	_cleanup_free_ uint16_t *items = calloc(ranks->count + 1, sizeof(*items));
	size_t trees = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < CLASSIFIER_TREES; i++)
		ret_trees[i] = (struct classifier_tree){.first = INFO_NONE};
	*ret_cost = 0;
	for (unsigned int tree = 0; tree < CLASSIFIER_TREES; tree++) {
		struct classifier_tree made;
		size_t count = 0, place;
		uint64_t link;
		double cost;
		int r;

		for (size_t i = 0; i < ranks->count; i++)
			if (partition[box_kind(&arena->boxes[ranks->items[i]])] == tree)
				items[count++] = ranks->items[i];
		if (count == 0)
			continue;
		r = tree_build(arena, items, count, BUDGET_LEAST + count * BUDGET_PER_RULE, &link,
			       &cost);
		if (r < 0)
			return r;
		made = (struct classifier_tree){
			.link = link, .first = arena->boxes[items[0]].info & ~INFO_ACCEPT};
		for (place = trees++; place > 0 && ret_trees[place - 1].first > made.first; place--)
			ret_trees[place] = ret_trees[place - 1];
		ret_trees[place] = made;
		*ret_cost += COST_TREE + cost;
	}
	return 0;
}

static unsigned int box_kind(const struct box *box)
{
	return (box->length[BOX_SOURCE] < WIDE_PREFIX ? 2u : 0u) |
	       (box->length[BOX_DESTINATION] < WIDE_PREFIX ? 1u : 0u);
}

/* Copies the blob into the smallest class that holds it. */
static int blob_finish(struct arena *arena, const struct classifier_head *head,
		       struct classifier *ret_classifier)
{
	struct classifier classifier = {.used = arena->size};

	while (CLASSIFIER_SIZE(classifier.size_class) < arena->size)
		classifier.size_class++;
	classifier.blob = calloc(1, classifier_value_size(classifier.size_class));
	if (!classifier.blob)
		return -ENOMEM;
	memcpy(classifier.blob, arena->bytes, arena->size);
	memcpy(classifier.blob, head, sizeof(*head));
	*ret_classifier = classifier;
	return 0;
}
