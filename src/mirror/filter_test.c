// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/filter.h"
#include "mirror/refusals.h"

#include <stdlib.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17 };
enum { SYN = 0x02, ACK = 0x10 };

static struct cidr block(const char *text)
{
	struct cidr cidr;

	assert_true(cidr_parse(text, &cidr));
	return cidr;
}

static struct address address(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

static struct filter_rule rule_between(const char *source, const char *destination)
{
	return (struct filter_rule){.number = 100,
				    .protocol = PROTOCOL_ANY,
				    .source = block(source),
				    .destination = block(destination)};
}

static void rule_fields_are_bounded(void **state)
{
	static const struct {
		uint16_t number;
		int16_t protocol;
		const char *source, *destination; /* NULL: none. */
		struct port_range source_ports, destination_ports;
		int code; /* 0: valid. */
		const char *reason;
	} rows[] = {
		{1, -1, "0.0.0.0/0", "0.0.0.0/0", {}, {}, 0, NULL},
		{32766, 255, "::/0", "2001:db8::/32", {}, {}, 0, NULL},
		{1, 0, "0.0.0.0/0", "0.0.0.0/0", {}, {}, 0, NULL},
		{1, TCP, "::/0", "::/0", {true, 0, 65535}, {true, 80, 80}, 0, NULL},
		{1, UDP, "::/0", "::/0", {}, {true, 53, 53}, 0, NULL},
		{0, -1, "::/0", "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "number 0"},
		{32767, -1, "::/0", "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "number 32767"},
		{1, 256, "::/0", "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "protocol 256"},
		{1, -2, "::/0", "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "protocol -2"},
		{1, -1, "10.0.0.0/8", "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "'10.0.0.0/8'"},
		{1, -1, "::/0", "10.0.0.0/8", {}, {}, REFUSE_PARAMETER_VALUE, "'10.0.0.0/8'"},
		{1, -1, NULL, "::/0", {}, {}, REFUSE_PARAMETER_VALUE, "source"},
		{1, -1, "::/0", NULL, {}, {}, REFUSE_PARAMETER_VALUE, "destination"},
		{1, TCP, "::/0", "::/0", {true, 2, 1}, {}, REFUSE_PARAMETER_VALUE, "2-1"},
		{1, TCP, "::/0", "::/0", {}, {true, 9, 1}, REFUSE_PARAMETER_VALUE, "9-1"},
		{1, -1, "::/0", "::/0", {true, 1, 2}, {}, REFUSE_PARAMETER_COMBINATION, "source"},
		{1,
		 ICMP,
		 "::/0",
		 "::/0",
		 {},
		 {true, 1, 2},
		 REFUSE_PARAMETER_COMBINATION,
		 "destination"},
		{1, 132, "::/0", "::/0", {}, {true, 1, 2}, REFUSE_PARAMETER_COMBINATION, "port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter_rule rule = {.number = rows[i].number,
					   .protocol = rows[i].protocol,
					   .source_ports = rows[i].source_ports,
					   .destination_ports = rows[i].destination_ports};
		struct refusal why = {};

		if (rows[i].source)
			rule.source = block(rows[i].source);
		if (rows[i].destination)
			rule.destination = block(rows[i].destination);
		assert_int_equal(filter_rule_validate(&rule, &why), rows[i].code ? REFUSED : 0);
		assert_int_equal(why.code, rows[i].code);
		if (rows[i].reason)
			assert_non_null(strstr(why.text, rows[i].reason));
	}
}

static void flags_and_dscp_are_bounded(void **state)
{
	static const struct {
		int16_t protocol;
		struct tcp_flags_match flags;
		struct dscp_match dscp;
		int code; /* 0: valid. */
		const char *reason;
	} rows[] = {
		{TCP, {SYN | ACK, SYN}, {true, 46}, 0, NULL},
		{TCP, {0xff, 0xff}, {}, 0, NULL},
		{TCP, {SYN, 0}, {}, 0, NULL},
		{PROTOCOL_ANY, {}, {true, 0}, 0, NULL},
		{UDP, {}, {true, 63}, 0, NULL},
		{UDP, {}, {true, 64}, REFUSE_PARAMETER_VALUE, "DSCP 64"},
		{TCP, {SYN, ACK}, {}, REFUSE_PARAMETER_VALUE, "0x10"},
		{TCP, {0, ACK}, {}, REFUSE_PARAMETER_VALUE, "0x10"},
		{UDP, {SYN, SYN}, {}, REFUSE_PARAMETER_COMBINATION, "TCP"},
		{PROTOCOL_ANY, {SYN, SYN}, {}, REFUSE_PARAMETER_COMBINATION, "TCP"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter_rule rule = rule_between("::/0", "::/0");
		struct refusal why = {};

		rule.protocol = rows[i].protocol;
		rule.tcp_flags = rows[i].flags;
		rule.dscp = rows[i].dscp;
		assert_int_equal(filter_rule_validate(&rule, &why), rows[i].code ? REFUSED : 0);
		assert_int_equal(why.code, rows[i].code);
		if (rows[i].reason)
			assert_non_null(strstr(why.text, rows[i].reason));
	}
}

static void rule_descriptions_are_plain_text(void **state)
{
	struct filter_rule rule = rule_between("::/0", "::/0");

	(void)state;
	strcpy(rule.description, "fine");
	assert_int_equal(filter_rule_validate(&rule, NULL), 0);
	strcpy(rule.description, "not\x01");
	assert_int_equal(filter_rule_validate(&rule, NULL), REFUSED);
}

/* In whatever order rules come, they are asked by direction, then number. */
static void rules_lie_in_order(void **state)
{
	struct filter filter = {};
	struct filter_rule rule = rule_between("::/0", "::/0");

	(void)state;
	srandom(4);
	for (size_t i = 0; i < 1000; i++) {
		rule.direction = random() % 2 ? DIRECTION_INGRESS : DIRECTION_EGRESS;
		rule.number = (uint16_t)(1 + random() % RULE_NUMBER_MAX);
		assert_int_equal(filter_add_rule(&filter, &rule), 0);
	}
	assert_int_equal(filter.rule_count, 1000);
	for (size_t i = 1; i < filter.rule_count; i++)
		assert_true(filter_rule_compare(&filter.rules[i - 1], &filter.rules[i]) <= 0);
	filter_fini(&filter);
	filter_fini(&filter);
}

static void fields_must_all_match(void **state)
{
	const struct packet_key base = {.source = address("10.1.2.3"),
					.destination = address("192.0.2.9"),
					.protocol = TCP,
					.has_ports = true,
					.source_port = 40000,
					.destination_port = 443};
	struct filter_rule rule = rule_between("10.0.0.0/8", "192.0.2.0/24");
	struct packet_key key = base;

	(void)state;
	rule.protocol = TCP;
	rule.source_ports = (struct port_range){true, 1024, 65535};
	rule.destination_ports = (struct port_range){true, 443, 443};
	assert_true(filter_rule_matches(&rule, &key));
	key.source = address("11.1.2.3");
	assert_false(filter_rule_matches(&rule, &key));
	key = base;
	key.destination = address("192.0.3.9");
	assert_false(filter_rule_matches(&rule, &key));
	key = base;
	key.protocol = UDP;
	assert_false(filter_rule_matches(&rule, &key));
	key = base;
	key.source_port = 1023;
	assert_false(filter_rule_matches(&rule, &key));
	key = base;
	key.destination_port = 444;
	assert_false(filter_rule_matches(&rule, &key));
	key = base;
	key.has_ports = false;
	assert_false(filter_rule_matches(&rule, &key));
	rule.source_ports.set = rule.destination_ports.set = false;
	assert_true(filter_rule_matches(&rule, &key));
}

static void flags_must_be_there_and_as_asked(void **state)
{
	struct filter_rule rule = rule_between("10.0.0.0/8", "192.0.2.0/24");
	struct packet_key key = {.source = address("10.1.2.3"),
				 .destination = address("192.0.2.9"),
				 .protocol = TCP,
				 .has_ports = true,
				 .has_tcp_flags = true,
				 .tcp_flags = SYN};

	(void)state;
	rule.protocol = TCP;
	rule.tcp_flags = (struct tcp_flags_match){.mask = SYN | ACK, .value = SYN};
	assert_true(filter_rule_matches(&rule, &key));
	key.tcp_flags = SYN | 0x80;
	assert_true(filter_rule_matches(&rule, &key));
	key.tcp_flags = SYN | ACK;
	assert_false(filter_rule_matches(&rule, &key));
	key.tcp_flags = 0;
	assert_false(filter_rule_matches(&rule, &key));
	rule.tcp_flags.value = 0;
	assert_true(filter_rule_matches(&rule, &key));
	key.has_tcp_flags = false; /* A later fragment. */
	assert_false(filter_rule_matches(&rule, &key));
	rule.tcp_flags.mask = 0;
	assert_true(filter_rule_matches(&rule, &key));
}

static void dscp_must_be_equal(void **state)
{
	struct filter_rule rule = rule_between("::/0", "::/0");
	struct packet_key key = {.source = address("::1"),
				 .destination = address("::2"),
				 .protocol = UDP,
				 .dscp = 0};

	(void)state;
	assert_true(filter_rule_matches(&rule, &key));
	rule.dscp.set = true;
	assert_true(filter_rule_matches(&rule, &key));
	key.dscp = 46;
	assert_false(filter_rule_matches(&rule, &key));
	rule.dscp.value = 46;
	assert_true(filter_rule_matches(&rule, &key));
}

static void everything_needs_a_rule_per_family(void **state)
{
	struct filter_rule four = rule_between("0.0.0.0/0", "0.0.0.0/0");
	struct filter_rule six = rule_between("::/0", "::/0");
	struct packet_key key4 = {.source = address("10.0.0.1"),
				  .destination = address("10.0.0.2"),
				  .protocol = ICMP};
	struct packet_key key6 = {.source = address("2001:db8::1"),
				  .destination = address("2001:db8::2"),
				  .protocol = 58};

	(void)state;
	assert_true(filter_rule_matches(&four, &key4));
	assert_false(filter_rule_matches(&four, &key6));
	assert_true(filter_rule_matches(&six, &key6));
	assert_false(filter_rule_matches(&six, &key4));
}

static void protocol_zero_is_not_any(void **state)
{
	struct filter_rule rule = rule_between("::/0", "::/0");
	struct packet_key key = {
		.source = address("::1"), .destination = address("::2"), .protocol = TCP};

	(void)state;
	rule.protocol = 0;
	assert_false(filter_rule_matches(&rule, &key));
	key.protocol = 0;
	assert_true(filter_rule_matches(&rule, &key));
}

static void first_match_decides(void **state)
{
	struct filter filter = {};
	struct filter_rule rule = rule_between("0.0.0.0/0", "0.0.0.0/0");
	struct packet_key key = {
		.source = address("10.0.0.1"), .destination = address("10.0.0.2"), .protocol = TCP};

	(void)state;
	assert_null(filter_match(&filter, DIRECTION_INGRESS, &key));
	rule.number = 20;
	assert_int_equal(filter_add_rule(&filter, &rule), 0);
	rule.number = 10;
	rule.action = RULE_REJECT;
	rule.source = block("10.0.0.0/30");
	assert_int_equal(filter_add_rule(&filter, &rule), 0);
	assert_int_equal(filter_match(&filter, DIRECTION_INGRESS, &key)->number, 10);
	key.source = address("10.0.0.4");
	assert_int_equal(filter_match(&filter, DIRECTION_INGRESS, &key)->number, 20);
	assert_null(filter_match(&filter, DIRECTION_EGRESS, &key));
	filter_fini(&filter);
}

static void names_are_those_of_the_api(void **state)
{
	enum direction direction = DIRECTION_COUNT;
	enum rule_action action = RULE_REJECT;

	(void)state;
	assert_string_equal(direction_name(DIRECTION_INGRESS), "ingress");
	assert_string_equal(rule_action_name(RULE_REJECT), "reject");
	assert_true(direction_parse("egress", &direction));
	assert_int_equal(direction, DIRECTION_EGRESS);
	assert_true(rule_action_parse("accept", &action));
	assert_int_equal(action, RULE_ACCEPT);
	assert_false(direction_parse("Egress", &direction));
	assert_false(direction_parse("", &direction));
	assert_false(rule_action_parse("deny", &action));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_fields_are_bounded),
		cmocka_unit_test(flags_and_dscp_are_bounded),
		cmocka_unit_test(rule_descriptions_are_plain_text),
		cmocka_unit_test(rules_lie_in_order),
		cmocka_unit_test(fields_must_all_match),
		cmocka_unit_test(flags_must_be_there_and_as_asked),
		cmocka_unit_test(dscp_must_be_equal),
		cmocka_unit_test(everything_needs_a_rule_per_family),
		cmocka_unit_test(protocol_zero_is_not_any),
		cmocka_unit_test(first_match_decides),
		cmocka_unit_test(names_are_those_of_the_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
