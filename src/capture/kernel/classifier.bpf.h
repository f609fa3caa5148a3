/* Asks a classifier (wire/classifier.h) what it makes of a packet.
 *
 * Each tree is walked from node to node, then the rules of a list are compared one by one.  On varied traffic a branch is
 * guessed wrong half the time, and that costs as much as comparing with four rules; so all that a packet has is cut and
 * compared at once, without asking which part of it matters.  'mask' is a constant where this is inlined, one copy for each
 * size class: the verifier's protection against speculation insists that one instruction reads from maps of one size.
 *
 * Also compiled for the host (classifier_host.h), where unit tests ask it. */
#pragma once

#include "wire/classifier.h"

#ifdef __bpf__
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#endif

#define CLASSIFIER_MASK(class) ((__u64)CLASSIFIER_SIZE(class) - sizeof(struct classifier_node))

/* Numbers lie in the upper halves of words: there the verifier keeps no account of their values, which would have it look
 * at every path anew, and without CAP_PERFMON Linux 6.1 lets them be written over. */
struct classifier_scan {
	const void *blob;
	const struct classifier_key *key;
	__u32 unused, offset;
	__u32 unused_too, answer;
};

typedef long (*classifier_callback)(__u32 index, struct classifier_scan *scan);

static __always_inline const void *blob_at(const void *blob, __u64 offset, __u64 mask)
{
	return (const char *)blob + (offset & mask);
}

/* The upper half of an address, or the lower.  Hidden from the compiler, which would rather add to the pointer, and the
 * verifier would not have that. */
static __always_inline __u64 half_of(const __u64 *halves, bool upper)
{
	__u64 high = halves[0], low = halves[1];
	__u64 mask = -(__u64)upper;

	asm volatile("" : "+r"(high), "+r"(low), "+r"(mask));
	return low ^ ((low ^ high) & mask);
}

static __always_inline const struct classifier_node *node_follow(const void *blob, __u64 mask,
								 const struct classifier_node *node,
								 bool is_ipv4,
								 const struct classifier_key *key)
{
	__u64 source = key->source[0], destination = key->source[0], index;

	if (!is_ipv4) {
		source = half_of(key->source, node->halves & NODE_SOURCE_UPPER);
		destination = half_of(key->destination, node->halves & NODE_DESTINATION_UPPER);
	}
	index = (destination >> node->destination_shift & node->destination_mask) |
		(source >> node->source_shift & node->source_mask) << node->source_place |
		(key->lanes >> node->lanes_shift & node->lanes_mask);
	return blob_at(blob, (node->offset + index) * sizeof(*node), mask);
}

/* 0 when the lanes are within the box. */
static __always_inline __u64 lanes_differ(__u64 lanes, __u64 lowest, __u64 highest)
{
	return (((lanes | LANES_GUARDS | LANES_INFO) - lowest) &
		((highest | LANES_GUARDS) - lanes) & LANES_GUARDS) ^
	       LANES_GUARDS;
}

static __always_inline __u64 rule4_differs(const struct classifier_rule4 *rule,
					   const struct classifier_key *key)
{
	return ((key->source[0] ^ rule->address) & rule->mask) |
	       lanes_differ(key->lanes, rule->lowest, rule->highest);
}

/* 'whole' has all bits set if the upper half counts as a whole. */
static __always_inline __u64 address_differs(const __u64 *halves, const __u64 *asked, __u64 mask,
					     __u64 whole)
{
	return ((halves[0] ^ asked[0]) & (mask | whole)) | ((halves[1] ^ asked[1]) & mask & whole);
}

static __always_inline __u64 rule6_differs(const struct classifier_rule6 *rule,
					   const struct classifier_key *key)
{
	__u64 highest = rule->highest;
	__u64 source_whole = (__u64)((__s64)(highest << 1) >> 63);
	__u64 destination_whole = (__u64)((__s64)highest >> 63);

	return address_differs(key->source, rule->source, rule->source_mask, source_whole) |
	       address_differs(key->destination, rule->destination, rule->destination_mask,
			       destination_whole) |
	       lanes_differ(key->lanes, rule->lowest, highest);
}

/* 'mask' is that of nodes; words lie at any multiple of their size. */
static __always_inline bool more_differs(const void *blob, __u64 mask, __u32 rank, __u32 more)
{
	const struct classifier_head *head = blob;
	__u64 offset = (__u64)head->more * sizeof(struct classifier_node) + rank * sizeof(__u32);
	__u32 asked = *(const __u32 *)blob_at(
		blob, offset, mask | (sizeof(struct classifier_node) - sizeof(asked)));

	return (more ^ asked) & asked >> MORE_MASK;
}

static __always_inline const void *rule_at(const void *blob, __u64 mask, __u32 place)
{
	return blob_at((const char *)blob + sizeof(struct classifier_head), place * RULE_UNIT,
		       mask);
}

static __always_inline __u64 rule_differs(const void *rule, bool is_ipv4,
					  const struct classifier_key *key)
{
	return is_ipv4 ? rule4_differs(rule, key) : rule6_differs(rule, key);
}

static __always_inline __u32 rule_answer(const void *rule)
{
	return (__u32)((const struct classifier_rule4 *)rule)->lowest & INFO_NONE;
}

/* Asks 'count' rules, none of which asks for more.  Returns the answer of the first that matches, INFO_NONE when the list
 * ends here, or INFO_GO_ON.
 *
 * A rule has one way to the next one: each further would double what the verifier looks at. */
static __always_inline __u32 run_ask(const void *blob, __u64 mask, const __u16 *places, int count,
				     bool is_ipv4, const struct classifier_key *key)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < count; i++) {
		const void *rule;

		if (places[i] == RULE_NONE)
			return INFO_NONE;
		rule = rule_at(blob, mask, places[i]);
		if (!rule_differs(rule, is_ipv4, key))
			return rule_answer(rule);
	}
	return INFO_GO_ON;
}

/* Asks one rule, for more too if it does. */
static __always_inline __u32 rule_ask(const void *blob, __u64 mask, __u32 place, bool is_ipv4,
				      const struct classifier_key *key)
{
	const struct classifier_rule4 *rule = rule_at(blob, mask, place);
	__u32 answer = rule_answer(rule);

	if (place == RULE_NONE)
		return INFO_NONE;
	if (rule_differs(rule, is_ipv4, key))
		return INFO_GO_ON;
	if (rule->highest & INFO_MORE && more_differs(blob, mask, answer >> INFO_RANK, key->more))
		return INFO_GO_ON;
	return answer;
}

/* The callbacks of bpf_loop(), for lists that no tree could shorten: one rule each. */
#define CLASSIFIER_SCAN(family, class)                                                            \
	static long classifier_scan##family##_##class(__u32 index, struct classifier_scan * scan) \
	{                                                                                         \
		const __u16 *place = blob_at(scan->blob, scan->offset,                            \
					     CLASSIFIER_SIZE(class) - sizeof(*place));            \
                                                                                                  \
		(void)index;                                                                      \
		scan->offset += sizeof(*place);                                                   \
		scan->answer = rule_ask(scan->blob, CLASSIFIER_MASK(class), *place, family == 4,  \
					scan->key);                                               \
		return scan->answer != INFO_GO_ON;                                                \
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

static __always_inline __u32 long_ask(const void *blob, __u64 mask, __u32 offset, bool is_ipv4,
				      const struct classifier_key *key,
				      classifier_callback callback)
{
	const __u16 *run = blob_at(blob, offset, mask);
	struct classifier_scan scan;
	__u32 answer;

	answer = run_ask(blob, mask, run, CLASSIFIER_RUN, is_ipv4, key);
	if (answer != INFO_GO_ON)
		return answer;
	scan.blob = blob;
	scan.key = key;
	scan.offset = offset + CLASSIFIER_RUN * sizeof(*run);
	scan.answer = INFO_NONE;
	bpf_loop(CLASSIFIER_RULES + 1, callback, &scan, 0);
	return scan.answer;
}

static __always_inline __u32 list_ask(const void *blob, __u64 mask,
				      const struct classifier_node *node, bool is_ipv4,
				      const struct classifier_key *key,
				      classifier_callback callback)
{
	__u32 answer = run_ask(blob, mask, node->rules, NODE_FIRST, is_ipv4, key);

	if (answer != INFO_GO_ON)
		return answer;
	if (node->kind == NODE_LIST)
		return run_ask(blob, mask, node->rules + NODE_FIRST, NODE_RULES - NODE_FIRST,
			       is_ipv4, key);
	return long_ask(blob, mask, node->rest * sizeof(*node), is_ipv4, key, callback);
}

static __always_inline __u32 tree_ask(const void *blob, __u64 mask,
				      const struct classifier_node *node, bool is_ipv4,
				      const struct classifier_key *key,
				      classifier_callback callback)
{
#pragma clang loop unroll(full)
	for (int level = 0; level < CLASSIFIER_LEVELS; level++) {
		if (node->kind != NODE_TABLE)
			break;
		node = node_follow(blob, mask, node, is_ipv4, key);
	}
	return list_ask(blob, mask, node, is_ipv4, key, callback);
}

/* The answer of the first rule that matches, or INFO_NONE. */
static __always_inline __u32 classifier_match(const void *blob, __u64 mask, bool is_ipv4,
					      const struct classifier_key *key,
					      classifier_callback callback)
{
	const struct classifier_head *head = blob;
	const struct classifier_family *family = &head->families[is_ipv4 ? 0 : 1];
	__u32 best = INFO_NONE;

#pragma clang loop unroll(full)
	for (int i = 0; i < CLASSIFIER_TREES; i++) {
		__u32 answer;

		if (family->first[i] >= best)
			break;
		answer = tree_ask(blob, mask, &family->trees[i], is_ipv4, key, callback);
		if (answer < best)
			best = answer;
	}
	return best;
}
