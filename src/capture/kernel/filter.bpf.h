/* A filter decides by its rules: those of the packet's direction are asked by ascending number, and the first that
 * matches decides.
 *
 * filter_match() is all that the rest of the program knows of it.  Behind it lies a classifier in the smallest size
 * class that holds it; 'filters' says which. */
#pragma once

#include "capture/kernel/classifier.bpf.h"
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

/* One for each family and size class, each a function of its own for the verifier, which so looks at it once. */
#define FILTER_ASK(family, class)                                                                  \
	__noinline int filter_ask##family##_##class(__u32 index, const struct classifier_key *key) \
	{                                                                                          \
		void *classifier = bpf_map_lookup_elem(&classifiers_##class, &index);              \
		const void *blob;                                                                  \
                                                                                                   \
		if (!classifier || !key)                                                           \
			return INFO_NONE;                                                          \
		blob = map_first(classifier);                                                      \
		if (!blob)                                                                         \
			return INFO_NONE;                                                          \
		return classifier_match(blob, CLASSIFIER_MASK(class), family == 4, key,            \
					classifier_scan##family##_##class);                        \
	}

CLASSIFIER_EACH(FILTER_ASK)

#define FILTER_CASE(class) \
	case 1 + class:    \
		return is_ipv4 ? filter_ask4_##class(index, key) : filter_ask6_##class(index, key)

static __always_inline __u32 filter_ask(__u32 index, const struct classifier_key *key)
{
	const __u32 *size_class = bpf_map_lookup_elem(&filters, &index);
	bool is_ipv4 = key->family == 4;

	if (!size_class)
		return INFO_NONE;
	switch (*size_class) {
		FILTER_CASE(0);
		FILTER_CASE(1);
		FILTER_CASE(2);
		FILTER_CASE(3);
	}
	return INFO_NONE;
}

static __always_inline enum filter_verdict filter_match(const struct classifier_key *key,
							__u32 filter, __u32 direction)
{
	__u32 answer = filter_ask(filter * DIRECTION_COUNT + direction, key);

	if (answer == INFO_NONE)
		return FILTER_UNDECIDED;
	return answer & INFO_ACCEPT ? FILTER_ACCEPT : FILTER_REJECT;
}
