// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/fixture.h"
#include "control/session.h"
#include "mirror/plan.h"

#include <stdio.h>
#include <string.h>

/* A second past the fixture's clock, as a request would say it, and an hour. */
#define NEXT_SECOND "2023-11-14T22:13:21Z"
#define NEXT_HOUR   "2023-11-14T23:13:20Z"

struct scene {
	struct fixture *fixture;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
};

static void prepare(struct scene *scene, struct fixture *fixture)
{
	*scene = (struct scene){.fixture = fixture};
	assert_done(fixture, make_target(fixture, fixture->appliance, scene->target));
	assert_done(fixture, make_filter(fixture, scene->filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, scene->target, scene->filter, 1,
					  scene->session));
	fixture->changes = 0;
}

static int change(struct scene *scene, const struct options_wish *options,
		  struct session *ret_session)
{
	struct fixture *fixture = scene->fixture;
	const struct session_change wanted = {.session = scene->session, .options = *options};
	struct session_record record = {};
	int r;

	r = control_modify_session(fixture->control, &fixture->user, &wanted, &record,
				   &fixture->why);
	if (r == 0 && ret_session)
		*ret_session = record.session;
	session_record_fini(&record);
	return r;
}

static void expire(struct fixture *fixture, size_t expected)
{
	struct ended_sessions ended = {};

	assert_done(fixture, control_expire_sessions(fixture->control, &ended, &fixture->why));
	assert_int_equal(ended.count, expected);
	ended_sessions_fini(&ended);
}

/* The host learns of a change, and not of what changes nothing. */
static void test_a_change_reaches_the_plan(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct scene scene;

	prepare(&scene, fixture);
	assert_done(fixture, change(&scene, &(struct options_wish){.paused = NUMBER(1)}, NULL));
	assert_int_equal(fixture->changes, 1);
	assert_done(fixture, change(&scene, &(struct options_wish){.paused = NUMBER(1)}, NULL));
	assert_done(fixture, change(&scene, &(struct options_wish){}, NULL));
	assert_int_equal(fixture->changes, 1);
	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, "alpha", &plan,
					      &fixture->why));
	assert_int_equal(plan->session_count, 1);
	assert_true(plan->sessions[0].options.paused);
}

/* What a refused change has named along with the culprit stays as it was. */
static void test_a_refused_change_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct session session;
	struct scene scene;

	prepare(&scene, fixture);
	assert_refused(fixture,
		       change(&scene,
			      &(struct options_wish){.priority = NUMBER(2),
						     .packet_sampling = NUMBER(SAMPLING_MAX + 1)},
			      NULL),
		       REFUSE_PARAMETER_VALUE);
	assert_non_null(strstr(fixture->why.text, "Extension.PacketSampling"));
	assert_done(fixture, change(&scene, &(struct options_wish){}, &session));
	assert_int_equal(session.options.priority, 0);
	assert_int_equal(fixture->changes, 0);
}

static void test_the_end_is_later_than_now(void **state)
{
	static const struct {
		const char *time;
		int64_t expires; /* -1: refused. */
	} rows[] = {
		{NEXT_SECOND, 1700000001},
		{"2023-11-14T22:13:20.001Z", 1700000000}, /* Whole seconds; never later. */
		{"2023-11-14T22:13:20.000Z", -1},
		{"2023-11-14T22:13:19Z", -1},
		{"never", 0},
		{NEXT_HOUR, 1700003600},
		{"", 0},
		{"soon", -1},
	};
	struct fixture *fixture = *state;
	struct session session;
	struct scene scene;

	prepare(&scene, fixture);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct options_wish wish = {.expiration_time = rows[i].time};

		if (rows[i].expires < 0) {
			assert_refused(fixture, change(&scene, &wish, NULL),
				       REFUSE_PARAMETER_VALUE);
			continue;
		}
		assert_done(fixture, change(&scene, &wish, &session));
		assert_int_equal(session.options.expires, rows[i].expires);
	}
	assert_done(fixture,
		    change(&scene, &(struct options_wish){.duration = NUMBER(60)}, &session));
	assert_int_equal(session.options.expires, 1700000060);
}

/* One transaction ends all that are due, on whichever host; the others stay. */
static void test_sessions_end_at_their_time(void **state)
{
	struct fixture *fixture = *state;
	const struct options_wish second = {.expiration_time = NEXT_SECOND};
	const struct options_wish hour = {.expiration_time = NEXT_HOUR};
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct scene scene, other, last;
	struct ended_sessions ended = {};

	prepare(&scene, fixture);
	other = last = scene;
	assert_done(fixture, make_session(fixture, fixture->eth0, scene.target, scene.filter, 2,
					  other.session));
	assert_done(fixture, make_session(fixture, fixture->tap0, scene.target, scene.filter, 1,
					  last.session));
	assert_done(fixture, change(&scene, &second, NULL));
	assert_done(fixture, change(&other, &hour, NULL));
	assert_done(fixture, change(&last, &second, NULL));
	fixture->changes = 0;
	fixture->now += 999;
	expire(fixture, 0);
	assert_int_equal(fixture->changes, 0);
	fixture->now += 1;
	assert_done(fixture, control_expire_sessions(fixture->control, &ended, &fixture->why));
	assert_int_equal(ended.count, 2);
	assert_string_equal(ended.items[strcmp(ended.items[0].id.text, scene.session) != 0].id.text,
			    scene.session);
	ended_sessions_fini(&ended);
	assert_int_equal(fixture->changes, 1);
	assert_int_equal(fixture_count_sessions(fixture), 1);
	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, "alpha", &plan,
					      &fixture->why));
	assert_int_equal(plan->session_count, 1);
	assert_string_equal(plan->sessions[0].id.text, other.session);
	/* Their numbers are free again. */
	assert_done(fixture, make_session(fixture, fixture->eth0, scene.target, scene.filter, 1,
					  scene.session));
	fixture->now += 24LL * 3600 * 1000;
	expire(fixture, 1);
	expire(fixture, 0);
	assert_int_equal(fixture_count_sessions(fixture), 1);
}

/* The device may be gone, the filter empty: a paused session is paused, once its host has heard of it. */
static void test_paused_goes_before_what_else_is_wrong(void **state)
{
	struct fixture *fixture = *state;
	struct session_status_page page = {};
	struct report report = {};
	struct scene scene;

	prepare(&scene, fixture);
	assert_done(fixture, change(&scene, &(struct options_wish){.paused = NUMBER(1)}, NULL));
	for (int applied = 0; applied < 2; applied++) {
		assert_done(fixture, control_describe_session_status(
					     fixture->control, &fixture->user, &(struct query){},
					     &page, &fixture->why));
		assert_int_equal(page.items[0].state,
				 applied ? SESSION_PAUSED : SESSION_FILTER_EMPTY);
		session_status_page_fini(&page);
		assert_done(fixture,
			    control_get_revision(fixture->control, &fixture->agent, "alpha",
						 &report.applied_revision, &fixture->why));
		assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha",
						    &report, &fixture->why));
	}
	fixture->now += HOST_SILENCE_MILLISECONDS + 1;
	assert_done(fixture,
		    control_describe_session_status(fixture->control, &fixture->user,
						    &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.items[0].state, SESSION_NO_AGENT);
	session_status_page_fini(&page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_reaches_the_plan),
		TEST(test_a_refused_change_changes_nothing),
		TEST(test_the_end_is_later_than_now),
		TEST(test_sessions_end_at_their_time),
		TEST(test_paused_goes_before_what_else_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
