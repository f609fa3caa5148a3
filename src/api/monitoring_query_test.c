// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/form.h"
#include "api/monitoring_query.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct scene {
	struct form form;
	struct call call;
	struct caller caller;
	struct refusal why;
};

static void scene_fini(struct scene *scene)
{
	arguments_fini(&scene->call.arguments);
	form_fini(&scene->form);
}

/* Queries as GetMetricData binds them. */
static int read_queries(struct scene *scene, const char *form, struct data_queries *ret_queries)
{
	const struct action *action = &monitoring_data_actions.rows[0];

	*scene = (struct scene){.call = {.caller = &scene->caller}};
	assert_int_equal(form_decode(&scene->form, form, strlen(form), &scene->why), 0);
	assert_int_equal(arguments_bind(action->parameters, action->parameter_count, &scene->form,
					&scene->call.arguments, &scene->why),
			 0);
	return data_queries_read(&scene->call, ret_queries, &scene->why);
}

#define Q         "&MetricDataQueries.member."
#define TIMES     "StartTime=a&EndTime=b"
#define STAT(n)   Q n ".MetricStat.Stat=Maximum" Q n ".MetricStat.Period=60"
#define METRIC(n) Q n ".MetricStat.Metric.MetricName=m" Q n ".MetricStat.Metric.Namespace=s"
#define DIMENSION(n, m, name, value)                                      \
	Q n ".MetricStat.Metric.Dimensions.member." m ".Value=" value Q n \
	    ".MetricStat.Metric.Dimensions.member." m ".Name=" name
#define WHOLE(n, id) Q n ".Id=" id STAT(n) METRIC(n)

/* Numbers may have gaps, and parts may come in any order. */
static void test_parts_find_their_query(void **state)
{
	_cleanup_(data_queries_fini) struct data_queries queries = {};
	_cleanup_(scene_fini) struct scene scene;

	(void)state;
	assert_int_equal(read_queries(&scene,
				      TIMES DIMENSION("9", "2", "b", "2") WHOLE("9", "two")
					      DIMENSION("9", "1", "a", "1") WHOLE("4", "one") Q
				      "9.ReturnData=false" Q "4.Label=first",
				      &queries),
			 0);
	assert_int_equal(queries.count, 2);
	assert_string_equal(queries.items[0].id, "one");
	assert_string_equal(queries.items[0].label, "first");
	assert_int_equal(queries.items[0].metric.dimension_count, 0);
	assert_true(data_query_is_told(&queries.items[0]));
	assert_string_equal(queries.items[1].id, "two");
	assert_null(queries.items[1].label);
	assert_int_equal(queries.items[1].metric.dimension_count, 2);
	assert_string_equal(queries.items[1].metric.dimensions[0].name, "a");
	assert_string_equal(queries.items[1].metric.dimensions[0].value, "1");
	assert_string_equal(queries.items[1].metric.dimensions[1].value, "2");
	assert_int_equal(queries.items[1].statistic, STATISTIC_MAXIMUM);
	assert_int_equal(queries.items[1].period->number, 60);
	assert_false(data_query_is_told(&queries.items[1]));
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *form;
		enum refusal_code code;
	} rows[] = {
		{TIMES WHOLE("1", "a") STAT("2"), REFUSE_PARAMETER_MISSING},
		{TIMES WHOLE("1", "a") Q "1.MetricStat.Metric.Dimensions.member.1.Name=x",
		 REFUSE_PARAMETER_MISSING},
		{TIMES WHOLE("1", "a") Q "1.MetricStat.Metric.Dimensions.member.1.Value=x",
		 REFUSE_PARAMETER_MISSING},
		{TIMES Q "1.Id=a" STAT("1"), REFUSE_PARAMETER_MISSING},
		{TIMES Q "1.Id=a" METRIC("1"), REFUSE_PARAMETER_MISSING},
		{TIMES WHOLE("1", "a") WHOLE("2", "a"), REFUSE_PARAMETER_VALUE},
		{TIMES WHOLE("1", "A"), REFUSE_PARAMETER_VALUE},
		{TIMES WHOLE("1", "a") Q "1.Expression=x", REFUSE_PARAMETER_VALUE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(data_queries_fini) struct data_queries queries = {};
		_cleanup_(scene_fini) struct scene scene;

		assert_int_equal(read_queries(&scene, rows[i].form, &queries), REFUSED);
		assert_int_equal(scene.why.code, rows[i].code);
	}
}

static double cpu_seconds(void)
{
	struct timespec time;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* As many as a request may have, with as many dimensions: each part is looked at once, not once for each
 * other, which took most of a second. */
static void test_many_are_read_at_once(void **state)
{
	_cleanup_(data_queries_fini) struct data_queries queries = {};
	_cleanup_(scene_fini) struct scene scene;
	_cleanup_text_ struct text form = {};
	double before, after;

	(void)state;
	text_append(&form, TIMES);
	for (unsigned int i = 1; i <= DATA_QUERIES_MAX; i++) {
		text_printf(&form, Q "%u.Id=a%u" Q "%u.MetricStat.Stat=Sum", i, i, i);
		text_printf(&form, Q "%u.MetricStat.Period=60", i);
		text_printf(&form, Q "%u.MetricStat.Metric.MetricName=m", i);
		text_printf(&form, Q "%u.MetricStat.Metric.Namespace=s", i);
		for (unsigned int j = 1; j <= 2; j++) {
			text_printf(&form, Q "%u.MetricStat.Metric.Dimensions.member.%u.Name=d", i,
				    j);
			text_printf(&form, Q "%u.MetricStat.Metric.Dimensions.member.%u.Value=v", i,
				    j);
		}
	}
	assert_false(form.failed);
	assert_int_equal(read_queries(&scene, form.data, &queries), 0);
	data_queries_fini(&queries);
	before = cpu_seconds();
	assert_int_equal(data_queries_read(&scene.call, &queries, &scene.why), 0);
	after = cpu_seconds();
	assert_int_equal(queries.count, DATA_QUERIES_MAX);
	if (after - before > 0.2)
		fail_msg("it took %f seconds", after - before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_find_their_query),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_many_are_read_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
