/* How the rules of one filter and direction are laid out for the kernel: the blob that capture/classifier.c builds
 * and capture/kernel/classifier.bpf.h walks.
 *
 * A blob is the only element of an array map, so that every step is a plain load at a masked offset instead of a
 * call of a helper.  The verifier wants to know its size, hence a few size classes; in each, offsets are masked to
 * the size, and a tail lies behind, so that a rule or a run of a list may be read from any offset.
 *
 *	+------+-------+---------------------------+------+
 *	| head | rules | tables of links, and lists | tail |
 *	+------+-------+---------------------------+------+
 *
 * Per family the head holds up to CLASSIFIER_TREES trees.  A tree is a link:
 *
 *	 63   62        32 31     28 27  22 21    18 17    11 10         7 6           0
 *	+----+------------+---------+------+--------+--------+------------+-------------+
 *	|leaf| offset / 8 |  width  |shift | width  | shift  |   width    |    shift    |
 *	+----+------------+---------+------+--------+--------+------------+-------------+
 *	                       lanes           source            destination
 *
 * Unless it is a leaf, it leads to a table of 2^(sum of widths) links.  The index is cut from the packet: 'width'
 * bits of the destination from bit 'shift' on, above them the same of the source, above them of the lanes.  A leaf
 * leads to a list: 32 bits for each rule, by ascending rank, its offset / 8, and REFERENCE_LAST in the last one.  Every
 * rule stands in the blob once, so that lists may repeat it at little cost.
 *
 * Lanes.  Ports, protocol and whether there are ports lie side by side in one word, a spare bit above each:
 *
 *	  61  60     45  44  43     28  27  26  19  18   17   16    0
 *	+---+----------+---+----------+---+-------+---+-------+------+
 *	| G | d. port  | G | s. port  | G | proto.| G | ports | info |
 *	+---+----------+---+----------+---+-------+---+-------+------+
 *
 * A rule is a box: it has the lowest and the highest word it takes.  With all G set in the minuend, one
 * subtraction compares all lanes at once: a G survives where its lane did not borrow.  'info' is all ones in a
 * packet's word and in 'highest', so that it never borrows and 'lowest' may carry rank and action there. */
#pragma once

#include <linux/types.h>

#define CLASSIFIER_TREES  3
#define CLASSIFIER_LEVELS 6 /* Tables on the way to a list, at most. */
#define CLASSIFIER_RUN    8 /* Rules that are asked in one go. */
#define CLASSIFIER_TAIL   128
#define CLASSIFIER_RULES  10000

/* Size classes: 2, 32 and 256 KiB, 2 MiB, each with a tail behind.  The smallest fits a page together with what the
 * kernel adds; the largest stays below the 4 MiB that kernels set to an element while they had it from kmalloc(). */
#define CLASSIFIER_CLASSES     4
#define CLASSIFIER_SIZE(class) ((class) == 0 ? 2048u : 4096u << 3 * (class))

#define LINK_LEAF              (1ULL << 63)
#define LINK_OFFSET_SHIFT      32
#define LINK_DESTINATION_SHIFT 0
#define LINK_DESTINATION_WIDTH 7
#define LINK_SOURCE_SHIFT      11
#define LINK_SOURCE_WIDTH      18
#define LINK_LANES_SHIFT       22
#define LINK_LANES_WIDTH       28
#define LINK_WIDTH_MAX         15

#define REFERENCE_LAST (1u << 31)

#define LANE_PORTS            17
#define LANE_PROTOCOL         19
#define LANE_SOURCE_PORT      28
#define LANE_DESTINATION_PORT 45

#define LANES_INFO 0x1ffffULL
#define LANES_GUARDS                                              \
	(1ULL << (LANE_PORTS + 1) | 1ULL << (LANE_PROTOCOL + 8) | \
	 1ULL << (LANE_SOURCE_PORT + 16) | 1ULL << (LANE_DESTINATION_PORT + 16))

/* The info of a rule in 'lowest' is the answer of a match: the smaller one wins. */
#define INFO_ACCEPT (1u << 0)
#define INFO_RANK   1 /* Shift; 14 bits. */
#define INFO_NONE   0x7fffu
#define INFO_MORE   0x8000u /* Not an answer: the list goes on. */

struct classifier_rule4 {
	__u64 address, mask; /* Source above, destination below, as numbers. */
	__u64 lowest, highest;
};

struct classifier_rule6 {
	__u64 source[2], destination[2]; /* Upper and lower half, as numbers. */
	__u64 source_mask[2], destination_mask[2];
	__u64 lowest, highest;
};

struct classifier_tree {
	__u64 link;
	__u32 first; /* The best answer it can give; INFO_NONE ends the trees. */
	__u32 reserved;
};

struct classifier_head {
	struct classifier_tree trees4[CLASSIFIER_TREES]; /* By 'first', ascending. */
	struct classifier_tree trees6[CLASSIFIER_TREES];
};

/* What rules look at in a packet.  IPv4 has source and destination together in source[0], like a rule. */
struct classifier_key {
	__u64 source[2], destination[2];
	__u64 lanes;  /* With LANES_INFO set, guards clear. */
	__u64 family; /* 4 or 6. */
};

_Static_assert(sizeof(struct classifier_rule4) == 32, "half a cache line");
_Static_assert(sizeof(struct classifier_rule6) == 80, "rules have no holes");
_Static_assert(sizeof(struct classifier_head) == 96, "the head has no holes");
_Static_assert(sizeof(struct classifier_rule6) <= CLASSIFIER_TAIL, "a rule fits into the tail");
_Static_assert(CLASSIFIER_RUN * sizeof(__u32) <= CLASSIFIER_TAIL, "a run fits into the tail");
_Static_assert(CLASSIFIER_RULES << INFO_RANK < INFO_NONE, "every rank has an answer");
