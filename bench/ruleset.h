/* Synthetic filters and traffic after ClassBench (Taylor, Turner 2005): the same seed gives the same rules everywhere.
 *
 * RULESET_ACL follows the published statistics of seed acl1: shares of protocols, port pairs and prefix lengths,
 * and address trees with its branching and skew at each level.  Prefixes nest at least as deep as its sources do, 4:
 * all lengths are drawn from walks of one tree.  RULESET_FIREWALL and RULESET_CHAIN resemble fw1 and ipc1, by the shares read from published sets that were made with those seeds.  IPv6 has the same shape with lengths
 * stretched as in global unicast addresses: sites up to /48, networks to /64, hosts /128.  The other flavours are
 * not like anything real; they are the worst we can think of. */
#pragma once

#include "mirror/filter.h"

enum ruleset_flavour {
	RULESET_ACL,
	RULESET_FIREWALL,
	RULESET_CHAIN,
	RULESET_RANDOM,   /* Random prefixes of random length, random port ranges. */
	RULESET_RANGES,   /* Any address, random port ranges: nothing but overlap. */
	RULESET_ANYTHING, /* Every rule takes every packet. */
	RULESET_CROSS,    /* Half take any source, half any destination: every pair meets. */
	RULESET_NESTED,   /* Each within the one after it. */
	RULESET_FLAVOURS,
};

const char *ruleset_name(enum ruleset_flavour flavour);

/* Adds 'count' rules of direction ingress, numbered from 1.  Returns 0 or -ENOMEM. */
int ruleset_generate(enum ruleset_flavour flavour, uint8_t family, size_t count, uint64_t seed,
		     struct filter *ret_filter);

/* Packets to ask the filter about: nine of ten headers made from a rule drawn at random, the others from two rules or none.
 *
 * Without 'flows' every packet has another header, the worst that can come.  With 'flows' headers come back as in ClassBench's
 * trace generator at "high locality", a = 1 and b = 1: a header has 1 / (1 - p) packets, rounded up, p uniform.
 * Its other setting with a name, "low locality", repeats one header in 10,000, which is as good as none.  Unlike there the packets of
 * a flow do not come in one train: TRACE_FLOWS flows are under way at any time, and each packet is of one drawn at random. */
#define TRACE_FLOWS 256
void trace_generate(const struct filter *filter, uint8_t family, bool flows, uint64_t seed,
		    struct packet_key *ret_keys, size_t count);
