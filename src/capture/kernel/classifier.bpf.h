/* Asks a classifier (wire/classifier.h) what it makes of a packet.
 *
 * Each tree is walked from link to link, then a run of rules is compared one by one.  Nothing here takes a branch
 * that can be avoided: on varied traffic a branch is guessed wrong half the time, and that costs as much as
 * comparing with four rules.  'mask' is a constant where this is inlined, one copy for each size class: the verifier's
 * protection against speculation insists that one instruction reads from maps of one size.
 *
 * Also compiled for the host (classifier_host.h), where unit tests ask it. */
#pragma once

#include "wire/classifier.h"

#ifdef __bpf__
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#endif

#define CLASSIFIER_MASK(class) ((__u64)CLASSIFIER_SIZE(class) - 8)

struct classifier_scan {
	const void *blob;
	const struct classifier_key *key;
	__u32 offset;
	__u32 answer;
};

typedef long (*classifier_callback)(__u32 index, struct classifier_scan *scan);

static __always_inline const void *blob_at(const void *blob, __u64 offset, __u64 mask)
{
	return (const char *)blob + (offset & mask);
}

/* The bits of one window; 'shift' and 'width' say where the link has those. */
static __always_inline __u64 link_cut(__u64 word, __u64 link, int shift, int shift_bits, int width)
{
	return (word >> (link >> shift & ((1u << shift_bits) - 1))) &
	       ((1ULL << (link >> width & 15)) - 1);
}

/* The upper half of an address if the lowest bit of 'upper' is set.  Hidden from the compiler, which would rather add to
 * the pointer, and the verifier would not have that. */
static __always_inline __u64 half_of(const __u64 *halves, __u64 upper)
{
	__u64 high = halves[0], low = halves[1];
	__u64 mask = -(upper & 1);

	asm volatile("" : "+r"(high), "+r"(low), "+r"(mask));
	return low ^ ((low ^ high) & mask);
}

static __always_inline __u64 link_follow(const void *blob, __u64 mask, __u64 link, __u64 source,
					 __u64 destination, __u64 lanes)
{
	__u64 destination_width = link >> LINK_DESTINATION_WIDTH & 15;
	__u64 index = link_cut(lanes, link, LINK_LANES_SHIFT, 6, LINK_LANES_WIDTH);

	index = index << (link >> LINK_SOURCE_WIDTH & 15) |
		link_cut(source, link, LINK_SOURCE_SHIFT, 6, LINK_SOURCE_WIDTH);
	index = index << destination_width |
		link_cut(destination, link, LINK_DESTINATION_SHIFT, 6, LINK_DESTINATION_WIDTH);
	return *(const __u64 *)blob_at(blob, ((link >> LINK_OFFSET_SHIFT) + index) * 8, mask);
}

/* 0 when the lanes are within the box. */
static __always_inline __u64 lanes_outside(__u64 lanes, __u64 lowest, __u64 highest)
{
	return (((lanes | LANES_GUARDS) - lowest) & ((highest | LANES_GUARDS) - lanes) &
		LANES_GUARDS) ^
	       LANES_GUARDS;
}

static __always_inline __u64 rule4_differs(const struct classifier_rule4 *rule, __u64 address,
					   __u64 lanes)
{
	return ((address ^ rule->address) & rule->mask) |
	       lanes_outside(lanes, rule->lowest, rule->highest);
}

static __always_inline __u64 rule6_differs(const struct classifier_rule6 *rule,
					   const struct classifier_key *key)
{
	return ((key->source[0] ^ rule->source[0]) & rule->source_mask[0]) |
	       ((key->source[1] ^ rule->source[1]) & rule->source_mask[1]) |
	       ((key->destination[0] ^ rule->destination[0]) & rule->destination_mask[0]) |
	       ((key->destination[1] ^ rule->destination[1]) & rule->destination_mask[1]) |
	       lanes_outside(key->lanes, rule->lowest, rule->highest);
}

/* Asks the rules of one run of a list.  Returns the answer of the first that matches, INFO_NONE when the list ends in
 * this run, or INFO_MORE. */
static __always_inline __u32 run_match(const void *blob, __u64 mask, const __u32 *references,
				       bool is_ipv4, const struct classifier_key *key)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < CLASSIFIER_RUN; i++) {
		__u32 reference = references[i];
		const void *rule = blob_at(blob, reference * 8, mask);

		if (is_ipv4) {
			const struct classifier_rule4 *rule4 = rule;

			if (!rule4_differs(rule4, key->source[0], key->lanes))
				return (__u32)rule4->lowest & INFO_NONE;
		} else {
			const struct classifier_rule6 *rule6 = rule;

			if (!rule6_differs(rule6, key))
				return (__u32)rule6->lowest & INFO_NONE;
		}
		if (reference & REFERENCE_LAST)
			return INFO_NONE;
	}
	return INFO_MORE;
}

/* The callbacks of bpf_loop(), for lists that no tree could shorten. */
#define CLASSIFIER_SCAN(family, class)                                                            \
	static long classifier_scan##family##_##class(__u32 index, struct classifier_scan * scan) \
	{                                                                                         \
		const __u32 *run = blob_at(scan->blob, scan->offset, CLASSIFIER_MASK(class));     \
                                                                                                  \
		(void)index;                                                                      \
		scan->offset += CLASSIFIER_RUN * sizeof(*run);                                    \
		scan->answer = run_match(scan->blob, CLASSIFIER_MASK(class), run, family == 4,    \
					 scan->key);                                              \
		return scan->answer != INFO_MORE;                                                 \
	}

/* One for each family and size class. */
#define CLASSIFIER_EACH(WHAT) \
	WHAT(4, 0)            \
	WHAT(4, 1)            \
	WHAT(4, 2)            \
	WHAT(4, 3)            \
	WHAT(6, 0)            \
	WHAT(6, 1)            \
	WHAT(6, 2)            \
	WHAT(6, 3)

CLASSIFIER_EACH(CLASSIFIER_SCAN)

static __always_inline __u32 list_match(const void *blob, __u64 mask, __u32 offset, bool is_ipv4,
					const struct classifier_key *key,
					classifier_callback callback)
{
	__u32 answer = run_match(blob, mask, blob_at(blob, offset, mask), is_ipv4, key);
	struct classifier_scan scan;

	if (answer != INFO_MORE)
		return answer;
	offset += CLASSIFIER_RUN * sizeof(__u32);
	scan = (struct classifier_scan){.blob = blob, .key = key, .offset = offset};
	scan.answer = INFO_NONE;
	bpf_loop(CLASSIFIER_RULES / CLASSIFIER_RUN + 1, callback, &scan, 0);
	return scan.answer;
}

static __always_inline __u32 tree_match(const void *blob, __u64 mask, __u64 link, bool is_ipv4,
					const struct classifier_key *key,
					classifier_callback callback)
{
#pragma clang loop unroll(full)
	for (int level = 0; level < CLASSIFIER_LEVELS; level++) {
		__u64 source = key->source[0], destination = key->source[0];

		if (link & LINK_LEAF)
			break;
		if (!is_ipv4) {
			source = half_of(key->source, link >> (LINK_SOURCE_SHIFT + 6));
			destination =
				half_of(key->destination, link >> (LINK_DESTINATION_SHIFT + 6));
		}
		link = link_follow(blob, mask, link, source, destination, key->lanes);
	}
	return list_match(blob, mask, (__u32)(link >> LINK_OFFSET_SHIFT) * 8, is_ipv4, key,
			  callback);
}

/* The answer of the first rule that matches, or INFO_NONE. */
static __always_inline __u32 classifier_match(const void *blob, __u64 mask, bool is_ipv4,
					      const struct classifier_key *key,
					      classifier_callback callback)
{
	const struct classifier_head *head = blob;
	const struct classifier_tree *trees = is_ipv4 ? head->trees4 : head->trees6;
	__u32 best = INFO_NONE;

#pragma clang loop unroll(full)
	for (int i = 0; i < CLASSIFIER_TREES; i++) {
		const struct classifier_tree *tree = &trees[i];
		__u32 answer;

		if (tree->first >= best)
			break;
		answer = tree_match(blob, mask, tree->link, is_ipv4, key, callback);
		if (answer < best)
			best = answer;
	}
	return best;
}
