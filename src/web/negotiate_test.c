// SPDX-License-Identifier: Apache-2.0
#include "web/negotiate.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct web_file both = {
	.tag = "0123",
	.bodies = {{"plain", 5}, {"gzip", 4}, {"br", 2}},
};
static const struct web_file plain_only = {.tag = "0123", .bodies = {{"plain", 5}}};

static void test_chooses_the_smallest_that_is_accepted(void **state)
{
	static const struct {
		const char *accepted;
		enum web_coding coding;
	} rows[] = {
		{NULL, WEB_IDENTITY},
		{"", WEB_IDENTITY},
		{"gzip, deflate, br, zstd", WEB_BROTLI},
		{"gzip", WEB_GZIP},
		{"GZip", WEB_GZIP},
		{"br;q=1.0, gzip;q=0.8", WEB_BROTLI},
		{"br;q=0, gzip", WEB_GZIP},
		{"br ; q=0.000 ,gzip;q=0", WEB_IDENTITY},
		{"br;q=0.001", WEB_BROTLI},
		{"identity", WEB_IDENTITY},
		{"brotli, gzipped", WEB_IDENTITY},
		{",, ,br", WEB_BROTLI},
		{"*;q=0", WEB_IDENTITY},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(web_choose_coding(&both, rows[i].accepted), rows[i].coding);
		assert_int_equal(web_choose_coding(&plain_only, rows[i].accepted), WEB_IDENTITY);
	}
}

static void test_each_coding_has_a_tag_of_its_own(void **state)
{
	char tag[WEB_TAG_SIZE];

	(void)state;
	web_format_tag(&both, WEB_IDENTITY, tag);
	assert_string_equal(tag, "\"0123\"");
	web_format_tag(&both, WEB_GZIP, tag);
	assert_string_equal(tag, "\"0123-gzip\"");
	web_format_tag(&both, WEB_BROTLI, tag);
	assert_string_equal(tag, "\"0123-br\"");
}

static void test_knows_what_is_listed(void **state)
{
	static const struct {
		const char *known;
		bool is_known;
	} rows[] = {
		{NULL, false},
		{"", false},
		{"\"0123-br\"", true},
		{"W/\"0123-br\"", true},
		{"\"other\" , \"0123-br\"", true},
		{"*", true},
		{"\"0123\"", false},
		{"0123-br", false},
		{"\"0123-br", false},
		{"W/", false},
		{"\"0123-br\"x", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(web_tag_is_known(rows[i].known, "\"0123-br\""), rows[i].is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chooses_the_smallest_that_is_accepted),
		cmocka_unit_test(test_each_coding_has_a_tag_of_its_own),
		cmocka_unit_test(test_knows_what_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
