// SPDX-License-Identifier: Apache-2.0
/* Answers are kept while the store's version stays, and hosts' reports leave it as it is.  So the actions that are marked
 * steady must not read what hosts report.  The test stands between the store and SQLite, and looks at every statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/action.h"
#include "api/door.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/arn.h"
#include "mirror/report.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define ELB "elasticloadbalancing"

static struct {
	unsigned int steps;    /* Of any statement. */
	unsigned int sessions; /* Of those that read sessions. */
	unsigned int groups;   /* Of those that read target groups. */
	unsigned int reported; /* Of those that read what hosts report. */
	unsigned int tagged;   /* Of those that read tags, which completes a record that matches. */
} seen;

__attribute__((visibility("default"))) int sqlite3_step(sqlite3_stmt *statement)
{
	static const char *const reported[] = {"hosts",   "session_reports", "counters",
					       "history", "member_health",   "group_flows"};
	static int (*real)(sqlite3_stmt * statement);
	const char *sql = sqlite3_sql(statement);

	if (!real)
		real = (int (*)(sqlite3_stmt *))(uintptr_t)dlsym(RTLD_NEXT, "sqlite3_step");
	seen.steps++;
	seen.sessions += sql && strstr(sql, "FROM sessions ") != NULL;
	seen.groups += sql && strstr(sql, "FROM target_groups ") != NULL;
	seen.tagged += sql && strstr(sql, "FROM tags ") != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reported); i++)
		seen.reported += sql && strstr(sql, reported[i]) != NULL;
	return real(statement);
}

struct scene {
	struct door door;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE],
		session[RESOURCE_ID_SIZE];
	char balancer[ARN_SIZE], group[ARN_SIZE], listener[ARN_SIZE], balanced[RESOURCE_ID_SIZE];
	char asked[64][64]; /* Actions of which the test knows that they are steady. */
	size_t asked_count;
};

/* Sends a request that makes something, and keeps what its answer says in the element. */
static void make(struct scene *scene, const char *service, const char *element, char *ret_value,
		 size_t size, const char *format, ...) _printf_(6, 7);

static void make(struct scene *scene, const char *service, const char *element, char *ret_value,
		 size_t size, const char *format, ...)
{
	const struct sender admin = {.key = &scene->door.admin};
	_cleanup_(answer_fini) struct answer answer = {};
	_cleanup_free_ char *value = NULL;
	char fields[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fields, sizeof(fields), format, arguments);
	va_end(arguments);
	answer = door_ask(&scene->door, &admin, service, fields);
	value = answer_get(&answer, element);
	if (value[0] == '\0')
		fail_msg("%s: %s", fields, answer.body);
	assert_true(string_copy(ret_value, size, value));
}

/* A load balancer with all that belongs to it, and a session to it. */
static void make_fleet(struct scene *scene)
{
	struct fixture *fixture = &scene->door.fixture;
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const struct sender admin = {.key = &scene->door.admin};
	char fields[512], session[RESOURCE_ID_SIZE];

	make(scene, ELB, "LoadBalancerArn", scene->balancer, ARN_SIZE,
	     "Action=CreateLoadBalancer&Name=sensors&Type=network&Subnets.member.1=%s",
	     site.subnet.text);
	make(scene, ELB, "TargetGroupArn", scene->group, ARN_SIZE,
	     "Action=CreateTargetGroup&Name=sensors&Protocol=UDP&Port=4789&TargetType=ip&VpcId=%s",
	     site.vpc.text);
	(void)snprintf(fields, sizeof(fields),
		       "Action=RegisterTargets&TargetGroupArn=%s&Targets.member.1.Id=192.0.2.20",
		       scene->group);
	door_expect(&scene->door, &admin, ELB, fields, NULL);
	make(scene, ELB, "ListenerArn", scene->listener, ARN_SIZE,
	     "Action=CreateListener&LoadBalancerArn=%s&Protocol=UDP&Port=4789"
	     "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=%s",
	     scene->balancer, scene->group);
	make(scene, "ec2", "trafficMirrorTargetId", scene->balanced, RESOURCE_ID_SIZE,
	     "Action=CreateTrafficMirrorTarget&NetworkLoadBalancerArn=%s", scene->balancer);
	assert_done(fixture, make_session(fixture, fixture->eth0, scene->balanced, scene->filter, 1,
					  session));
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct fixture *fixture = &scene->door.fixture;

	assert_non_null(scene);
	door_open(&scene->door);
	assert_done(fixture, make_target(fixture, fixture->appliance, scene->target));
	assert_done(fixture, make_filter(fixture, scene->filter));
	assert_done(fixture, make_rule(fixture, scene->filter, "ingress", 1, scene->rule));
	assert_done(fixture, make_session(fixture, fixture->tap0, scene->target, scene->filter, 1,
					  scene->session));
	make_fleet(scene);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	door_close(&scene->door);
	free(scene);
	return 0;
}

static void ask(struct scene *scene, const char *service, const char *fields)
{
	const struct sender admin = {.key = &scene->door.admin};
	_cleanup_(answer_fini) struct answer answer = {};

	memset(&seen, 0, sizeof(seen));
	answer = door_ask(&scene->door, &admin, service, fields);
	if (answer.status != 200)
		fail_msg("%s: %s", fields, answer.body);
	assert_true(seen.steps > 0);
}

/* What an agent says every few seconds, with other numbers each time. */
static void report(struct scene *scene, uint64_t packets)
{
	struct fixture *fixture = &scene->door.fixture;
	struct report_session session = {.active = true, .epoch = 1};
	struct report_member member = {.id = "192.0.2.20", .port = 4789};
	struct report_fleet fleet = {.flows = packets, .moved = packets, .evicted = packets};
	const struct report report = {.version = "1",
				      .whole = packets % 2,
				      .sessions = &session,
				      .session_count = 1,
				      .members = &member,
				      .member_count = packets % 3 > 0,
				      .fleets = &fleet,
				      .fleet_count = 1};

	fixture->now += 2000;
	(void)string_copy(session.id.text, sizeof(session.id.text), scene->session);
	(void)string_copy(member.fleet, sizeof(member.fleet), scene->group);
	(void)string_copy(fleet.id, sizeof(fleet.id), scene->group);
	member.state = packets % 2 ? MEMBER_HEALTHY : MEMBER_UNHEALTHY;
	session.counters.direction[DIRECTION_INGRESS].accepted.packets = packets;
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
}

static void assert_steady(struct scene *scene, const char *service, const char *action,
			  const char *more, const char *value)
{
	char fields[512];

	(void)snprintf(fields, sizeof(fields), "Action=%s%s%s", action, more, value);
	ask(scene, service, fields);
	assert_int_equal(seen.reported, 0);
	assert_true(scene->asked_count < ARRAY_SIZE(scene->asked));
	assert_true(
		string_copy(scene->asked[scene->asked_count++], sizeof(scene->asked[0]), action));
}

static bool was_asked(const struct scene *scene, const char *action)
{
	for (size_t i = 0; i < scene->asked_count; i++)
		if (strcmp(scene->asked[i], action) == 0)
			return true;
	return false;
}

/* Whoever marks another row finds out here that it belongs into this test. */
static void assert_all_were_asked(const struct scene *scene, const char *name)
{
	const struct service *service = service_find(name);

	for (size_t i = 0; i < service->table_count; i++)
		for (size_t j = 0; j < service->tables[i]->count; j++) {
			const struct action *action = &service->tables[i]->rows[j];

			if (action->steady && !was_asked(scene, action->name))
				fail_msg("%s is marked steady and not tested", action->name);
		}
}

/* By a value that fits, so that the record is read to its end. */
static void assert_steady_filter(struct scene *scene, const char *action, const char *filter)
{
	assert_steady(scene, "ec2", action, "&Filter.1.Value.1=*&Filter.1.Name=", filter);
	assert_true(seen.tagged > 0);
}

static void test_steady_actions_do_not_read_reports(void **state)
{
	struct scene *scene = *state;
	const struct {
		const char *action, *by_id, *id, *by_field;
		bool extended;
	} rows[] = {
		{"DescribeTrafficMirrorTargets", "&TrafficMirrorTargetId.1=", scene->target,
		 "network-interface-id", false},
		{"DescribeTrafficMirrorFilters", "&TrafficMirrorFilterId.1=", scene->filter,
		 "description", true},
		{"DescribeTrafficMirrorFilterRules", "&TrafficMirrorFilterRuleId.1=", scene->rule,
		 "rule-number", true},
		{"DescribeTrafficMirrorSessions", "&TrafficMirrorSessionId.1=", scene->session,
		 "session-number", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *action = rows[i].action;

		assert_steady(scene, "ec2", action, "", "");
		assert_steady(scene, "ec2", action, "&MaxResults=5", "");
		assert_steady(scene, "ec2", action, rows[i].by_id, rows[i].id);
		assert_steady_filter(scene, action, rows[i].by_field);
		assert_steady_filter(scene, action, "tag-key");
		if (rows[i].extended)
			assert_steady(scene, "ec2", action, "&Extension.Show=true", "");
	}
	assert_all_were_asked(scene, "ec2");
	/* It would be seen. */
	ask(scene, "ec2", "Action=DescribeTrafficMirrorSessionStatus");
	assert_true(seen.reported > 0);
}

static void test_steady_actions_of_balancing_do_not_either(void **state)
{
	struct scene *scene = *state;
	const struct {
		const char *action, *more, *value;
	} rows[] = {
		{"DescribeLoadBalancers", "", ""},
		{"DescribeLoadBalancers", "&PageSize=5", ""},
		{"DescribeLoadBalancers", "&Names.member.1=", "sensors"},
		{"DescribeLoadBalancers", "&LoadBalancerArns.member.1=", scene->balancer},
		{"DescribeListeners", "&LoadBalancerArn=", scene->balancer},
		{"DescribeListeners", "&ListenerArns.member.1=", scene->listener},
		{"DescribeTargetGroupAttributes", "&TargetGroupArn=", scene->group},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_steady(scene, ELB, rows[i].action, rows[i].more, rows[i].value);
	assert_all_were_asked(scene, ELB);
	assert_all_were_asked(scene, "sts");
	assert_all_were_asked(scene, "iam");
	/* It would be seen. */
	ask(scene, ELB, "Action=DescribeTargetGroups");
	assert_true(seen.reported > 0);
}

static void test_reports_leave_answers_and_changes_do_not(void **state)
{
	static const char question[] = "Action=DescribeTrafficMirrorSessions";
	struct scene *scene = *state;
	struct fixture *fixture = &scene->door.fixture;
	char second[RESOURCE_ID_SIZE];

	ask(scene, "ec2", question);
	assert_true(seen.sessions > 0);
	ask(scene, "ec2", question);
	assert_int_equal(seen.sessions, 0);
	for (uint64_t packets = 1; packets < 4; packets++) {
		report(scene, packets);
		ask(scene, "ec2", question);
		assert_int_equal(seen.sessions, 0);
	}
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 2, second));
	ask(scene, "ec2", question);
	assert_true(seen.sessions > 0);
	/* A host with other interfaces is more than a report of counters. */
	REPORT(fixture, "alpha", NULL, "eth0", "tap0", "tap1");
	ask(scene, "ec2", question);
	assert_true(seen.sessions > 0);
}

static void test_reports_leave_answers_of_balancing(void **state)
{
	struct scene *scene = *state;
	char question[512];

	(void)snprintf(question, sizeof(question),
		       "Action=DescribeTargetGroupAttributes&TargetGroupArn=%s", scene->group);
	ask(scene, ELB, question);
	assert_true(seen.groups > 0);
	for (uint64_t packets = 1; packets < 8; packets++) {
		report(scene, packets);
		ask(scene, ELB, question);
		assert_int_equal(seen.groups, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_steady_actions_do_not_read_reports, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_steady_actions_of_balancing_do_not_either,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_reports_leave_answers_of_balancing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_reports_leave_answers_and_changes_do_not,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
