// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "doctor/doctor.h"
#include "doctor/program.h"
#include "doctor/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void test_words_of_commands_are_quoted(void **state)
{
	static const struct {
		const char *word, *mend;
	} cases[] = {
		{"/etc/tmirror/agent.env", "cat /etc/tmirror/agent.env 7 8"},
		{"two words", "cat 'two words' 7 8"},
		{"x'; sh /tmp/e; '", "cat 'x'\\''; sh /tmp/e; '\\''' 7 8"},
		{"a;sh${IFS}/tmp/e", "cat 'a;sh${IFS}/tmp/e' 7 8"},
		{"K\xc3\xb6ln", "cat 'K\xc3\xb6ln' 7 8"},
		/* What would be shown otherwise than it is, or mean something else, is not told. */
		{"\033[2Kx", ""},
		{"a\nb", ""},
		{"\xc2\x9b"
		 "2K",
		 ""},
		{"\xff", ""},
		{"-rf", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_doctor_ struct doctor doctor = {};

		doctor_say(&doctor, VERDICT_PROBLEM, "test", "%s is bad", cases[i].word);
		doctor_mend(&doctor, "cat %s %d %u", cases[i].word, 7, 8U);
		assert_false(doctor.failed);
		assert_string_equal(doctor.findings[0].mend, cases[i].mend);
		for (const char *c = doctor.findings[0].text; *c != '\0'; c++)
			assert_true((*c & 0x80) == 0 || text_character_size(c) > 0 ||
				    (*c & 0xc0) == 0x80);
	}
}

/* Half a command is another one. */
static void test_a_command_is_told_whole_or_not(void **state)
{
	_cleanup_doctor_ struct doctor doctor = {};
	char word[500];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	doctor_say(&doctor, VERDICT_PROBLEM, "test", "bad");
	doctor_mend(&doctor, "cat %s", word);
	assert_string_equal(doctor.findings[0].mend, "");
}

static void test_programs_are_looked_for_in_fixed_places(void **state)
{
	char directory[] = "/tmp/doctor_test.XXXXXX", path[64];
	_cleanup_free_ char *output = NULL;
	static const char *const environment[] = {"A=b", NULL};
	static const char *const arguments[] = {"env", NULL}, *const unknown[] = {"tmirror-nothing",
										  NULL};
	const struct program_call call = {
		.arguments = arguments, .environment = environment, .maximum = 100};
	const struct program_call missing = {
		.arguments = unknown, .environment = environment, .maximum = 100};
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/env", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("#!/bin/sh\necho trap\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(setenv("PATH", directory, 1), 0);
	assert_int_equal(program_read(&call, &output), 0);
	assert_string_equal(output, "A=b\n");
	assert_int_equal(program_read(&missing, &output), -ENOENT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void test_a_program_runs_as_another_user(void **state)
{
	static const char script[] =
		"id -u; id -g; id -G; (: </dev/tty) 2>/dev/null && echo terminal; exit 3";
	static const char *const arguments[] = {"sh", "-c", script, NULL}, *const environment[] = {
										   NULL};
	const struct program_call call = {.arguments = arguments,
					  .environment = environment,
					  .maximum = 100,
					  .user = 65534,
					  .group = 65533};
	_cleanup_free_ char *output = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(program_read(&call, &output), 3);
	assert_string_equal(output, "65534\n65533\n65533\n");
}

static void test_the_end_is_kept(void **state)
{
	static const struct {
		const char *text, *tail;
		size_t size;
	} cases[] = {
		{"", "", 0},
		{"abc", "abc", 3},
		{"12345678", "12345678", 8},
		{"one\ntwo\nlast\n", "last\n", 13},
		{"without any line", "", 16},
		{"\0\0\0\0\0\0\0\0\0\0ab\0c", "abc", 14},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text tail = {};
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_int_equal(write(ends[1], cases[i].text, cases[i].size), cases[i].size);
		assert_int_equal(close(ends[1]), 0);
		assert_int_equal(tail_read(ends[0], 8, &tail), 0);
		assert_int_equal(close(ends[0]), 0);
		assert_string_equal(tail.data ? tail.data : "", cases[i].tail);
	}
}

/* Of more than is read at once, too. */
static void test_a_long_program_is_kept_to_its_end(void **state)
{
	static const char *const arguments[] = {"seq", "1", "300000", NULL}, *const environment[] =
										     {NULL};
	const struct program_call call = {
		.arguments = arguments, .environment = environment, .maximum = 20};
	_cleanup_free_ char *output = NULL;

	(void)state;
	assert_int_equal(program_read(&call, &output), 0);
	assert_string_equal(output, "299999\n300000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_of_commands_are_quoted),
		cmocka_unit_test(test_a_command_is_told_whole_or_not),
		cmocka_unit_test(test_programs_are_looked_for_in_fixed_places),
		cmocka_unit_test(test_a_program_runs_as_another_user),
		cmocka_unit_test(test_the_end_is_kept),
		cmocka_unit_test(test_a_long_program_is_kept_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
