/* A filter decides by its rules: those of the packet's direction are asked by ascending number, and the first that
 * matches decides.
 *
 * filter_match() is all that the rest of the program knows of it.  Behind it the rules are asked one after the
 * other, MAP_BLOCK_RULES to a map element.  Matching is written without branches as far as it goes: most rules do
 * not match, and a mispredicted branch costs more than the comparison it saves. */
#pragma once

#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

enum filter_verdict {
	FILTER_UNDECIDED,
	FILTER_ACCEPT,
	FILTER_REJECT,
};

struct filter_search {
	const struct packet_key *key;
	void *rules;
	enum filter_verdict verdict;
};

static __always_inline __u64 address_differs(const struct map_address *address,
					     const struct map_address *rule,
					     const struct map_address *mask)
{
	return ((address->words[0] ^ rule->words[0]) & mask->words[0]) |
	       ((address->words[1] ^ rule->words[1]) & mask->words[1]);
}

static __always_inline bool port_is_within(const struct packet_key *key, __u16 port, __u16 from,
					   __u16 to)
{
	return key->has_ports && port >= from && port <= to;
}

static __always_inline bool rule_matches(const struct map_rule *rule, const struct packet_key *key)
{
	if (rule->family != key->family)
		return false;
	if (address_differs(&key->source, &rule->source, &rule->source_mask) |
	    address_differs(&key->destination, &rule->destination, &rule->destination_mask))
		return false;
	if (rule->flags & MAP_RULE_PROTOCOL && rule->protocol != key->protocol)
		return false;
	if (rule->flags & MAP_RULE_SOURCE_PORTS &&
	    !port_is_within(key, key->source_port, rule->source_port_from, rule->source_port_to))
		return false;
	if (rule->flags & MAP_RULE_DESTINATION_PORTS &&
	    !port_is_within(key, key->destination_port, rule->destination_port_from,
			    rule->destination_port_to))
		return false;
	return true;
}

/* Asks the rules of one block; the callback of bpf_loop().  Returns 1 when there is nothing left to ask.
 *
 * Unrolled: without CAP_PERFMON the verifier refuses a pointer that moves by another distance each time it comes
 * by, because it cannot guard that against speculation; and constant offsets are faster as well. */
static long filter_search_block(__u32 index, struct filter_search *search)
{
	const struct map_rule_block *block = bpf_map_lookup_elem(search->rules, &index);
	const struct map_rule *rule;

	if (!block)
		return 1;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < MAP_BLOCK_RULES; i++) {
		rule = &block->rules[i];
		if (i >= block->rule_count)
			return 1;
		if (!rule_matches(rule, search->key))
			continue;
		search->verdict = rule->flags & MAP_RULE_ACCEPT ? FILTER_ACCEPT : FILTER_REJECT;
		return 1;
	}
	return 0;
}

/* A function of its own for the verifier, which so looks at the rules once instead of once for each session. */
__noinline int filter_match(const struct packet_key *key, __u32 filter, __u32 direction)
{
	struct filter_search search = {.key = key};
	__u32 index = filter * DIRECTION_COUNT + direction;

	if (!key)
		return FILTER_UNDECIDED;
	search.rules = bpf_map_lookup_elem(&filters, &index);
	if (!search.rules)
		return FILTER_UNDECIDED;
	bpf_loop(MAP_BLOCK_LIMIT, filter_search_block, &search, 0);
	return search.verdict;
}
