// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/event.h"
#include "control/fixture.h"

#include <stdio.h>
#include <string.h>

#define MINUTE ((int64_t)60 * 1000)
#define DAY    (24 * 60 * MINUTE)
#define OTHER  "210987654321"

/* An event of the fixture's present. */
static int64_t add(struct fixture *fixture, const char *account, const char *name, bool refused)
{
	int64_t last;
	struct event event = {.number = fixture->now * 1000,
			      .refused = refused,
			      .source = "ec2.amazonaws.com",
			      .username = "admin",
			      .access_key = "AKIAADMIN",
			      .resources = (char[]){"AWS::EC2::TrafficMirrorTarget tmt-1\n"
						    "AWS::EC2::TrafficMirrorFilter tmf-1\n"},
			      .record = (char[]){"{}"}};

	assert_int_equal(control_get_last_event(fixture->control, &last), 0);
	event.number = event.number > last ? event.number : last + 1;
	(void)string_copy(event.account.text, sizeof(event.account.text), account);
	(void)string_copy(event.name, sizeof(event.name), name);
	(void)snprintf(event.id, sizeof(event.id), "%lld", (long long)event.number);
	assert_int_equal(control_add_events(fixture->control, &event, 1), 0);
	return event.number;
}

static size_t find(struct fixture *fixture, const char *key, const char *value)
{
	struct event_lookup lookup = {.account = FIXTURE_ACCOUNT,
				      .end = INT64_MAX,
				      .before = INT64_MAX,
				      .key = key,
				      .value = value,
				      .maximum = EVENT_ROOM};
	size_t count = 0;
	int64_t reached;

	assert_int_equal(control_bound_events(fixture->control, &lookup), 0);
	do {
		_cleanup_event_list_ struct event_list part = {};

		assert_int_equal(control_find_events(fixture->control, &lookup, &part, &reached),
				 0);
		count += part.count;
		lookup.before = reached;
	} while (reached != INT64_MIN);
	return count;
}

static void test_an_account_finds_its_own_by_any_attribute(void **state)
{
	static const struct {
		const char *key, *value;
		size_t found;
	} rows[] = {
		{NULL, NULL, 3},
		{"EventName", "CreateTags", 2},
		{"EventName", "createtags", 0},
		{"ReadOnly", "false", 3},
		{"ReadOnly", "true", 0},
		{"Username", "admin", 3},
		{"Username", "adm", 0},
		{"ResourceType", "AWS::EC2::TrafficMirrorFilter", 3},
		{"ResourceType", "AWS::EC2::TrafficMirror", 0},
		{"ResourceName", "tmt-1", 3},
		{"ResourceName", "tmf-1", 3},
		{"ResourceName", "tmf-", 0},
		{"ResourceName", "", 0},
		{"EventSource", "ec2.amazonaws.com", 3},
		{"AccessKeyId", "AKIAADMIN", 3},
		{"EventId", "nothing", 0},
		{"Colour", "red", 0},
	};
	struct fixture *fixture = *state;

	(void)add(fixture, FIXTURE_ACCOUNT, "CreateTags", false);
	(void)add(fixture, FIXTURE_ACCOUNT, "DeleteTags", false);
	(void)add(fixture, FIXTURE_ACCOUNT, "CreateTags", true);
	(void)add(fixture, OTHER, "CreateTags", false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (find(fixture, rows[i].key, rows[i].value) != rows[i].found)
			fail_msg("%s=%s", rows[i].key, rows[i].value);
	for (size_t i = 0; i < 8; i++)
		assert_true(event_key_valid(rows[i == 0 ? 1 : i].key));
	assert_false(event_key_valid("Colour"));
}

static void test_the_newest_come_first_and_as_many_as_asked_for(void **state)
{
	_cleanup_event_list_ struct event_list list = {};
	struct fixture *fixture = *state;
	struct event_lookup lookup = {.account = FIXTURE_ACCOUNT, .maximum = 2};
	int64_t numbers[4], reached;

	for (size_t i = 0; i < 4; i++, fixture->now += MINUTE)
		numbers[i] = add(fixture, FIXTURE_ACCOUNT, "CreateTags", i == 1);
	lookup.before = numbers[3];
	lookup.end = INT64_MAX;
	assert_int_equal(control_find_events(fixture->control, &lookup, &list, &reached), 0);
	assert_int_equal(list.count, 3); /* One more: there would be another page. */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(list.items[i].number, numbers[2 - i]);
	event_list_fini(&list);
	lookup.begin = lookup.end = numbers[1] / 1000;
	assert_int_equal(control_find_events(fixture->control, &lookup, &list, &reached), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].number, numbers[1]);
	assert_true(list.items[0].refused);
	assert_int_equal(reached, INT64_MIN);
}

static void test_what_is_refused_pushes_nothing_out(void **state)
{
	struct fixture *fixture = *state;

	(void)add(fixture, FIXTURE_ACCOUNT, "DeleteTags", false);
	for (int i = 0; i < EVENT_ROOM + 3; i++)
		(void)add(fixture, FIXTURE_ACCOUNT, "CreateTags", true);
	assert_int_equal(find(fixture, "EventName", "DeleteTags"), 1);
	assert_int_equal(find(fixture, "EventName", "CreateTags"), EVENT_ROOM);
}

static void test_what_is_old_goes(void **state)
{
	struct fixture *fixture = *state;

	(void)add(fixture, FIXTURE_ACCOUNT, "CreateTags", false);
	fixture->now += EVENT_DAYS * DAY;
	assert_int_equal(find(fixture, NULL, NULL), 1);
	fixture->now += MINUTE;
	assert_int_equal(find(fixture, NULL, NULL), 0);
	(void)add(fixture, OTHER, "CreateTags", false);
	fixture->now -= 2 * MINUTE;
	assert_int_equal(find(fixture, NULL, NULL), 0);
}

static void test_events_leave_the_version_alone(void **state)
{
	struct fixture *fixture = *state;
	int64_t version = control_get_version(fixture->control), last;

	for (int i = 0; i < 3; i++) {
		int64_t number = add(fixture, FIXTURE_ACCOUNT, "CreateTags", false);

		assert_int_equal(control_get_version(fixture->control), version);
		assert_int_equal(control_get_last_event(fixture->control, &last), 0);
		assert_int_equal(last, number);
	}
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_account_finds_its_own_by_any_attribute),
		TEST(test_the_newest_come_first_and_as_many_as_asked_for),
		TEST(test_what_is_refused_pushes_nothing_out),
		TEST(test_what_is_old_goes),
		TEST(test_events_leave_the_version_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
