// SPDX-License-Identifier: Apache-2.0
/* What every storage engine keeps of target groups, their members and their health. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "bench.h"
#include "mirror/refusals.h"
#include "store/group.h"
#include "store/health.h"
#include "store/hold.h"
#include "store/host.h"
#include "store/member.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWNER "123456789012"
#define ARN   "arn:aws:elasticloadbalancing:eu-test-1:" OWNER ":targetgroup/sensors/00000000000000a1"
#define OTHER "arn:aws:elasticloadbalancing:eu-test-1:" OWNER ":targetgroup/others/00000000000000b2"

static struct group group_of(const char *arn, const char *name)
{
	struct group group = {
		.owner = {OWNER},
		.protocol = GROUP_TCP_UDP,
		.type = GROUP_OF_ADDRESSES,
		.port = 4789,
		.family = 6,
		.check = {CHECK_HTTPS, "/up", "200,204", 7, 6, 4, 3},
		.check_port = 8443,
		.created = 12345,
	};

	(void)string_copy(group.arn.text, sizeof(group.arn.text), arn);
	(void)string_copy(group.name, sizeof(group.name), name);
	(void)string_copy(group.attributes[GROUP_DEREGISTRATION_DELAY], GROUP_ATTRIBUTE_SIZE, "5");
	return group;
}

static struct member member_of(const char *id, uint16_t port)
{
	struct member member = {
		.group = {ARN}, .port = port, .weight = 10, .any_zone = true, .registered = 77};

	(void)string_copy(member.id, sizeof(member.id), id);
	return member;
}

static struct report_member opinion_of(const char *id, enum member_state state,
				       enum member_reason reason)
{
	struct report_member said = {.fleet = ARN, .port = 4789, .state = state, .reason = reason};

	(void)string_copy(said.id, sizeof(said.id), id);
	return said;
}

static void add_host(struct bench *bench, const char *name, int64_t last_report)
{
	struct stored_host host = {.owner = {OWNER}, .last_report = last_report};

	(void)string_copy(host.name, sizeof(host.name), name);
	assert_int_equal(store_put_host(bench->store, &host), 0);
}

/* A group with two members, and a host that reported at the time 1000. */
static void furnish(struct bench *bench)
{
	const struct group group = group_of(ARN, "sensors");
	const struct member first = member_of("10.0.0.1", 4789);
	const struct member second = member_of("10.0.0.2", 4789);

	assert_int_equal(store_put_group(bench->store, &group), 0);
	assert_int_equal(store_put_member(bench->store, &second), 0);
	assert_int_equal(store_put_member(bench->store, &first), 0);
	add_host(bench, "alpha", 1000);
}

/* Member by member: what lies between them is nobody's. */
static void assert_group_equal(const struct group *left, const struct group *right)
{
	assert_string_equal(left->arn.text, right->arn.text);
	assert_string_equal(left->owner.text, right->owner.text);
	assert_string_equal(left->name, right->name);
	assert_string_equal(left->check.path, right->check.path);
	assert_string_equal(left->check.codes, right->check.codes);
	assert_int_equal(left->protocol, right->protocol);
	assert_int_equal(left->type, right->type);
	assert_int_equal(left->port, right->port);
	assert_int_equal(left->family, right->family);
	assert_int_equal(left->check.protocol, right->check.protocol);
	assert_int_equal(left->check.interval, right->check.interval);
	assert_int_equal(left->check.timeout, right->check.timeout);
	assert_int_equal(left->check.healthy_threshold, right->check.healthy_threshold);
	assert_int_equal(left->check.unhealthy_threshold, right->check.unhealthy_threshold);
	assert_int_equal(left->check_port, right->check_port);
	assert_int_equal(left->created, right->created);
	for (size_t i = 0; i < GROUP_ATTRIBUTE_COUNT; i++)
		assert_string_equal(left->attributes[i], right->attributes[i]);
}

static void test_groups_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	struct group group = group_of(ARN, "sensors"), found;
	int64_t count;

	assert_int_equal(store_put_group(bench->store, &group), 0);
	assert_int_equal(store_get_group(bench->store, ARN, &found), 0);
	assert_group_equal(&found, &group);
	group.check = (struct health_check){CHECK_NONE, "", "", 30, 10, 5, 2};
	group.check_port = 0;
	(void)string_copy(group.attributes[GROUP_DEREGISTRATION_DELAY], GROUP_ATTRIBUTE_SIZE, "6");
	(void)string_copy(group.attributes[GROUP_STICKINESS], GROUP_ATTRIBUTE_SIZE, "true");
	assert_int_equal(store_put_group(bench->store, &group), 0);
	assert_int_equal(store_find_group(bench->store, OWNER, "sensors", &found), 0);
	assert_group_equal(&found, &group);
	assert_int_equal(store_find_group(bench->store, OWNER, "Sensors", &found), STORE_MISSING);
	assert_int_equal(store_find_group(bench->store, "210987654321", "sensors", &found),
			 STORE_MISSING);
	assert_int_equal(store_count_groups(bench->store, OWNER, &count), 0);
	assert_int_equal(count, 1);
}

static void test_names_are_taken_once(void **state)
{
	struct bench *bench = *state;
	const struct group group = group_of(ARN, "sensors"), other = group_of(OTHER, "sensors");

	assert_int_equal(store_put_group(bench->store, &group), 0);
	assert_int_equal(store_put_group(bench->store, &other), -EEXIST);
}

static void test_groups_are_listed_in_order(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	const struct group group = group_of(ARN, "sensors"), other = group_of(OTHER, "others");
	struct group found;

	assert_int_equal(store_put_group(bench->store, &group), 0);
	assert_int_equal(store_put_group(bench->store, &other), 0);
	assert_int_equal(store_select_groups(bench->store, GROUPS_OF_OWNER, OWNER, "", &cursor), 0);
	assert_int_equal(store_next_group(cursor, &found), STORE_ROW);
	assert_string_equal(found.name, "others");
	assert_int_equal(store_next_group(cursor, &found), STORE_ROW);
	assert_string_equal(found.name, "sensors");
	assert_int_equal(store_next_group(cursor, &found), 0);
	cursor_close(TAKE_PTR(cursor));
	assert_int_equal(store_select_groups(bench->store, GROUPS_OF_OWNER, OWNER, OTHER, &cursor),
			 0);
	assert_int_equal(store_next_group(cursor, &found), STORE_ROW);
	assert_string_equal(found.name, "sensors");
}

/* What lies between the fields is anything. */
static void assert_same_member(const struct member *found, const struct member *member)
{
	assert_string_equal(found->group.text, member->group.text);
	assert_string_equal(found->id, member->id);
	assert_int_equal(found->port, member->port);
	assert_int_equal(found->weight, member->weight);
	assert_int_equal(found->any_zone, member->any_zone);
	assert_int_equal(found->registered, member->registered);
	assert_int_equal(found->drained, member->drained);
}

static void test_members_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	struct member member = member_of("10.0.0.1", 4789), found;
	int64_t count;

	furnish(bench);
	assert_int_equal(store_get_member(bench->store, ARN, "10.0.0.1", 4789, &found), 0);
	assert_same_member(&found, &member);
	assert_int_equal(store_get_member(bench->store, ARN, "10.0.0.1", 4790, &found),
			 STORE_MISSING);
	member.drained = 99;
	member.weight = 11;
	assert_int_equal(store_put_member(bench->store, &member), 0);
	assert_int_equal(store_get_member(bench->store, ARN, "10.0.0.1", 4789, &found), 0);
	assert_same_member(&found, &member);
	assert_int_equal(store_count_members(bench->store, ARN, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(store_delete_member(bench->store, ARN, "10.0.0.1", 4789), 0);
	assert_int_equal(store_delete_member(bench->store, ARN, "10.0.0.1", 4789), STORE_MISSING);
}

static void test_members_need_their_group(void **state)
{
	struct bench *bench = *state;
	const struct member member = member_of("10.0.0.1", 4789);

	assert_int_equal(store_put_member(bench->store, &member), -EEXIST);
}

static void test_drained_members_are_found(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct member member = member_of("10.0.0.2", 4789), found;
	int64_t count;

	furnish(bench);
	member.drained = 500;
	assert_int_equal(store_put_member(bench->store, &member), 0);
	assert_int_equal(store_count_drained(bench->store, 499, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_count_drained(bench->store, 500, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_select_drained(bench->store, 500, &cursor), 0);
	assert_int_equal(store_next_member(cursor, &found), STORE_ROW);
	assert_string_equal(found.id, "10.0.0.2");
	assert_int_equal(store_next_member(cursor, &found), 0);
}

static void put(struct bench *bench, const char *host, const char *id, enum member_state state,
		enum member_reason reason)
{
	const struct report_member said = opinion_of(id, state, reason);

	assert_int_equal(store_put_health(bench->store, host, &said), 0);
}

static void expect_opinion(struct cursor *cursor, const char *id, enum member_state state,
			   enum member_reason reason, int64_t hosts)
{
	struct stored_opinion opinion;

	assert_int_equal(store_next_opinion(cursor, &opinion), STORE_ROW);
	assert_string_equal(opinion.id, id);
	assert_int_equal(opinion.port, 4789);
	assert_int_equal(opinion.state, state);
	assert_int_equal(opinion.reason, reason);
	assert_int_equal(opinion.hosts, hosts);
}

static void test_opinions_are_counted_while_they_are_young(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_opinion opinion;

	furnish(bench);
	add_host(bench, "beta", 2000);
	add_host(bench, "gamma", 3000);
	put(bench, "alpha", "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON);
	put(bench, "beta", "10.0.0.1", MEMBER_UNHEALTHY, MEMBER_TIMEOUT);
	put(bench, "beta", "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON);
	put(bench, "gamma", "10.0.0.1", MEMBER_UNHEALTHY, MEMBER_TIMEOUT);
	put(bench, "gamma", "10.0.0.2", MEMBER_UNHEALTHY, MEMBER_TIMEOUT);
	assert_int_equal(store_select_opinions(bench->store, ARN, 1000, &cursor), 0);
	expect_opinion(cursor, "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON, 2);
	expect_opinion(cursor, "10.0.0.1", MEMBER_UNHEALTHY, MEMBER_TIMEOUT, 1);
	expect_opinion(cursor, "10.0.0.2", MEMBER_UNHEALTHY, MEMBER_TIMEOUT, 1);
	assert_int_equal(store_next_opinion(cursor, &opinion), 0);
	cursor_close(TAKE_PTR(cursor));
	assert_int_equal(store_select_opinions(bench->store, ARN, 1001, &cursor), 0);
	expect_opinion(cursor, "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON, 1);
	cursor_close(TAKE_PTR(cursor));
	assert_int_equal(
		store_select_opinions_of(bench->store, ARN, "10.0.0.2", 4789, 1000, &cursor), 0);
	expect_opinion(cursor, "10.0.0.2", MEMBER_UNHEALTHY, MEMBER_TIMEOUT, 1);
	assert_int_equal(store_next_opinion(cursor, &opinion), 0);
}

static void test_only_members_have_opinions(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct report_member said;

	furnish(bench);
	put(bench, "alpha", "10.0.0.9", MEMBER_HEALTHY, MEMBER_NO_REASON);
	put(bench, "alpha", "10.0.0.2", MEMBER_INITIAL, MEMBER_NO_REASON);
	put(bench, "alpha", "10.0.0.1", MEMBER_UNHEALTHY, MEMBER_RESPONSE_CODE_MISMATCH);
	assert_int_equal(store_select_health(bench->store, "alpha", &cursor), 0);
	assert_int_equal(store_next_health(cursor, &said), STORE_ROW);
	assert_string_equal(said.fleet, ARN);
	assert_string_equal(said.id, "10.0.0.1");
	assert_int_equal(said.port, 4789);
	assert_int_equal(said.state, MEMBER_UNHEALTHY);
	assert_int_equal(said.reason, MEMBER_RESPONSE_CODE_MISMATCH);
	assert_int_equal(store_next_health(cursor, &said), STORE_ROW);
	assert_int_equal(store_next_health(cursor, &said), 0);
	cursor_close(TAKE_PTR(cursor));
	said = opinion_of("10.0.0.2", MEMBER_INITIAL, MEMBER_NO_REASON);
	assert_int_equal(store_delete_health(bench->store, "alpha", &said), 0);
	assert_int_equal(store_delete_member(bench->store, ARN, "10.0.0.1", 4789), 0);
	assert_int_equal(store_select_health(bench->store, "alpha", &cursor), 0);
	assert_int_equal(store_next_health(cursor, &said), 0);
}

static void test_flows_are_added_over_hosts(void **state)
{
	struct bench *bench = *state;
	struct report_fleet flows = {.id = ARN, .flows = 5, .moved = 2, .evicted = 1}, sum = {};
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct report_fleet told;
	int64_t hosts;

	furnish(bench);
	add_host(bench, "beta", 2000);
	assert_int_equal(store_put_flows(bench->store, "alpha", &flows), 0);
	flows.flows = 7;
	assert_int_equal(store_put_flows(bench->store, "alpha", &flows), 0);
	assert_int_equal(store_put_flows(bench->store, "beta", &flows), 0);
	(void)string_copy(flows.id, sizeof(flows.id), OTHER);
	assert_int_equal(store_put_flows(bench->store, "beta", &flows), 0);
	assert_int_equal(store_sum_flows(bench->store, ARN, 1000, &sum, &hosts), 0);
	assert_int_equal(sum.flows, 14);
	assert_int_equal(hosts, 2);
	assert_int_equal(sum.moved, 4);
	assert_int_equal(sum.evicted, 2);
	assert_int_equal(store_sum_flows(bench->store, ARN, 1500, &sum, &hosts), 0);
	assert_int_equal(sum.flows, 7);
	assert_int_equal(hosts, 1);
	assert_int_equal(store_select_flows(bench->store, "alpha", &cursor), 0);
	assert_int_equal(store_next_flows(cursor, &told), STORE_ROW);
	assert_string_equal(told.id, ARN);
	assert_int_equal(told.flows, 7);
	assert_int_equal(told.moved, 2);
	assert_int_equal(told.evicted, 1);
	assert_int_equal(store_next_flows(cursor, &told), 0);
	assert_int_equal(store_delete_flows(bench->store, "beta", ARN), 0);
	assert_int_equal(store_sum_flows(bench->store, ARN, 1500, &sum, &hosts), 0);
	assert_int_equal(sum.flows, 0);
}

static void test_holders_are_counted(void **state)
{
	struct bench *bench = *state;
	struct report_hold hold = {.fleet = ARN, .id = "10.0.0.1", .port = 4789, .flows = 5};
	int64_t count, version;

	furnish(bench);
	add_host(bench, "beta", 2000);
	version = store_get_version(bench->store);
	assert_int_equal(store_put_hold(bench->store, "alpha", &hold), 0);
	assert_int_equal(store_put_hold(bench->store, "alpha", &hold), 0);
	assert_int_equal(store_put_hold(bench->store, "beta", &hold), 0);
	(void)string_copy(hold.id, sizeof(hold.id), "10.0.0.9");
	assert_int_equal(store_put_hold(bench->store, "beta", &hold), 0);
	assert_int_equal(store_count_holders(bench->store, ARN, "10.0.0.1", 4789, 0, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(store_count_holders(bench->store, ARN, "10.0.0.1", 4789, 1500, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_count_holders(bench->store, ARN, "10.0.0.9", 4789, 0, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_count_holds_of_host(bench->store, "beta", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_delete_holds(bench->store, "beta"), 0);
	assert_int_equal(store_count_holds_of_host(bench->store, "beta", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_get_version(bench->store), version);
	assert_int_equal(store_delete_member(bench->store, ARN, "10.0.0.1", 4789), 0);
	assert_int_equal(store_count_holds_of_host(bench->store, "alpha", &count), 0);
	assert_int_equal(count, 0);
}

/* Reports come every few seconds; answers that are kept while the version stays would never serve. */
static void test_what_hosts_say_leaves_the_version(void **state)
{
	struct bench *bench = *state;
	const struct report_member said = opinion_of("10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON);
	const struct report_fleet flows = {.id = ARN, .flows = 5};
	int64_t version;

	furnish(bench);
	version = store_get_version(bench->store);
	assert_int_equal(store_put_health(bench->store, "alpha", &said), 0);
	assert_int_equal(store_delete_health(bench->store, "alpha", &said), 0);
	assert_int_equal(store_put_flows(bench->store, "alpha", &flows), 0);
	assert_int_equal(store_delete_flows(bench->store, "alpha", ARN), 0);
	assert_int_equal(store_get_version(bench->store), version);
}

/* Members, what is said of them, and tags. */
static void test_what_is_a_groups_goes_with_it(void **state)
{
	struct bench *bench = *state;
	const struct report_fleet flows = {.id = ARN, .flows = 5};
	_cleanup_(tags_fini) struct tags tags = {};
	struct member member;
	struct report_fleet sum = {};
	int64_t count, hosts;

	furnish(bench);
	put(bench, "alpha", "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON);
	assert_int_equal(store_put_flows(bench->store, "alpha", &flows), 0);
	assert_int_equal(store_put_tag(bench->store, OWNER, ARN, "team", "net"), 0);
	assert_int_equal(store_delete_group(bench->store, ARN), 0);
	assert_int_equal(store_delete_group(bench->store, ARN), STORE_MISSING);
	assert_int_equal(store_get_member(bench->store, ARN, "10.0.0.1", 4789, &member),
			 STORE_MISSING);
	assert_int_equal(store_load_tags(bench->store, ARN, &tags), 0);
	assert_int_equal(tags.count, 0);
	assert_int_equal(store_sum_flows(bench->store, ARN, 0, &sum, &hosts), 0);
	assert_int_equal(sum.flows, 0);
	assert_int_equal(store_count_members(bench->store, ARN, &count), 0);
	assert_int_equal(count, 0);
}

static void test_a_hosts_opinions_go_with_it(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_opinion opinion;

	furnish(bench);
	put(bench, "alpha", "10.0.0.1", MEMBER_HEALTHY, MEMBER_NO_REASON);
	assert_int_equal(store_delete_host(bench->store, "alpha"), 0);
	assert_int_equal(store_select_opinions(bench->store, ARN, 0, &cursor), 0);
	assert_int_equal(store_next_opinion(cursor, &opinion), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(test_groups_come_back_as_they_went),
		EVERY(test_names_are_taken_once),
		EVERY(test_groups_are_listed_in_order),
		EVERY(test_members_come_back_as_they_went),
		EVERY(test_members_need_their_group),
		EVERY(test_drained_members_are_found),
		EVERY(test_opinions_are_counted_while_they_are_young),
		EVERY(test_only_members_have_opinions),
		EVERY(test_flows_are_added_over_hosts),
		EVERY(test_holders_are_counted),
		EVERY(test_what_hosts_say_leaves_the_version),
		EVERY(test_what_is_a_groups_goes_with_it),
		EVERY(test_a_hosts_opinions_go_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
