// SPDX-License-Identifier: Apache-2.0
/* Classifiers of whole rule sets, realistic ones and the worst we can think of, against the naive matcher. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/classifier_host.h"
#include "ruleset.h"

#include "base/count.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define PACKETS      2000
#define PACKETS_MANY 2000
#define RULES_MANY   10000
#define FLOW_PACKETS 150000 /* For each filter and family; a million and a half in all. */
#define REPLACINGS   5
#define RULES_SOME   300

/* Rules and packets with what AWS's rules do not have: every third rule asks for flags or DSCP. */
static void filter_ask_more(struct filter *filter)
{
	for (size_t i = 0; i < filter->rule_count; i++) {
		struct filter_rule *rule = &filter->rules[i];

		if (i % 3 == 0)
			rule->dscp = (struct dscp_match){true, i % 2 ? 46 : 0};
		if (i % 6 < 2 && rule->protocol == IPPROTO_TCP)
			rule->tcp_flags = (struct tcp_flags_match){.mask = 0x12, .value = 0x02};
	}
}

static void key_mark(struct packet_key *key, size_t i)
{
	key->dscp = i % 2 ? 46 : 0;
	key->has_tcp_flags = key->protocol == IPPROTO_TCP && key->has_ports;
	key->tcp_flags = key->has_tcp_flags ? (i % 4 < 2 ? 0x02 : 0x12) : 0;
}

static void compare(const struct filter *filter, uint8_t family, size_t packets, uint64_t seed)
{
	_cleanup_classifier_ struct classifier classifier = {};
	_cleanup_free_ struct packet_key *keys = calloc(packets, sizeof(*keys));
	_cleanup_boxes_ struct boxes boxes = {};

	assert_non_null(keys);
	assert_int_equal(boxes_from_filter(filter, DIRECTION_INGRESS, &boxes), 0);
	assert_int_equal(classifier_build(&boxes, &classifier), 0);
	trace_generate(filter, family, false, seed, keys, packets);
	for (size_t i = 0; i < packets; i++) {
		uint32_t expected, answer;

		key_mark(&keys[i], i);
		expected = classifier_expect(filter, DIRECTION_INGRESS, &keys[i]);
		answer = classifier_ask(&classifier, &keys[i]);

		if (answer != expected)
			fail_msg("packet %zu of seed %llu, IPv%u, %zu rules: %u, not %u", i,
				 (unsigned long long)seed, family, filter->rule_count, answer,
				 expected);
	}
}

static void compare_flavours(size_t rules, size_t packets, uint64_t seed)
{
	for (enum ruleset_flavour flavour = 0; flavour < RULESET_FLAVOURS; flavour++)
		for (uint8_t family = 4; family <= 6; family += 2) {
			struct filter filter = {};

			assert_int_equal(ruleset_generate(flavour, family, rules, seed, &filter),
					 0);
			if (seed % 2 == 0)
				filter_ask_more(&filter);
			compare(&filter, family, packets, seed + 17);
			filter_fini(&filter);
		}
}

static void test_few_rules(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 3, 7, 8, 9, 31, 33, 100, 300, 1000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (uint64_t seed = 1; seed <= 3; seed++)
			compare_flavours(sizes[i], PACKETS, seed);
}

static void test_many_rules(void **state)
{
	(void)state;
	compare_flavours(RULES_MANY, PACKETS_MANY, 5);
}

/* A trace of flows through memos.  Every packet's answer is that of the filter as it is then, though it was another one before,
 * and all memos of all filters are in one table. */
static void compare_flows(struct memos *memos, struct filter *filter, uint8_t family,
			  uint64_t state)
{
	_cleanup_classifier_ struct classifier classifier = {};
	_cleanup_free_ struct packet_key *keys = calloc(FLOW_PACKETS, sizeof(*keys));
	_cleanup_boxes_ struct boxes boxes = {};

	assert_non_null(keys);
	assert_int_equal(boxes_from_filter(filter, DIRECTION_INGRESS, &boxes), 0);
	assert_int_equal(classifier_build(&boxes, &classifier), 0);
	trace_generate(filter, family, true, 7, keys, FLOW_PACKETS);
	for (size_t i = 0; i < FLOW_PACKETS; i++) {
		key_mark(&keys[i],
			 i % 8 ? 1 : i / 8); /* Few packets of a flow are marked otherwise. */
		if (classifier_recall(&classifier, state, memos, &keys[i]) !=
		    classifier_expect(filter, DIRECTION_INGRESS, &keys[i]))
			fail_msg("packet %zu, state %llu, IPv%u", i, (unsigned long long)state,
				 family);
	}
}

static void test_memos_tell_the_truth(void **state)
{
	_cleanup_free_ struct memos *memos = calloc(1, sizeof(*memos));
	uint64_t number = 1;

	(void)state;
	assert_non_null(memos);
	for (uint8_t family = 4; family <= 6; family += 2) {
		struct filter filter = {};

		assert_int_equal(ruleset_generate(RULESET_FIREWALL, family, RULES_SOME, 1, &filter),
				 0);
		for (size_t i = 0; i < REPLACINGS; i++) {
			uint64_t word = MAP_FILTER_OF(2, number++);

			for (size_t rule = i; rule < filter.rule_count; rule += REPLACINGS)
				filter.rules[rule].action = !filter.rules[rule].action;
			if (i == REPLACINGS / 2)
				filter_ask_more(&filter);
			compare_flows(memos, &filter, family,
				      i < REPLACINGS / 2 ? word : word | MAP_FILTER_MORE);
		}
		assert_true(memos->trust >= TRUST_LEAST); /* The memos were asked. */
		filter_fini(&filter);
	}
}

static void test_families_do_not_mix(void **state)
{
	struct filter filter4 = {}, filter6 = {};

	(void)state;
	assert_int_equal(ruleset_generate(RULESET_FIREWALL, 4, 200, 1, &filter4), 0);
	assert_int_equal(ruleset_generate(RULESET_FIREWALL, 6, 200, 1, &filter6), 0);
	for (size_t i = 0; i < filter6.rule_count; i++) {
		filter6.rules[i].number = (uint16_t)(500 - i);
		assert_int_equal(filter_add_rule(&filter4, &filter6.rules[i]), 0);
	}
	compare(&filter4, 4, PACKETS, 3);
	compare(&filter4, 6, PACKETS, 3);
	filter_fini(&filter4);
	filter_fini(&filter6);
}

static void assert_share(size_t count, size_t thousandths)
{
	size_t tolerated = 15;

	assert_in_range(1000 * count / RULES_MANY + tolerated, thousandths,
			thousandths + 2 * tolerated);
}

/* How many prefixes of sources the address lies in. */
static unsigned int nesting_of(const struct filter *filter, const struct address *address)
{
	uint64_t lengths = 0;

	for (size_t i = 0; i < filter->rule_count; i++)
		if (cidr_contains(&filter->rules[i].source, address))
			lengths |= 1ULL << filter->rules[i].source.prefix_length;
	return (unsigned int)__builtin_popcountll(lengths);
}

/* What the published seed acl1 says of protocols, ports and nested sources. */
static void test_rules_are_like_the_seed(void **state)
{
	size_t tcp = 0, udp = 0, icmp = 0, any = 0, exact = 0, ranges = 0;
	unsigned int nested = 0;
	struct filter filter = {};

	(void)state;
	assert_int_equal(ruleset_generate(RULESET_ACL, 4, RULES_MANY, 1, &filter), 0);
	assert_int_equal(filter.rule_count, RULES_MANY);
	for (size_t i = 0; i < filter.rule_count; i++) {
		const struct filter_rule *rule = &filter.rules[i];
		const struct port_range *ports = &rule->destination_ports;

		tcp += rule->protocol == IPPROTO_TCP;
		udp += rule->protocol == IPPROTO_UDP;
		icmp += rule->protocol == IPPROTO_ICMP;
		any += rule->protocol == PROTOCOL_ANY;
		exact += ports->set && ports->from == ports->to;
		ranges += ports->set && ports->from != ports->to;
		if (i % 100 == 0)
			nested = MAX(nested, nesting_of(&filter, &rule->source.address));
	}
	assert_share(tcp, 873);
	assert_share(udp, 11);
	assert_share(icmp, 31);
	assert_share(any, 85);
	assert_share(exact, (873 + 11) * 653 / 1000);
	assert_share(ranges, (873 + 11) * 131 / 1000);
	assert_true(nested >= 4);
	filter_fini(&filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_are_like_the_seed),
		cmocka_unit_test(test_few_rules),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_memos_tell_the_truth),
		cmocka_unit_test(test_families_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
