// SPDX-License-Identifier: Apache-2.0
/* Answers are kept while the store's version stays, and hosts' reports leave it as it is.  So the actions that are marked
 * steady must not read what hosts report.  The test stands between the store and SQLite, and looks at every statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/door.h"

#include "base/count.h"
#include "mirror/report.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static struct {
	unsigned int steps;    /* Of any statement. */
	unsigned int sessions; /* Of those that read sessions. */
	unsigned int reported; /* Of those that read what hosts report. */
	unsigned int tagged;   /* Of those that read tags, which completes a record that matches. */
} seen;

__attribute__((visibility("default"))) int sqlite3_step(sqlite3_stmt *statement)
{
	static const char *const reported[] = {"hosts", "session_reports", "counters"};
	static int (*real)(sqlite3_stmt * statement);
	const char *sql = sqlite3_sql(statement);

	if (!real)
		real = (int (*)(sqlite3_stmt *))(uintptr_t)dlsym(RTLD_NEXT, "sqlite3_step");
	seen.steps++;
	seen.sessions += sql && strstr(sql, "FROM sessions ") != NULL;
	seen.tagged += sql && strstr(sql, "FROM tags ") != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reported); i++)
		seen.reported += sql && strstr(sql, reported[i]) != NULL;
	return real(statement);
}

struct scene {
	struct door door;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE],
		session[RESOURCE_ID_SIZE];
};

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

static void ask(struct scene *scene, const char *fields)
{
	const struct sender admin = {.key = &scene->door.admin};

	memset(&seen, 0, sizeof(seen));
	door_expect(&scene->door, &admin, "ec2", fields, NULL);
	assert_true(seen.steps > 0);
}

/* What an agent says every few seconds, with other numbers each time. */
static void report(struct scene *scene, uint64_t packets)
{
	struct fixture *fixture = &scene->door.fixture;
	struct report_session session = {.active = true, .epoch = 1};
	const struct report report = {.version = "1", .sessions = &session, .session_count = 1};

	fixture->now += 2000;
	(void)string_copy(session.id.text, sizeof(session.id.text), scene->session);
	session.counters.direction[DIRECTION_INGRESS].accepted.packets = packets;
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
}

static void assert_steady(struct scene *scene, const char *action, const char *more,
			  const char *value)
{
	char fields[256];

	(void)snprintf(fields, sizeof(fields), "Action=DescribeTrafficMirror%s%s%s", action, more,
		       value);
	ask(scene, fields);
	assert_int_equal(seen.reported, 0);
}

/* By a value that fits, so that the record is read to its end. */
static void assert_steady_filter(struct scene *scene, const char *action, const char *filter)
{
	assert_steady(scene, action, "&Filter.1.Value.1=*&Filter.1.Name=", filter);
	assert_true(seen.tagged > 0);
}

static void test_steady_actions_do_not_read_reports(void **state)
{
	struct scene *scene = *state;
	const struct {
		const char *action, *by_id, *id, *by_field;
		bool extended;
	} rows[] = {
		{"Targets", "&TrafficMirrorTargetId.1=", scene->target, "network-interface-id",
		 false},
		{"Filters", "&TrafficMirrorFilterId.1=", scene->filter, "description", true},
		{"FilterRules", "&TrafficMirrorFilterRuleId.1=", scene->rule, "rule-number", true},
		{"Sessions", "&TrafficMirrorSessionId.1=", scene->session, "session-number", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_steady(scene, rows[i].action, "", "");
		assert_steady(scene, rows[i].action, "&MaxResults=5", "");
		assert_steady(scene, rows[i].action, rows[i].by_id, rows[i].id);
		assert_steady_filter(scene, rows[i].action, rows[i].by_field);
		assert_steady_filter(scene, rows[i].action, "tag-key");
		if (rows[i].extended)
			assert_steady(scene, rows[i].action, "&Extension.Show=true", "");
	}
	/* It would be seen. */
	ask(scene, "Action=DescribeTrafficMirrorSessionStatus");
	assert_true(seen.reported > 0);
}

static void test_reports_leave_answers_and_changes_do_not(void **state)
{
	static const char question[] = "Action=DescribeTrafficMirrorSessions";
	struct scene *scene = *state;
	struct fixture *fixture = &scene->door.fixture;
	char second[RESOURCE_ID_SIZE];

	ask(scene, question);
	assert_true(seen.sessions > 0);
	ask(scene, question);
	assert_int_equal(seen.sessions, 0);
	for (uint64_t packets = 1; packets < 4; packets++) {
		report(scene, packets);
		ask(scene, question);
		assert_int_equal(seen.sessions, 0);
	}
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 2, second));
	ask(scene, question);
	assert_true(seen.sessions > 0);
	/* A host with other interfaces is more than a report of counters. */
	REPORT(fixture, "alpha", NULL, "eth0", "tap0", "tap1");
	ask(scene, question);
	assert_true(seen.sessions > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_steady_actions_do_not_read_reports, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_reports_leave_answers_and_changes_do_not,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
