// SPDX-License-Identifier: Apache-2.0
#include "api/xml.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

static void test_escapes(void **state)
{
	static const struct {
		const char *value, *escaped;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c'"},
		{"]]>", "]]&gt;"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"tab\tline\n", "tab\tline\n"},
		{"\r", "&#13;"},
		{"\x01\x1f", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xff", "\xef\xbf\xbd"},                                 /* No lead byte. */
		{"\xc3", "\xef\xbf\xbd"},                                 /* Ends early. */
		{"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* Longer than needed. */
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* A surrogate. */
		{"\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* U+FFFF. */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text xml = {};

		xml_escape(&xml, cases[i].value);
		text_append(&xml, "");
		assert_string_equal(xml.data, cases[i].escaped);
	}
}

static void test_elements(void **state)
{
	_cleanup_text_ struct text xml = {};

	(void)state;
	xml_open(&xml, "set");
	xml_text(&xml, "a", "<");
	xml_number(&xml, "b", -5);
	xml_count(&xml, "c", UINT64_MAX);
	xml_boolean(&xml, "d", true);
	xml_time(&xml, "e", 0);
	xml_text_if_set(&xml, "f", "");
	xml_text_if_set(&xml, "f", NULL);
	xml_text_if_set(&xml, "g", "h");
	xml_open(&xml, "empty");
	xml_close(&xml, "empty");
	xml_close(&xml, "set");
	assert_string_equal(xml.data,
			    "<set><a>&lt;</a><b>-5</b><c>18446744073709551615</c>"
			    "<d>true</d><e>1970-01-01T00:00:00.000Z</e><g>h</g><empty/></set>");
}

static bool is_well_formed(const char *text, size_t size)
{
	XML_Parser parser = XML_ParserCreate("UTF-8");
	enum XML_Status status = XML_Parse(parser, text, (int)size, 1);

	XML_ParserFree(parser);
	return status == XML_STATUS_OK;
}

/* Whatever the bytes are, another parser takes the result. */
static void test_anything_becomes_well_formed(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		_cleanup_text_ struct text xml = {};
		char value[40] = {};

		for (size_t i = 0; i + 1 < sizeof(value); i++)
			value[i] = (char)(rand_r(&seed) % 255 + 1);
		xml_text(&xml, "a", value);
		assert_true(is_well_formed(xml.data, xml.length));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_anything_becomes_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
