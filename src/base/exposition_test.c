// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_families(void **state)
{
	static const struct metric metric = {"tmirror_x_total", "Lines\nand \"words\" \\",
					     METRIC_COUNTER};
	const struct label labels[] = {{"a", "plain"}, {"b", "qu\"o\\te\n"}};
	_cleanup_text_ struct text text = {};

	(void)state;
	exposition_begin(&text, &metric);
	exposition_add_count(&text, &metric, "", labels, 2, UINT64_MAX);
	exposition_add(&text, &metric, "_sum", NULL, 0, 0.25);
	assert_string_equal(
		text.data,
		"# HELP tmirror_x_total Lines\\nand \"words\" \\\\.\n"
		"# TYPE tmirror_x_total counter\n"
		"tmirror_x_total{a=\"plain\",b=\"qu\\\"o\\\\te\\n\"} 18446744073709551615\n"
		"tmirror_x_total_sum 0.25\n");
}

static double value_of(const struct text *text, const char *name)
{
	char line[64];
	const char *found;

	(void)snprintf(line, sizeof(line), "\n%s ", name);
	found = strstr(text->data, line);
	assert_non_null(found);
	return strtod(found + strlen(line), NULL);
}

static void test_process(void **state)
{
	_cleanup_text_ struct text text = {};
	double now = (double)clock_realtime() / 1000;

	(void)state;
	exposition_put_process(&text);
	assert_true(value_of(&text, "process_resident_memory_bytes") > 100000);
	assert_true(value_of(&text, "process_open_fds") >= 3);
	assert_true(value_of(&text, "process_start_time_seconds") <= now + 1);
	assert_true(value_of(&text, "process_start_time_seconds") > now - 3600);
	assert_true(value_of(&text, "process_cpu_seconds_total") >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
