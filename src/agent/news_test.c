// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/news.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS 3
#define MEMBERS  3

/* The agent's side: what is to be told, and what has been. */
struct fixture {
	struct news news;
	struct report_session sessions[SESSIONS];
	struct report_member members[MEMBERS]; /* The last ones may be gone. */
	size_t member_count;
	uint64_t revision, generation, now;
	struct report report; /* The last. */
	uint64_t number;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->revision = 7;
	fixture->generation = 1;
	fixture->now = NSEC_PER_SEC;
	for (int i = 0; i < SESSIONS; i++) {
		/* Not in the order of their ids. */
		(void)snprintf(fixture->sessions[i].id.text, sizeof(fixture->sessions[i].id.text),
			       "tms-%017x", SESSIONS - i);
		fixture->sessions[i].epoch = 1;
		fixture->sessions[i].active = true;
	}
	for (int i = 0; i < MEMBERS; i++) {
		(void)snprintf(fixture->members[i].fleet, sizeof(fixture->members[i].fleet),
			       "arn:%d", i / 2);
		(void)snprintf(fixture->members[i].id, sizeof(fixture->members[i].id), "10.0.0.%d",
			       i);
	}
	fixture->member_count = MEMBERS;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	news_fini(&fixture->news);
	report_fini(&fixture->report);
	free(fixture);
	return 0;
}

/* Returns how many sessions the report has. */
static size_t report(struct fixture *fixture)
{
	struct report made = {.applied_revision = fixture->revision};

	fixture->now += NSEC_PER_SEC;
	made.has_inventory =
		news_wants_interfaces(&fixture->news, fixture->generation, fixture->now);
	made.sessions = calloc(SESSIONS, sizeof(*made.sessions));
	assert_non_null(made.sessions);
	memcpy(made.sessions, fixture->sessions, sizeof(fixture->sessions));
	made.session_count = made.session_capacity = SESSIONS;
	made.members = calloc(MEMBERS, sizeof(*made.members));
	assert_non_null(made.members);
	memcpy(made.members, fixture->members, sizeof(fixture->members));
	made.member_count = fixture->member_count;
	made.member_capacity = MEMBERS;
	assert_int_equal(news_select(&fixture->news, &made, fixture->generation, fixture->now,
				     &fixture->number),
			 0);
	report_fini(&fixture->report);
	fixture->report = made;
	return made.session_count;
}

static void confirm(struct fixture *fixture)
{
	news_confirm(&fixture->news, fixture->number);
}

static void test_nothing_new(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(report(fixture), SESSIONS);
	assert_true(fixture->report.has_inventory);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
	assert_false(fixture->report.has_inventory);
	assert_int_equal(fixture->report.applied_revision, fixture->revision);
}

static void test_what_changed(void **state)
{
	struct fixture *fixture = *state;

	report(fixture);
	confirm(fixture);
	fixture->sessions[1].counters.direction[DIRECTION_EGRESS].lost[LOSS_SHED].bytes++;
	assert_int_equal(report(fixture), 1);
	assert_string_equal(fixture->report.sessions[0].id.text, fixture->sessions[1].id.text);
	confirm(fixture);
	fixture->sessions[0].active = false;
	fixture->sessions[1].epoch++;
	(void)strcpy(fixture->sessions[2].reason, "slow");
	assert_int_equal(report(fixture), 3);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
}

static void test_members_whose_health_changed(void **state)
{
	struct fixture *fixture = *state;

	report(fixture);
	assert_true(fixture->report.whole);
	assert_int_equal(fixture->report.member_count, MEMBERS);
	confirm(fixture);
	report(fixture);
	assert_false(fixture->report.whole);
	assert_int_equal(fixture->report.member_count, 0);
	fixture->members[1].state = MEMBER_UNHEALTHY;
	report(fixture);
	assert_int_equal(fixture->report.member_count, 1);
	assert_string_equal(fixture->report.members[0].id, "10.0.0.1");
	fixture->members[2].state = MEMBER_HEALTHY;
	report(fixture);
	assert_int_equal(fixture->report.member_count, 2);
	confirm(fixture);
	fixture->members[1].reason = MEMBER_TIMEOUT;
	report(fixture);
	assert_int_equal(fixture->report.member_count, 1);
	assert_int_equal(fixture->report.members[0].reason, MEMBER_TIMEOUT);
	news_confirm(&fixture->news, 0);
	report(fixture);
	assert_true(fixture->report.whole);
	assert_int_equal(fixture->report.member_count, MEMBERS);
}

static void test_members_that_come_and_go(void **state)
{
	struct fixture *fixture = *state;

	fixture->member_count = 2;
	report(fixture);
	confirm(fixture);
	fixture->member_count = MEMBERS;
	report(fixture);
	assert_int_equal(fixture->report.member_count, 1);
	assert_string_equal(fixture->report.members[0].id, "10.0.0.2");
	confirm(fixture);
	fixture->members[0] = fixture->members[1];
	fixture->members[1] = fixture->members[2];
	fixture->member_count = 2;
	report(fixture);
	assert_int_equal(fixture->report.member_count, 0);
	confirm(fixture);
	/* Who goes does so with another plan, and then all is told. */
	fixture->revision++;
	report(fixture);
	assert_true(fixture->report.whole);
	assert_int_equal(fixture->report.member_count, 2);
}

/* Until a report is confirmed, its news is news. */
static void test_told_until_confirmed(void **state)
{
	struct fixture *fixture = *state;
	uint64_t earlier;

	report(fixture);
	confirm(fixture);
	fixture->sessions[0].epoch++;
	assert_int_equal(report(fixture), 1);
	earlier = fixture->number;
	fixture->sessions[1].epoch++;
	assert_int_equal(report(fixture), 2);
	news_confirm(&fixture->news, earlier); /* Late: the other one is under way. */
	assert_int_equal(report(fixture), 2);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
}

static void test_all_after_a_failure(void **state)
{
	struct fixture *fixture = *state;

	report(fixture);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
	news_confirm(&fixture->news, 0);
	assert_int_equal(report(fixture), SESSIONS);
	assert_true(fixture->report.has_inventory);
}

static void test_interfaces_by_generation(void **state)
{
	struct fixture *fixture = *state;

	report(fixture);
	confirm(fixture);
	fixture->generation++;
	assert_int_equal(report(fixture), 0);
	assert_true(fixture->report.has_inventory);
	assert_int_equal(report(fixture), 0);
	assert_true(fixture->report.has_inventory);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
	assert_false(fixture->report.has_inventory);
}

static void test_all_with_another_plan(void **state)
{
	struct fixture *fixture = *state;

	report(fixture);
	confirm(fixture);
	fixture->revision++;
	assert_int_equal(report(fixture), SESSIONS);
	assert_false(fixture->report.has_inventory);
	confirm(fixture);
	assert_int_equal(report(fixture), 0);
}

/* Sixty seconds for the sessions, five minutes for the interfaces, too. */
static void test_all_now_and_then(void **state)
{
	struct fixture *fixture = *state;
	size_t whole = 0, inventories = 0;

	for (int i = 0; i < 600; i++) {
		whole += report(fixture) == SESSIONS;
		inventories += fixture->report.has_inventory;
		confirm(fixture);
	}
	assert_int_equal(whole, 10);
	assert_int_equal(inventories, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_new),
		TEST(test_what_changed),
		TEST(test_members_whose_health_changed),
		TEST(test_members_that_come_and_go),
		TEST(test_told_until_confirmed),
		TEST(test_all_after_a_failure),
		TEST(test_interfaces_by_generation),
		TEST(test_all_with_another_plan),
		TEST(test_all_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
