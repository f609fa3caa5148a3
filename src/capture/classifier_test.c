// SPDX-License-Identifier: Apache-2.0
/* Small filters of every shape against the naive matcher, and what is easily got wrong.  Realistic and worst rules by
 * the thousand are in tests/classifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/classifier_host.h"

#include "base/count.h"
#include "mirror/rule_example.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define FILTERS 400
#define PACKETS 500

static const int16_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_GRE, 0, 255};

/* Few bits vary, so that rules and packets meet; in IPv6 on both sides of the middle. */
static struct address draw_address(uint8_t family)
{
	struct address address = {.family = family};

	address.bytes[0] = (uint8_t)(draw(4) << 6);
	address.bytes[1] = (uint8_t)draw(4);
	address.bytes[3] = (uint8_t)draw(8);
	if (family == 6) {
		address.bytes[7] = (uint8_t)draw(4);
		address.bytes[8] = (uint8_t)(draw(4) << 6);
		address.bytes[15] = (uint8_t)draw(4);
	}
	return address;
}

static struct cidr draw_cidr(uint8_t family)
{
	struct address address = draw_address(family);

	return draw_network(&address);
}

/* Rules of both directions and families; some between two families, which match nothing. */
static void draw_filter(struct filter *filter, unsigned int count)
{
	for (unsigned int number = 1; number <= count; number++) {
		uint8_t family = draw(2) ? 4 : 6;
		int16_t protocol = draw(2) ? PROTOCOL_ANY : protocols[draw(ARRAY_SIZE(protocols))];
		struct cidr source = draw_cidr(family);
		struct cidr destination = draw_cidr(draw(20) ? family : 4);
		struct filter_rule rule =
			draw_rule((uint16_t)number, protocol, &source, &destination);

		assert_int_equal(filter_add_rule(filter, &rule), 0);
	}
}

static struct packet_key draw_packet(void)
{
	uint8_t family = draw(2) ? 4 : 6;
	struct packet_key packet = {
		.source = draw_address(family),
		.destination = draw_address(family),
		.protocol = (uint8_t)protocols[draw(ARRAY_SIZE(protocols))],
		.dscp = draw_codepoint(),
	};

	packet.has_ports = (packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP) &&
			   draw(8);
	if (packet.has_ports) {
		packet.source_port = draw_port();
		packet.destination_port = draw_port();
	}
	packet.has_tcp_flags = packet.protocol == IPPROTO_TCP && packet.has_ports && draw(8);
	if (packet.has_tcp_flags)
		packet.tcp_flags = draw_tcp_flags();
	return packet;
}

static void build(const struct filter *filter, enum direction direction,
		  struct classifier *ret_classifier)
{
	_cleanup_boxes_ struct boxes boxes = {};

	assert_int_equal(boxes_from_filter(filter, direction, &boxes), 0);
	assert_int_equal(classifier_build(&boxes, ret_classifier), 0);
}

static void compare(const struct filter *filter, const struct classifier *classifier,
		    enum direction direction, const struct packet_key *packet)
{
	uint32_t expected = classifier_expect(filter, direction, packet);
	uint32_t answer = classifier_ask(classifier, packet);

	if (answer != expected)
		fail_msg("%zu rules: %u instead of %u", filter->rule_count, answer, expected);
}

static void test_agrees_with_naive_matcher(void **state)
{
	size_t matches = 0;

	(void)state;
	for (unsigned int i = 0; i < FILTERS; i++) {
		enum direction direction = i % 2 ? DIRECTION_EGRESS : DIRECTION_INGRESS;
		_cleanup_classifier_ struct classifier classifier = {};
		struct filter filter = {};

		draw_filter(&filter, i);
		build(&filter, direction, &classifier);
		for (unsigned int j = 0; j < PACKETS; j++) {
			struct packet_key packet = draw_packet();

			compare(&filter, &classifier, direction, &packet);
			matches += filter_match(&filter, direction, &packet) != NULL;
		}
		filter_fini(&filter);
	}
	assert_true(matches > FILTERS * PACKETS / 4); /* The comparison is not idle. */
}

static struct filter_rule rule_any(uint16_t number)
{
	return (struct filter_rule){
		.number = number,
		.protocol = PROTOCOL_ANY,
		.source.address.family = 4,
		.destination.address.family = 4,
	};
}

/* A later fragment has no ports: a range of all ports does not take it, no range does. */
static void test_whole_range_needs_ports(void **state)
{
	struct packet_key packet = {{4, {10}}, {4, {10}}, .protocol = IPPROTO_TCP};
	_cleanup_classifier_ struct classifier classifier = {};
	struct filter_rule first = rule_any(1), second = rule_any(2);
	struct filter filter = {};

	(void)state;
	first.protocol = IPPROTO_TCP;
	first.destination_ports = (struct port_range){true, 0, UINT16_MAX};
	assert_int_equal(filter_add_rule(&filter, &first), 0);
	assert_int_equal(filter_add_rule(&filter, &second), 0);
	build(&filter, DIRECTION_INGRESS, &classifier);
	assert_int_equal(classifier_ask(&classifier, &packet), 1 << INFO_RANK | INFO_ACCEPT);
	packet.has_ports = true;
	assert_int_equal(classifier_ask(&classifier, &packet), INFO_ACCEPT);
	filter_fini(&filter);
}

/* A rule that asks for flags or DSCP does not end a list, though it covers its slice otherwise. */
static void test_more_lets_others_answer(void **state)
{
	struct packet_key packet = {{4, {10}}, {4, {10}}, .protocol = IPPROTO_TCP, .dscp = 46};
	_cleanup_classifier_ struct classifier classifier = {};
	struct filter_rule rules[] = {rule_any(1), rule_any(2), rule_any(3)};
	struct filter filter = {};

	(void)state;
	rules[0].dscp = (struct dscp_match){true, 10};
	rules[1].protocol = IPPROTO_TCP;
	rules[1].tcp_flags = (struct tcp_flags_match){.mask = 0x12, .value = 0x02};
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		assert_int_equal(filter_add_rule(&filter, &rules[i]), 0);
	build(&filter, DIRECTION_INGRESS, &classifier);
	assert_int_equal(classifier_ask(&classifier, &packet), 2 << INFO_RANK | INFO_ACCEPT);
	packet.has_tcp_flags = true;
	packet.tcp_flags = 0x02;
	assert_int_equal(classifier_ask(&classifier, &packet), 1 << INFO_RANK | INFO_ACCEPT);
	packet.dscp = 10;
	assert_int_equal(classifier_ask(&classifier, &packet), INFO_ACCEPT);
	filter_fini(&filter);
}

/* Ranges that begin and end where slices of a table do. */
static void test_ends_of_ranges_are_within(void **state)
{
	_cleanup_classifier_ struct classifier classifier = {};
	struct filter filter = {};

	(void)state;
	for (uint16_t i = 0; i < 1024; i++) {
		uint16_t last = (uint16_t)(i * 64 + 63);
		struct filter_rule rule = rule_any((uint16_t)(i + 1));

		rule.protocol = IPPROTO_UDP;
		rule.destination_ports =
			(struct port_range){true, (uint16_t)(i % 2 ? last : last - 63), last};
		assert_int_equal(filter_add_rule(&filter, &rule), 0);
	}
	build(&filter, DIRECTION_INGRESS, &classifier);
	for (uint32_t port = 0; port <= UINT16_MAX; port++) {
		struct packet_key packet = {{4, {10}}, {4, {10}}, IPPROTO_UDP,
					    true,      1,         (uint16_t)port};
		uint32_t expected = port / 64 << INFO_RANK | INFO_ACCEPT;

		if (port / 64 % 2 && port % 64 != 63)
			expected = INFO_NONE;
		assert_int_equal(classifier_ask(&classifier, &packet), expected);
	}
	filter_fini(&filter);
}

/* What rules are like decides how good a classifier is, never how large.  A sample takes one rule of some twenty: here
 * those that tell apart well stand where it looks, and in between rules that fall into every slice. */
static void test_sample_may_mislead(void **state)
{
	_cleanup_classifier_ struct classifier classifier = {};
	_cleanup_free_ bool *seen = calloc(CLASSIFIER_RULES, sizeof(*seen));
	struct filter filter = {};

	(void)state;
	assert_non_null(seen);
	for (size_t i = 0; i < 512; i++)
		seen[i * CLASSIFIER_RULES / 512] = true;
	for (uint16_t i = 0; i < CLASSIFIER_RULES; i++) {
		struct filter_rule rule = rule_any((uint16_t)(i + 1));

		rule.protocol = IPPROTO_UDP;
		rule.source_ports = (struct port_range){true, i, i};
		if (seen[i]) {
			rule.destination.address = (struct address){
				4, {(uint8_t)draw(256), (uint8_t)draw(256), (uint8_t)draw(256)}};
			rule.destination.prefix_length = 24;
			rule.source_ports = (struct port_range){true, 0, UINT16_MAX};
		}
		assert_int_equal(filter_add_rule(&filter, &rule), 0);
	}
	build(&filter, DIRECTION_INGRESS, &classifier);
	assert_true(classifier.used <= CLASSIFIER_SIZE(CLASSIFIER_CLASSES - 1));
	for (uint16_t i = 0; i < CLASSIFIER_RULES; i += 7) {
		struct packet_key packet = {
			{4, {10}},   {4, {(uint8_t)draw(256), (uint8_t)draw(256), 1}},
			IPPROTO_UDP, true,
			i,           2};

		compare(&filter, &classifier, DIRECTION_INGRESS, &packet);
	}
	filter_fini(&filter);
}

static void test_small_filters_are_small(void **state)
{
	_cleanup_classifier_ struct classifier none = {}, four = {};
	struct filter filter = {};
	struct packet_key packet = draw_packet();

	(void)state;
	build(&filter, DIRECTION_INGRESS, &none);
	assert_int_equal(classifier_ask(&none, &packet), INFO_NONE);
	draw_filter(&filter, 4);
	build(&filter, DIRECTION_INGRESS, &four);
	assert_int_equal(four.size_class, 0);
	filter_fini(&filter);
}

static void test_too_many_rules(void **state)
{
	struct filter filter = {};
	struct boxes boxes = {};

	(void)state;
	for (uint16_t i = 0; i <= CLASSIFIER_RULES; i++) {
		struct filter_rule rule = rule_any((uint16_t)(i + 1));

		assert_int_equal(filter_add_rule(&filter, &rule), 0);
	}
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &boxes), -E2BIG);
	filter.rule_count--;
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &boxes), 0);
	boxes_fini(&boxes);
	filter_fini(&filter);
}

static void test_boxes_tell_changes(void **state)
{
	struct filter filter = {};
	struct boxes before = {}, after = {};

	(void)state;
	draw_filter(&filter, 20);
	for (size_t i = 0; i < filter.rule_count; i++)
		filter.rules[i].direction = DIRECTION_INGRESS;
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &before), 0);
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &after), 0);
	assert_true(boxes_equal(&before, &after));
	boxes_fini(&after);
	filter.rules[9].action = !filter.rules[9].action;
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &after), 0);
	assert_false(boxes_equal(&before, &after));
	boxes_fini(&before);
	filter.rules[7].dscp = (struct dscp_match){true, !filter.rules[7].dscp.value};
	assert_int_equal(boxes_from_filter(&filter, DIRECTION_INGRESS, &before), 0);
	assert_false(boxes_equal(&before, &after));
	boxes_fini(&before);
	boxes_fini(&after);
	filter_fini(&filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_naive_matcher),
		cmocka_unit_test(test_whole_range_needs_ports),
		cmocka_unit_test(test_more_lets_others_answer),
		cmocka_unit_test(test_ends_of_ranges_are_within),
		cmocka_unit_test(test_sample_may_mislead),
		cmocka_unit_test(test_small_filters_are_small),
		cmocka_unit_test(test_too_many_rules),
		cmocka_unit_test(test_boxes_tell_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
