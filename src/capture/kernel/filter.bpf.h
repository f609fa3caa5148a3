/* A filter decides by its rules: those of the packet's direction are asked by ascending number, and the first that
 * matches decides.
 *
 * filter_match() is all that the rest of the program knows of it.  Behind it lies a classifier in the smallest size
 * class that holds it; 'filters' says which. */
#pragma once

#include "capture/kernel/classifier.bpf.h"
#include "capture/kernel/memo.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

enum filter_verdict {
	FILTER_UNDECIDED,
	FILTER_ACCEPT,
	FILTER_REJECT,
};

/* Numbers instead of bytes of the wire, so that tables can be indexed by any bits of them. */
static __always_inline void filter_key(const struct packet_key *packet,
				       struct classifier_key *ret_key)
{
	const struct map_address *source = &packet->source, *destination = &packet->destination;

	ret_key->family = packet->family;
	ret_key->lanes = (__u64)packet->has_ports << LANE_PORTS |
			 (__u64)packet->protocol << LANE_PROTOCOL |
			 (__u64)packet->source_port << LANE_SOURCE_PORT |
			 (__u64)packet->destination_port << LANE_DESTINATION_PORT;
	ret_key->more = (__u32)packet->dscp << MORE_DSCP |
			(packet->has_tcp_flags ? MORE_HAS_TCP_FLAGS : 0) |
			(__u32)packet->tcp_flags << MORE_TCP_FLAGS;
	if (packet->family == 4) {
		ret_key->source[0] = (__u64)bpf_ntohl((__u32)source->words[0]) << 32 |
				     bpf_ntohl((__u32)destination->words[0]);
		return;
	}
	ret_key->source[0] = bpf_be64_to_cpu(source->words[0]);
	ret_key->source[1] = bpf_be64_to_cpu(source->words[1]);
	ret_key->destination[0] = bpf_be64_to_cpu(destination->words[0]);
	ret_key->destination[1] = bpf_be64_to_cpu(destination->words[1]);
}

/* The memos of each CPU: the program alone reads and writes them, and they go when it does.  Begins with a page, and so each
 * memo with a cache line. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct memos);
} memos SEC(".maps");

static __always_inline struct memos *memos_get(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&memos, &cpu);
}

#define CLASSIFIER_ASK(family, class)                                                          \
	static __always_inline __u32 classifier_ask##family##_##class(                         \
		__u32 index, const struct classifier_key *key)                                 \
	{                                                                                      \
		void *classifier = bpf_map_lookup_elem(&classifiers_##class, &index);          \
		const void *blob = classifier ? map_first(classifier) : NULL;                  \
                                                                                               \
		return blob ? classifier_match(blob, CLASSIFIER_MASK(class), family == 4, key, \
					       classifier_scan##family##_##class)              \
			    : INFO_NONE;                                                       \
	}

CLASSIFIER_EACH(CLASSIFIER_ASK)

/* A filter of a family is asked by one function, which the verifier so looks at once.  It has no other function to call:
 * where returns are guarded against speculation, each costs as much as two rules.
 *
 * A small filter is asked straight away, which takes no longer than to find a memo.  Whether the question may have a memo is
 * asked twice, for the verifier would otherwise follow both cases through all of the classifier. */
#define FILTER_ASK(family)                                                               \
	__noinline int filter_ask##family(__u32 index, const struct classifier_key *key) \
	{                                                                                \
		const volatile __u64 *word = bpf_map_lookup_elem(&filters, &index);      \
		__u64 filter = word ? *word : 0, hash;                                   \
		struct memos *own;                                                       \
		__u32 answer;                                                            \
                                                                                         \
		if (!key)                                                                \
			return INFO_NONE;                                                \
		if (MAP_FILTER_CLASS(filter) == 0)                                       \
			return classifier_ask##family##_0(index, key);                   \
		if (!filter)                                                             \
			return INFO_NONE;                                                \
		own = memos_get();                                                       \
		if (!own)                                                                \
			return INFO_NONE;                                                \
		hash = memo_hash(filter, family == 4, key);                              \
		if (memos_serve(own, hash)) {                                            \
			answer = memo_find(own, hash, filter, family == 4, key);         \
			if (answer != INFO_GO_ON)                                        \
				return answer;                                           \
		}                                                                        \
		asm volatile("" : "+r"(hash));                                           \
		switch (MAP_FILTER_CLASS(filter)) {                                      \
		case 1:                                                                  \
			answer = classifier_ask##family##_1(index, key);                 \
			break;                                                           \
		case 2:                                                                  \
			answer = classifier_ask##family##_2(index, key);                 \
			break;                                                           \
		case 3:                                                                  \
			answer = classifier_ask##family##_3(index, key);                 \
			break;                                                           \
		default:                                                                 \
			return INFO_NONE;                                                \
		}                                                                        \
		if (memos_serve(own, hash))                                              \
			memo_write(own, hash, filter, family == 4, key, answer);         \
		return answer;                                                           \
	}

FILTER_ASK(4)
FILTER_ASK(6)

static __always_inline __u32 filter_ask(__u32 index, const struct classifier_key *key)
{
	return key->family == 4 ? filter_ask4(index, key) : filter_ask6(index, key);
}

static __always_inline enum filter_verdict filter_match(const struct classifier_key *key,
							__u32 filter, __u32 direction)
{
	__u32 answer = filter_ask(filter * DIRECTION_COUNT + direction, key);

	if (answer == INFO_NONE)
		return FILTER_UNDECIDED;
	return answer & INFO_ACCEPT ? FILTER_ACCEPT : FILTER_REJECT;
}
