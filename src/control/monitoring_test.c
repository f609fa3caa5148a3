// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/monitoring.h"
#include "control/quota.h"

#include "base/text.h"
#include "control/fixture.h"
#include "control/history.h"
#include "store/session.h"
#include "store/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* A session of each of the host's devices; the clock stands at the beginning of a day. */
struct scene {
	struct fixture fixture;
	char first[RESOURCE_ID_SIZE], second[RESOURCE_ID_SIZE];
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct fixture *fixture = &scene->fixture;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];

	assert_non_null(scene);
	fixture_open(fixture, NULL);
	fixture->now += DAY - fixture->now % DAY;
	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, scene->first));
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, target, filter, 1, scene->second));
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

/* As the controller does between requests. */
static void fold(struct scene *scene)
{
	bool more = true;

	while (more)
		assert_done(&scene->fixture, control_fold_history(scene->fixture.control, &more,
								  &scene->fixture.why));
}

/* A hundred bytes to each packet; what was accepted and not shipped was lost by a full ring. */
static void tell(struct scene *scene, const char *id, uint64_t epoch, uint64_t accepted,
		 uint64_t shipped)
{
	struct report_session session = {.epoch = epoch, .active = true};
	struct session_direction_counters *in = &session.counters.direction[DIRECTION_INGRESS];
	const struct report report = {.version = "1", .sessions = &session, .session_count = 1};

	(void)string_copy(session.id.text, sizeof(session.id.text), id);
	in->accepted = (struct packet_count){accepted, accepted * 100};
	in->shipped = (struct packet_count){shipped, shipped * 100};
	in->lost[LOSS_RING_FULL] =
		(struct packet_count){accepted - shipped, (accepted - shipped) * 100};
	assert_done(&scene->fixture, control_report(scene->fixture.control, &scene->fixture.agent,
						    "alpha", &report, &scene->fixture.why));
	fold(scene);
}

static void measure(struct scene *scene, const char *namespace, const char *name,
		    const char *dimension, const char *value, int64_t ago, int64_t period,
		    struct measurement *ret_measurement)
{
	const struct metric_dimension dimensions[] = {{dimension, value}};
	const struct metric_wish wish = {namespace, name, dimensions, 1};
	const struct metric_time time = {scene->fixture.now - ago, scene->fixture.now + SECOND,
					 period, METRIC_DATAPOINTS_MAX};
	int64_t rows = METRIC_ROWS_MAX;

	fold(scene);
	assert_done(&scene->fixture,
		    control_measure(scene->fixture.control, &scene->fixture.user, &wish, &time,
				    &rows, ret_measurement, &scene->fixture.why));
}

/* The sum over all that is kept of a session's metric, as the resolution of the period has it. */
static double sum_of(struct scene *scene, const char *name, const char *dimension,
		     const char *value, int64_t ago, int64_t period)
{
	struct measurement measurement = {};
	double sum = 0;

	measure(scene, "TrafficMirror", name, dimension, value, ago, period, &measurement);
	for (size_t i = 0; i < measurement.count; i++)
		sum += measurement.items[i].sum;
	measurement_fini(&measurement);
	return sum;
}

static double packets_of(struct scene *scene, const char *name, int64_t ago, int64_t period)
{
	return sum_of(scene, name, "TrafficMirrorSessionId", scene->first, ago, period);
}

static void assert_double(double value, double expected)
{
	if (value != expected)
		fail_msg("%f is not %f", value, expected);
}

static void test_seconds_become_minutes_and_hours(void **state)
{
	struct scene *scene = *state;
	struct measurement found = {};

	/* Every other second for three minutes: 29 in the first, then 30. */
	for (unsigned int i = 1; i <= 90; i++) {
		scene->fixture.now += 2 * SECOND;
		tell(scene, scene->first, 1, i * 10, i * 9);
	}
	measure(scene, "TrafficMirror", "PacketsAcceptedIn", "TrafficMirrorSessionId", scene->first,
		10 * SECOND, 1, &found);
	assert_int_equal(found.count, 6);
	assert_int_equal(found.items[5].began, scene->fixture.now);
	assert_double(found.items[5].sum, 10);
	measurement_fini(&found);
	/* The last report was in the minute that has just begun, so three are over. */
	measure(scene, "TrafficMirror", "PacketsAcceptedIn", "TrafficMirrorSessionId", scene->first,
		HOUR, 60, &found);
	assert_int_equal(found.count, 3);
	assert_double(found.items[0].sum, 290);
	assert_double(found.items[1].sum, 300);
	assert_double(found.items[2].sum, 300);
	measurement_fini(&found);
	measure(scene, "TrafficMirror", "BytesLostIn", "TrafficMirrorSessionId", scene->first, HOUR,
		3600, &found);
	assert_int_equal(found.count, 1);
	assert_double(found.items[0].samples, 3);
	assert_double(found.items[0].sum, 8900);
	assert_double(found.items[0].minimum, 2900);
	assert_double(found.items[0].maximum, 3000);
	assert_double(datapoint_get(&found.items[0], STATISTIC_AVERAGE), 8900.0 / 3);
	measurement_fini(&found);
	/* From hours, which are looked at beyond the minutes. */
	assert_double(packets_of(scene, "PacketsAcceptedIn", 80 * DAY, 3600), 890);
	assert_double(packets_of(scene, "PacketsLostIn", 80 * DAY, 3600), 89);
	assert_double(packets_of(scene, "PacketsAcceptedOut", 80 * DAY, 3600), 0);
}

static void test_nothing_is_counted_twice(void **state)
{
	struct scene *scene = *state;
	static const struct {
		uint64_t epoch, accepted, shipped;
	} reports[] = {
		{1, 100, 100}, {1, 100, 100},
		{1, 40, 40}, /* Again, and one that comes late. */
		{1, 150, 120}, {2, 7, 5},
		{1, 150, 120}, /* A new epoch, and the old one again. */
		{2, 10, 8},
	};

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		scene->fixture.now += 31 * SECOND;
		tell(scene, scene->first, reports[i].epoch, reports[i].accepted,
		     reports[i].shipped);
		/* Reports of others make no difference. */
		tell(scene, scene->second, 1, 1000 * (i + 1), 1000 * (i + 1));
	}
	assert_double(packets_of(scene, "PacketsAcceptedIn", 9 * MINUTE, 1), 160);
	assert_double(packets_of(scene, "PacketsShippedIn", 9 * MINUTE, 1), 128);
	assert_double(packets_of(scene, "PacketsLostIn", 9 * MINUTE, 1), 32);
	scene->fixture.now += MINUTE;
	tell(scene, scene->first, 2, 10, 8);
	assert_double(packets_of(scene, "PacketsAcceptedIn", HOUR, 60), 160);
	assert_double(packets_of(scene, "PacketsLostIn", 80 * DAY, 3600), 32);
	/* The host's clock has no say, and that of the controller may go back. */
	scene->fixture.now -= 5 * MINUTE;
	tell(scene, scene->first, 2, 20, 18);
	scene->fixture.now += 6 * MINUTE;
	tell(scene, scene->first, 2, 20, 18);
	assert_double(packets_of(scene, "PacketsAcceptedIn", 3 * DAY, 60), 170);
}

/* The minute of a host that falls silent stays where it belongs, also if no controller was there when it was over. */
static void test_a_host_that_was_silent(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct measurement found = {};
	int64_t began = fixture->now;

	fixture->now += 3 * SECOND;
	tell(scene, scene->first, 1, 130, 110);
	fixture->now += 3 * HOUR;
	fold(scene);
	tell(scene, scene->first, 1, 131, 111);
	measure(scene, "TrafficMirror", "PacketsAcceptedIn", "TrafficMirrorSessionId", scene->first,
		4 * HOUR, 60, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.items[0].began, began);
	assert_double(found.items[0].sum, 130);
	measurement_fini(&found);
	assert_double(packets_of(scene, "PacketsAcceptedIn", 80 * DAY, 3600), 130);
	fixture->now += MINUTE;
	tell(scene, scene->first, 1, 131, 111);
	assert_double(packets_of(scene, "PacketsAcceptedIn", 80 * DAY, 3600), 131);
}

static int64_t count_rows(struct scene *scene, const char *sql)
{
	int64_t count;

	assert_int_equal(store_query_integer(scene->fixture.store, sql, NULL, 0, &count), 0);
	return count;
}

/* Rings turn: rows do not grow in number, and what is older than the ring is not told. */
static void test_rows_are_bounded(void **state)
{
	struct scene *scene = *state;

	for (unsigned int i = 1; i <= 2 * 600 / 2; i++) {
		scene->fixture.now += 2 * SECOND;
		tell(scene, scene->first, 1, i, i / 2);
	}
	assert_int_equal(count_rows(scene, "SELECT COUNT(*) FROM history WHERE resolution = 0"),
			 300);
	assert_double(packets_of(scene, "PacketsAcceptedIn", HOUR, 1), 300);
	for (unsigned int i = 601; i <= 600 + 3000; i++) {
		scene->fixture.now += MINUTE;
		tell(scene, scene->first, 1, i, i / 2);
	}
	assert_int_equal(count_rows(scene, "SELECT COUNT(*) FROM history WHERE resolution = 1"),
			 2880);
	assert_true(count_rows(scene, "SELECT COUNT(*) FROM history_losses") < 300 + 2880 + 60);
	/* The minute that lasts is not told yet. */
	assert_double(packets_of(scene, "PacketsAcceptedIn", 3 * DAY, 60), 2879);
	assert_double(packets_of(scene, "PacketsAcceptedIn", 80 * DAY, 3600), 3599);
	scene->fixture.now += 100 * DAY;
	tell(scene, scene->first, 1, 3601, 1800);
	assert_double(packets_of(scene, "PacketsAcceptedIn", 200 * DAY, 3600), 0);
	assert_int_equal(store_delete_session(scene->fixture.store, scene->first, 0), 0);
	assert_int_equal(count_rows(scene, "SELECT COUNT(*) FROM history"), 0);
}

/* Whatever hosts report, there is an answer. */
static void test_numbers_beyond_reason(void **state)
{
	struct scene *scene = *state;

	for (uint64_t epoch = 1; epoch <= 70; epoch++)
		tell(scene, scene->first, epoch, INT64_MAX / 100, 0);
	scene->fixture.now += MINUTE;
	tell(scene, scene->first, 1, 1, 0);
	scene->fixture.now += MINUTE;
	tell(scene, scene->first, 1, 1, 0);
	assert_true(packets_of(scene, "BytesAcceptedIn", HOUR, 60) >= 0x1p50);
	assert_true(packets_of(scene, "BytesLostIn", 80 * DAY, 3600) >= 0x1p50);
}

static void test_metrics_of_instances(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	_cleanup_(metric_page_fini) struct metric_page page = {};
	const struct metric_wish wish = {.namespace = "AWS/EC2"};
	struct measurement found = {};

	tell(scene, scene->first, 1, 10, 8);
	tell(scene, scene->second, 1, 5, 5);
	fixture->now += MINUTE;
	tell(scene, scene->first, 1, 10, 8);
	assert_done(fixture, control_list_metrics(fixture->control, &fixture->user, &wish, true,
						  NULL, &page, &fixture->why));
	/* The host is an instance, and so is its guest. */
	assert_int_equal(page.count, 16);
	for (size_t i = 0; i < page.count; i++) {
		const struct metric_record *record = &page.items[i];
		double sum = 0;

		assert_string_equal(record->dimensions[0].name, "InstanceId");
		measure(scene, "AWS/EC2", record->name, "InstanceId", record->dimensions[0].value,
			HOUR, 300, &found);
		for (size_t j = 0; j < found.count; j++)
			sum += found.items[j].sum;
		if (strcmp(record->name, "NetworkPacketsMirrorIn") == 0)
			assert_true(sum == 8 || sum == 5);
		if (strcmp(record->name, "NetworkSkipMirrorIn") == 0)
			assert_true(sum == 200 || sum == 0);
		measurement_fini(&found);
	}
	assert_double(sum_of(scene, "PacketsShippedIn", "HostName", "alpha", HOUR, 60), 13);
	assert_double(sum_of(scene, "PacketsShippedIn", "HostName", "beta", HOUR, 60), 0);
	assert_double(
		sum_of(scene, "PacketsShippedIn", "NetworkInterfaceId", fixture->tap0, HOUR, 60),
		5);
	fixture->user.account.text[0] = '9';
	assert_double(sum_of(scene, "PacketsShippedIn", "HostName", "alpha", HOUR, 60), 0);
}

#define CROWD 230

/* Sessions of many devices, each of which has counted something in a minute that is over. */
static void crowd_make(struct scene *scene, struct report_session sessions[CROWD])
{
	struct fixture *fixture = &scene->fixture;
	const struct report report = {.version = "1", .sessions = sessions, .session_count = CROWD};
	char names[CROWD][DEVICE_NAME_SIZE], target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	const char *devices[CROWD];

	for (unsigned int i = 0; i < CROWD; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "port%u", i);
		devices[i] = names[i];
	}
	fixture_report(fixture, "alpha", devices, CROWD, NULL);
	assert_done(fixture, control_modify_quota(fixture->control, &fixture->user, NULL,
						  "sources-per-target", CROWD + 2, &fixture->why));
	assert_done(fixture, make_interface(fixture, "192.0.2.11", target));
	assert_done(fixture, make_target(fixture, target, target));
	assert_done(fixture, make_filter(fixture, filter));
	for (unsigned int i = 0; i < CROWD; i++) {
		char source[RESOURCE_ID_SIZE];

		fixture_find_device(fixture, "alpha", names[i], source);
		sessions[i] = (struct report_session){.epoch = 1, .active = true};
		sessions[i].counters.direction[0].accepted = (struct packet_count){1, 100};
		assert_done(fixture,
			    make_session(fixture, source, target, filter, 1, sessions[i].id.text));
	}
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	fixture->now += MINUTE;
	fold(scene);
}

static void list(struct scene *scene, const struct metric_dimension *dimension, const char *token,
		 struct metric_page *ret_page)
{
	struct fixture *fixture = &scene->fixture;
	const struct metric_wish wish = {.dimensions = dimension, .dimension_count = 1};

	assert_done(fixture, control_list_metrics(fixture->control, &fixture->user, &wish, false,
						  token, ret_page, &fixture->why));
}

/* What is named is found among many without looking at the others; and a page ends though none of those that it looked at has what is
 * wished for. */
static void test_lists_are_bounded(void **state)
{
	static struct report_session sessions[CROWD];
	struct scene *scene = *state;
	struct metric_dimension dimension = {"TrafficMirrorSessionId", sessions[0].id.text};
	_cleanup_(metric_page_fini) struct metric_page page = {};
	unsigned int pages = 1;

	crowd_make(scene, sessions);
	for (unsigned int i = 1; i < CROWD; i++)
		if (strcmp(sessions[i].id.text, dimension.value) > 0)
			dimension.value = sessions[i].id.text;
	list(scene, &dimension, NULL, &page);
	assert_int_equal(page.count, 12);
	assert_string_equal(page.items[0].dimensions[0].value, dimension.value);
	assert_null(page.next_token);
	metric_page_fini(&page);
	dimension = (struct metric_dimension){"Reason", "bad_luck"};
	list(scene, &dimension, NULL, &page);
	assert_non_null(page.next_token);
	for (; page.next_token; pages++) {
		_cleanup_(metric_page_fini) struct metric_page before = page;

		page = (struct metric_page){};
		assert_int_equal(before.count, 0);
		list(scene, &dimension, before.next_token, &page);
	}
	assert_int_equal(page.count, 0);
	assert_in_range(pages, 3, 6);
}

static void expect(struct scene *scene, int64_t from, int64_t to, int64_t period, int64_t rows,
		   int code)
{
	const struct metric_dimension dimensions[] = {{"HostName", "alpha"}};
	const struct metric_wish wish = {"TrafficMirror", "PacketsLostIn", dimensions, 1};
	const struct metric_time time = {scene->fixture.now + from, scene->fixture.now + to, period,
					 METRIC_STATISTICS_MAX};
	struct measurement found = {};

	assert_refused(&scene->fixture,
		       control_measure(scene->fixture.control, &scene->fixture.user, &wish, &time,
				       &rows, &found, &scene->fixture.why),
		       code);
}

static void test_what_cannot_be_asked(void **state)
{
	struct scene *scene = *state;

	expect(scene, 0, 0, 60, 1000, REFUSE_PARAMETER_VALUE);
	expect(scene, -HOUR, 0, 0, 1000, REFUSE_PARAMETER_VALUE);
	expect(scene, -HOUR, 0, -60, 1000, REFUSE_PARAMETER_VALUE);
	expect(scene, -HOUR, 0, 15, 1000, REFUSE_PARAMETER_VALUE);
	expect(scene, -HOUR, 0, 90, 1000, REFUSE_PARAMETER_VALUE);
	expect(scene, -2 * DAY, 0, 60, 1000000, REFUSE_PARAMETER_COMBINATION);
	expect(scene, -HOUR, 0, 1, 1000000, REFUSE_PARAMETER_COMBINATION);
	/* Two sessions with sixty minutes each. */
	expect(scene, -HOUR, 0, 60, 119, REFUSE_PARAMETER_COMBINATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_seconds_become_minutes_and_hours, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_counted_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_host_that_was_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers_beyond_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metrics_of_instances, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_asked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
