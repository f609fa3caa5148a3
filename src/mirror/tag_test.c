// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/count.h"
#include "mirror/refusals.h"
#include "mirror/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tags_stay_sorted(void **state)
{
	struct tags tags = {};
	char key[8], value[24];

	(void)state;
	srandom(3);
	for (size_t i = 0; i < 2000; i++) {
		(void)snprintf(key, sizeof(key), "k%ld", random() % 300);
		(void)snprintf(value, sizeof(value), "%zu", i);
		assert_int_equal(tags_set(&tags, key, value), 0);
		assert_string_equal(tags_get(&tags, key), value);
	}
	assert_in_range(tags.count, 250, 300);
	for (size_t i = 1; i < tags.count; i++)
		assert_true(strcmp(tags.items[i - 1].key, tags.items[i].key) < 0);
	assert_null(tags_get(&tags, "k"));
	assert_null(tags_get(&tags, "k300"));
	tags_fini(&tags);
	tags_fini(&tags);
	assert_null(tags_get(&tags, "k1"));
}

static void a_tag_may_be_set_to_itself(void **state)
{
	struct tags tags = {};

	(void)state;
	assert_int_equal(tags_set(&tags, "Name", "web"), 0);
	assert_int_equal(tags_set(&tags, "Name", tags_get(&tags, "Name")), 0);
	assert_string_equal(tags_get(&tags, "Name"), "web");
	tags_fini(&tags);
}

/* 'count' times 'unit'. */
static char *repeat(const char *unit, size_t count)
{
	char *text = calloc(count, strlen(unit) + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(unit), unit, strlen(unit));
	return text;
}

static void tags_are_bounded_in_characters(void **state)
{
	static const char *const units[] = {"k", "é", "語", "😀"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		_cleanup_free_ char *key = repeat(units[i], TAG_KEY_LENGTH_MAX);
		_cleanup_free_ char *long_key = repeat(units[i], TAG_KEY_LENGTH_MAX + 1);
		_cleanup_free_ char *value = repeat(units[i], TAG_VALUE_LENGTH_MAX);
		_cleanup_free_ char *long_value = repeat(units[i], TAG_VALUE_LENGTH_MAX + 1);

		assert_int_equal(tag_validate(key, value, NULL), 0);
		assert_int_equal(tag_validate(long_key, value, NULL), REFUSED);
		assert_int_equal(tag_validate(key, long_value, NULL), REFUSED);
	}
}

static void reserved_and_empty_keys_are_refused(void **state)
{
	static const struct {
		const char *key;
		int result;
	} rows[] = {
		{"Name", 0},
		{"aws", 0},
		{"my:aws:", 0},
		{"tmirror", 0},
		{"aws:created", REFUSED},
		{"AWS:created", REFUSED},
		{"aws:", REFUSED},
		{"tmirror:host", REFUSED},
		{"Tmirror:host", REFUSED},
		{"", REFUSED},
		{"a\nb", REFUSED},
		{"\xff", REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct refusal why = {};

		assert_int_equal(tag_validate(rows[i].key, "", &why), rows[i].result);
		assert_int_equal(why.code, rows[i].result ? REFUSE_PARAMETER_VALUE : REFUSE_NONE);
	}
	assert_int_equal(tag_validate("Name", "a\tb", NULL), REFUSED);
}

static void character_encode(uint32_t character, char ret_text[5])
{
	memset(ret_text, 0, 5);
	if (character < 0x80) {
		ret_text[0] = (char)character;
	} else if (character < 0x800) {
		ret_text[0] = (char)(0xc0 | character >> 6);
		ret_text[1] = (char)(0x80 | (character & 0x3f));
	} else if (character < 0x10000) {
		ret_text[0] = (char)(0xe0 | character >> 12);
		ret_text[1] = (char)(0x80 | (character >> 6 & 0x3f));
		ret_text[2] = (char)(0x80 | (character & 0x3f));
	} else {
		ret_text[0] = (char)(0xf0 | character >> 18);
		ret_text[1] = (char)(0x80 | (character >> 12 & 0x3f));
		ret_text[2] = (char)(0x80 | (character >> 6 & 0x3f));
		ret_text[3] = (char)(0x80 | (character & 0x3f));
	}
}

/* Production Char of XML 1.0, without tab, line ends, and the controls it discourages. */
static bool is_presentable(uint32_t character)
{
	return (character >= 0x20 && character <= 0x7e) ||
	       (character >= 0xa0 && character <= 0xd7ff) ||
	       (character >= 0xe000 && character <= 0xfffd) ||
	       (character >= 0x10000 && character <= 0x10ffff);
}

static void every_character_is_judged(void **state)
{
	char text[5];

	(void)state;
	for (uint32_t character = 1; character < 0x200000; character++) {
		character_encode(character, text);
		if (text_is_presentable(text, 1) != is_presentable(character))
			fail_msg("U+%04X", character);
	}
}

static void malformed_text_is_not_presentable(void **state)
{
	static const char *const rows[] = {
		"\x80",                 /* A continuation without a start. */
		"\xc3",                 /* Cut short by the end … */
		"\xe8\xaa",             /* … */
		"\xf0\x9f\x98",         /* … */
		"\xc3(",                /* … and by another character. */
		"\xc0\xaf",             /* A slash in too long a form: two bytes, */
		"\xe0\x80\xaf",         /* three, */
		"\xf0\x80\x80\xaf",     /* four. */
		"\xed\xa0\x80",         /* Surrogate. */
		"\xf4\x90\x80\x80",     /* Beyond U+10FFFF. */
		"\xf8\x88\x80\x80\x80", /* Five bytes. */
		"\xfe",
		"fine until \xff",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_false(text_is_presentable(rows[i], 100));
	assert_true(text_is_presentable("", 0));
	assert_true(text_is_presentable("语言", 2));
	assert_false(text_is_presentable("语言", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_stay_sorted),
		cmocka_unit_test(a_tag_may_be_set_to_itself),
		cmocka_unit_test(tags_are_bounded_in_characters),
		cmocka_unit_test(reserved_and_empty_keys_are_refused),
		cmocka_unit_test(every_character_is_judged),
		cmocka_unit_test(malformed_text_is_not_presentable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
