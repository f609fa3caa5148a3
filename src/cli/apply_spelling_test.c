// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_spelling.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* NULL: it has none.  What is spelled once stays as it is. */
static void assert_spelled(const struct field *field, const char *value, const char *expected)
{
	_cleanup_free_ char *again = NULL;
	_cleanup_free_ char *spelled = NULL;
	bool failed;

	spelled = field_spell(field, value, &failed);
	assert_false(failed);
	if (!expected) {
		assert_null(spelled);
		return;
	}
	if (!spelled)
		fail_msg("'%s' has no spelling", value);
	assert_string_equal(spelled, expected);
	again = field_spell(field, spelled, &failed);
	assert_string_equal(again, expected);
}

static void values_have_one_spelling(void **state)
{
	static const struct {
		const struct spelling *spelling;
		const char *value, *expected;
	} rows[] = {
		{&spelling_description, "", ""},
		{&spelling_description, "größer", "größer"},
		{&spelling_description, "a\nb", NULL},
		{&spelling_description, "a\x7f", NULL},
		{&spelling_description, "\xc2\x85", NULL},
		{&spelling_protocol, "tcp", "6"},
		{&spelling_protocol, "6", "6"},
		{&spelling_protocol, "06", "6"},
		{&spelling_protocol, "256", NULL},
		{&spelling_protocol, "carrier-pigeon", NULL},
		{&spelling_block, "10.0.0.0/8", "10.0.0.0/8"},
		{&spelling_block, "10.0.0.1/8", NULL},
		{&spelling_block, "2001:0DB8::/32", "2001:db8::/32"},
		{&spelling_address, "2001:DB8:0::1", "2001:db8::1"},
		{&spelling_address, "", ""},
		{&spelling_address, "10.0.0", NULL},
		{&spelling_ports, "80", "80"},
		{&spelling_ports, "80-80", "80"},
		{&spelling_ports, "80-90", "80-90"},
		{&spelling_ports, "90-80", NULL},
		{&spelling_ports, "80-", NULL},
		{&spelling_ports, "-80", NULL},
		{&spelling_ports, "65536", NULL},
		{&spelling_ports, "000000000000080-90", NULL},
		{&spelling_flags, "any", "any"},
		{&spelling_flags, "syn,!ack", "!ack,syn"},
		{&spelling_flags, "fin,cwr", "cwr,fin"},
		{&spelling_flags, "syn,syn", "syn"},
		{&spelling_flags, "syn,!syn", NULL},
		{&spelling_flags, "syn,", NULL},
		{&spelling_flags, "synack", NULL},
		{&spelling_flags, ",yn", NULL},
		{&spelling_flags, "SYN", NULL},
		{&spelling_dscp, "ef", "46"},
		{&spelling_dscp, "le", "1"},
		{&spelling_dscp, "cs7", "56"},
		{&spelling_dscp, "af41", "34"},
		{&spelling_dscp, "af51", NULL},
		{&spelling_dscp, "64", NULL},
		{&spelling_dscp, "any", NULL},
		{&spelling_dscp_or_any, "any", "any"},
		{&spelling_dscp_or_any, "af11", "10"},
		{&spelling_switch, "true", "true"},
		{&spelling_switch, "yes", NULL},
		{&spelling_time, "never", "never"},
		{&spelling_time, "2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000Z"},
		{&spelling_time, "2030-01-02T03:04:05.678Z", "2030-01-02T03:04:05.000Z"},
		{&spelling_time, "2030-02-30T00:00:00Z", NULL},
		{&spelling_time, "2h", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct field field = {.spelling = rows[i].spelling};

		assert_spelled(&field, rows[i].value, rows[i].expected);
	}
}

static void texts_are_counted_in_characters(void **state)
{
	(void)state;
	assert_true(text_is_plain("äöü", 3));
	assert_false(text_is_plain("äöü", 2));
	assert_false(text_is_plain("", 2));
}

static void numbers_have_bounds(void **state)
{
	const struct field number = {.spelling = &spelling_number, .minimum = 1, .maximum = 8500};
	const struct field rate = {
		.spelling = &spelling_rate, .minimum = 8000, .maximum = 1000000000000};
	const struct field word = {.spelling = &spelling_word, .words = "vxlan|geneve"};

	(void)state;
	assert_spelled(&number, "1", "1");
	assert_spelled(&number, "8500", "8500");
	assert_spelled(&number, "0", NULL);
	assert_spelled(&number, "8501", NULL);
	assert_spelled(&number, "1.5", NULL);
	assert_spelled(&number, "-1", NULL);
	assert_spelled(&rate, "10M", "10000000");
	assert_spelled(&rate, "8k", "8000");
	assert_spelled(&rate, "1T", "1000000000000");
	assert_spelled(&rate, "0", "0");
	assert_spelled(&rate, "2T", NULL);
	assert_spelled(&rate, "7k", NULL);
	assert_spelled(&rate, "99999999999999999999T", NULL);
	assert_spelled(&rate, "M", NULL);
	assert_spelled(&rate, "10Mb", NULL);
	assert_spelled(&word, "geneve", "geneve");
	assert_spelled(&word, "vxlan|geneve", NULL);
	assert_spelled(&word, "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_one_spelling),
		cmocka_unit_test(texts_are_counted_in_characters),
		cmocka_unit_test(numbers_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
