// SPDX-License-Identifier: Apache-2.0
#include "base/url.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Takes out what it finds, as whoever shows or logs a URL does. */
static void redact(const char *text, const char *ends, char *ret_clean)
{
	const char *whole = text;

	while (*text != '\0') {
		size_t length = url_password_length(whole, text, ends);

		*ret_clean++ = length > 0 ? '*' : *text;
		text += length > 0 ? length : 1;
	}
	*ret_clean = '\0';
}

static void test_passwords_are_found(void **state)
{
	static const struct {
		const char *text, *ends, *clean;
	} rows[] = {
		{"postgresql://tm:secret@db/tm", "", "postgresql://tm:*@db/tm"},
		{"postgres://tm:pa/ss@db?x=1", "", "postgres://tm:*@db?x=1"},
		{"a://u:p@ss:w?r#d@h", "", "a://u:*@h"},
		{"a://:secret@h", "", "a://:*@h"},
		{"a://u:correct horse@h", "", "a://u:*@h"},
		{"see a://u:x@h, and b://v:y@i", " ,", "see a://u:*@h, and b://v:*@i"},
		{"http://h:80 by me@home", " ", "http://h:80 by me@home"},
		{"https://h:8773/console", "", "https://h:8773/console"},
		{"postgresql://tm@db1,db2/tm", "", "postgresql://tm@db1,db2/tm"},
		{"sqlite:/a@b", "", "sqlite:/a@b"},
		{"a://u:@h", "", "a://u:@h"},
		{"://:", "", "://:"},
		{"", "", ""},
	};
	char clean[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		redact(rows[i].text, rows[i].ends, clean);
		assert_string_equal(clean, rows[i].clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_passwords_are_found)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
