// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void columns_are_as_wide_as_needed(void **state _unused_)
{
	_cleanup_table_ struct table table = {};
	_cleanup_text_ struct text text = {};
	static const char *const cells[] = {
		"tms-1",
		"5",
		"caf\xc3\xa9",
		"x",
		"12345",
		NULL,
		"\xe6\x97\xa5\xe6\x9c\xac",
		"",
		"a\033[31m\nb\xff",
	};

	table_add_column(&table, "ID", false);
	table_add_column(&table, "N", true);
	table_add_column(&table, "TEXT", false);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		assert_int_equal(table_add_cell(&table, cells[i]), 0);
	table_render(&table, false, &text);
	assert_string_equal(text.data, "ID         N  TEXT\n"
				       "tms-1      5  caf\xc3\xa9\n"
				       "x      12345  -\n"
				       /* Two columns each. */
				       "\xe6\x97\xa5\xe6\x9c\xac       -  "
				       "a\xef\xbf\xbd[31m\xef\xbf\xbd"
				       "b\xef\xbf\xbd\n");
}

static void nothing_is_a_line_of_titles(void **state _unused_)
{
	_cleanup_table_ struct table table = {};
	_cleanup_text_ struct text text = {};

	table_add_column(&table, "ID", false);
	table_render(&table, true, &text);
	assert_string_equal(text.data, "\033[1mID\n\033[0m");
}

static void widths_count_columns(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"\xc3\xa9", 1},
		{"e\xcc\x81", 1},    /* A combining accent takes no room. */
		{"\xe6\x97\xa5", 2}, /* A wide one takes two. */
		{"\xe6\x97", 2},     /* Cut off: two bytes that are no characters. */
		{"\x80", 1},
		{"\xf4\x90\x80\x80", 1}, /* Beyond Unicode. */
		{"\x7f\x1b", 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text text = {};

		assert_int_equal(text_append_printable(&text, cases[i].text), cases[i].width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_needed),
		cmocka_unit_test(nothing_is_a_line_of_titles),
		cmocka_unit_test(widths_count_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
