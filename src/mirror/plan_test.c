// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/limits.h"
#include "mirror/plan.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Out of order on purpose; with keys that a later version may bring. */
static const char example[] =
	"{\"revision\":7,\"weather\":{\"sunny\":[1,2]},\"resolvers\":[\"169.254.169.253\",\"fd00:"
	"ec2::253\"],"
	"\"sources\":[{\"id\":\"eni-00000002\",\"device\":\"tap0\",\"orientation\":\"guest\"},"
	"{\"id\":\"eni-00000001\",\"device\":\"eth0\",\"orientation\":\"automatic\"}],"
	"\"filters\":[{\"id\":\"tmf-00000002\",\"rules\":[]},"
	"{\"id\":\"tmf-00000001\",\"services\":[\"amazon-dns\",\"amazon-later\"],\"rules\":["
	"{\"id\":\"tmfr-00000002\",\"direction\":\"egress\",\"number\":1,\"action\":\"reject\","
	"\"protocol\":-1,\"source\":\"::/0\",\"destination\":\"2001:db8::/32\"},"
	"{\"id\":\"tmfr-00000001\",\"direction\":\"ingress\",\"number\":100,\"action\":\"accept\","
	"\"protocol\":6,\"source\":\"0.0.0.0/0\",\"destination\":\"10.0.0.0/8\","
	"\"source_ports\":[1024,65535],\"destination_ports\":[443,443]}]}],"
	"\"targets\":[{\"id\":\"tmt-00000002\",\"reachable\":false,\"port\":4789},"
	"{\"id\":\"tmt-00000001\",\"reachable\":true,\"address\":\"192.0.2.9\",\"port\":4789}],"
	"\"sessions\":[{\"id\":\"tms-00000001\",\"source\":\"eni-00000001\",\"filter\":\"tmf-"
	"00000001\","
	"\"target\":\"tmt-00000001\",\"number\":2,\"vni\":16777215,\"packet_length\":0},"
	"{\"id\":\"tms-00000002\",\"source\":\"eni-00000001\",\"filter\":\"tmf-00000002\","
	"\"target\":\"tmt-00000002\",\"number\":1,\"vni\":0,\"packet_length\":8500}]}";

static struct plan *decode(const char *json)
{
	struct plan *plan = NULL;
	struct refusal why = {};

	if (plan_decode(json, strlen(json), &plan, &why) != 0)
		fail_msg("%s", why.text);
	return plan;
}

static struct resource_id id(const char *text)
{
	struct resource_id id = {};

	strcpy(id.text, text);
	return id;
}

static void plans_are_read_and_sorted(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	const struct filter_rule *rules;

	(void)state;
	assert_int_equal(plan->revision, 7);
	assert_int_equal(plan->resolver_count, 2);
	assert_int_equal(plan->resolvers[1].family, 6);
	assert_string_equal(plan->sources[0].device, "eth0");
	assert_int_equal(plan->sources[1].orientation, ORIENTATION_GUEST);
	assert_int_equal(plan->filters[0].services, SERVICE_AMAZON_DNS);
	rules = plan->filters[0].rules;
	assert_int_equal(plan->filters[0].rule_count, 2);
	assert_int_equal(rules[0].number, 100);
	assert_int_equal(rules[0].protocol, 6);
	assert_int_equal(rules[0].source_ports.from, 1024);
	assert_true(rules[0].destination_ports.set);
	assert_int_equal(rules[0].destination.prefix_length, 8);
	assert_int_equal(rules[1].protocol, PROTOCOL_ANY);
	assert_int_equal(rules[1].action, RULE_REJECT);
	assert_false(rules[1].source_ports.set);
	assert_true(plan->targets[0].reachable);
	assert_int_equal(plan->targets[1].address.family, 0);
	assert_int_equal(plan->sessions[0].number, 1);
	assert_int_equal(plan->sessions[0].packet_length, 8500);
	assert_int_equal(plan->sessions[1].vni, VNI_MAX);
}

static void lookups_find_by_id(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	struct resource_id first = id("eni-00000001"), second = id("eni-00000002");
	struct resource_id filter = id("tmf-00000002"), target = id("tmt-00000001");
	struct resource_id unknown = id("eni-00000003");
	size_t count;

	(void)state;
	assert_ptr_equal(plan_find_source(plan, &second), &plan->sources[1]);
	assert_ptr_equal(plan_find_filter(plan, &filter), &plan->filters[1]);
	assert_ptr_equal(plan_find_target(plan, &target), &plan->targets[0]);
	assert_null(plan_find_source(plan, &unknown));
	assert_null(plan_find_filter(plan, &first));
	assert_null(plan_find_target(&(struct plan){}, &target));
	assert_ptr_equal(plan_find_sessions(plan, &first, &count), plan->sessions);
	assert_int_equal(count, 2);
	assert_null(plan_find_sessions(plan, &second, &count));
	assert_int_equal(count, 0);
}

static void sessions_end_in_time(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	int64_t next = -1;

	(void)state;
	assert_int_equal(plan_end_sessions(plan, INT64_MAX, &next), 0);
	assert_int_equal(next, 0);
	plan->sessions[0].options.expires = 2000;
	plan->sessions[1].options.expires = 1000;
	assert_int_equal(plan_end_sessions(plan, 999, &next), 0);
	assert_int_equal(next, 1000);
	assert_int_equal(plan_end_sessions(plan, 1000, &next), 1);
	assert_int_equal(next, 2000);
	assert_int_equal(plan->session_count, 1);
	assert_int_equal(plan->sessions[0].options.expires, 2000);
	assert_int_equal(plan_end_sessions(plan, 3000, &next), 1);
	assert_int_equal(next, 0);
	assert_int_equal(plan->session_count, 0);
}

static void encoding_is_stable(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example), *back = NULL;
	_cleanup_free_ char *first = NULL, *second = NULL;

	(void)state;
	assert_int_equal(plan_encode(plan, &first), 0);
	back = decode(first);
	assert_int_equal(plan_encode(back, &second), 0);
	assert_string_equal(first, second);
	/* Ports that are not set and addresses that are not there are left out, as an older reader expects. */
	assert_null(strstr(second, "null"));
	assert_non_null(
		strstr(second, "{\"id\":\"tmt-00000002\",\"reachable\":false,\"port\":4789}"));
}

static void the_empty_plan_is_a_plan(void **state)
{
	_cleanup_(plan_freep) struct plan *back = NULL;
	_cleanup_free_ char *json = NULL;

	(void)state;
	assert_int_equal(plan_encode(&(struct plan){}, &json), 0);
	back = decode(json);
	assert_int_equal(back->session_count, 0);
}

/* 'text' with the first 'old' replaced by 'new'. */
static char *replace(const char *text, const char *old, const char *new)
{
	_cleanup_text_ struct text result = {};
	const char *place = strstr(text, old);

	assert_non_null(place);
	text_append_bytes(&result, text, (size_t)(place - text));
	text_append(&result, new);
	text_append(&result, place + strlen(old));
	return text_steal(&result);
}

#define ALL_OPTIONS                                                                      \
	"\"options\":{\"packet_sampling\":10,\"bits_per_second\":1000000000000,"         \
	"\"packets_per_second\":1000,\"priority\":3,\"paused\":true,\"continues\":true," \
	"\"expires\":253402300799,\"encapsulation\":\"geneve\",\"outer_dscp\":63,"       \
	"\"outer_port\":65535,\"outer_source\":\"192.0.2.1\"}"

static void options_and_matches_travel(void **state)
{
	_cleanup_free_ char *with_rule = NULL, *json = NULL, *encoded = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	const struct session_options *options;
	const struct filter_rule *rule;

	(void)state;
	with_rule = replace(example, "\"protocol\":6",
			    "\"protocol\":6,\"tcp_flags\":\"!ack,syn\",\"dscp\":46");
	json = replace(with_rule, "\"packet_length\":8500", "\"packet_length\":8500," ALL_OPTIONS);
	plan = decode(json);
	rule = &plan->filters[0].rules[0];
	assert_int_equal(rule->tcp_flags.mask, 0x12);
	assert_int_equal(rule->tcp_flags.value, 0x02);
	assert_true(rule->dscp.set);
	assert_int_equal(rule->dscp.value, 46);
	options = &plan->sessions[0].options;
	assert_int_equal(options->packet_sampling, 10);
	assert_int_equal(options->bits_per_second, BITS_PER_SECOND_MAX);
	assert_int_equal(options->priority, SESSION_PRIORITY_MAX);
	assert_true(options->paused && options->continues);
	assert_int_equal(options->expires, 253402300799);
	assert_int_equal(options->encapsulation, ENCAPSULATION_GENEVE);
	assert_int_equal(options->outer_dscp, DSCP_MAX);
	assert_int_equal(options->outer_port, 65535);
	assert_int_equal(options->outer_source.family, 4);
	assert_int_equal(plan_encode(plan, &encoded), 0);
	assert_non_null(strstr(encoded, ALL_OPTIONS));
	assert_non_null(strstr(encoded, "\"tcp_flags\":\"!ack,syn\",\"dscp\":46"));
}

/* A plan without options is what it was before there were any. */
static void defaults_are_left_out(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	_cleanup_free_ char *json = NULL;

	(void)state;
	assert_int_equal(plan_encode(plan, &json), 0);
	assert_null(strstr(json, "options"));
	assert_null(strstr(json, "dscp"));
	assert_null(strstr(json, "tcp_flags"));
}

/* No part of a plan is a plan.  Each is read from memory that ends where the part ends, so that reading on is
 * seen by the sanitizer. */
static void truncated_plans_are_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(example) - 1; size++) {
		_cleanup_free_ char *part = malloc(size + (size == 0));
		struct plan *plan = NULL;
		struct refusal why = {};

		memcpy(part, example, size);
		assert_int_equal(plan_decode(part, size, &plan, &why), REFUSED);
		assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
		assert_true(why.text[0] != '\0');
		assert_null(plan);
	}
}

/* Two fleets out of order, the second one's members too, behind a balancer of each type. */
#define FLEETS                                                                                   \
	"\"fleets\":[{\"id\":\"arn:b\",\"stickiness\":\"2-tuple\",\"rebalance\":false,"          \
	"\"tcp_idle\":350,\"other_idle\":120,\"healthy_count\":1,\"healthy_percent\":50,"        \
	"\"check\":{\"protocol\":\"http\",\"path\":\"/up?a=b\",\"codes\":\"200,204-299\","       \
	"\"interval\":30,\"timeout\":10,\"healthy_threshold\":5,\"unhealthy_threshold\":2},"     \
	"\"members\":["                                                                          \
	"{\"id\":\"i-00000001\",\"port\":4789,\"address\":\"2001:db8::9\",\"check_port\":80,"    \
	"\"weight\":1,\"draining\":true},"                                                       \
	"{\"id\":\"192.0.2.9\",\"port\":4790,\"address\":\"192.0.2.9\",\"check_port\":80,"       \
	"\"weight\":1},"                                                                         \
	"{\"id\":\"192.0.2.9\",\"port\":4789,\"address\":\"192.0.2.9\",\"check_port\":80,"       \
	"\"weight\":1000}]},"                                                                    \
	"{\"id\":\"arn:a\",\"stickiness\":\"5-tuple\",\"rebalance\":true,\"tcp_idle\":6000,"     \
	"\"other_idle\":1,\"healthy_count\":0,\"healthy_percent\":0,"                            \
	"\"check\":{\"protocol\":\"tcp\",\"interval\":10,\"timeout\":5,\"healthy_threshold\":2," \
	"\"unhealthy_threshold\":10},\"members\":[]}]"

/* The example, with a source's address, a gateway, and each of its sessions in front of one of the fleets. */
static char *balanced_example(void)
{
	static const char *const replacements[][2] = {
		{"\"orientation\":\"guest\"}",
		 "\"orientation\":\"guest\",\"address\":\"192.0.2.1\"}"},
		{"\"reachable\":true,\"address\":\"192.0.2.9\",\"port\":4789}",
		 "\"reachable\":false,\"port\":4789,"
		 "\"gateway\":{\"endpoint\":\"fedcba9876543210\",\"attachment\":"
		 "\"0000000000000001\","
		 "\"address\":\"192.0.2.7\"}}"},
		{"\"vni\":16777215", "\"vni\":16777215,\"fleet\":\"arn:b\""},
		{"\"vni\":0", "\"vni\":0,\"fleet\":\"arn:a\""},
		{"\"sessions\"", FLEETS ",\"sessions\""},
	};
	char *json = strdup(example);

	for (size_t i = 0; i < ARRAY_SIZE(replacements); i++) {
		_cleanup_free_ char *before = json;

		json = replace(before, replacements[i][0], replacements[i][1]);
	}
	return json;
}

static void fleets_are_read_and_sorted(void **state)
{
	_cleanup_free_ char *json = balanced_example(), *first = NULL, *second = NULL;
	_cleanup_(plan_freep) struct plan *plan = decode(json), *back = NULL;
	const struct fleet *fleet;

	(void)state;
	assert_int_equal(plan->sources[0].address.family, 0);
	assert_int_equal(plan->sources[1].address.family, 4);
	assert_string_equal(plan->sessions[0].fleet, "arn:a");
	assert_string_equal(plan->sessions[1].fleet, "arn:b");
	assert_int_equal(plan->targets[1].gateway.endpoint, 0);
	assert_true(plan->targets[0].gateway.endpoint == 0xfedcba9876543210);
	assert_int_equal(plan->targets[0].gateway.attachment, 1);
	assert_int_equal(plan->targets[0].gateway.address.family, 4);
	assert_int_equal(plan->fleet_count, 2);
	assert_ptr_equal(plan_find_fleet(plan, "arn:a"), &plan->fleets[0]);
	assert_null(plan_find_fleet(plan, "arn:c"));
	fleet = plan_find_fleet(plan, "arn:b");
	assert_int_equal(fleet->stickiness, FLEET_2_TUPLE);
	assert_false(fleet->rebalance);
	assert_int_equal(fleet->tcp_idle, 350);
	assert_int_equal(fleet->healthy_percent, 50);
	assert_int_equal(fleet->check.protocol, CHECK_HTTP);
	assert_string_equal(fleet->check.codes, "200,204-299");
	assert_int_equal(fleet->member_count, 3);
	assert_int_equal(fleet->members[0].port, 4789);
	assert_int_equal(fleet->members[0].weight, FLEET_WEIGHT_MAX);
	assert_int_equal(fleet->members[1].port, 4790);
	assert_true(fleet->members[2].draining);
	assert_int_equal(plan_encode(plan, &first), 0);
	back = decode(first);
	assert_int_equal(plan_encode(back, &second), 0);
	assert_string_equal(first, second);
	assert_non_null(strstr(second, "\"endpoint\":\"fedcba9876543210\""));
}

/* An agent that knows no fleets reads a target that it cannot reach, and a plan without fleets is as it was before. */
static void fleets_are_left_out_where_there_are_none(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	_cleanup_free_ char *json = NULL;

	(void)state;
	assert_int_equal(plan_encode(plan, &json), 0);
	assert_null(strstr(json, "fleet"));
	assert_null(strstr(json, "gateway"));
	assert_null(strstr(json, "\"orientation\":\"guest\","));
}

static void defects_of_fleets_are_named(void **state)
{
	static const struct {
		const char *old, *new, *reason;
	} rows[] = {
		{"\"id\":\"arn:a\"", "\"id\":\"\"", "no id"},
		{"\"id\":\"arn:a\"", "\"id\":\"arn:b\"", "'arn:b' occurs twice"},
		{"\"fleet\":\"arn:a\"", "\"fleet\":\"arn:c\"", "'arn:c'"},
		{"\"reachable\":false,\"port\":4789,\"gateway\"",
		 "\"reachable\":true,\"address\":\"::1\",\"port\":4789,\"gateway\"",
		 "stands for a gateway"},
		{"\"reachable\":false,\"port\":4789}",
		 "\"reachable\":true,\"address\":\"::1\",\"port\":4789}", "sends to a fleet"},
		{"\"address\":\"192.0.2.7\"", "\"address\":\"::7\"", "IPv4"},
		{",\"address\":\"192.0.2.7\"", "", "IPv4"},
		{"fedcba9876543210", "fedc", "'endpoint'"},
		{"2-tuple", "4-tuple", "'4-tuple'"},
		{"\"tcp_idle\":350", "\"tcp_idle\":0", "'tcp_idle'"},
		{"\"tcp_idle\":350", "\"tcp_idle\":6001", "'tcp_idle'"},
		{"\"other_idle\":120", "\"other_idle\":-1", "'other_idle'"},
		{"\"healthy_count\":1", "\"healthy_count\":5001", "'healthy_count'"},
		{"\"healthy_percent\":50", "\"healthy_percent\":101", "'healthy_percent'"},
		{"\"protocol\":\"http\"", "\"protocol\":\"smtp\"", "'smtp'"},
		{"/up?a=b", "up", "not a path"},
		{"/up?a=b", "/up HTTP/1.0", "not a path"},
		{"/up?a=b", "/up\\r\\n", "'path'"},
		{"200,204-299", "fine", "not a list of statuses"},
		{"\"codes\":\"200,204-299\",", "", "not a list of statuses"},
		{"\"interval\":30", "\"interval\":301", "'interval'"},
		{"\"timeout\":10", "\"timeout\":0", "'timeout'"},
		{"\"healthy_threshold\":5", "\"healthy_threshold\":11", "'healthy_threshold'"},
		{"\"unhealthy_threshold\":2", "\"unhealthy_threshold\":0", "'unhealthy_threshold'"},
		{"\"id\":\"i-00000001\"", "\"id\":\"\"", "no id"},
		{"\"port\":4790", "\"port\":0", "'port'"},
		{"\"port\":4790", "\"port\":4789", "two members '192.0.2.9' with port 4789"},
		{"\"address\":\"2001:db8::9\",", "", "'address' is missing"},
		{"\"check_port\":80", "\"check_port\":65536", "'check_port'"},
		{"\"weight\":1000", "\"weight\":1001", "'weight'"},
		{"\"weight\":1000", "\"weight\":0", "'weight'"},
		{"\"draining\":true", "\"draining\":1", "'draining'"},
		{"\"members\":[]", "\"members\":{}", "'members'"},
		{"\"fleet\":\"arn:a\"", "\"fleet\":\"arn:a\",\"crowded_out\":true", "no room"},
	};
	_cleanup_free_ char *balanced = balanced_example();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *json = replace(balanced, rows[i].old, rows[i].new);
		_cleanup_(plan_freep) struct plan *plan = NULL;
		struct refusal why = {};
		int r = plan_decode(json, strlen(json), &plan, &why);

		if (r != REFUSED || !strstr(why.text, rows[i].reason))
			fail_msg("%s: %d %s", rows[i].new, r, why.text);
	}
}

static void session_without_room_says_so(void **state)
{
	_cleanup_free_ char *json = replace(example, "\"vni\":0", "\"vni\":0,\"crowded_out\":true");
	_cleanup_(plan_freep) struct plan *plan = decode(json);
	_cleanup_free_ char *again = NULL;

	(void)state;
	assert_true(plan->sessions[0].crowded_out);
	assert_false(plan->sessions[1].crowded_out);
	assert_int_equal(plan_encode(plan, &again), 0);
	assert_non_null(strstr(again, "\"crowded_out\""));
}

/* As many fleets as it takes, each with as many members as one may have but the last. */
static char *encode_members(size_t count)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example);
	char *json = NULL;

	while (count > 0) {
		struct fleet fleet = {.tcp_idle = 350, .other_idle = 120};
		const size_t members = count < FLEET_MEMBERS_MAX ? count : FLEET_MEMBERS_MAX;

		(void)snprintf(fleet.id, sizeof(fleet.id), "arn:%zu", count);
		fleet.check = (struct health_check){.protocol = CHECK_NONE,
						    .interval = 30,
						    .timeout = 10,
						    .healthy_threshold = 2,
						    .unhealthy_threshold = 2};
		for (size_t i = 0; i < members; i++) {
			struct fleet_member member = {
				.port = 4789,
				.check_port = 80,
				.weight = 1,
				.address = {.family = 4,
					    .bytes = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}},
			};

			(void)snprintf(member.id, sizeof(member.id), "member %zu", i);
			assert_int_equal(array_append(&fleet, members, member_count,
						      member_capacity, member),
					 0);
		}
		assert_int_equal(array_append(plan, fleets, fleet_count, fleet_capacity, fleet), 0);
		count -= members;
	}
	assert_int_equal(plan_encode(plan, &json), 0);
	return json;
}

static void fleets_share_a_number_of_members(void **state)
{
	_cleanup_free_ char *most = encode_members(PLAN_MEMBERS_MAX);
	_cleanup_free_ char *more = encode_members(PLAN_MEMBERS_MAX + 1);
	_cleanup_(plan_freep) struct plan *plan = decode(most), *none = NULL;
	struct refusal why = {};

	(void)state;
	assert_int_equal(plan->fleet_count, 2);
	assert_int_equal(plan_decode(more, strlen(more), &none, &why), REFUSED);
	assert_non_null(strstr(why.text, "10001 members"));
}

#define OPTION(option, reason)                                                                  \
	{                                                                                       \
		"\"packet_length\":0", "\"packet_length\":0,\"options\":{" option "}", (reason) \
	}

static void defects_are_named(void **state)
{
	static const struct {
		const char *old, *new, *reason;
	} rows[] = {
		{"\"revision\":7", "\"revision\":-1", "'revision'"},
		{"\"revision\":7", "\"revision\":7.0", "'revision'"},
		{"\"revision\":7", "\"revision\":\"7\"", "'revision'"},
		{"\"revision\":7", "\"revision\":99999999999999999999", "too big integer"},
		{"\"revision\":7,", "", "'revision' is missing"},
		{"\"revision\":7", "\"revision\":7,\"revision\":8", "duplicate"},
		{"\"169.254.169.253\"", "\"169.254.169\"", "resolvers[0]: "},
		{"\"169.254.169.253\"", "4", "resolvers[0]: "},
		{"\"fd00:ec2::253\"", "\"::\\u0000\"", "NUL"},
		{"[{\"id\":\"eni", "[3,{\"id\":\"eni", "sources[0]: "},
		{"\"tap0\"", "\"\"", "not the name of a device"},
		{"\"tap0\"", "\"../tap0\"", "not the name of a device"},
		{"\"tap0\"", "\"a23456789012345\"", NULL},
		{"\"tap0\"", "\"a234567890123456\"", "longer than 15"},
		{"\"guest\"", "\"ghost\"", "'ghost'"},
		{"\"guest\"", "7", "not a name"},
		{"\"rules\":[]", "\"rules\":{}", "filters[0]: 'rules'"},
		{"\"rules\":[]", "\"rules\":null", "filters[0]: 'rules'"},
		{",\"rules\":[]", "", "filters[0]: 'rules' is missing"},
		{"\"amazon-later\"", "5", "'services'"},
		{"tmfr-00000001", "tmf-00000001", "filters[1]: rules[1]: 'id'"},
		{"\"ingress\"", "\"sideways\"", "'sideways'"},
		{"\"number\":100", "\"number\":0", "'number'"},
		{"\"number\":100", "\"number\":32767", "'number'"},
		{"\"direction\":\"ingress\",\"number\":100",
		 "\"direction\":\"egress\",\"number\":1", "two egress rules 1"},
		{"\"protocol\":6", "\"protocol\":256", "'protocol'"},
		{"\"protocol\":6", "\"protocol\":-2", "'protocol'"},
		{"\"protocol\":6", "\"protocol\":1", "port range"},
		{"10.0.0.0/8", "10.0.0.1/8", "'10.0.0.1/8'"},
		{"10.0.0.0/8", "2001:db8::/32", "address family"},
		{"[1024,65535]", "[1024,65536]", "'source_ports'"},
		{"[1024,65535]", "[1024]", "'source_ports'"},
		{"[1024,65535]", "[1024,65535,1]", "'source_ports'"},
		{"[1024,65535]", "[65535,1024]", "'source_ports'"},
		{"[1024,65535]", "[-1,5]", "'source_ports'"},
		{"[1024,65535]", "[]", "'source_ports'"},
		{"\"reachable\":true", "\"reachable\":1", "'reachable'"},
		{"\"address\":\"192.0.2.9\",", "", "'tmt-00000001' is reachable"},
		{"\"192.0.2.9\",\"port\":4789", "\"192.0.2.9\",\"port\":0", "'tmt-00000001'"},
		{"\"port\":4789", "\"port\":65536", "'port'"},
		{"\"source\":\"eni-00000001\"", "\"source\":\"eni-00000009\"", "'tms-00000001'"},
		{"\"filter\":\"tmf-00000001\"", "\"filter\":\"tmf-00000009\"", "'tms-00000001'"},
		{"\"target\":\"tmt-00000001\"", "\"target\":\"tmt-00000009\"", "'tms-00000001'"},
		{"\"target\":\"tmt-00000001\"", "\"target\":\"\"", "sessions[0]: 'target'"},
		{"\"number\":2", "\"number\":1", "two sessions of number 1"},
		{"16777215", "16777216", "'vni'"},
		{"8500", "8501", "'packet_length'"},
		{"\"id\":\"tms-00000002\"", "\"id\":\"tms-00000001\"",
		 "'tms-00000001' occurs twice"},
		{"\"id\":\"tmt-00000002\"", "\"id\":\"tmt-00000001\"",
		 "'tmt-00000001' occurs twice"},
		{"\"id\":\"tmf-00000002\"", "\"id\":\"tmf-00000001\"",
		 "'tmf-00000001' occurs twice"},
		{"\"packet_length\":0", "\"packet_length\":0,\"options\":{\"later\":1}", NULL},
		{"\"packet_length\":0", "\"packet_length\":0,\"options\":[]", "'options'"},
		OPTION("\"packet_sampling\":1000001", "'packet_sampling'"),
		OPTION("\"flow_sampling\":-1", "'flow_sampling'"),
		OPTION("\"flow_sampling\":2,\"packet_sampling\":2", "not both"),
		OPTION("\"bits_per_second\":1000000000001", "'bits_per_second'"),
		OPTION("\"bits_per_second\":7999", "7999"),
		OPTION("\"packets_per_second\":\"1\"", "'packets_per_second'"),
		OPTION("\"priority\":4", "'priority'"),
		OPTION("\"paused\":1", "'paused'"),
		OPTION("\"continues\":null", "'continues'"),
		OPTION("\"expires\":-1", "'expires'"),
		OPTION("\"encapsulation\":\"gre\"", "'gre'"),
		OPTION("\"outer_dscp\":64", "'outer_dscp'"),
		OPTION("\"outer_port\":65536", "'outer_port'"),
		OPTION("\"outer_source\":\"224.0.0.1\"", "'224.0.0.1'"),
		{"\"protocol\":6", "\"protocol\":6,\"tcp_flags\":2", "'tcp_flags'"},
		{"\"protocol\":6", "\"protocol\":6,\"tcp_flags\":\"sin\"", "'tcp_flags'"},
		{"\"protocol\":-1", "\"protocol\":-1,\"tcp_flags\":\"syn\"", "TCP"},
		{"\"protocol\":6", "\"protocol\":6,\"dscp\":64", "'dscp'"},
		{"\"protocol\":6", "\"protocol\":6,\"dscp\":\"ef\"", "'dscp'"},
		{"{\"revision", "[{\"revision", "not well-formed"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *json = replace(example, rows[i].old, rows[i].new);
		_cleanup_(plan_freep) struct plan *plan = NULL;
		struct refusal why = {};
		int r = plan_decode(json, strlen(json), &plan, &why);

		if (rows[i].reason ? r != REFUSED || !strstr(why.text, rows[i].reason) : r != 0)
			fail_msg("%s: %d %s", rows[i].new, r, why.text);
	}
}

static void other_documents_are_refused(void **state)
{
	static const char *const rows[] = {"",         "null", "7",     "[]",
					   "\"plan\"", "{}",   "{} {}", "\xff"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan *plan = NULL;

		assert_int_equal(plan_decode(rows[i], strlen(rows[i]), &plan, NULL), REFUSED);
	}
}

static void depth_and_length_are_bounded(void **state)
{
	size_t size = 1 << 20;
	_cleanup_free_ char *deep = malloc(size);
	struct plan *plan = NULL;
	struct refusal why;

	(void)state;
	memset(deep, '[', size);
	assert_int_equal(plan_decode(deep, size, &plan, &why), REFUSED);
	assert_int_equal(plan_decode(deep, (size_t)PLAN_SIZE_MAX + 1, &plan, &why), REFUSED);
	assert_int_equal(why.code, REFUSE_REQUEST_TOO_LARGE);
}

static void too_many_sessions_on_a_source_are_refused(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = decode(example), *back = NULL;
	_cleanup_free_ char *json = NULL, *longer = NULL;
	struct plan_session session = plan->sessions[0];
	struct refusal why = {};

	(void)state;
	while (plan->session_count < SOURCE_SESSIONS_MAX) {
		session.id = resource_id_new(RESOURCE_SESSION);
		session.number = (uint16_t)(plan->session_count + 10);
		assert_int_equal(
			array_append(plan, sessions, session_count, session_capacity, session), 0);
	}
	assert_int_equal(plan_encode(plan, &json), 0);
	back = decode(json);
	session.id = resource_id_new(RESOURCE_SESSION);
	session.number = 1000;
	assert_int_equal(array_append(plan, sessions, session_count, session_capacity, session), 0);
	assert_int_equal(plan_encode(plan, &longer), 0);
	plan_free(TAKE_PTR(back));
	assert_int_equal(plan_decode(longer, strlen(longer), &back, &why), REFUSED);
	assert_non_null(strstr(why.text, "more than 32 sessions"));
}

#define MANY 1000

static struct resource_id nth_id(const char *prefix, size_t number)
{
	struct resource_id id = {};

	(void)snprintf(id.text, sizeof(id.text), "%s-%017zx", prefix, number);
	return id;
}

/* A thousand sources, each with a filter of ten rules and a session of its own. */
static void fill_many(struct plan *plan)
{
	struct plan_target target = {.id = nth_id("tmt", 1)};

	assert_int_equal(array_append(plan, targets, target_count, target_capacity, target), 0);
	for (size_t i = 0; i < MANY; i++) {
		struct plan_source source = {.id = nth_id("eni", i)};
		struct filter filter = {.id = nth_id("tmf", i)};
		struct plan_session session = {.id = nth_id("tms", i),
					       .source = source.id,
					       .filter = filter.id,
					       .target = target.id,
					       .number = 1,
					       .options = {.priority = i % 4}};

		(void)snprintf(source.device, sizeof(source.device), "tap%zu", i);
		for (uint16_t k = 1; k <= 10; k++) {
			struct filter_rule rule = {.id = nth_id("tmfr", i * 10 + k),
						   .number = k,
						   .protocol = PROTOCOL_ANY};

			assert_true(cidr_parse("10.0.0.0/8", &rule.source));
			assert_true(cidr_parse("0.0.0.0/0", &rule.destination));
			assert_int_equal(filter_add_rule(&filter, &rule), 0);
		}
		assert_int_equal(array_append(plan, sources, source_count, source_capacity, source),
				 0);
		assert_int_equal(array_append(plan, filters, filter_count, filter_capacity, filter),
				 0);
		assert_int_equal(
			array_append(plan, sessions, session_count, session_capacity, session), 0);
	}
}

static void large_plans_travel(void **state)
{
	_cleanup_(plan_freep) struct plan *back = NULL;
	_cleanup_(plan_fini) struct plan plan = {};
	_cleanup_free_ char *json = NULL, *again = NULL;

	(void)state;
	fill_many(&plan);
	plan_sort(&plan);
	assert_int_equal(plan_encode(&plan, &json), 0);
	back = decode(json);
	assert_int_equal(back->session_count, MANY);
	assert_int_equal(back->sessions[MANY - 1].options.priority, (MANY - 1) % 4);
	assert_int_equal(back->filters[MANY / 2].rule_count, 10);
	assert_int_equal(plan_encode(back, &again), 0);
	assert_string_equal(json, again);
}

static void unreadable_names_do_not_leave(void **state)
{
	struct plan_source source = {.id = id("eni-00000001"), .device = "eth\xff"};
	struct plan plan = {.sources = &source, .source_count = 1};
	char *json = NULL;

	(void)state;
	assert_int_equal(plan_encode(&plan, &json), -EILSEQ);
	assert_null(json);
}

static size_t allocations_left;

static void *scarce_malloc(size_t size)
{
	return allocations_left > 0 && allocations_left-- ? malloc(size) : NULL;
}

/* Wherever memory ends, nothing leaks, and no half of a plan is handed out.  (Jansson takes a string that it cannot store
 * for an invalid token, so decoding may also answer that.) */
static void running_out_of_memory_is_survived(void **state)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_free_ char *json = NULL, *text = balanced_example();
	struct refusal why;
	int r = -ENOMEM;

	(void)state;
	json_set_alloc_funcs(scarce_malloc, free);
	for (size_t scarcity = 0; r != 0; scarcity++) {
		assert_null(plan);
		assert_true(r == -ENOMEM || r == REFUSED);
		allocations_left = scarcity;
		r = plan_decode(text, strlen(text), &plan, &why);
	}
	r = -ENOMEM;
	for (size_t scarcity = 0; r != 0; scarcity++) {
		assert_null(json);
		assert_int_equal(r, -ENOMEM);
		allocations_left = scarcity;
		r = plan_encode(plan, &json);
	}
	json_set_alloc_funcs(malloc, free);
}

static struct cidr random_cidr(uint8_t family)
{
	struct cidr cidr = {.address.family = family};
	unsigned int bits = address_size(&cidr.address) * 8;

	cidr.prefix_length = (uint8_t)((unsigned long)random() % (bits + 1));
	for (unsigned int bit = 0; bit < cidr.prefix_length; bit++)
		cidr.address.bytes[bit / 8] |= (uint8_t)(random() % 2 << (7 - bit % 8));
	return cidr;
}

static struct filter_rule random_rule(uint16_t number)
{
	uint8_t family = random() % 2 ? 4 : 6;
	struct filter_rule rule = {.id = resource_id_new(RESOURCE_FILTER_RULE),
				   .direction = number % 2 ? DIRECTION_EGRESS : DIRECTION_INGRESS,
				   .number = number,
				   .action = random() % 2 ? RULE_ACCEPT : RULE_REJECT,
				   .protocol = (int16_t)(random() % 257 - 1),
				   .source = random_cidr(family),
				   .destination = random_cidr(family)};

	if (rule.protocol == 6 || rule.protocol == 17 || random() % 2) {
		uint16_t from = (uint16_t)random();

		rule.protocol = random() % 2 ? 6 : 17;
		rule.source_ports = (struct port_range){random() % 2, 0, 0};
		rule.destination_ports =
			(struct port_range){true, from, (uint16_t)(from | random())};
	}
	return rule;
}

/* A plan of random size and content that holds together. */
static struct plan *random_plan(void)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	size_t sessions = (size_t)random() % 30;
	int failed = 0;

	plan->revision = (uint64_t)random() << 32 | (uint64_t)random();
	for (size_t i = 0; i < 5; i++) {
		struct plan_source source = {.id = resource_id_new(RESOURCE_INTERFACE),
					     .device = "vnet0",
					     .orientation = (enum orientation)(random() % 3)};
		struct plan_target target = {.id = resource_id_new(RESOURCE_TARGET),
					     .reachable = random() % 2,
					     .address = random_cidr(random() % 2 ? 4 : 6).address,
					     .port = (uint16_t)(1 + random() % 65535)};
		struct filter filter = {.id = resource_id_new(RESOURCE_FILTER),
					.services = (unsigned int)random() % 2};

		for (uint16_t number = 1; number < 20; number++) {
			struct filter_rule rule = random_rule(number);

			failed |= filter_add_rule(&filter, &rule);
		}
		failed |= array_append(plan, sources, source_count, source_capacity, source);
		failed |= array_append(plan, targets, target_count, target_capacity, target);
		failed |= array_append(plan, filters, filter_count, filter_capacity, filter);
		failed |= array_append(plan, resolvers, resolver_count, resolver_capacity,
				       random_cidr(4).address);
	}
	for (size_t i = 0; i < sessions; i++) {
		struct plan_session session = {.id = resource_id_new(RESOURCE_SESSION),
					       .source = plan->sources[random() % 5].id,
					       .filter = plan->filters[random() % 5].id,
					       .target = plan->targets[random() % 5].id,
					       .number = (uint16_t)(i + 1),
					       .vni = (uint32_t)random() & VNI_MAX,
					       .packet_length = (uint16_t)(random() % 8501)};

		failed |= array_append(plan, sessions, session_count, session_capacity, session);
	}
	assert_int_equal(failed, 0);
	plan_sort(plan);
	return plan;
}

/* Members are compared one by one, since what lies between them is anything. */
#define assert_same(a, b, member) \
	assert_memory_equal(&(a)->member, &(b)->member, sizeof((a)->member))

static void assert_same_ports(const struct port_range *a, const struct port_range *b)
{
	assert_same(a, b, set);
	assert_same(a, b, from);
	assert_same(a, b, to);
}

static void assert_same_filter(const struct filter *a, const struct filter *b)
{
	assert_same(a, b, id);
	assert_same(a, b, services);
	assert_same(a, b, rule_count);
	for (size_t i = 0; i < a->rule_count; i++) {
		const struct filter_rule *c = &a->rules[i], *d = &b->rules[i];

		assert_same(c, d, id);
		assert_same(c, d, direction);
		assert_same(c, d, number);
		assert_same(c, d, action);
		assert_same(c, d, protocol);
		assert_same(c, d, source);
		assert_same(c, d, destination);
		assert_same_ports(&c->source_ports, &d->source_ports);
		assert_same_ports(&c->destination_ports, &d->destination_ports);
	}
}

static void assert_same_target(const struct plan_target *a, const struct plan_target *b)
{
	assert_same(a, b, id);
	assert_same(a, b, reachable);
	assert_same(a, b, address);
	assert_same(a, b, port);
}

static void assert_same_session(const struct plan_session *a, const struct plan_session *b)
{
	assert_same(a, b, id);
	assert_same(a, b, source);
	assert_same(a, b, filter);
	assert_same(a, b, target);
	assert_same(a, b, number);
	assert_same(a, b, vni);
	assert_same(a, b, packet_length);
}

static void assert_same_plan(const struct plan *a, const struct plan *b)
{
	assert_same(a, b, revision);
	assert_same(a, b, resolver_count);
	assert_same(a, b, source_count);
	assert_same(a, b, filter_count);
	assert_same(a, b, target_count);
	assert_same(a, b, session_count);
	for (size_t i = 0; i < a->resolver_count; i++)
		assert_true(address_equal(&a->resolvers[i], &b->resolvers[i]));
	for (size_t i = 0; i < a->source_count; i++) {
		assert_same(a, b, sources[i].id);
		assert_same(a, b, sources[i].orientation);
		assert_string_equal(a->sources[i].device, b->sources[i].device);
	}
	for (size_t i = 0; i < a->filter_count; i++)
		assert_same_filter(&a->filters[i], &b->filters[i]);
	for (size_t i = 0; i < a->target_count; i++)
		assert_same_target(&a->targets[i], &b->targets[i]);
	for (size_t i = 0; i < a->session_count; i++)
		assert_same_session(&a->sessions[i], &b->sessions[i]);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	srandom(5);
	for (size_t round = 0; round < 200; round++) {
		_cleanup_(plan_freep) struct plan *plan = random_plan(), *back = NULL;
		_cleanup_free_ char *json = NULL;

		assert_int_equal(plan_encode(plan, &json), 0);
		back = decode(json);
		assert_same_plan(plan, back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_read_and_sorted),
		cmocka_unit_test(lookups_find_by_id),
		cmocka_unit_test(sessions_end_in_time),
		cmocka_unit_test(encoding_is_stable),
		cmocka_unit_test(options_and_matches_travel),
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(the_empty_plan_is_a_plan),
		cmocka_unit_test(truncated_plans_are_refused),
		cmocka_unit_test(defects_are_named),
		cmocka_unit_test(fleets_are_read_and_sorted),
		cmocka_unit_test(fleets_are_left_out_where_there_are_none),
		cmocka_unit_test(defects_of_fleets_are_named),
		cmocka_unit_test(session_without_room_says_so),
		cmocka_unit_test(fleets_share_a_number_of_members),
		cmocka_unit_test(other_documents_are_refused),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(too_many_sessions_on_a_source_are_refused),
		cmocka_unit_test(large_plans_travel),
		cmocka_unit_test(unreadable_names_do_not_leave),
		cmocka_unit_test(running_out_of_memory_is_survived),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
