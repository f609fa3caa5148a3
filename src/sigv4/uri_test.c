// SPDX-License-Identifier: Apache-2.0
#include "sigv4/uri.h"

#include "base/count.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void test_encodes_all_but_unreserved(void **state)
{
	_cleanup_text_ struct text text = {};

	(void)state;
	uri_append_encoded(&text, "aZ09-._~ +/%\xc3\xa9\0*", 16, "/");
	assert_string_equal(text.data, "aZ09-._~%20%2B/%25%C3%A9%00%2A");
}

static void test_decodes_what_forms_carry(void **state)
{
	static const struct {
		const char *encoded, *decoded;
	} cases[] = {
		{"", ""},
		{"a+b%20c", "a b c"},
		{"%2b%2B", "++"},
		{"%C3%A9*", "\xc3\xa9*"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text text = {};

		assert_true(uri_append_decoded(&text, cases[i].encoded, strlen(cases[i].encoded)));
		text_append(&text, "");
		assert_string_equal(text.data, cases[i].decoded);
	}
}

static void test_refuses_broken_escapes(void **state)
{
	static const char *const cases[] = {"%", "%4", "a%4g", "%%41", "% 1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text text = {};

		assert_false(uri_append_decoded(&text, cases[i], strlen(cases[i])));
	}
}

static void test_every_byte_comes_back(void **state)
{
	_cleanup_text_ struct text encoded = {}, decoded = {};
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	uri_append_encoded(&encoded, bytes, sizeof(bytes), "");
	assert_true(uri_append_decoded(&decoded, encoded.data, encoded.length));
	assert_int_equal(decoded.length, sizeof(bytes));
	assert_memory_equal(decoded.data, bytes, sizeof(bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodes_all_but_unreserved),
		cmocka_unit_test(test_decodes_what_forms_carry),
		cmocka_unit_test(test_refuses_broken_escapes),
		cmocka_unit_test(test_every_byte_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
