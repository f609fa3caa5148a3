// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "control/account.h"
#include "control/fixture.h"
#include "control/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A session of eth0 in "scene". */
struct scene {
	struct fixture fixture;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct fixture *fixture = &scene->fixture;

	fixture_open(fixture, NULL);
	assert_true(timestamp_parse("2026-03-01T10:20:00Z", &fixture->now));
	assert_done(fixture, make_target(fixture, fixture->appliance, scene->target));
	assert_done(fixture, make_filter(fixture, scene->filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, scene->target, scene->filter, 1,
					  scene->session));
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

static struct usage_page describe(struct fixture *fixture, const struct usage_wish *wish)
{
	const struct query query = {};
	struct usage_page page = {};

	assert_done(fixture, control_describe_usage(fixture->control, &fixture->user, wish, &query,
						    &page, &fixture->why));
	return page;
}

/* Of all time, by session. */
static uint64_t hours_of(struct fixture *fixture, const char *session)
{
	const struct usage_wish wish = {.from = "2020-01-01", .group = USAGE_BY_SESSION};
	_cleanup_(usage_page_fini) struct usage_page page = describe(fixture, &wish);

	for (size_t i = 0; i < page.count; i++)
		if (strcmp(page.items[i].group.session.text, session) == 0)
			return page.items[i].hours;
	return 0;
}

static uint64_t hours_by(struct fixture *fixture, enum usage_group group, size_t groups)
{
	const struct usage_wish wish = {.from = "2020-01-01", .group = group};
	_cleanup_(usage_page_fini) struct usage_page page = describe(fixture, &wish);
	uint64_t hours = 0;

	assert_int_equal(page.count, groups);
	for (size_t i = 0; i < page.count; i++)
		hours += page.items[i].hours;
	return hours;
}

static void test_partial_hours_until_deletion(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	assert_int_equal(hours_of(fixture, scene->session), 1);
	fixture->now += USAGE_HOUR - 1;
	assert_int_equal(hours_of(fixture, scene->session), 1);
	fixture->now += 1;
	assert_int_equal(hours_of(fixture, scene->session), 2);
	assert_done(fixture, control_delete_session(fixture->control, &fixture->user,
						    scene->session, &fixture->why));
	fixture->now += 50 * USAGE_HOUR;
	assert_int_equal(hours_of(fixture, scene->session), 1);
}

/* A call that changes nothing charges nothing. */
static void test_rehearsals_are_free(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char id[RESOURCE_ID_SIZE];

	fixture->user.dry_run = true;
	assert_refused(fixture,
		       make_session(fixture, fixture->tap0, scene->target, scene->filter, 1, id),
		       REFUSE_DRY_RUN);
	assert_refused(fixture,
		       control_delete_session(fixture->control, &fixture->user, scene->session,
					      &fixture->why),
		       REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	fixture->now += USAGE_HOUR;
	assert_int_equal(hours_by(fixture, USAGE_BY_SESSION, 1), 2);
}

static enum session_state state_of(struct scene *scene)
{
	struct fixture *fixture = &scene->fixture;
	const char *const ids[] = {scene->session};
	const struct query query = {.ids = ids, .id_count = 1};
	_cleanup_(session_status_page_fini) struct session_status_page page = {};

	assert_done(fixture, control_describe_session_status(fixture->control, &fixture->user,
							     &query, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	return page.items[0].state;
}

/* The device is gone, and the session stays. */
static void test_detached_source_is_charged(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	REPORT(fixture, "alpha", "10.0.0.1", "tap0");
	assert_int_equal(state_of(scene), SESSION_SOURCE_DETACHED);
	fixture->now += 5 * USAGE_HOUR;
	assert_int_equal(hours_of(fixture, scene->session), 6);
}

/* Nothing of the host runs, so nobody reports. */
static void test_stopped_instance_is_charged(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	fixture->now += 24 * USAGE_HOUR;
	assert_int_equal(state_of(scene), SESSION_NO_AGENT);
	assert_int_equal(hours_of(fixture, scene->session), 25);
}

/* The agent cannot watch a device of this kind. */
static void test_unsupported_kind_is_charged(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct report_session session = {.epoch = 1, .active = false};
	struct report report = {.version = "1", .sessions = &session, .session_count = 1};
	char id[RESOURCE_ID_SIZE];

	assert_done(fixture, make_rule(fixture, scene->filter, "ingress", 1, id));
	memcpy(session.id.text, scene->session, sizeof(session.id.text));
	(void)string_copy(session.reason, sizeof(session.reason),
			  "devices of this kind have no Ethernet frames");
	assert_done(fixture, control_get_revision(fixture->control, &fixture->agent, "alpha",
						  &report.applied_revision, &fixture->why));
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	assert_int_equal(state_of(scene), SESSION_FAILED);
	fixture->now += USAGE_HOUR / 2;
	assert_int_equal(hours_of(fixture, scene->session), 1);
	fixture->now += USAGE_HOUR;
	assert_int_equal(hours_of(fixture, scene->session), 2);
}

/* Whoever ends a session, and however: what it has cost stays. */
static void test_every_end_ends_the_charge(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct ended_sessions ended = {};
	char timed[RESOURCE_ID_SIZE], tapped[RESOURCE_ID_SIZE];
	const struct session_wish wish = {
		.source = fixture->eth0,
		.target = scene->target,
		.filter = scene->filter,
		.number = NUMBER(2),
		.options.duration = NUMBER(90 * 60),
	};
	_cleanup_(session_record_fini) struct session_record record = {};

	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish,
						    &record, &fixture->why));
	memcpy(timed, record.session.id.text, sizeof(timed));
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 1, tapped));
	fixture->now += 90 * 60 * 1000;
	assert_done(fixture, control_expire_sessions(fixture->control, &ended, &fixture->why));
	assert_int_equal(ended.count, 1);
	ended_sessions_fini(&ended);
	/* The interface goes, and its sessions with it. */
	REPORT(fixture, "alpha", "10.0.0.1", "eth0");
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->tap0, &fixture->why));
	fixture->now += 100 * USAGE_HOUR;
	assert_int_equal(hours_of(fixture, timed), 2);
	assert_int_equal(hours_of(fixture, tapped), 2);
	assert_int_equal(hours_of(fixture, scene->session), 102);
}

/* It ended when its time was over, not when the controller came to see. */
static void test_time_is_over_when_it_is(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct ended_sessions ended = {};
	const struct session_wish wish = {
		.source = fixture->eth0,
		.target = scene->target,
		.filter = scene->filter,
		.number = NUMBER(2),
		.options.duration = NUMBER(60 * 60),
	};
	_cleanup_(session_record_fini) struct session_record record = {};

	fixture->now += 300; /* Of a second, of which ends know nothing. */
	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish,
						    &record, &fixture->why));
	fixture->now += 5 * USAGE_HOUR;
	assert_done(fixture, control_expire_sessions(fixture->control, &ended, &fixture->why));
	assert_int_equal(ended.count, 1);
	ended_sessions_fini(&ended);
	assert_int_equal(hours_of(fixture, record.session.id.text), 1);
}

/* However it is grouped, it is the same. */
static void test_groups_sum_up(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char second[RESOURCE_ID_SIZE], third[RESOURCE_ID_SIZE];

	assert_done(fixture,
		    make_session(fixture, fixture->eth0, scene->target, scene->filter, 2, second));
	fixture->now += USAGE_HOUR;
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 1, third));
	fixture->now += 10 * USAGE_HOUR - 1;
	assert_int_equal(hours_by(fixture, USAGE_BY_SESSION, 3), 11 + 11 + 10);
	assert_int_equal(hours_by(fixture, USAGE_BY_SOURCE, 2), 32);
	assert_int_equal(hours_by(fixture, USAGE_BY_ACCOUNT, 1), 32);
}

static void test_pages_follow_each_other(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct usage_wish wish = {.group = USAGE_BY_SESSION};
	struct query query = {.max_results = 5};
	_cleanup_free_ char *token = NULL;
	char id[RESOURCE_ID_SIZE];
	size_t seen = 0;

	/* Most of them are over: three may be there at once. */
	for (unsigned int i = 0; i < 12; i++) {
		assert_done(fixture, make_session(fixture, fixture->eth0, scene->target,
						  scene->filter, 2, id));
		assert_done(fixture, control_delete_session(fixture->control, &fixture->user, id,
							    &fixture->why));
	}
	do {
		_cleanup_(usage_page_fini) struct usage_page page = {};

		query.next_token = token;
		assert_done(fixture, control_describe_usage(fixture->control, &fixture->user, &wish,
							    &query, &page, &fixture->why));
		assert_true(page.count <= 5);
		seen += page.count;
		free(token);
		token = TAKE_PTR(page.next_token);
	} while (token);
	assert_int_equal(seen, 13);
}

/* Sums tell the same of days, sources and accounts. */
static void test_old_sessions_are_summed_up(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct usage_wish wish = {
		.from = "2026-03-01", .granularity = USAGE_DAILY, .group = USAGE_BY_SOURCE};
	struct usage_page before, after;
	size_t count = 0;
	char id[RESOURCE_ID_SIZE];

	for (unsigned int i = 0; i < 6; i++) {
		assert_done(fixture, make_session(fixture, fixture->tap0, scene->target,
						  scene->filter, 1, id));
		fixture->now += 11 * USAGE_HOUR + 1;
		assert_done(fixture, control_delete_session(fixture->control, &fixture->user, id,
							    &fixture->why));
	}
	before = describe(fixture, &wish);
	assert_done(fixture, control_condense_usage(fixture->control, 6, &count, &fixture->why));
	assert_int_equal(count, 0);
	assert_done(fixture, control_condense_usage(fixture->control, 2, &count, &fixture->why));
	assert_int_equal(count, 4);
	after = describe(fixture, &wish);
	assert_int_equal(before.count, after.count);
	for (size_t i = 0; i < before.count; i++) {
		assert_int_equal(before.items[i].hours, after.items[i].hours);
		assert_int_equal(before.items[i].cost, after.items[i].cost);
		assert_int_equal(before.items[i].period_count, after.items[i].period_count);
		for (size_t j = 0; j < before.items[i].period_count; j++)
			assert_int_equal(before.items[i].periods[j].hours,
					 after.items[i].periods[j].hours);
	}
	/* Two of six are told one by one, the others by day (there are three), beside the one of eth0. */
	assert_int_equal(hours_by(fixture, USAGE_BY_SESSION, 1 + 2 + 3),
			 hours_by(fixture, USAGE_BY_ACCOUNT, 1));
	usage_page_fini(&before);
	usage_page_fini(&after);
}

static void test_wrong_wishes_are_refused(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	static const struct usage_wish wrong[] = {
		{.from = "yesterday"},
		{.from = "2026-02-30"},
		{.to = "2026-03-01T10:20"},
		{.from = "2026-03-01", .to = "2026-03-01"},
		{.from = "2026-03-02", .to = "2026-03-01"},
		{.from = "2020-01-01", .granularity = USAGE_HOURLY},
		{.account = "999999999999"},
		{.from = "2026-04-01", .to = "2026-05-01"},
	};
	const struct query query = {};
	struct usage_page page = {};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_refused(fixture,
			       control_describe_usage(fixture->control, &fixture->user, &wrong[i],
						      &query, &page, &fixture->why),
			       REFUSE_PARAMETER_VALUE);
}

/* Others' usage is seen by those who run the service only. */
static void test_usage_is_ones_own(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct caller stranger = fixture->user;
	const struct usage_wish own = {}, all = {.account = "all"},
				named = {.account = FIXTURE_ACCOUNT};
	const struct query query = {};
	struct usage_page page = {};

	(void)string_copy(stranger.account.text, sizeof(stranger.account.text), "210987654321");
	assert_done(fixture, control_describe_usage(fixture->control, &stranger, &own, &query,
						    &page, &fixture->why));
	assert_int_equal(page.count, 0);
	usage_page_fini(&page);
	assert_refused(fixture,
		       control_describe_usage(fixture->control, &stranger, &all, &query, &page,
					      &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_refused(fixture,
		       control_describe_usage(fixture->control, &stranger, &named, &query, &page,
					      &fixture->why),
		       REFUSE_NOT_PERMITTED);
	page = describe(fixture, &all);
	assert_int_equal(page.count, 1);
	usage_page_fini(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_partial_hours_until_deletion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rehearsals_are_free, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detached_source_is_charged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped_instance_is_charged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unsupported_kind_is_charged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_end_ends_the_charge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time_is_over_when_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups_sum_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages_follow_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_sessions_are_summed_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_wishes_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_usage_is_ones_own, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
