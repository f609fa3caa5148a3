// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "health/codes.h"

static void test_codes(void **state)
{
	static const struct {
		const char *codes;
		long status;
		bool contained;
	} rows[] = {
		{"200", 200, true},          {"200", 201, false},        {"200-399", 200, true},
		{"200-399", 399, true},      {"200-399", 400, false},    {"200-399", 199, false},
		{"200,204", 204, true},      {"200,204", 202, false},    {"200,300-302", 301, true},
		{"200,300-302", 303, false}, {"300-302,200", 200, true}, {"", 200, false},
		{"-", 200, false},           {",200", 200, false},       {"399-200", 300, false},
		{"200-", 200, false},        {"200", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(codes_contain(rows[i].codes, rows[i].status), rows[i].contained);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
