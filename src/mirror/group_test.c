// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "mirror/group.h"
#include "mirror/refusals.h"

#include <string.h>

static struct group group_of(enum group_protocol protocol, enum check_protocol check)
{
	struct group group = {
		.owner = {"123456789012"},
		.name = "sensors",
		.protocol = protocol,
		.port = protocol == GROUP_GENEVE ? 6081 : 4789,
		.family = 4,
	};

	group_check_init(protocol, check, &group.check, &group.check_port);
	return group;
}

static void expect_refused(const struct group *group, const char *text)
{
	struct refusal why = {};

	assert_int_equal(group_validate(group, &why), REFUSED);
	assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
	if (!strstr(why.text, text))
		fail_msg("'%s' says nothing of '%s'", why.text, text);
}

static void defaults_are_those_of_aws(void **state)
{
	static const struct {
		enum group_protocol protocol;
		enum check_protocol check;
		uint16_t port, interval, timeout;
		const char *path, *codes;
	} rows[] = {
		{GROUP_UDP, CHECK_TCP, 0, 30, 10, "", ""},
		{GROUP_TCP_UDP, CHECK_HTTP, 0, 30, 6, "/", "200-399"},
		{GROUP_UDP, CHECK_HTTPS, 0, 30, 10, "/", "200-399"},
		{GROUP_UDP, CHECK_ICMP, 0, 30, 10, "", ""},
		{GROUP_GENEVE, CHECK_TCP, 80, 10, 5, "", ""},
		{GROUP_GENEVE, CHECK_HTTP, 80, 10, 5, "/", "200-399"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct group group = group_of(rows[i].protocol, rows[i].check);
		struct refusal why = {};

		assert_int_equal(group_validate(&group, &why), 0);
		assert_int_equal(group.check_port, rows[i].port);
		assert_int_equal(group.check.interval, rows[i].interval);
		assert_int_equal(group.check.timeout, rows[i].timeout);
		assert_int_equal(group.check.healthy_threshold, 5);
		assert_int_equal(group.check.unhealthy_threshold, 2);
		assert_string_equal(group.check.path, rows[i].path);
		assert_string_equal(group.check.codes, rows[i].codes);
	}
}

static void names_and_ports_are_judged(void **state)
{
	static const char *const bad[] = {"", "-a", "a-", "a_b", "a b", "a.b", "ä"};
	static const char *const good[] = {"a", "A-1", "abcdefghijklmnopqrstuvwxyz012345"};
	struct group group = group_of(GROUP_UDP, CHECK_TCP);
	struct refusal why = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(string_copy(group.name, sizeof(group.name), bad[i]));
		expect_refused(&group, "name");
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(string_copy(group.name, sizeof(group.name), good[i]));
		assert_int_equal(group_validate(&group, &why), 0);
	}
	group.port = 0;
	expect_refused(&group, "port");
	group = group_of(GROUP_GENEVE, CHECK_TCP);
	group.port = 6082;
	expect_refused(&group, "6082");
}

static void checks_are_bounded(void **state)
{
	struct group group = group_of(GROUP_UDP, CHECK_TCP);
	struct refusal why = {};

	(void)state;
	group.check.interval = 4;
	expect_refused(&group, "'4' must be between 5 and 300");
	group.check.interval = 301;
	expect_refused(&group, "'301'");
	group.check.interval = 10;
	group.check.timeout = 1;
	expect_refused(&group, "'1' must be between 2 and 120");
	group.check.timeout = 11;
	expect_refused(&group, "'11' must not be greater than the interval '10'");
	group.check.timeout = 10;
	assert_int_equal(group_validate(&group, &why), 0);
	group.check.healthy_threshold = 1;
	expect_refused(&group, "healthy threshold '1'");
	group.check.healthy_threshold = 10;
	group.check.unhealthy_threshold = 11;
	expect_refused(&group, "unhealthy threshold '11'");
}

static void only_web_checks_have_paths_and_codes(void **state)
{
	static const char *const paths[] = {"", "health", "/a b", "/\n", "/ä"};
	static const char *const bad[] = {"",         "199",     "600",  "200-", "-200",
					  "300-200",  "200,",    "200 ", "+200", "2000",
					  "200--300", "200;300", "abc"};
	static const char *const good[] = {"200", "200,204", "200-299,301-302", "200-200", "599"};
	struct group group = group_of(GROUP_UDP, CHECK_TCP);

	(void)state;
	(void)string_copy(group.check.path, sizeof(group.check.path), "/up");
	expect_refused(&group, "/up");
	group.check.path[0] = '\0';
	(void)string_copy(group.check.codes, sizeof(group.check.codes), "200");
	expect_refused(&group, "matcher '200'");
	group = group_of(GROUP_UDP, CHECK_HTTPS);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		(void)string_copy(group.check.path, sizeof(group.check.path), paths[i]);
		expect_refused(&group, "path");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(group_codes_valid(bad[i]));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(group_codes_valid(good[i]));
}

static void arns_name_the_group(void **state)
{
	static const char start[] =
		"arn:aws:elasticloadbalancing:eu-test-1:123456789012:targetgroup/sensors/";
	struct group group = group_of(GROUP_UDP, CHECK_TCP), other = group;

	(void)state;
	group_make_arn(&group, "eu-test-1");
	assert_int_equal(strncmp(group.arn.text, start, strlen(start)), 0);
	assert_int_equal(strlen(group.arn.text), strlen(start) + 16);
	assert_int_equal(strspn(group.arn.text + strlen(start), "0123456789abcdef"), 16);
	group_make_arn(&other, "eu-test-1");
	assert_string_not_equal(group.arn.text, other.arn.text);
	assert_true(group_is_like(&group, &other));
	other.check.interval++;
	assert_false(group_is_like(&group, &other));
}

static void every_attribute_accepts_its_default(void **state)
{
	static const enum group_protocol protocols[] = {GROUP_UDP, GROUP_GENEVE};

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(protocols); p++) {
		struct group group = group_of(protocols[p], CHECK_TCP);
		struct refusal why = {};
		unsigned int count = 0;

		for (unsigned int i = 0; i < GROUP_ATTRIBUTE_COUNT; i++) {
			const char *key = group_attribute_key(i, group.protocol);
			enum group_attribute parsed;

			if (!key)
				continue;
			count++;
			assert_true(group_attribute_parse(key, &parsed));
			assert_int_equal(parsed, i);
			assert_int_equal(group_set_attribute(&group, i,
							     group_get_attribute(&group, i), &why),
					 0);
			assert_int_equal(group_set_attribute(&group, i, "", &why), REFUSED);
			assert_non_null(strstr(why.text, key));
		}
		assert_int_equal(count, group.protocol == GROUP_GENEVE ? 5 : 13);
		assert_int_equal(group_check_attributes(&group, &why), 0);
	}
	assert_false(group_attribute_parse("no.such.key", &(enum group_attribute){0}));
}

static void attributes_are_judged(void **state)
{
	static const struct {
		enum group_protocol protocol;
		enum group_attribute attribute;
		const char *value;
		bool good;
	} rows[] = {
		{GROUP_UDP, GROUP_DEREGISTRATION_DELAY, "0", true},
		{GROUP_GENEVE, GROUP_DEREGISTRATION_DELAY, "3600", true},
		{GROUP_UDP, GROUP_DEREGISTRATION_DELAY, "3601", false},
		{GROUP_UDP, GROUP_DEREGISTRATION_DELAY, "-1", false},
		{GROUP_UDP, GROUP_DEREGISTRATION_DELAY, "007", false},
		{GROUP_UDP, GROUP_STICKINESS, "yes", false},
		{GROUP_UDP, GROUP_STICKINESS, "true|false", false},
		{GROUP_UDP, GROUP_STICKINESS_TYPE, "source_ip_dest_ip", false},
		{GROUP_GENEVE, GROUP_STICKINESS_TYPE, "source_ip_dest_ip", true},
		{GROUP_GENEVE, GROUP_STICKINESS_TYPE, "source_ip", false},
		{GROUP_UDP, GROUP_PROXY_PROTOCOL, "true", false},
		{GROUP_UDP, GROUP_PRESERVE_CLIENT_IP, "false", false},
		{GROUP_GENEVE, GROUP_PRESERVE_CLIENT_IP, "true", false},
		{GROUP_UDP, GROUP_FAILOVER_UNHEALTHY, "rebalance", false},
		{GROUP_UDP, GROUP_ROUTING_PERCENTAGE, "off", true},
		{GROUP_UDP, GROUP_ROUTING_PERCENTAGE, "100", true},
		{GROUP_UDP, GROUP_ROUTING_PERCENTAGE, "101", false},
		{GROUP_UDP, GROUP_ROUTING_COUNT, "off", false},
		{GROUP_UDP, GROUP_CROSS_ZONE, "true", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct group group = group_of(rows[i].protocol, CHECK_TCP);
		struct refusal why = {};
		int r = group_set_attribute(&group, rows[i].attribute, rows[i].value, &why);

		assert_int_equal(r, rows[i].good ? 0 : REFUSED);
		if (rows[i].good)
			assert_string_equal(group_get_attribute(&group, rows[i].attribute),
					    rows[i].value);
	}
}

static void set(struct group *group, enum group_attribute attribute, const char *value)
{
	struct refusal why = {};

	if (group_set_attribute(group, attribute, value, &why) != 0)
		fail_msg("%s", why.text);
}

static void both_failovers_agree(void **state)
{
	struct group group = group_of(GROUP_GENEVE, CHECK_TCP);
	struct refusal why = {};

	(void)state;
	set(&group, GROUP_FAILOVER_UNHEALTHY, "rebalance");
	assert_int_equal(group_check_attributes(&group, &why), REFUSED);
	assert_non_null(strstr(why.text, "same value"));
	set(&group, GROUP_FAILOVER_DEREGISTRATION, "rebalance");
	assert_int_equal(group_check_attributes(&group, &why), 0);
}

static void attributes_shape_the_fleet(void **state)
{
	struct group network = group_of(GROUP_UDP, CHECK_TCP);
	struct group gateway = group_of(GROUP_GENEVE, CHECK_HTTP);
	struct fleet fleet = {};

	(void)state;
	group_make_arn(&network, "eu-test-1");
	group_fill_fleet(&network, &fleet);
	assert_string_equal(fleet.id, network.arn.text);
	assert_int_equal(fleet.stickiness, FLEET_5_TUPLE);
	assert_true(fleet.rebalance);
	assert_int_equal(fleet.other_idle, 120);
	assert_int_equal(fleet.healthy_count, 1);
	assert_int_equal(fleet.healthy_percent, 0);
	assert_true(group_ends_flows(&network));
	assert_int_equal(group_get_delay(&network), 300);
	set(&network, GROUP_STICKINESS, "true");
	set(&network, GROUP_ROUTING_COUNT, "3");
	set(&network, GROUP_ROUTING_PERCENTAGE, "50");
	set(&network, GROUP_UNHEALTHY_TERMINATION, "false");
	set(&network, GROUP_CONNECTION_TERMINATION, "false");
	group_fill_fleet(&network, &fleet);
	assert_int_equal(fleet.stickiness, FLEET_2_TUPLE);
	assert_false(fleet.rebalance);
	assert_int_equal(fleet.healthy_count, 3);
	assert_int_equal(fleet.healthy_percent, 50);
	assert_false(group_ends_flows(&network));

	group_fill_fleet(&gateway, &fleet);
	assert_int_equal(fleet.stickiness, FLEET_5_TUPLE);
	assert_false(fleet.rebalance);
	assert_string_equal(fleet.check.path, "/");
	assert_int_equal(fleet.healthy_percent, 0);
	assert_false(group_ends_flows(&gateway));
	set(&gateway, GROUP_STICKINESS, "true");
	set(&gateway, GROUP_FAILOVER_UNHEALTHY, "rebalance");
	set(&gateway, GROUP_FAILOVER_DEREGISTRATION, "rebalance");
	group_fill_fleet(&gateway, &fleet);
	assert_int_equal(fleet.stickiness, FLEET_3_TUPLE);
	assert_true(fleet.rebalance);
	assert_true(group_ends_flows(&gateway));
	set(&gateway, GROUP_STICKINESS_TYPE, "source_ip_dest_ip");
	group_fill_fleet(&gateway, &fleet);
	assert_int_equal(fleet.stickiness, FLEET_2_TUPLE);
}

static void members_are_unicast(void **state)
{
	static const char *const good[] = {"10.0.0.1", "8.8.8.8", "223.255.255.254", "2001:db8::1",
					   "fd00::1"};
	static const char *const bad[] = {
		"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "169.254.1.1",
		"::",      "::1",       "ff02::1",   "fe80::1"};
	struct address address;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(address_parse(good[i], &address));
		assert_true(member_address_valid(&address));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(address_parse(bad[i], &address));
		assert_false(member_address_valid(&address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_aws),
		cmocka_unit_test(names_and_ports_are_judged),
		cmocka_unit_test(checks_are_bounded),
		cmocka_unit_test(only_web_checks_have_paths_and_codes),
		cmocka_unit_test(arns_name_the_group),
		cmocka_unit_test(every_attribute_accepts_its_default),
		cmocka_unit_test(attributes_are_judged),
		cmocka_unit_test(both_failovers_agree),
		cmocka_unit_test(attributes_shape_the_fleet),
		cmocka_unit_test(members_are_unicast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
