// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/header_words.h"

#include <stdio.h>

static void flags_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		uint8_t mask, value;
		const char *written;
	} rows[] = {
		{"", 0, 0, ""},
		{"any", 0, 0, ""},
		{"fin", 0x01, 0x01, "fin"},
		{"cwr", 0x80, 0x80, "cwr"},
		{"syn,!ack", 0x12, 0x02, "!ack,syn"},
		{"!rst,!rst", 0x04, 0x00, "!rst"},
		{"!fin,!syn,!rst,!psh,!ack,!urg,!ece,!cwr", 0xff, 0x00,
		 "!cwr,!ece,!urg,!ack,!psh,!rst,!syn,!fin"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tcp_flags_match match = {0xaa, 0xaa};
		char text[TCP_FLAGS_TEXT_SIZE];

		assert_true(tcp_flags_parse(rows[i].text, &match));
		assert_int_equal(match.mask, rows[i].mask);
		assert_int_equal(match.value, rows[i].value);
		tcp_flags_format(&match, text);
		assert_string_equal(text, rows[i].written);
	}
}

/* Whatever is written is read again as the same. */
static void all_flags_survive(void **state)
{
	(void)state;
	for (unsigned int mask = 0; mask < 256; mask++)
		for (unsigned int value = 0; value < 256; value++) {
			struct tcp_flags_match match = {(uint8_t)mask, (uint8_t)(mask & value)};
			struct tcp_flags_match back;
			char text[TCP_FLAGS_TEXT_SIZE];

			tcp_flags_format(&match, text);
			assert_true(tcp_flags_parse(text, &back));
			assert_int_equal(back.mask, match.mask);
			assert_int_equal(back.value, match.value);
		}
}

static void other_words_are_no_flags(void **state)
{
	static const char *const rows[] = {"SYN",      "syn,",    ",",   ",syn", "syn ack",
					   "!",        "!!syn",   "sy",  "syns", "syn,!syn",
					   "!syn,syn", "syn,any", "\xff"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tcp_flags_match match = {0xaa, 0x55};

		assert_false(tcp_flags_parse(rows[i], &match));
		assert_int_equal(match.mask, 0xaa);
		assert_int_equal(match.value, 0x55);
	}
}

static void dscp_has_names(void **state)
{
	static const struct {
		const char *text;
		int value; /* -1: refused. */
	} rows[] = {
		{"0", 0},     {"63", 63},   {"cs0", 0},    {"cs1", 8},   {"cs7", 56},  {"af11", 10},
		{"af23", 22}, {"af43", 38}, {"ef", 46},    {"le", 1},    {"64", -1},   {"-1", -1},
		{"", -1},     {"cs8", -1},  {"cs", -1},    {"cs10", -1}, {"af51", -1}, {"af01", -1},
		{"af14", -1}, {"af10", -1}, {"af111", -1}, {"EF", -1},   {"0x2e", -1}, {" 1", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t value = 0xaa;
		bool expected = rows[i].value >= 0;

		if (dscp_parse(rows[i].text, &value) != expected)
			fail_msg("%s", rows[i].text);
		assert_int_equal(value, expected ? rows[i].value : 0xaa);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_read_and_written),
		cmocka_unit_test(all_flags_survive),
		cmocka_unit_test(other_words_are_no_flags),
		cmocka_unit_test(dscp_has_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
