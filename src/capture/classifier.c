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

#define BUDGET_PER_RULE 96 /* Bytes that trees may take. */
#define BUDGET_LEAST    1024
#define TRIAL_RULES     512  /* Enough of a filter to compare ways to part it. */
#define FEW_RULES       2048 /* With more, a single tree is never good. */
#define WIDE_PREFIX     8    /* Shorter ones leave addresses next to unknown. */
#define KINDS           4    /* Source wide or not, destination wide or not. */
#define COST_TREE       12.0 /* Nanoseconds, as in classifier_tree.c. */
#define BLOB_ALIGNMENT  64   /* A cache line, as where the kernel holds it. */

/* A way has to cost less than this share of what those before it do: a sample has few rules for each host, which flatters
 * the later ones. */
#define CLEARLY_LESS 0.97

/* Ways to part rules: the tree of each kind.  The last is one tree for all. */
static const uint8_t partitions[][KINDS] = {{0, 0, 1, 2}, {0, 1, 0, 2}, {0, 0, 0, 0}};

/* Head, rules and trees of the most rules fit into the largest class. */
_Static_assert(sizeof(struct classifier_head) +
			       (CLASSIFIER_RULES + 1) * sizeof(struct classifier_rule6) +
			       CLASSIFIER_RULES * (sizeof(uint32_t) + BUDGET_PER_RULE) +
			       2 * CLASSIFIER_TREES *
				       (BUDGET_LEAST + sizeof(struct classifier_node)) <=
		       CLASSIFIER_SIZE(CLASSIFIER_CLASSES - 1),
	       "no filter is too large");

struct ranks {
	uint16_t *items;
	size_t count;
};

static void ranks_fini(struct ranks *ranks);
#define _cleanup_ranks_ _cleanup_(ranks_fini)
static int ranks_take(const struct boxes *boxes, uint8_t family, struct ranks *ret_ranks);
static int family_write(struct arena *arena, uint8_t family, const struct boxes *boxes);
static int partition_choose(const struct boxes *boxes, const struct ranks *ranks,
			    const uint8_t **ret_partition);
static unsigned int ranks_sample(const struct boxes *boxes, const struct ranks *ranks,
				 struct ranks *sample);
static int partition_try(const struct boxes *boxes, const struct ranks *ranks,
			 const uint8_t *partition, double *ret_cost);
static int partition_write(struct arena *arena, const struct ranks *ranks, const uint8_t *partition,
			   struct classifier_family *ret_family, double *ret_cost);
static void family_add(struct classifier_family *family, const struct classifier_node *root,
		       uint16_t first);
static unsigned int box_kind(const struct box *box);
static int blob_finish(struct arena *arena, struct classifier *ret_classifier);

int classifier_build(const struct boxes *boxes, struct classifier *ret_classifier)
{
	_cleanup_arena_ struct arena arena = {};
	int r;

	r = arena_init(&arena, boxes);
	if (r == 0)
		r = arena_write_rules(&arena);
	if (r == 0)
		r = arena_write_more(&arena);
	if (r == 0)
		r = family_write(&arena, 4, boxes);
	if (r == 0)
		r = family_write(&arena, 6, boxes);
	if (r < 0)
		return r;
	return blob_finish(&arena, ret_classifier);
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

static int family_write(struct arena *arena, uint8_t family, const struct boxes *boxes)
{
	_cleanup_ranks_ struct ranks ranks = {};
	struct classifier_family trees;
	const uint8_t *partition = NULL;
	double cost;
	int r;

	r = ranks_take(boxes, family, &ranks);
	if (r == 0)
		r = partition_choose(boxes, &ranks, &partition);
	if (r == 0)
		r = partition_write(arena, &ranks, partition, &trees, &cost);
	if (r == 0)
		arena_head(arena)->families[family == 6] = trees;
	return r;
}

static int partition_choose(const struct boxes *boxes, const struct ranks *ranks,
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
		int r = partition_try(boxes, &sample, partitions[i], &cost);

		if (r < 0)
			return r;
		if (i == 0 || cost < CLEARLY_LESS * best) {
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

/* What the trees would cost; their lists name no rules. */
static int partition_try(const struct boxes *boxes, const struct ranks *ranks,
			 const uint8_t *partition, double *ret_cost)
{
	_cleanup_arena_ struct arena arena = {};
	struct classifier_family trees;
	int r;

	r = arena_init(&arena, boxes);
	return r < 0 ? r : partition_write(&arena, ranks, partition, &trees, ret_cost);
}

/* The cost is that of packets that match each rule equally often: a tree is asked by those whose rule it has, or ranks
 * behind its first. */
static int partition_write(struct arena *arena, const struct ranks *ranks, const uint8_t *partition,
			   struct classifier_family *ret_family, double *ret_cost)
{
	_cleanup_free_ uint16_t *items = calloc(ranks->count + 1, sizeof(*items));
	struct classifier_family family = {.first = {INFO_NONE, INFO_NONE, INFO_NONE}};

	if (!items)
		return -ENOMEM;
	*ret_cost = 0;
	for (unsigned int tree = 0; tree < CLASSIFIER_TREES; tree++) {
		struct classifier_node root;
		size_t count = 0, asked = 0;
		double cost;
		int r;

		for (size_t i = 0; i < ranks->count; i++) {
			if (partition[box_kind(&arena->boxes->items[ranks->items[i]])] == tree)
				items[count++] = ranks->items[i];
			asked += count > 0;
		}
		if (count == 0)
			continue;
		r = tree_build(arena, items, count, BUDGET_LEAST + count * BUDGET_PER_RULE, &root,
			       &cost);
		if (r < 0)
			return r;
		family_add(&family, &root,
			   (uint16_t)(arena->boxes->items[items[0]].info & ~INFO_ACCEPT));
		*ret_cost += (COST_TREE + cost) * (double)asked / (double)ranks->count;
	}
	*ret_family = family;
	return 0;
}

/* Trees lie in the order of the best answer that each can give. */
static void family_add(struct classifier_family *family, const struct classifier_node *root,
		       uint16_t first)
{
	size_t place = CLASSIFIER_TREES - 1;

	for (; place > 0 && family->first[place - 1] > first; place--) {
		family->trees[place] = family->trees[place - 1];
		family->first[place] = family->first[place - 1];
	}
	family->trees[place] = *root;
	family->first[place] = first;
}

static unsigned int box_kind(const struct box *box)
{
	return (box->length[BOX_SOURCE] < WIDE_PREFIX ? 2u : 0u) |
	       (box->length[BOX_DESTINATION] < WIDE_PREFIX ? 1u : 0u);
}

/* Copies the blob into the smallest class that holds it. */
static int blob_finish(struct arena *arena, struct classifier *ret_classifier)
{
	struct classifier classifier = {.used = arena->size};

	while (CLASSIFIER_SIZE(classifier.size_class) < arena->size)
		classifier.size_class++;
	classifier.blob =
		aligned_alloc(BLOB_ALIGNMENT, classifier_value_size(classifier.size_class));
	if (!classifier.blob)
		return -ENOMEM;
	memset(classifier.blob, 0, classifier_value_size(classifier.size_class));
	memcpy(classifier.blob, arena->bytes, arena->size);
	*ret_classifier = classifier;
	return 0;
}
