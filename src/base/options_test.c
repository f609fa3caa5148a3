// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/options.h"
#include "base/refusal.h"

#include <errno.h>
#include <string.h>

struct settings {
	const char *name;
	int verbose;
};

static int set_name(void *target, const char *argument, struct refusal *why)
{
	struct settings *settings = target;

	if (strcmp(argument, "bad") == 0)
		return refuse(why, 7, "bad name");
	if (strcmp(argument, "fault") == 0)
		return -EIO;
	settings->name = argument;
	return 0;
}

static int set_verbose(void *target, const char *argument, struct refusal *why)
{
	struct settings *settings = target;

	(void)why;
	assert_null(argument);
	settings->verbose++;
	return 0;
}

static const struct option_row rows[] = {
	{"name", 'n', "NAME", "what it is called", set_name},
	{"verbose", 'v', NULL, "say more", set_verbose},
	{"verbosity", 0, "LEVEL", "a name that starts like another", set_name},
};

struct line {
	const char *words[6];
	int result;
	const char *name;
	int verbose, next;
	const char *reason;
};

static void lines_are_understood(void **state)
{
	static const struct line lines[] = {
		{{""}, 0, NULL, 0, 0, ""},
		{{"--name", "x", "left"}, 0, "x", 0, 2, ""},
		{{"--name=x"}, 0, "x", 0, 1, ""},
		{{"--name="}, 0, "", 0, 1, ""},
		{{"--name=a=b"}, 0, "a=b", 0, 1, ""},
		{{"-n", "x"}, 0, "x", 0, 2, ""},
		{{"-nx"}, 0, "x", 0, 1, ""},
		{{"-v", "--verbose", "-n", "--", "-v"}, 0, "--", 3, 5, ""},
		{{"-v", "--", "-v"}, 0, NULL, 1, 2, ""},
		{{"-v", "word", "-v"}, 0, NULL, 1, 1, ""},
		{{"-v", "-", "-v"}, 0, NULL, 1, 1, ""},
		{{"--verbosity", "3"}, 0, "3", 0, 2, ""},
		{{"--verb"}, REFUSED, NULL, 0, -1, "unknown option '--verb'"},
		{{"-x"}, REFUSED, NULL, 0, -1, "unknown option '-x'"},
		{{"--name"}, REFUSED, NULL, 0, -1, "option '--name' needs NAME"},
		{{"-n"}, REFUSED, NULL, 0, -1, "option '--name' needs NAME"},
		{{"--verbose=1"}, REFUSED, NULL, 0, -1, "option '--verbose' takes no argument"},
		{{"-v1"}, REFUSED, NULL, 0, -1, "option '--verbose' takes no argument"},
		{{"-n", "bad", "-v"}, REFUSED, NULL, 0, -1, "bad name"},
		{{"-n", "fault", "-v"}, -EIO, NULL, 0, -1, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct line *line = &lines[i];
		char *argv[8] = {(char *)(uintptr_t) "program"};
		struct settings settings = {};
		struct refusal why = {};
		int argc = 1, next = 0;

		for (; argc <= 6 && line->words[argc - 1] && *line->words[argc - 1]; argc++)
			argv[argc] = (char *)(uintptr_t)line->words[argc - 1];
		assert_int_equal(
			options_parse(rows, ARRAY_SIZE(rows), argc, argv, &settings, &next, &why),
			line->result);
		assert_int_equal(settings.verbose, line->verbose);
		assert_int_equal(next, line->next + 1);
		assert_string_equal(why.text, line->reason);
		if (line->name)
			assert_string_equal(settings.name, line->name);
		else
			assert_null(settings.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
