// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "control/fixture.h"
#include "control/fleet.h"
#include "control/group.h"
#include "control/member.h"
#include "store/balancer.h"
#include "store/listener.h"
#include "store/member.h"
#include "store/store.h"
#include "store/target.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE 60000
#define NETWORK                                                                     \
	"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/nlb/" \
	"00000000000000aa"

/* A group, and how it is asked for. */
struct scene {
	struct fixture fixture;
	char vpc[RESOURCE_ID_SIZE];
	struct group_wish wish;
	char arn[ARN_SIZE];
};

static int make_group(struct scene *scene, const struct group_wish *wish, char ret_arn[ARN_SIZE])
{
	struct group_record made = {};
	int r;

	r = control_create_group(scene->fixture.control, &scene->fixture.user, wish, &made,
				 &scene->fixture.why);
	if (r == 0)
		memcpy(ret_arn, made.group.arn.text, ARN_SIZE);
	group_record_fini(&made);
	return r;
}

static int scene_open(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct site site;

	assert_non_null(scene);
	fixture_open(&scene->fixture, NULL);
	site = control_get_site(scene->fixture.control, &scene->fixture.user);
	memcpy(scene->vpc, site.vpc.text, sizeof(scene->vpc));
	scene->wish = (struct group_wish){
		.name = "sensors",
		.protocol = "UDP",
		.vpc = scene->vpc,
		.type = "ip",
		.port = NUMBER(4789),
	};
	assert_done(&scene->fixture, make_group(scene, &scene->wish, scene->arn));
	*state = scene;
	return 0;
}

static int scene_close(void **state)
{
	struct scene *scene = *state;

	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

/* A load balancer whose listener forwards to the group. */
static void forward(struct scene *scene, uint32_t tcp_idle)
{
	const struct balancer balancer = {
		.arn = {NETWORK}, .owner = {FIXTURE_ACCOUNT}, .name = "nlb"};
	struct listener listener = {
		.arn = {"arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/nlb/"
			"00000000000000aa/00000000000000bb"},
		.balancer = {NETWORK},
		.owner = {FIXTURE_ACCOUNT},
		.protocol = LISTENER_UDP,
		.port = 4789,
		.tcp_idle = tcp_idle,
	};

	memcpy(listener.group.text, scene->arn, sizeof(listener.group.text));
	assert_int_equal(store_put_balancer(scene->fixture.store, &balancer), 0);
	assert_int_equal(store_put_listener(scene->fixture.store, &listener), 0);
}

/* Host "alpha" sends to the load balancer. */
static void send_there(struct scene *scene)
{
	const struct target target = {.id = {"tmt-00000001"},
				      .owner = {FIXTURE_ACCOUNT},
				      .type = TARGET_NETWORK_LOAD_BALANCER,
				      .locator = NETWORK};
	char filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];

	assert_int_equal(store_add_target(scene->fixture.store, &target), 0);
	assert_done(&scene->fixture, make_filter(&scene->fixture, filter));
	assert_done(&scene->fixture, make_session(&scene->fixture, scene->fixture.tap0,
						  target.id.text, filter, 1, session));
}

static int enroll(struct scene *scene, struct member_wish wish)
{
	return control_register_members(scene->fixture.control, &scene->fixture.user, scene->arn,
					&wish, 1, &scene->fixture.why);
}

static int dismiss(struct scene *scene, struct member_wish wish)
{
	return control_deregister_members(scene->fixture.control, &scene->fixture.user, scene->arn,
					  &wish, 1, &scene->fixture.why);
}

static int attribute(struct scene *scene, const char *key, const char *value)
{
	const struct tag wish = {(char *)(uintptr_t)key, (char *)(uintptr_t)value};
	struct group_record record = {};
	int r;

	r = control_modify_group_attributes(scene->fixture.control, &scene->fixture.user,
					    scene->arn, &wish, 1, &record, &scene->fixture.why);
	group_record_fini(&record);
	return r;
}

static size_t expire(struct scene *scene)
{
	size_t count;

	assert_done(&scene->fixture,
		    control_expire_members(scene->fixture.control, &count, &scene->fixture.why));
	return count;
}

static void expect_health(struct scene *scene, const char *id, const char *state,
			  const char *reason, const char *description)
{
	const struct member_wish name = {.id = id};
	struct member_list list = {};

	assert_done(&scene->fixture,
		    control_describe_members(scene->fixture.control, &scene->fixture.user,
					     scene->arn, &name, 1, &list, &scene->fixture.why));
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].member.id, id);
	assert_string_equal(list.items[0].health.state, state);
	if (reason)
		assert_string_equal(list.items[0].health.reason, reason);
	else
		assert_null(list.items[0].health.reason);
	if (!strstr(list.items[0].health.description, description))
		fail_msg("'%s' is not '%s'", list.items[0].health.description, description);
	member_list_fini(&list);
}

static size_t count_members(struct scene *scene)
{
	struct member_list list = {};
	size_t count;

	assert_done(&scene->fixture,
		    control_describe_members(scene->fixture.control, &scene->fixture.user,
					     scene->arn, NULL, 0, &list, &scene->fixture.why));
	count = list.count;
	member_list_fini(&list);
	return count;
}

/* A host's report that says this of 10.0.0.1, and that nobody else is to be told of. */
static void tell(struct scene *scene, const char *host, enum member_state state,
		 enum member_reason reason)
{
	struct report_member said = {
		.id = "10.0.0.1", .port = 4789, .state = state, .reason = reason};
	struct report_fleet flows = {.flows = 3, .moved = 2, .evicted = 1};
	struct report report = {.version = "1.0",
				.kernel = "6.1",
				.whole = true,
				.members = &said,
				.member_count = 1,
				.fleets = &flows,
				.fleet_count = 1};

	memcpy(said.fleet, scene->arn, sizeof(said.fleet));
	memcpy(flows.id, scene->arn, sizeof(flows.id));
	assert_done(&scene->fixture, control_report(scene->fixture.control, &scene->fixture.agent,
						    host, &report, &scene->fixture.why));
}

static void test_a_group_is_made_once(void **state)
{
	struct scene *scene = *state;
	struct group_wish wish = scene->wish;
	char again[ARN_SIZE], other[ARN_SIZE];
	const struct tag tag = {(char[]){"team"}, (char[]){"net"}};

	assert_done(&scene->fixture, make_group(scene, &wish, again));
	assert_string_equal(again, scene->arn);
	wish.check.interval = NUMBER(20);
	assert_refused(&scene->fixture, make_group(scene, &wish, again),
		       REFUSE_TARGET_GROUP_NAME_TAKEN);
	wish = scene->wish;
	wish.tags = &tag;
	wish.tag_count = 1;
	assert_refused(&scene->fixture, make_group(scene, &wish, again),
		       REFUSE_TARGET_GROUP_NAME_TAKEN);
	wish.name = "others";
	assert_done(&scene->fixture, make_group(scene, &wish, other));
	assert_done(&scene->fixture, make_group(scene, &wish, again));
	assert_string_equal(again, other);
}

static void test_wishes_are_judged(void **state)
{
	static const struct {
		const char *protocol, *type, *family, *check, *extension, *port, *path;
		int64_t number;
		int64_t enabled; /* -1: not given. */
	} rows[] = {
		{.protocol = NULL, .enabled = -1},
		{.protocol = "TCP", .enabled = -1},
		{.protocol = "udp", .enabled = -1},
		{.protocol = "GENEVE", .enabled = -1},
		{.protocol = "UDP", .number = 65536, .enabled = -1},
		{.protocol = "UDP", .type = "lambda", .enabled = -1},
		{.protocol = "UDP", .family = "dualstack", .enabled = -1},
		{.protocol = "UDP", .check = "UDP", .enabled = -1},
		{.protocol = "UDP", .check = "TLS", .enabled = -1},
		{.protocol = "UDP", .extension = "TCP", .enabled = -1},
		{.protocol = "UDP", .port = "http", .enabled = -1},
		{.protocol = "UDP", .port = "0", .enabled = -1},
		{.protocol = "UDP", .path = "/", .enabled = -1},
		{.protocol = "UDP", .enabled = 0},
	};
	struct scene *scene = *state;
	char arn[ARN_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct group_wish wish = {
			.name = "judged",
			.protocol = rows[i].protocol,
			.vpc = scene->vpc,
			.type = rows[i].type,
			.family = rows[i].family,
			.port = NUMBER(rows[i].number ? rows[i].number : 4789),
			.check = {.protocol = rows[i].check,
				  .extension = rows[i].extension,
				  .port = rows[i].port,
				  .path = rows[i].path,
				  .enabled = {rows[i].enabled >= 0, rows[i].enabled}},
		};

		assert_refused(&scene->fixture, make_group(scene, &wish, arn),
			       rows[i].protocol ? REFUSE_PARAMETER_VALUE
						: REFUSE_PARAMETER_MISSING);
	}
	scene->wish.name = "judged";
	scene->wish.vpc = "vpc-00000000";
	assert_refused(&scene->fixture, make_group(scene, &scene->wish, arn),
		       REFUSE_PARAMETER_VALUE);
	scene->wish.vpc = scene->vpc;
	scene->wish.check = (struct check_wish){.protocol = "TCP", .extension = "ICMP"};
	assert_refused(&scene->fixture, make_group(scene, &scene->wish, arn),
		       REFUSE_PARAMETER_COMBINATION);
}

static void test_the_check_can_change(void **state)
{
	struct scene *scene = *state;
	struct check_wish wish = {
		.protocol = "HTTP", .port = "8080", .codes = "204", .timeout = NUMBER(3)};
	struct group_record record = {};
	const struct health_check *check = &record.group.check;

	assert_done(&scene->fixture,
		    control_modify_group(scene->fixture.control, &scene->fixture.user, scene->arn,
					 &wish, &record, &scene->fixture.why));
	assert_int_equal(check->protocol, CHECK_HTTP);
	assert_int_equal(record.group.check_port, 8080);
	assert_string_equal(check->path, "/");
	assert_string_equal(check->codes, "204");
	assert_int_equal(check->timeout, 3);
	assert_int_equal(check->interval, 30);
	wish = (struct check_wish){.protocol = "HTTPS", .path = "/up"};
	assert_done(&scene->fixture,
		    control_modify_group(scene->fixture.control, &scene->fixture.user, scene->arn,
					 &wish, &record, &scene->fixture.why));
	assert_string_equal(check->codes, "204");
	assert_string_equal(check->path, "/up");
	wish = (struct check_wish){.extension = "NONE", .port = "traffic-port"};
	assert_done(&scene->fixture,
		    control_modify_group(scene->fixture.control, &scene->fixture.user, scene->arn,
					 &wish, &record, &scene->fixture.why));
	assert_int_equal(check->protocol, CHECK_NONE);
	assert_int_equal(record.group.check_port, 0);
	assert_string_equal(check->path, "");
	wish = (struct check_wish){.enabled = NUMBER(1)};
	assert_refused(&scene->fixture,
		       control_modify_group(scene->fixture.control, &scene->fixture.user,
					    scene->arn, &wish, &record, &scene->fixture.why),
		       REFUSE_PARAMETER_COMBINATION);
	wish = (struct check_wish){.interval = NUMBER(4)};
	assert_refused(&scene->fixture,
		       control_modify_group(scene->fixture.control, &scene->fixture.user,
					    scene->arn, &wish, &record, &scene->fixture.why),
		       REFUSE_PARAMETER_VALUE);
	group_record_fini(&record);
}

static void test_attributes_are_all_or_nothing(void **state)
{
	struct scene *scene = *state;
	const struct tag wishes[] = {
		{(char[]){"deregistration_delay.timeout_seconds"}, (char[]){"10"}},
		{(char[]){"proxy_protocol_v2.enabled"}, (char[]){"true"}},
	};
	struct group_record record = {};

	assert_refused(&scene->fixture,
		       control_modify_group_attributes(scene->fixture.control, &scene->fixture.user,
						       scene->arn, wishes, 2, &record,
						       &scene->fixture.why),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(&scene->fixture, attribute(scene, "no.such", "1"), REFUSE_PARAMETER_VALUE);
	assert_done(&scene->fixture, control_modify_group_attributes(
					     scene->fixture.control, &scene->fixture.user,
					     scene->arn, NULL, 0, &record, &scene->fixture.why));
	assert_string_equal(group_get_attribute(&record.group, GROUP_DEREGISTRATION_DELAY), "300");
	group_record_fini(&record);
	assert_done(&scene->fixture, control_modify_group_attributes(
					     scene->fixture.control, &scene->fixture.user,
					     scene->arn, wishes, 1, &record, &scene->fixture.why));
	assert_string_equal(group_get_attribute(&record.group, GROUP_DEREGISTRATION_DELAY), "10");
	group_record_fini(&record);
}

static void test_a_group_in_use_stays(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct group_page page = {};
	const char *const names[] = {"sensors", "others"};
	const struct query query = {};

	forward(scene, 350);
	assert_refused(
		fixture,
		control_delete_group(fixture->control, &fixture->user, scene->arn, &fixture->why),
		REFUSE_RESOURCE_IN_USE);
	scene->wish.name = "others";
	assert_done(fixture, make_group(scene, &scene->wish, scene->arn));
	assert_done(fixture, control_find_groups(fixture->control, &fixture->user, names, 2, &page,
						 &fixture->why));
	assert_int_equal(page.count, 2);
	assert_int_equal(page.items[0].balancer_count, 1);
	assert_string_equal(page.items[0].balancers[0].text, NETWORK);
	assert_int_equal(page.items[1].balancer_count, 0);
	group_page_fini(&page);
	assert_done(fixture, control_describe_groups(fixture->control, &fixture->user, NETWORK,
						     &query, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].group.name, "sensors");
	group_page_fini(&page);
	assert_done(fixture, control_delete_group(fixture->control, &fixture->user, scene->arn,
						  &fixture->why));
	assert_refused(fixture,
		       control_find_groups(fixture->control, &fixture->user, names, 2, &page,
					   &fixture->why),
		       REFUSE_TARGET_GROUP_NOT_FOUND);
}

static void test_members_are_judged(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct {
		struct member_wish wish;
		int code;
	} rows[] = {
		{{.id = "sensor"}, REFUSE_MEMBER_INVALID},
		{{.id = "i-00000001"}, REFUSE_MEMBER_INVALID},
		{{.id = "2001:db8::1"}, REFUSE_MEMBER_INVALID},
		{{.id = "224.0.0.1"}, REFUSE_MEMBER_INVALID},
		{{.id = "10.0.0.1", .port = NUMBER(0)}, REFUSE_PARAMETER_VALUE},
		{{.id = "10.0.0.1", .weight = NUMBER(1001)}, REFUSE_PARAMETER_VALUE},
		{{.id = "10.0.0.1", .zone = "us-east-1b"}, REFUSE_PARAMETER_VALUE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refused(fixture, enroll(scene, rows[i].wish), rows[i].code);
	assert_int_equal(count_members(scene), 0);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1", .zone = "all"}));
	assert_done(fixture,
		    enroll(scene, (struct member_wish){.id = "10.0.0.1", .zone = "us-east-1a"}));
	assert_int_equal(count_members(scene), 1);
	assert_done(fixture, dismiss(scene, (struct member_wish){.id = "10.0.0.9"}));
	assert_refused(fixture, dismiss(scene, (struct member_wish){.id = "sensor"}),
		       REFUSE_MEMBER_INVALID);
}

static void test_too_many_members(void **state)
{
	const struct member_wish wishes[] = {{.id = "10.0.0.1"}, {.id = "10.0.0.2"}};
	struct limits limits = LIMITS_DEFAULT;
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char other[ARN_SIZE];

	fixture_close(fixture);
	limits.members_per_group = 1;
	limits.target_groups = 1;
	fixture_open(fixture, &limits);
	assert_done(fixture, make_group(scene, &scene->wish, scene->arn));
	assert_refused(fixture,
		       control_register_members(fixture->control, &fixture->user, scene->arn,
						wishes, 2, &fixture->why),
		       REFUSE_MEMBER_LIMIT);
	assert_int_equal(count_members(scene), 0);
	assert_done(fixture, enroll(scene, wishes[0]));
	assert_done(fixture, enroll(scene, wishes[0]));
	scene->wish.name = "others";
	assert_refused(fixture, make_group(scene, &scene->wish, other), REFUSE_TARGET_GROUP_LIMIT);
}

static void test_members_are_drained(void **state)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	forward(scene, 350);
	assert_done(fixture, enroll(scene, member));
	assert_done(fixture, dismiss(scene, member));
	expect_health(scene, "10.0.0.1", "draining", "Target.DeregistrationInProgress", "");
	assert_done(fixture, enroll(scene, member));
	expect_health(scene, "10.0.0.1", "unused", "Target.NotInUse", "No host");
	assert_done(fixture, dismiss(scene, member));
	fixture->now += 200000;
	assert_done(fixture, dismiss(scene, member));
	fixture->now += 99999;
	assert_int_equal(expire(scene), 0);
	assert_int_equal(count_members(scene), 1);
	fixture->now += 1;
	assert_int_equal(expire(scene), 1);
	assert_int_equal(expire(scene), 0);
	assert_int_equal(count_members(scene), 0);
	expect_health(scene, "10.0.0.1", "unused", "Target.NotRegistered", "not registered");
}

/* The API has forgotten them by then, and the fleet has not. */
static void test_flows_may_outlast_the_delay(void **state)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct fleet fleet = {};

	forward(scene, 350);
	assert_done(fixture, attribute(scene, "deregistration_delay.connection_termination.enabled",
				       "false"));
	assert_done(fixture, attribute(scene, "deregistration_delay.timeout_seconds", "0"));
	assert_done(fixture, enroll(scene, member));
	assert_done(fixture, dismiss(scene, member));
	assert_int_equal(count_members(scene), 0);
	expect_health(scene, "10.0.0.1", "unused", "Target.NotRegistered", "");
	fixture->now += 349999;
	assert_int_equal(expire(scene), 0);
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 350, &fleet), 0);
	assert_int_equal(fleet.member_count, 1);
	assert_true(fleet.members[0].draining);
	fleet_fini(&fleet);
	fixture->now += 1;
	assert_int_equal(expire(scene), 1);
}

/* Reports of host "alpha", the last of them now, with so many flows held to a member that is drained. */
static void tell_held(struct scene *scene, uint64_t flows)
{
	struct fixture *fixture = &scene->fixture;
	struct report_hold hold = {.id = "10.0.0.1", .port = 4789, .flows = flows};
	const struct report report = {.version = "1.0", .holds = &hold, .hold_count = flows > 0};

	memcpy(hold.fleet, scene->arn, sizeof(hold.fleet));
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
}

/* A member without delay, drained while a connection goes on to it. */
static void begin_to_drain(struct scene *scene)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct fixture *fixture = &scene->fixture;

	forward(scene, 350);
	send_there(scene);
	assert_done(fixture, attribute(scene, "deregistration_delay.connection_termination.enabled",
				       "false"));
	assert_done(fixture, attribute(scene, "deregistration_delay.timeout_seconds", "0"));
	assert_done(fixture, enroll(scene, member));
	assert_done(fixture, dismiss(scene, member));
}

static void test_members_stay_until_their_last_flow(void **state)
{
	const int64_t minute = 60000, hour = 60 * minute;
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	begin_to_drain(scene);
	for (int i = 0; i < 120; i++) {
		fixture->now += minute;
		tell_held(scene, 1);
		assert_int_equal(expire(scene), 0);
	}
	tell_held(scene, 0);
	assert_int_equal(expire(scene), 1);
	/* A host that was heard of lately may come back, and its flows are where they were. */
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	assert_done(fixture, dismiss(scene, (struct member_wish){.id = "10.0.0.1"}));
	tell_held(scene, 1);
	fixture->now += hour;
	assert_int_equal(expire(scene), 0);
	fixture->now += 1;
	assert_int_equal(expire(scene), 1);
}

static void test_no_flow_keeps_a_member_for_ever(void **state)
{
	const int64_t minute = 60000, day = 24 * 60 * minute;
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	begin_to_drain(scene);
	fixture->now += day - 1;
	tell_held(scene, 1);
	assert_int_equal(expire(scene), 0);
	fixture->now += 1;
	tell_held(scene, 1);
	assert_int_equal(expire(scene), 1);
}

/* As the attribute says: with the delay's end flows end. */
static void test_flows_may_end_with_the_delay(void **state)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	forward(scene, 350);
	send_there(scene);
	assert_done(fixture, attribute(scene, "deregistration_delay.connection_termination.enabled",
				       "true"));
	assert_done(fixture, enroll(scene, member));
	assert_done(fixture, dismiss(scene, member));
	fixture->now += 300000 - 1;
	tell_held(scene, 1);
	assert_int_equal(expire(scene), 0);
	fixture->now += 1;
	tell_held(scene, 1);
	assert_int_equal(expire(scene), 1);
}

static void test_there_is_nothing_to_drain_where_nothing_is_sent(void **state)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct scene *scene = *state;

	assert_done(&scene->fixture, enroll(scene, member));
	expect_health(scene, "10.0.0.1", "unused", "Target.NotInUse", "not configured");
	assert_done(&scene->fixture, dismiss(scene, member));
	assert_int_equal(count_members(scene), 0);
}

static void test_health_is_what_all_hosts_say(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	forward(scene, 350);
	send_there(scene);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.2"}));
	expect_health(scene, "10.0.0.1", "unused", "Target.NotInUse", "No host");
	tell(scene, "alpha", MEMBER_INITIAL, MEMBER_NO_REASON);
	expect_health(scene, "10.0.0.1", "initial", "Elb.InitialHealthChecking", "");
	expect_health(scene, "10.0.0.2", "initial", "Elb.RegistrationInProgress", "");
	tell(scene, "alpha", MEMBER_HEALTHY, MEMBER_NO_REASON);
	expect_health(scene, "10.0.0.1", "healthy", NULL, "");
	tell(scene, "alpha", MEMBER_UNHEALTHY, MEMBER_TIMEOUT);
	expect_health(scene, "10.0.0.1", "unhealthy", "Target.Timeout", "Health checks timed out");
	fixture->now += MINUTE;
	expect_health(scene, "10.0.0.1", "unhealthy", "Target.Timeout", "");
	fixture->now += 1;
	expect_health(scene, "10.0.0.1", "unused", "Target.NotInUse", "No host");
}

/* What is not told again stays, until all is told. */
static void test_news_of_health_is_told_by_itself(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct report_member said = {.id = "10.0.0.2", .port = 4789, .state = MEMBER_HEALTHY};
	struct report_fleet flows = {.flows = 3};
	struct report report = {.version = "1.0",
				.members = &said,
				.member_count = 1,
				.fleets = &flows,
				.fleet_count = 1};

	memcpy(said.fleet, scene->arn, sizeof(said.fleet));
	memcpy(flows.id, scene->arn, sizeof(flows.id));
	forward(scene, 350);
	send_there(scene);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.2"}));
	tell(scene, "alpha", MEMBER_UNHEALTHY, MEMBER_TIMEOUT);
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	expect_health(scene, "10.0.0.1", "unhealthy", "Target.Timeout", "");
	expect_health(scene, "10.0.0.2", "healthy", NULL, "");
	report.member_count = 0;
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	expect_health(scene, "10.0.0.2", "healthy", NULL, "");
	report.whole = true;
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	expect_health(scene, "10.0.0.1", "initial", "Elb.RegistrationInProgress", "");
	expect_health(scene, "10.0.0.2", "initial", "Elb.RegistrationInProgress", "");
}

#define UNSAID ((enum member_state)99)

/* All members at once are judged as each by itself. */
static void test_opinions_find_their_member(void **state)
{
	static const struct {
		const char *id;
		int64_t port;
		enum member_state state;
		const char *expected;
	} rows[] = {
		{"10.0.0.1", 4789, MEMBER_UNHEALTHY, "unhealthy"},
		{"10.0.0.1", 5000, MEMBER_HEALTHY, "healthy"},
		{"10.0.0.2", 4789, UNSAID, "initial"},
		{"10.0.0.3", 4789, MEMBER_HEALTHY, "healthy"},
		{"10.0.0.4", 4789, MEMBER_UNHEALTHY, "unhealthy"},
	};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct report_member said[ARRAY_SIZE(rows)] = {};
	struct report_fleet flows = {.flows = 3};
	struct report report = {.version = "1.0",
				.members = said,
				.fleets = &flows,
				.fleet_count = 1,
				.whole = true};
	struct member_list list = {};

	memcpy(flows.id, scene->arn, sizeof(flows.id));
	forward(scene, 350);
	send_there(scene);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct report_member *member = &said[report.member_count];

		assert_done(fixture,
			    enroll(scene, (struct member_wish){.id = rows[i].id,
							       .port = NUMBER(rows[i].port)}));
		if (rows[i].state == UNSAID)
			continue;
		*member = (struct report_member){.port = (uint16_t)rows[i].port,
						 .state = rows[i].state};
		memcpy(member->fleet, scene->arn, sizeof(member->fleet));
		(void)string_copy(member->id, sizeof(member->id), rows[i].id);
		report.member_count++;
	}
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	assert_done(fixture, control_describe_members(fixture->control, &fixture->user, scene->arn,
						      NULL, 0, &list, &fixture->why));
	assert_int_equal(list.count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(list.items[i].member.id, rows[i].id);
		assert_string_equal(list.items[i].health.state, rows[i].expected);
	}
	member_list_fini(&list);
}

static void test_one_host_that_cannot_reach_it_is_enough(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char tap1[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
	struct group_page page = {};
	const char *const name = "sensors";

	forward(scene, 350);
	send_there(scene);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	REPORT(fixture, "beta", "10.0.0.6", "tap1");
	/* Not yet: nothing of beta's is sent there. */
	tell(scene, "beta", MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS);
	tell(scene, "alpha", MEMBER_HEALTHY, MEMBER_NO_REASON);
	expect_health(scene, "10.0.0.1", "healthy", NULL, "");
	fixture_find_device(fixture, "beta", "tap1", tap1);
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, tap1, "tmt-00000001", filter, 1, session));
	tell(scene, "beta", MEMBER_UNHEALTHY, MEMBER_RESPONSE_CODE_MISMATCH);
	expect_health(scene, "10.0.0.1", "unhealthy", "Target.ResponseCodeMismatch",
		      "from 1 of 2 hosts");
	tell(scene, "beta", MEMBER_INITIAL, MEMBER_NO_REASON);
	expect_health(scene, "10.0.0.1", "initial", "Elb.InitialHealthChecking", "");
	assert_done(fixture, control_find_groups(fixture->control, &fixture->user, &name, 1, &page,
						 &fixture->why));
	assert_int_equal(page.items[0].hosts, 2);
	assert_int_equal(page.items[0].flows.flows, 6);
	assert_int_equal(page.items[0].flows.moved, 4);
	assert_int_equal(page.items[0].flows.evicted, 2);
	group_page_fini(&page);
}

static void test_who_is_not_checked_is_unavailable(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct check_wish wish = {.extension = "NONE", .enabled = NUMBER(0)};
	struct group_record record = {};

	forward(scene, 350);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	assert_done(fixture, control_modify_group(fixture->control, &fixture->user, scene->arn,
						  &wish, &record, &fixture->why));
	group_record_fini(&record);
	expect_health(scene, "10.0.0.1", "unavailable", "Target.HealthCheckDisabled", "");
}

/* A group of instances with the one that eth0 belongs to, to which alpha sends. */
static void enroll_host(struct scene *scene, char instance[RESOURCE_ID_SIZE])
{
	struct fixture *fixture = &scene->fixture;
	struct interface_page page = {};
	const char *const ids[] = {fixture->eth0};
	const struct query query = {.ids = ids, .id_count = 1};

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	memcpy(instance, page.items[0].source.instance.text, RESOURCE_ID_SIZE);
	interface_page_fini(&page);
	scene->wish.name = "instances";
	scene->wish.type = NULL;
	assert_done(fixture, make_group(scene, &scene->wish, scene->arn));
	forward(scene, 350);
	assert_refused(fixture, enroll(scene, (struct member_wish){.id = "i-00000000000000000"}),
		       REFUSE_MEMBER_INVALID);
	send_there(scene);
	assert_done(fixture, enroll(scene, (struct member_wish){.id = instance}));
}

static void test_instances_go_by_their_address(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char instance[RESOURCE_ID_SIZE];
	struct fleet fleet = {};

	enroll_host(scene, instance);
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 350, &fleet), 0);
	assert_int_equal(fleet.member_count, 1);
	assert_string_equal(fleet.members[0].id, instance);
	assert_int_equal(fleet.members[0].address.bytes[3], 5);
	fleet_fini(&fleet);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	expect_health(scene, instance, "unused", "Target.IpUnusable", "");
	REPORT(fixture, "alpha", "10.0.0.7", "tap0");
	expect_health(scene, instance, "unused", "Target.InvalidState", "stopped");
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 350, &fleet), 0);
	assert_int_equal(fleet.member_count, 0);
	fixture->changes = 0;
	REPORT(fixture, "alpha", "10.0.0.8", "eth0", "tap0");
	assert_int_equal(fixture->changes, 1);
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 350, &fleet), 0);
	assert_int_equal(fleet.members[0].address.bytes[3], 8);
	fleet_fini(&fleet);
}

/* A device may turn out to be a guest's, and so belong to another instance, with all else as it was. */
static void test_an_instance_that_loses_its_device_is_told_of(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct report_interface seen = {.device = "eth0",
					.mac = {2, 0, 0, 0, 0, 1},
					.mtu = 1500,
					.orientation = ORIENTATION_GUEST,
					.address_count = 1};
	const struct report report = {
		.version = "1.0", .has_inventory = true, .interfaces = &seen, .interface_count = 1};
	char instance[RESOURCE_ID_SIZE];
	struct fleet fleet = {};

	assert_true(address_parse("10.0.0.5", &seen.addresses[0]));
	enroll_host(scene, instance);
	REPORT(fixture, "alpha", "10.0.0.5", "eth0");
	fixture->changes = 0;
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	assert_int_equal(fixture->changes, 1);
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 350, &fleet), 0);
	assert_int_equal(fleet.member_count, 0);
	fleet_fini(&fleet);
}

static void test_the_fleet_is_in_order(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct fleet fleet = {};

	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.2",
								.port = NUMBER(5000),
								.weight = NUMBER(7)}));
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.2"}));
	assert_done(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}));
	/* What is not said again stays. */
	assert_done(fixture,
		    enroll(scene, (struct member_wish){.id = "10.0.0.2", .port = NUMBER(5000)}));
	assert_int_equal(fleet_compute(fixture->control, scene->arn, 77, &fleet), 0);
	assert_string_equal(fleet.id, scene->arn);
	assert_int_equal(fleet.tcp_idle, 77);
	assert_int_equal(fleet.other_idle, 120);
	assert_int_equal(fleet.member_count, 3);
	assert_string_equal(fleet.members[0].id, "10.0.0.1");
	assert_int_equal(fleet.members[1].port, 4789);
	assert_int_equal(fleet.members[1].weight, 1);
	assert_int_equal(fleet.members[2].port, 5000);
	assert_int_equal(fleet.members[2].check_port, 5000);
	assert_int_equal(fleet.members[2].weight, 7);
	assert_int_equal(fleet.members[2].address.bytes[3], 2);
	fleet_fini(&fleet);
	assert_int_equal(fleet_compute(fixture->control, NETWORK, 77, &fleet), STORE_MISSING);
}

static void test_changes_reach_those_who_send_there(void **state)
{
	const struct member_wish member = {.id = "10.0.0.1"};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	forward(scene, 350);
	assert_done(fixture, enroll(scene, member));
	assert_int_equal(fixture->changes, 0);
	send_there(scene);
	fixture->changes = 0;
	assert_done(fixture, enroll(scene, member));
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	assert_done(fixture, attribute(scene, "stickiness.enabled", "true"));
	assert_int_equal(fixture->changes, 2);
	assert_done(fixture, dismiss(scene, member));
	assert_int_equal(fixture->changes, 3);
	fixture->now += 300000;
	assert_int_equal(expire(scene), 1);
	assert_int_equal(fixture->changes, 4);
}

static void test_anothers_group_is_not_there(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const char *const name = "sensors", *const arns[] = {scene->arn};
	const struct query all = {}, one = {.ids = arns, .id_count = 1};
	struct group_page page = {};

	(void)string_copy(fixture->user.account.text, sizeof(fixture->user.account.text),
			  "210987654321");
	assert_refused(fixture, enroll(scene, (struct member_wish){.id = "10.0.0.1"}),
		       REFUSE_TARGET_GROUP_NOT_FOUND);
	assert_refused(fixture, attribute(scene, "stickiness.enabled", "true"),
		       REFUSE_TARGET_GROUP_NOT_FOUND);
	assert_refused(
		fixture,
		control_delete_group(fixture->control, &fixture->user, scene->arn, &fixture->why),
		REFUSE_TARGET_GROUP_NOT_FOUND);
	assert_refused(fixture,
		       control_find_groups(fixture->control, &fixture->user, &name, 1, &page,
					   &fixture->why),
		       REFUSE_TARGET_GROUP_NOT_FOUND);
	assert_refused(fixture,
		       control_describe_groups(fixture->control, &fixture->user, NULL, &one, &page,
					       &fixture->why),
		       REFUSE_TARGET_GROUP_NOT_FOUND);
	assert_done(fixture, control_describe_groups(fixture->control, &fixture->user, NULL, &all,
						     &page, &fixture->why));
	assert_int_equal(page.count, 0);
	group_page_fini(&page);
}

#define SCENE(test)                                        \
	{                                                  \
#test, test, scene_open, scene_close, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_a_group_is_made_once),
		SCENE(test_wishes_are_judged),
		SCENE(test_the_check_can_change),
		SCENE(test_attributes_are_all_or_nothing),
		SCENE(test_a_group_in_use_stays),
		SCENE(test_members_are_judged),
		SCENE(test_too_many_members),
		SCENE(test_members_are_drained),
		SCENE(test_flows_may_outlast_the_delay),
		SCENE(test_members_stay_until_their_last_flow),
		SCENE(test_no_flow_keeps_a_member_for_ever),
		SCENE(test_flows_may_end_with_the_delay),
		SCENE(test_there_is_nothing_to_drain_where_nothing_is_sent),
		SCENE(test_health_is_what_all_hosts_say),
		SCENE(test_news_of_health_is_told_by_itself),
		SCENE(test_opinions_find_their_member),
		SCENE(test_one_host_that_cannot_reach_it_is_enough),
		SCENE(test_who_is_not_checked_is_unavailable),
		SCENE(test_instances_go_by_their_address),
		SCENE(test_an_instance_that_loses_its_device_is_told_of),
		SCENE(test_the_fleet_is_in_order),
		SCENE(test_changes_reach_those_who_send_there),
		SCENE(test_anothers_group_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
