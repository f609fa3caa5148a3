/* How the rules of one filter and direction are laid out for the kernel: the blob that capture/classifier.c builds
 * and capture/kernel/classifier.bpf.h walks.
 *
 * A blob is the only element of an array map, so that every step is a plain load at a masked offset instead of a
 * call of a helper.  The verifier wants to know its size, hence a few size classes; in each, offsets are masked to
 * the size, and a tail lies behind, so that a rule may be read from any offset.
 *
 *	+------+-------+-----------------+------------+------+------+
 *	| head | rules | tables of nodes | long lists | more | tail |
 *	+------+-------+-----------------+------------+------+------+
 *
 * Per family the head holds up to CLASSIFIER_TREES trees.  A tree is a node, and a node is one of three:
 *
 *	table  leads to a table of nodes.  The index is cut from the packet: some bits of the destination, above them
 *	       some of the source, above them some of the lanes, each shifted into place and masked.
 *	list   names up to NODE_RULES rules by ascending rank; RULE_NONE fills the rest.
 *	long   names NODE_FIRST rules and leads to a list of the others, of any length, which RULE_NONE ends.  If a rule
 *	       asks for more than addresses and lanes, all rules are in that list, and RULE_NOTHING stands in the node
 *	       and in CLASSIFIER_RUN places before them: only behind these are rules asked for more.
 *
 * A rule is named by its place, counted in RULE_UNIT from the head's end.  It stands in the blob once, so that lists may
 * repeat it at two bytes each.
 *
 * Lanes.  Ports, protocol and whether there are ports lie side by side in one word, a spare bit above each:
 *
 *	  61  60     45  44  43     28  27  26  19  18   17   16    0
 *	+---+----------+---+----------+---+-------+---+-------+------+
 *	| G | d. port  | G | s. port  | G | proto.| G | ports | info |
 *	+---+----------+---+----------+---+-------+---+-------+------+
 *
 * A rule is a box: it has the lowest and the highest word it takes.  With all G set in the minuend, one
 * subtraction compares all lanes at once: a G survives where its lane did not borrow.  'info' is all ones in what 'lowest'
 * is subtracted from, and zero in what is subtracted from 'highest', so it never borrows, and both may carry something
 * there. */
#pragma once

#include <linux/types.h>

#define CLASSIFIER_TREES  3
#define CLASSIFIER_LEVELS 6 /* Tables on the way to a list, at most. */
#define CLASSIFIER_RUN    8 /* Rules of a long list that are asked before looping. */
#define CLASSIFIER_RULES  10000
#define CLASSIFIER_TAIL   256

/* Size classes: 2, 32 and 256 KiB, 2 MiB, each with a tail behind. */
#define CLASSIFIER_CLASSES     4
#define CLASSIFIER_SIZE(class) ((class) == 0 ? 2048u : 4096u << 3 * (class))

#define NODE_RULES      7
#define NODE_FIRST      4
#define NODE_INDEX_BITS 15

enum node_kind {
	NODE_TABLE,
	NODE_LIST,
	NODE_LONG,
};

/* Offsets are counted in nodes from the beginning of the blob.  Each window is shifted down, masked, and what is not
 * in its place then is shifted there: (source >> source_shift & source_mask) << source_place. */
struct classifier_node {
	union {
		struct {
			__u32 offset; /* Of the table. */
			__u8 destination_shift, source_shift, lanes_shift, source_place;
			__u16 destination_mask, source_mask, lanes_mask;
			__u8 halves; /* NODE_…: where windows are in IPv6 addresses. */
			__u8 kind;   /* enum node_kind, of every node. */
		};
		__u16 rules[NODE_RULES];
		struct {
			__u16 first[NODE_FIRST];
			__u32 rest; /* Offset. */
		};
	};
};

#define NODE_DESTINATION_UPPER (1u << 0)
#define NODE_SOURCE_UPPER      (1u << 1)

#define RULE_NONE    0  /* No rule: ends a list. */
#define RULE_NOTHING 1  /* The place of a rule that nothing matches. */
#define RULE_UNIT    32 /* Bytes. */

#define LANE_PORTS            17
#define LANE_PROTOCOL         19
#define LANE_SOURCE_PORT      28
#define LANE_DESTINATION_PORT 45

#define LANES_INFO 0x1ffffULL
#define LANES_GUARDS                                              \
	(1ULL << (LANE_PORTS + 1) | 1ULL << (LANE_PROTOCOL + 8) | \
	 1ULL << (LANE_SOURCE_PORT + 16) | 1ULL << (LANE_DESTINATION_PORT + 16))

/* The info of 'lowest' is the answer of a match: the smaller one wins. */
#define INFO_ACCEPT (1u << 0)
#define INFO_RANK   1 /* Shift; 14 bits. */
#define INFO_NONE   0x7fffu
#define INFO_GO_ON  0x8000u /* Not an answer: the list goes on. */

/* The info of 'highest'. */
#define INFO_MORE (1u << 0) /* The rule asks for more than addresses and lanes. */

struct classifier_rule4 {
	__u64 lowest, highest;
	__u64 address, mask; /* Source above, destination below, as numbers. */
};

/* A prefix ends in one half of an address; the mask is that half's.  If it is the lower one, the upper half counts
 * as a whole, and RULE_…_LONG is set in 'highest', above the lanes. */
struct classifier_rule6 {
	__u64 lowest, highest;
	__u64 source[2], destination[2]; /* Upper and lower half, as numbers. */
	__u64 source_mask, destination_mask;
};

#define RULE_SOURCE_LONG      (1ULL << 62)
#define RULE_DESTINATION_LONG (1ULL << 63)

struct classifier_family {
	struct classifier_node trees[CLASSIFIER_TREES];
	__u16 first
		[CLASSIFIER_TREES]; /* The best answer of each tree, ascending; INFO_NONE ends them. */
	__u16 reserved[5];
};

struct classifier_head {
	struct classifier_family families[2]; /* IPv4, IPv6. */
	__u32 more; /* Where the words of rules with INFO_MORE begin, one for each rank; in nodes. */
	__u32 reserved[15];
};

/* What rules look at in a packet.  IPv4 has source and destination together in source[0], like a rule. */
struct classifier_key {
	__u64 source[2], destination[2];
	__u64 lanes;  /* Info and guards clear. */
	__u32 family; /* 4 or 6. */
	__u32 more;   /* DSCP, and TCP flags if there are any. */
};

/* The lower half of a rule's word has the values, the upper half says which of them count. */
#define MORE_MASK          16
#define MORE_HAS_TCP_FLAGS (1u << 15)
#define MORE_DSCP          8
#define MORE_TCP_FLAGS     0

_Static_assert(sizeof(struct classifier_node) == 16, "nodes never cross a cache line");
_Static_assert(sizeof(struct classifier_rule4) == RULE_UNIT, "half a cache line");
_Static_assert(sizeof(struct classifier_rule6) == 2 * RULE_UNIT, "a cache line");
_Static_assert(sizeof(struct classifier_head) == 192, "rules begin with a cache line");
_Static_assert(sizeof(struct classifier_head) + sizeof(struct classifier_rule6) <= CLASSIFIER_TAIL,
	       "a rule fits into the tail");
_Static_assert(CLASSIFIER_RULES << INFO_RANK < INFO_NONE, "every rank has an answer");
_Static_assert(2 * (CLASSIFIER_RULES + 1) < 1 << 16, "every rule has a place");
