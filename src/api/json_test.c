// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_commas_come_by_themselves(void **state)
{
	_cleanup_text_ struct text json = {};

	(void)state;
	json_open(&json, NULL, '{');
	json_text(&json, "a", "x{");
	json_number(&json, "b", -1);
	json_open(&json, "c", '[');
	json_text(&json, NULL, "[");
	json_open(&json, NULL, '{');
	json_close(&json, '}');
	json_boolean(&json, NULL, true);
	json_close(&json, ']');
	json_raw(&json, "d", "");
	json_raw(&json, "e", "[1]");
	json_open(&json, "f", '{');
	json_close(&json, '}');
	json_close(&json, '}');
	assert_string_equal(json.data, "{\"a\":\"x{\",\"b\":-1,\"c\":[\"[\",{},true],\"d\":null,"
				       "\"e\":[1],\"f\":{}}");
}

static void test_texts_are_escaped(void **state)
{
	_cleanup_text_ struct text json = {};

	(void)state;
	json_text(&json, NULL, "a\"b\\c\n\t\x01\x7f ä € 😀 \xff\xc3( \xed\xa0\x80");
	assert_string_equal(
		json.data,
		"\"a\\\"b\\\\c\\u000a\\u0009\\u0001\\u007f ä € 😀 \xef\xbf\xbd\xef\xbf\xbd( "
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commas_come_by_themselves),
		cmocka_unit_test(test_texts_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
