// SPDX-License-Identifier: Apache-2.0
#include "ruleset.h"

#include "base/count.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHARES_END 0
#define TRIES      40      /* To find a rule that is not there yet. */
#define FLOW_MOST  1000000 /* Packets. */

/* One of several values, each with its share in thousandths. */
struct share {
	uint16_t share, value;
};

enum port_class { PORT_ANY, PORT_HIGH, PORT_EXACT, PORT_RANGE };

struct port_pair {
	uint16_t share, source, destination;
};

struct port_value {
	uint16_t share, from, to;
};

struct flavour {
	const char *name;
	const struct share *protocols;
	const struct port_pair *pairs;
	const struct port_value *exact, *ranges;
	const struct share *source_lengths, *destination_lengths;
	/* Of a node at each level of the address tree: thousandths of nodes with two children, and by how much
	 * the heavier one outweighs the other. */
	const uint16_t *source_branching, *destination_branching;
	const uint16_t *source_skew, *destination_skew;
};

static const struct share acl_protocols[] = {{873, 6}, {85, 256}, {31, 1}, {11, 17}, {SHARES_END}};
static const struct port_pair acl_pairs[] = {{653, PORT_ANY, PORT_EXACT},
					     {216, PORT_ANY, PORT_ANY},
					     {131, PORT_ANY, PORT_RANGE},
					     {SHARES_END}};
static const struct port_value acl_exact[] = {
	{188, 1521, 1521}, {54, 1526, 1526},  {42, 1221, 1221},   {35, 1433, 1433},
	{28, 1525, 1525},  {28, 135, 135},    {28, 14753, 14753}, {24, 1712, 1712},
	{24, 1711, 1711},  {24, 1704, 1704},  {24, 1708, 1708},   {21, 5555, 5555},
	{21, 1705, 1705},  {21, 6000, 6000},  {21, 20, 20},       {21, 21, 21},
	{21, 1724, 1724},  {21, 1717, 1717},  {19, 1707, 1707},   {19, 1733, 1733},
	{19, 1706, 1706},  {19, 5540, 5540},  {19, 5541, 5541},   {16, 1734, 1734},
	{14, 1489, 1489},  {14, 1490, 1490},  {14, 5632, 5632},   {14, 5631, 5631},
	{12, 6789, 6789},  {9, 1715, 1715},   {9, 2121, 2121},    {7, 32200, 32200},
	{5, 443, 443},     {5, 80, 80},       {5, 27000, 27000},  {5, 65500, 65500},
	{5, 30804, 30804}, {5, 2110, 2110},   {5, 3031, 3031},    {5, 31000, 31000},
	{2, 1352, 1352},   {2, 55444, 55444}, {2, 512, 512},      {2, 12050, 12050},
	{SHARES_END}};
static const struct port_value acl_ranges[] = {
	{82, 1600, 1649},   {71, 1300, 1349},   {71, 1300, 1350},   {47, 7500, 7599},
	{47, 2200, 2210},   {35, 1025, 65535},  {35, 1700, 1750},   {35, 5001, 65535},
	{35, 32200, 32207}, {35, 8000, 8100},   {24, 61700, 61709}, {24, 61500, 61509},
	{24, 61600, 61609}, {24, 61900, 61909}, {24, 62000, 62009}, {24, 61800, 61809},
	{24, 61100, 61119}, {24, 61200, 61209}, {24, 61000, 61009}, {24, 62700, 62709},
	{24, 1700, 1720},   {24, 20000, 20010}, {24, 1600, 1650},   {12, 62200, 62239},
	{12, 32210, 32219}, {SHARES_END}};
static const struct share acl_source_lengths[] = {{800, 32}, {55, 31}, {25, 30},
						  {106, 23}, {14, 0},  {SHARES_END}};
static const struct share acl_destination_lengths[] = {{800, 32}, {40, 30}, {75, 24}, {50, 22},
						       {15, 16},  {12, 8},  {8, 0},   {SHARES_END}};
static const uint16_t acl_source_branching[32] = {
	1000, 0, 0, 0, 0, 0, 500, 0, 0,   0,   0,   0,   0,   0,   0,   0,
	0,    0, 0, 0, 0, 0, 0,   0, 500, 667, 800, 778, 750, 750, 532, 261,
};
static const uint16_t acl_source_skew[32] = {
	999, 0, 0, 0, 0, 0, 998, 0, 0,   0,   0,   0,   0,   0,   0,   0,
	0,   0, 0, 0, 0, 0, 0,   0, 493, 740, 323, 364, 460, 365, 481, 461,
};
static const uint16_t acl_destination_branching[32] = {
	1000, 1000, 667, 750, 833, 400, 308, 235, 200, 83, 77, 179, 242, 225, 184, 140,
	94,   103,  47,  75,  42,  93,  38,  96,  70,  88, 82, 66,  98,  138, 101, 94,
};
static const uint16_t acl_destination_skew[32] = {
	737, 611, 791, 879, 654, 833, 582, 500, 777, 951, 693, 531, 539, 585, 631, 714,
	928, 628, 537, 710, 636, 526, 486, 311, 401, 590, 616, 502, 347, 465, 314, 476,
};

static const struct share firewall_protocols[] = {{640, 6}, {240, 17}, {60, 47},
						  {30, 1},  {30, 256}, {SHARES_END}};
static const struct port_pair firewall_pairs[] = {{660, PORT_ANY, PORT_EXACT},
						  {120, PORT_HIGH, PORT_HIGH},
						  {70, PORT_HIGH, PORT_EXACT},
						  {60, PORT_EXACT, PORT_ANY},
						  {30, PORT_EXACT, PORT_HIGH},
						  {60, PORT_ANY, PORT_ANY},
						  {SHARES_END}};
static const struct port_value firewall_exact[] = {
	{110, 80, 80},   {110, 22, 22},     {100, 53, 53},    {70, 25, 25},     {60, 123, 123},
	{50, 443, 443},  {45, 750, 750},    {40, 67, 67},     {35, 88, 88},     {30, 179, 179},
	{30, 119, 119},  {30, 544, 544},    {30, 37, 37},     {25, 7648, 7648}, {25, 161, 161},
	{25, 871, 871},  {20, 2105, 2105},  {20, 5999, 5999}, {15, 7649, 7649}, {15, 110, 110},
	{15, 137, 137},  {15, 2401, 2401},  {15, 23, 23},     {15, 69, 69},     {10, 21, 21},
	{10, 13, 13},    {10, 139, 139},    {10, 162, 162},   {10, 1999, 1999}, {10, 873, 873},
	{5, 2055, 2055}, {5, 24032, 24032}, {SHARES_END}};
static const struct port_value firewall_ranges[] = {{1, 6000, 6063}, {SHARES_END}};
static const struct share firewall_source_lengths[] = {{420, 0},  {120, 1}, {60, 2},
						       {210, 32}, {60, 31}, {60, 28},
						       {40, 24},  {30, 21}, {SHARES_END}};
static const struct share firewall_destination_lengths[] = {{560, 32}, {110, 31}, {70, 28},
							    {60, 27},  {40, 23},  {60, 21},
							    {60, 1},   {40, 0},   {SHARES_END}};
/* A dozen sites, hosts close together in each. */
static const uint16_t site_branching[32] = {
	1000, 800, 600, 400, 150, 100, 50,  50,  20,  20,  20,  20,  20,  20,  20,  20,
	20,   20,  20,  100, 100, 150, 150, 300, 350, 400, 500, 500, 550, 600, 600, 600,
};
static const uint16_t site_skew[32] = {
	400, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500,
	500, 500, 500, 500, 500, 500, 500, 500, 400, 400, 400, 400, 300, 300, 300, 300,
};

static const struct share chain_protocols[] = {
	{470, 17}, {400, 6}, {50, 1}, {80, 256}, {SHARES_END}};
static const struct port_pair chain_pairs[] = {{500, PORT_ANY, PORT_EXACT},
					       {180, PORT_EXACT, PORT_ANY},
					       {110, PORT_ANY, PORT_HIGH},
					       {90, PORT_ANY, PORT_RANGE},
					       {100, PORT_ANY, PORT_ANY},
					       {20, PORT_EXACT, PORT_EXACT},
					       {SHARES_END}};
static const struct port_value chain_exact[] = {
	{150, 53, 53},    {130, 80, 80},    {100, 161, 161},  {100, 514, 514},  {90, 69, 69},
	{70, 9003, 9003}, {60, 25, 25},     {40, 143, 143},   {30, 1433, 1433}, {20, 113, 113},
	{20, 138, 138},   {20, 162, 162},   {20, 1645, 1645}, {20, 5540, 5540}, {15, 5510, 5510},
	{15, 5530, 5530}, {15, 6346, 6346}, {15, 8875, 8875}, {10, 119, 119},   {10, 139, 139},
	{10, 500, 500},   {10, 1098, 1098}, {10, 5000, 5000}, {10, 5631, 5631}, {SHARES_END}};
static const struct port_value chain_ranges[] = {{400, 20, 21},    {200, 20, 23},
						 {200, 109, 110},  {200, 1645, 1646},
						 {50, 6000, 6063}, {SHARES_END}};
static const struct share chain_source_lengths[] = {
	{330, 32}, {100, 31}, {40, 28}, {40, 27}, {30, 26}, {90, 25},    {120, 24},
	{130, 23}, {40, 22},  {30, 17}, {20, 16}, {30, 0},  {SHARES_END}};
static const struct share chain_destination_lengths[] = {
	{420, 32}, {120, 31}, {40, 30}, {30, 29}, {60, 28}, {30, 27},    {30, 26},
	{70, 25},  {90, 24},  {40, 23}, {30, 16}, {40, 0},  {SHARES_END}};

static const struct flavour flavours[RULESET_FLAVOURS] = {
	[RULESET_ACL] = {"acl", acl_protocols, acl_pairs, acl_exact, acl_ranges, acl_source_lengths,
			 acl_destination_lengths, acl_source_branching, acl_destination_branching,
			 acl_source_skew, acl_destination_skew},
	[RULESET_FIREWALL] = {"fw", firewall_protocols, firewall_pairs, firewall_exact,
			      firewall_ranges, firewall_source_lengths,
			      firewall_destination_lengths, site_branching, site_branching,
			      site_skew, site_skew},
	[RULESET_CHAIN] = {"ipc", chain_protocols, chain_pairs, chain_exact, chain_ranges,
			   chain_source_lengths, chain_destination_lengths, site_branching,
			   site_branching, site_skew, site_skew},
	[RULESET_RANDOM] = {"random"},
	[RULESET_RANGES] = {"ranges"},
	[RULESET_ANYTHING] = {"anything"},
	[RULESET_CROSS] = {"cross"},
	[RULESET_NESTED] = {"nested"},
};

/* Packets with the same header that are still to come. */
struct flow {
	struct packet_key key;
	uint32_t packets;
};

static void flow_draw(const struct filter *filter, uint8_t family, bool repeats, uint64_t *random,
		      struct flow *ret_flow);
static uint64_t random_next(uint64_t *state);
static uint32_t random_below(uint64_t *state, uint32_t bound);
static void rule_draw(const struct flavour *flavour, uint8_t family, size_t count, uint64_t tree,
		      uint64_t *random, struct filter_rule *ret_rule);
static void rule_draw_worst(enum ruleset_flavour flavour, uint8_t family, size_t i,
			    uint64_t *random, struct filter_rule *ret_rule);
static bool rule_is_there(struct filter_rule *const *slots, size_t slot_count,
			  const struct filter_rule *rule, size_t *ret_slot);
static int rule_compare_specific(const void *a, const void *b);
static void cidr_draw(const uint16_t *branching, const uint16_t *skew, unsigned int length,
		      uint8_t family, size_t count, uint64_t tree, uint64_t *random,
		      struct cidr *ret_cidr);
static void cidr_random(uint8_t family, unsigned int length, uint64_t *random,
			struct cidr *ret_cidr);
static void key_draw(const struct filter *filter, uint8_t family, uint64_t *random,
		     struct packet_key *ret_key);

const char *ruleset_name(enum ruleset_flavour flavour)
{
	return flavours[flavour].name;
}

int ruleset_generate(enum ruleset_flavour flavour, uint8_t family, size_t count, uint64_t seed,
		     struct filter *ret_filter)
{
	uint64_t random = seed * 2654435761u + flavour * 97u + family;
	uint64_t tree = random_next(&random);
	size_t slot_count = count * 4, slot, made = 0;
	struct filter_rule **slots = calloc(slot_count + 1, sizeof(*slots));
	struct filter filter = {.rules = calloc(count + 1, sizeof(*filter.rules)),
				.rule_capacity = count + 1};

	if (!slots || !filter.rules) {
		free(slots);
		filter_fini(&filter);
		return -ENOMEM;
	}
	for (size_t tries = 0; made < count && tries < count * TRIES; tries++) {
		struct filter_rule *rule = &filter.rules[made];

		*rule = (struct filter_rule){.direction = DIRECTION_INGRESS};
		rule->action = random_below(&random, 10) < 7 ? RULE_ACCEPT : RULE_REJECT;
		if (flavours[flavour].protocols)
			rule_draw(&flavours[flavour], family, count, tree, &random, rule);
		else
			rule_draw_worst(flavour, family, made, &random, rule);
		if (flavours[flavour].protocols && rule_is_there(slots, slot_count, rule, &slot))
			continue;
		if (flavours[flavour].protocols)
			slots[slot] = rule;
		made++;
	}
	free(slots);
	filter.rule_count = made;
	if (flavours[flavour].protocols)
		qsort(filter.rules, made, sizeof(*filter.rules), rule_compare_specific);
	for (size_t i = 0; i < made; i++)
		filter.rules[i].number = (uint16_t)(i + 1);
	*ret_filter = filter;
	return 0;
}

void trace_generate(const struct filter *filter, uint8_t family, bool flows, uint64_t seed,
		    struct packet_key *ret_keys, size_t count)
{
	struct flow under_way[TRACE_FLOWS] = {};
	uint64_t random = seed;

	for (size_t i = 0; i < count; i++) {
		struct flow *flow = &under_way[flows ? random_below(&random, TRACE_FLOWS) : 0];

		if (flow->packets == 0)
			flow_draw(filter, family, flows, &random, flow);
		flow->packets--;
		ret_keys[i] = flow->key;
	}
}

static void flow_draw(const struct filter *filter, uint8_t family, bool repeats, uint64_t *random,
		      struct flow *ret_flow)
{
	double left = 1 - random_below(random, 1 << 30) / (double)(1 << 30);

	ret_flow->packets = repeats ? (uint32_t)MIN(ceil(1 / left), (double)FLOW_MOST) : 1;
	key_draw(filter, family, random, &ret_flow->key);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
	return (uint32_t)((random_next(state) >> 32) * bound >> 32);
}

static uint16_t share_draw(const struct share *shares, uint64_t *random)
{
	uint32_t total = 0, at;

	for (const struct share *share = shares; share->share != SHARES_END; share++)
		total += share->share;
	at = random_below(random, total);
	while (at >= shares->share)
		at -= (shares++)->share;
	return shares->value;
}

static void port_draw(const struct flavour *flavour, enum port_class class, uint64_t *random,
		      struct port_range *ret_range)
{
	const struct port_value *value = class == PORT_RANGE ? flavour->ranges : flavour->exact;
	uint32_t total = 0, at;

	*ret_range = (struct port_range){};
	if (class == PORT_ANY)
		return;
	*ret_range = (struct port_range){.set = true, .from = 1024, .to = 65535};
	if (class == PORT_HIGH)
		return;
	for (const struct port_value *each = value; each->share != SHARES_END; each++)
		total += each->share;
	at = random_below(random, total);
	while (at >= value->share)
		at -= (value++)->share;
	ret_range->from = value->from;
	ret_range->to = value->to;
}

static void rule_draw(const struct flavour *flavour, uint8_t family, size_t count, uint64_t tree,
		      uint64_t *random, struct filter_rule *ret_rule)
{
	const struct port_pair *pair = flavour->pairs;
	uint16_t protocol = share_draw(flavour->protocols, random);
	uint32_t at = random_below(random, 1000);

	ret_rule->protocol = protocol == 256 ? PROTOCOL_ANY : (int16_t)protocol;
	if (protocol == 6 || protocol == 17) {
		while (pair[1].share != SHARES_END && at >= pair->share)
			at -= (pair++)->share;
		port_draw(flavour, pair->source, random, &ret_rule->source_ports);
		port_draw(flavour, pair->destination, random, &ret_rule->destination_ports);
	}
	cidr_draw(flavour->source_branching, flavour->source_skew,
		  share_draw(flavour->source_lengths, random), family, count, tree, random,
		  &ret_rule->source);
	cidr_draw(flavour->destination_branching, flavour->destination_skew,
		  share_draw(flavour->destination_lengths, random), family, count, tree ^ 1, random,
		  &ret_rule->destination);
}

static void rule_draw_worst(enum ruleset_flavour flavour, uint8_t family, size_t i,
			    uint64_t *random, struct filter_rule *ret_rule)
{
	unsigned int bits = family == 4 ? 32 : 128;
	unsigned int source = 0, destination = 0;
	bool ports = flavour == RULESET_RANDOM || flavour == RULESET_RANGES;
	struct port_range *ranges[] = {&ret_rule->source_ports, &ret_rule->destination_ports};

	if (flavour == RULESET_RANDOM || flavour == RULESET_NESTED) {
		source = random_below(random, bits + 1);
		destination = random_below(random, bits + 1);
	} else if (flavour == RULESET_CROSS) {
		source = i % 2 ? bits : 0;
		destination = i % 2 ? 0 : bits;
	}
	if (flavour == RULESET_NESTED) {
		source = bits - (unsigned int)(i % (bits + 1));
		destination = bits - (unsigned int)(i / (bits + 1) % (bits + 1));
	}
	ret_rule->protocol = ports ? (random_below(random, 2) ? 6 : 17) : PROTOCOL_ANY;
	for (size_t side = 0; side < 2 && ports; side++) {
		uint16_t a = (uint16_t)random_next(random), b = (uint16_t)random_next(random);

		*ranges[side] = (struct port_range){true, a < b ? a : b, a < b ? b : a};
	}
	if (flavour == RULESET_NESTED) {
		uint64_t same = 7, other = 8;

		cidr_random(family, source, &same, &ret_rule->source);
		cidr_random(family, destination, &other, &ret_rule->destination);
		return;
	}
	cidr_random(family, source, random, &ret_rule->source);
	cidr_random(family, destination, random, &ret_rule->destination);
}

static uint64_t rule_hash(const struct filter_rule *rule)
{
	uint64_t hash = (uint64_t)rule->protocol;
	const struct cidr *cidrs[] = {&rule->source, &rule->destination};

	for (size_t i = 0; i < ARRAY_SIZE(cidrs); i++) {
		for (size_t j = 0; j < sizeof(cidrs[i]->address.bytes); j++)
			hash = (hash ^ cidrs[i]->address.bytes[j]) * 0x100000001b3;
		hash = (hash ^ cidrs[i]->prefix_length) * 0x100000001b3;
	}
	hash = (hash ^ rule->source_ports.from ^ (uint64_t)rule->source_ports.to << 16) *
	       0x9e3779b97f4a7c15;
	hash = (hash ^ rule->destination_ports.from ^ (uint64_t)rule->destination_ports.to << 16) *
	       0x9e3779b97f4a7c15;
	return hash ^ hash >> 31;
}

static bool ports_equal(const struct port_range *a, const struct port_range *b)
{
	return a->set == b->set && a->from == b->from && a->to == b->to;
}

static bool rule_is_there(struct filter_rule *const *slots, size_t slot_count,
			  const struct filter_rule *rule, size_t *ret_slot)
{
	size_t slot = rule_hash(rule) % slot_count;

	for (; slots[slot]; slot = (slot + 1) % slot_count)
		if (slots[slot]->protocol == rule->protocol &&
		    cidr_equal(&slots[slot]->source, &rule->source) &&
		    cidr_equal(&slots[slot]->destination, &rule->destination) &&
		    ports_equal(&slots[slot]->source_ports, &rule->source_ports) &&
		    ports_equal(&slots[slot]->destination_ports, &rule->destination_ports))
			return true;
	*ret_slot = slot;
	return false;
}

/* Specific rules first, as people write them; among equals in no particular order. */
static int rule_compare_specific(const void *a, const void *b)
{
	const struct filter_rule *rules[] = {a, b};
	int specific[2];

	for (size_t i = 0; i < 2; i++)
		specific[i] = rules[i]->source.prefix_length + rules[i]->destination.prefix_length;
	if (specific[0] != specific[1])
		return specific[1] - specific[0];
	return rule_hash(a) < rule_hash(b) ? -1 : 1;
}

/* What the tree has at a node, always the same for the same node. */
static uint64_t node_hash(uint64_t tree, unsigned int level, uint64_t above)
{
	uint64_t state = tree ^ above * 0xd6e8feb86659fd93 ^ level;

	return random_next(&state);
}

/* Goes down the tree, a bit at each level.  Larger sets come from bushier trees. */
static uint64_t tree_walk(const uint16_t *branching, const uint16_t *skew, unsigned int levels,
			  unsigned int stretch, size_t count, uint64_t tree, uint64_t *random)
{
	uint32_t more = count > 512 ? (uint32_t)(20 * log2((double)count / 512)) : 0;
	uint64_t address = 0;

	for (unsigned int level = 0; level < levels; level++) {
		uint64_t node = node_hash(tree, level, address);
		unsigned int from = level / stretch;
		uint32_t two = MIN(branching[from] / stretch + more / stretch, 1000u);
		uint64_t bit = node >> 63;

		if ((node & 0xffff) * 1000 >> 16 < two &&
		    random_below(random, 2000u - skew[from]) >= 1000)
			bit ^= 1;
		address = address << 1 | bit;
	}
	return address;
}

static void cidr_finish(struct cidr *cidr, unsigned int length)
{
	cidr->prefix_length = (uint8_t)length;
	for (unsigned int bit = length; bit < 8 * address_size(&cidr->address); bit++)
		cidr->address.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static unsigned int length_stretch(unsigned int length, uint64_t *random)
{
	if (length <= 2)
		return length;
	if (length <= 16)
		return 16 + length;
	if (length <= 24)
		return 32 + 2 * (length - 16);
	if (length < 32)
		return 48 + 2 * (length - 24);
	return random_below(random, 3) ? 128 : 64;
}

static void cidr_draw(const uint16_t *branching, const uint16_t *skew, unsigned int length,
		      uint8_t family, size_t count, uint64_t tree, uint64_t *random,
		      struct cidr *ret_cidr)
{
	struct cidr cidr = {.address.family = family};
	unsigned int stretch = family == 4 ? 1 : 2;
	uint64_t upper = tree_walk(branching, skew, 32 * stretch, stretch, count, tree, random);
	uint64_t lower;

	if (family == 4) {
		for (unsigned int i = 0; i < 4; i++)
			cidr.address.bytes[i] = (uint8_t)(upper >> (24 - 8 * i));
		cidr_finish(&cidr, length);
	} else {
		upper = upper >> 3 | 1ULL << 61;
		lower = random_below(random, 2) ? 1 + random_below(random, 64)
						: node_hash(tree, random_below(random, 64), upper);
		for (unsigned int i = 0; i < 8; i++) {
			cidr.address.bytes[i] = (uint8_t)(upper >> (56 - 8 * i));
			cidr.address.bytes[8 + i] = (uint8_t)(lower >> (56 - 8 * i));
		}
		cidr_finish(&cidr, length_stretch(length, random));
	}
	*ret_cidr = cidr;
}

static void cidr_random(uint8_t family, unsigned int length, uint64_t *random,
			struct cidr *ret_cidr)
{
	*ret_cidr = (struct cidr){.address.family = family};
	for (unsigned int i = 0; i < address_size(&ret_cidr->address); i++)
		ret_cidr->address.bytes[i] = (uint8_t)random_next(random);
	cidr_finish(ret_cidr, length);
}

static void address_draw(const struct cidr *cidr, uint64_t *random, struct address *ret_address)
{
	*ret_address = cidr->address;
	for (unsigned int i = 0; i < address_size(ret_address); i++) {
		unsigned int known = cidr->prefix_length > 8 * i ? cidr->prefix_length - 8 * i : 0;
		unsigned int open = known >= 8 ? 0 : 0xffu >> known;

		ret_address->bytes[i] =
			(uint8_t)(ret_address->bytes[i] | (random_next(random) & open));
	}
}

static uint16_t port_pick(const struct port_range *range, uint64_t *random)
{
	if (!range->set)
		return (uint16_t)random_next(random);
	switch (random_below(random, 8)) {
	case 0:
		return range->from;
	case 1:
		return range->to;
	default:
		return (uint16_t)(range->from +
				  random_below(random, (uint32_t)range->to - range->from + 1));
	}
}

static void key_draw(const struct filter *filter, uint8_t family, uint64_t *random,
		     struct packet_key *ret_key)
{
	static const uint8_t protocols[] = {6, 17, 6, 17, 1, 47, 50, 0, 255, 58};
	static const struct cidr any4 = {.address.family = 4}, any6 = {.address.family = 6};
	const struct cidr *any = family == 4 ? &any4 : &any6;
	uint32_t count = (uint32_t)filter->rule_count;
	const struct filter_rule *rule = count ? &filter->rules[random_below(random, count)] : NULL;
	const struct filter_rule *other = rule;
	uint32_t kind = random_below(random, 20);

	if (kind == 0)
		rule = other = NULL;
	else if (kind == 1 && rule)
		other = &filter->rules[random_below(random, count)];
	*ret_key = (struct packet_key){};
	address_draw(rule && rule->source.address.family == family ? &rule->source : any, random,
		     &ret_key->source);
	address_draw(other && other->destination.address.family == family ? &other->destination
									  : any,
		     random, &ret_key->destination);
	ret_key->protocol = rule && rule->protocol >= 0 ? (uint8_t)rule->protocol
							: protocols[random_below(random, 10)];
	ret_key->has_ports = (ret_key->protocol == 6 || ret_key->protocol == 17) &&
			     random_below(random, 64);
	if (!ret_key->has_ports)
		return;
	ret_key->source_port =
		port_pick(rule ? &rule->source_ports : &(struct port_range){}, random);
	ret_key->destination_port =
		port_pick(other ? &other->destination_ports : &(struct port_range){}, random);
}
