// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/count.h"

static void timestamps_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t milliseconds;
		const char *written;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
		{"1970-01-01T00:00:00.001Z", 1, "1970-01-01T00:00:00.001Z"},
		{"2026-11-23T04:05:06.789Z", 1795406706789, "2026-11-23T04:05:06.789Z"},
		{"2024-02-29T12:00:00Z", 1709208000000, "2024-02-29T12:00:00.000Z"},
		{"2038-01-19T03:14:08Z", 2147483648000, "2038-01-19T03:14:08.000Z"},
		{"1969-12-31T23:59:59.001Z", -999, "1969-12-31T23:59:59.001Z"},
		{"0001-01-01T00:00:00Z", -62135596800000, "0001-01-01T00:00:00.000Z"},
		{"9999-12-31T23:59:59Z", 253402300799000, "9999-12-31T23:59:59.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char written[TIMESTAMP_SIZE];
		int64_t milliseconds = -1;

		assert_true(timestamp_parse(rows[i].text, &milliseconds));
		assert_int_equal(milliseconds, rows[i].milliseconds);
		timestamp_format(milliseconds, written);
		assert_string_equal(written, rows[i].written);
	}
}

static void what_is_no_timestamp(void **state)
{
	static const char *const rows[] = {
		"",
		"Z",
		"2026",
		"2026-11-23",
		"2026-11-23T04:05:06",
		"2026-11-23 04:05:06Z",
		"2026-11-23T04:05:06z",
		"2026-11-23T04:05:06+00:00",
		"2026-11-23T04:05:06ZZ",
		"2026-11-23T04:05:06.Z",
		"2026-11-23T04:05:06.12Z",
		"2026-11-23T04:05:06.1234Z",
		"2026-11-23T04:05Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-11-31T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2026-11-00T00:00:00Z",
		"2026-11-23T24:00:00Z",
		"2026-11-23T00:60:00Z",
		"2026-11-23T00:00:60Z",
		"+026-11-23T00:00:00Z",
		" 2026-11-23T00:00:00Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t milliseconds = -1;

		if (timestamp_parse(rows[i], &milliseconds))
			fail_msg("%s", rows[i]);
		assert_int_equal(milliseconds, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps_are_read),
		cmocka_unit_test(what_is_no_timestamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
