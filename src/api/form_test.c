// SPDX-License-Identifier: Apache-2.0
#include "api/form.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void test_decodes_fields_in_order(void **state)
{
	static const char text[] = "Action=A&&b=c%20d+e&empty=&nothing&=unnamed&u=%C3%A9%26";
	_cleanup_form_ struct form form = {};

	(void)state;
	assert_int_equal(form_decode(&form, text, strlen(text), NULL), 0);
	assert_int_equal(form.count, 6);
	assert_string_equal(form.items[0].name, "Action");
	assert_string_equal(form_get(&form, "b"), "c d e");
	assert_string_equal(form_get(&form, "empty"), "");
	assert_string_equal(form_get(&form, "nothing"), "");
	assert_string_equal(form_get(&form, ""), "unnamed");
	assert_string_equal(form_get(&form, "u"), "\xc3\xa9&");
	assert_null(form_get(&form, "action"));
}

static void test_appends_to_what_is_there(void **state)
{
	_cleanup_form_ struct form form = {};

	(void)state;
	assert_int_equal(form_decode(&form, "a=1", 3, NULL), 0);
	assert_int_equal(form_decode(&form, "b=2", 3, NULL), 0);
	assert_int_equal(form_decode(&form, "", 0, NULL), 0);
	assert_int_equal(form.count, 2);
}

static void test_refuses_what_is_malformed(void **state)
{
	static const char *const cases[] = {"a=%", "a=%zz", "%4=b", "a=%00", "a%00b=c", "x=1&y=%f"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_form_ struct form form = {};
		struct refusal why = {};

		assert_int_equal(form_decode(&form, cases[i], strlen(cases[i]), &why), REFUSED);
		assert_int_equal(why.code, REFUSE_QUERY_MALFORMED);
	}
}

static void test_bounds_the_number_of_fields(void **state)
{
	_cleanup_form_ struct form form = {};
	_cleanup_text_ struct text text = {};
	struct refusal why = {};

	(void)state;
	for (int i = 0; i < FORM_FIELDS_MAX; i++)
		text_append(&text, "a=b&");
	assert_int_equal(form_decode(&form, text.data, text.length, &why), 0);
	assert_int_equal(form_decode(&form, "a=b", 3, &why), REFUSED);
	assert_string_equal(why.text, "The request has more than 8192 parameters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decodes_fields_in_order),
		cmocka_unit_test(test_appends_to_what_is_there),
		cmocka_unit_test(test_refuses_what_is_malformed),
		cmocka_unit_test(test_bounds_the_number_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
