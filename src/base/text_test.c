// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 300000

static void text_grows(void **state)
{
	_cleanup_text_ struct text text = {};
	_cleanup_free_ char *stolen = NULL;

	(void)state;
	text_append(&text, "one");
	text_append_char(&text, ' ');
	text_printf(&text, "%d-%s", 2, "three");
	text_append_bytes(&text, "!?", 1);
	assert_string_equal(text.data, "one 2-three!");
	for (size_t i = 0; i < 10000; i++)
		text_printf(&text, "%04zu", i);
	assert_int_equal(text.length, 12 + 40000);
	assert_memory_equal(text.data + 12 + 4 * 1234, "1234", 4);
	stolen = text_steal(&text);
	assert_int_equal(strlen(stolen), 12 + 40000);
	assert_null(text.data);
}

/* What a shell makes of it is compared with what it was. */
static void a_word_of_a_shell_stays_whole(void **state)
{
	static const char *const words[] = {"",          "plain",   "/a/b-c_d.e,f:g+h=i@j%k",
					    "two words", "it's",    "'",
					    "''x''",     "; id",    "$(id)",
					    "`id`",      "a\\b\"c", "*~#!|&<>\n\t"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_text_ struct text command = {};
		char back[64] = "";
		FILE *output;

		text_append(&command, "printf '[%s]' ");
		text_append_word(&command, words[i]);
		output = popen(command.data, "r");
		assert_non_null(output);
		(void)fread(back, 1, sizeof(back) - 1, output);
		assert_int_equal(pclose(output), 0);
		assert_int_equal(strlen(back), strlen(words[i]) + 2);
		assert_memory_equal(back + 1, words[i], strlen(words[i]));
	}
}

static void empty_text_is_a_string(void **state)
{
	_cleanup_text_ struct text text = {};
	_cleanup_free_ char *stolen = text_steal(&text);

	(void)state;
	assert_string_equal(stolen, "");
}

static void cleared_text_starts_anew(void **state)
{
	_cleanup_text_ struct text text = {};

	(void)state;
	text_append(&text, "before");
	text_clear(&text);
	assert_string_equal(text.data, "");
	text_append(&text, "after");
	assert_string_equal(text.data, "after");
}

static void failure_sticks(void **state)
{
	_cleanup_text_ struct text text = {};

	(void)state;
	text_append(&text, "kept");
	text_append_bytes(&text, "", SIZE_MAX);
	assert_true(text.failed);
	text_append(&text, "never");
	assert_string_equal(text.data, "kept");
	assert_null(text_steal(&text));
	assert_null(text.data);
}

static void hex_is_lower_case(void **state)
{
	char text[9];

	(void)state;
	hex_encode("\x00\xfa\x10\xff", 4, text);
	assert_string_equal(text, "00fa10ff");
	hex_encode("", 0, text);
	assert_string_equal(text, "");
}

static void string_is_copied_whole_or_not(void **state)
{
	char text[4] = "old";

	(void)state;
	assert_false(string_copy(text, sizeof(text), "four"));
	assert_string_equal(text, "old");
	assert_true(string_copy(text, sizeof(text), "new"));
	assert_string_equal(text, "new");
	assert_true(string_copy(text, sizeof(text), ""));
	assert_string_equal(text, "");
	assert_false(string_copy(text, 0, ""));
}

static void numbers_are_digits_only(void **state)
{
	static const struct {
		const char *text;
		unsigned long long maximum;
		bool valid;
		unsigned long long value;
	} rows[] = {
		{"0", 0, true, 0},
		{"65535", 65535, true, 65535},
		{"007", 9, true, 7},
		{"18446744073709551615", ULLONG_MAX, true, ULLONG_MAX},
		{"18446744073709551616", ULLONG_MAX, false, 0},
		{"65536", 65535, false, 0},
		{"", 9, false, 0},
		{"-1", ULLONG_MAX, false, 0},
		{"+1", 9, false, 0},
		{" 1", 9, false, 0},
		{"1 ", 9, false, 0},
		{"0x1", 9, false, 0},
		{"1e1", 99, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long long value = 4711;

		assert_int_equal(string_to_unsigned(rows[i].text, rows[i].maximum, &value),
				 rows[i].valid);
		assert_int_equal(value, rows[i].valid ? rows[i].value : 4711);
	}
}

static void string_is_found_among_others(void **state)
{
	static const char *const strings[] = {"a", "bc", ""};

	(void)state;
	assert_true(string_is_among("bc", strings, 2));
	assert_false(string_is_among("b", strings, 3));
	assert_false(string_is_among("", strings, 2));
	assert_true(string_is_among("", strings, 3));
	assert_false(string_is_among("a", NULL, 0));
}

static void patterns_match(void **state)
{
	static const struct {
		const char *pattern, *string;
		bool matches;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"?", "", false},
		{"?", "a", true},
		{"web*", "web-1", true},
		{"web*", "my-web", false},
		{"*web*", "my-web-1", true},
		{"a*b*c", "a--b--b--c", true},
		{"a*b*c", "a--b--b--", false},
		{"a?c", "abc", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"\\?", "?", true},
		{"\\\\", "\\", true},
		{"*\\*", "a*", true},
		{"*\\*", "ab", false},
		{"\\", "\\", true},
		{"\\a", "a", true},
		{"Web", "web", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(string_matches(rows[i].pattern, rows[i].string), rows[i].matches);
}

/* The definition, tried in all ways. */
static bool matches_by_force(const char *pattern, const char *string)
{
	if (*pattern == '\0')
		return *string == '\0';
	if (*pattern == '*')
		return matches_by_force(pattern + 1, string) ||
		       (*string != '\0' && matches_by_force(pattern, string + 1));
	if (*string == '\0')
		return false;
	if (*pattern == '?')
		return matches_by_force(pattern + 1, string + 1);
	if (*pattern == '\\' && pattern[1] != '\0')
		pattern++;
	return *pattern == *string && matches_by_force(pattern + 1, string + 1);
}

static void random_string(char *ret_text, size_t length_max, const char *alphabet)
{
	size_t length = (size_t)random() % (length_max + 1);

	for (size_t i = 0; i < length; i++)
		ret_text[i] = alphabet[(size_t)random() % strlen(alphabet)];
	ret_text[length] = '\0';
}

static void matching_agrees_with_brute_force(void **state)
{
	size_t matched = 0;

	(void)state;
	srandom(2);
	for (size_t i = 0; i < ROUNDS; i++) {
		char pattern[9], string[11];

		random_string(pattern, sizeof(pattern) - 1, "ab*?\\");
		random_string(string, sizeof(string) - 1, "ab*\\");
		assert_int_equal(string_matches(pattern, string),
				 matches_by_force(pattern, string));
		matched += string_matches(pattern, string);
	}
	assert_in_range(matched, ROUNDS / 50, ROUNDS);
}

/* Naive matching is exponential in the number of stars; a stranger chooses both strings. */
static void many_stars_take_no_time(void **state)
{
	char string[4097], pattern[201] = "";

	(void)state;
	memset(string, 'a', sizeof(string) - 1);
	string[sizeof(string) - 1] = '\0';
	for (size_t i = 0; i < 99; i++)
		memcpy(pattern + 2 * i, "*a", 3);
	strcat(pattern, "b");
	assert_false(string_matches(pattern, string));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(a_word_of_a_shell_stays_whole),
		cmocka_unit_test(empty_text_is_a_string),
		cmocka_unit_test(cleared_text_starts_anew),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(hex_is_lower_case),
		cmocka_unit_test(string_is_copied_whole_or_not),
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(string_is_found_among_others),
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(matching_agrees_with_brute_force),
		cmocka_unit_test(many_stars_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
