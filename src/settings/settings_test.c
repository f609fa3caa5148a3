// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAMES_MAX 4

struct target {
	const char *name, *secret;
	const char *names[NAMES_MAX];
	size_t name_count;
	bool loud, shown;
};

static int set_name(void *target, const char *value, struct refusal *why)
{
	if (strcmp(value, "bad") == 0)
		return refuse(why, 7, "'%s' is no name", value);
	if (strcmp(value, "fault") == 0)
		return -EIO;
	((struct target *)target)->name = value;
	return 0;
}

static int add_name(void *target, const char *value, struct refusal *why)
{
	struct target *all = target;

	if (all->name_count == NAMES_MAX)
		return refuse(why, 0, "there may be %d names", NAMES_MAX);
	all->names[all->name_count++] = value;
	return 0;
}

static int set_secret(void *target, const char *value, struct refusal *why _unused_)
{
	((struct target *)target)->secret = value;
	return 0;
}

static int set_loud(void *target, const char *value, struct refusal *why)
{
	return setting_parse_switch(value, &((struct target *)target)->loud, why);
}

static int set_shown(void *target, const char *value, struct refusal *why _unused_)
{
	assert_null(value);
	((struct target *)target)->shown = true;
	return 0;
}

static char path[] = "/tmp/settings_test.XXXXXX";

static const struct setting_row rows[] = {
	{"name", 'n', "NAME", "what it is called", set_name, .standard = "nobody", .live = true},
	{"other-name", 0, "NAME", "one of many, as in A=B", add_name, .standard = "x y",
	 .repeated = true},
	{"secret", 0, "FILE", "where a secret is", set_secret, .otherwise = "none", .secret = true},
	{"loud", 'l', NULL, "say more", set_loud, .standard = "no"},
	{"config", 0, "FILE", "settings", NULL, .standard = "/nonexistent/settings.conf",
	 .place = true},
	{"show", 's', NULL, "show something", set_shown, .action = true, .alone = true},
};

static const char *const description[] = {"It does nothing.", "Often - and ~ well.", NULL};
static const struct setting_note notes[] = {{".0", "'Done' it is"}, {}};

static const struct settings_about about = {
	.program = "some-daemon",
	.environment = "SOME_DAEMON_",
	.file = "/nonexistent/settings.conf",
	.does = "does nothing",
	.synopsis = {"", NULL},
	.rows = rows,
	.row_count = ARRAY_SIZE(rows),
	.description = description,
	.example = "name: x\n.other-name: y\n",
	.signals = notes,
	.statuses = notes,
	.files = notes,
	.see_also = ".BR man (1)",
};

/* Reads and sets with the file's text, if it is not NULL, and words that a NULL ends. */
static int read_all(const char *file, const char *const *words, struct settings *settings,
		    struct target *target, struct refusal *why)
{
	static char *arguments[16];
	static char program[] = "some-daemon", option[] = "--config";
	int count = 0, r;

	*target = (struct target){};
	arguments[count++] = program;
	if (file) {
		FILE *stream = fopen(path, "we");

		assert_non_null(stream);
		assert_true(fputs(file, stream) >= 0);
		assert_int_equal(fclose(stream), 0);
		arguments[count++] = option;
		arguments[count++] = path;
	}
	for (; words && *words; words++)
		arguments[count++] = (char *)(uintptr_t)*words;
	r = settings_read(&about, count, arguments, settings, why);
	if (r == 0)
		r = settings_apply(settings, target, sizeof(*target), why);
	return r == 0 ? settings_check_secrets(settings, why) : r;
}

static void command_lines_are_understood(void **state)
{
	static const struct {
		const char *words[6];
		int result;
		const char *name;
		bool loud;
		const char *left, *reason;
	} lines[] = {
		{{NULL}, 0, "nobody", false, NULL, ""},
		{{"--name", "x", "left"}, 0, "x", false, "left", ""},
		{{"left", "--name=x"}, 0, "x", false, "left", ""},
		{{"--name="}, 0, "", false, NULL, ""},
		{{"--name=a=b"}, 0, "a=b", false, NULL, ""},
		{{"-nx", "-n", "y"}, 0, "y", false, NULL, ""},
		{{"-l", "--loud", "-n", "--", "-l"}, 0, "--", true, NULL, ""},
		{{"--loud", "--loud=no"}, 0, "nobody", false, NULL, ""},
		{{"-l", "--", "-n"}, 0, "nobody", true, "-n", ""},
		{{"-l", "-"}, 0, "nobody", true, "-", ""},
		{{"--nam"}, REFUSED, NULL, false, NULL, "unknown option '--nam'"},
		{{"-x"}, REFUSED, NULL, false, NULL, "unknown option '-x'"},
		{{"--name"}, REFUSED, NULL, false, NULL, "option '--name' needs NAME"},
		{{"-n"}, REFUSED, NULL, false, NULL, "option '--name' needs NAME"},
		{{"--loud=1"}, REFUSED, NULL, false, NULL, "'1' is neither yes nor no"},
		{{"--show=1"}, REFUSED, NULL, false, NULL, "option '--show' takes no value"},
		{{"-n", "bad", "-l"}, REFUSED, NULL, false, NULL, "'bad' is no name"},
		{{"-n", "fault", "-l"}, -EIO, NULL, false, NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_settings_ struct settings settings = {};
		struct refusal why = {};
		struct target target;

		assert_int_equal(read_all(NULL, lines[i].words, &settings, &target, &why),
				 lines[i].result);
		assert_string_equal(why.text, lines[i].reason);
		if (lines[i].result != 0)
			continue;
		assert_string_equal(target.name, lines[i].name);
		assert_int_equal(target.loud, lines[i].loud);
		assert_int_equal(settings.word_count, lines[i].left ? 1 : 0);
		if (lines[i].left)
			assert_string_equal(settings.words[0], lines[i].left);
	}
}

static void the_louder_is_heard(void **state)
{
	static const char *const words[] = {"--name=option", NULL}, *const none[] = {NULL};
	static const char file[] = "name: file\nother-name: [a, b]\nloud: yes\n";
	_cleanup_settings_ struct settings all = {}, two = {}, one = {}, nothing = {};
	struct target target;

	(void)state;
	assert_int_equal(setenv("SOME_DAEMON_NAME", "variable", 1), 0);
	assert_int_equal(setenv("SOME_DAEMON_OTHER_NAME", " c\td e ", 1), 0);
	assert_int_equal(setenv("SOME_DAEMON_LOUD", "", 1), 0); /* As good as none. */
	assert_int_equal(read_all(file, words, &all, &target, NULL), 0);
	assert_string_equal(target.name, "option");
	assert_int_equal(target.name_count, 3);
	assert_string_equal(target.names[2], "e");
	assert_true(target.loud);
	assert_int_equal(read_all(file, none, &two, &target, NULL), 0);
	assert_string_equal(target.name, "variable");
	assert_int_equal(unsetenv("SOME_DAEMON_NAME") + unsetenv("SOME_DAEMON_OTHER_NAME"), 0);
	assert_int_equal(read_all(file, none, &one, &target, NULL), 0);
	assert_string_equal(target.name, "file");
	assert_int_equal(target.name_count, 2);
	assert_int_equal(unsetenv("SOME_DAEMON_LOUD"), 0);
	assert_int_equal(read_all(NULL, none, &nothing, &target, NULL), 0);
	assert_string_equal(target.name, "nobody");
	assert_int_equal(target.name_count, 2);
	assert_string_equal(target.names[0], "x");
}

static void variables_have_places(void **state)
{
	_cleanup_settings_ struct settings settings = {}, louder = {}, stranger = {};
	static const char *const words[] = {"--name=good", NULL};
	struct refusal why = {};
	struct target target;

	(void)state;
	assert_int_equal(setenv("SOME_DAEMON_NAME", "bad", 1), 0);
	assert_int_equal(read_all(NULL, NULL, &settings, &target, &why), REFUSED);
	assert_string_equal(why.text, "SOME_DAEMON_NAME: 'bad' is no name");
	/* A mistake is told before it matters. */
	assert_int_equal(read_all(NULL, words, &louder, &target, &why), REFUSED);
	assert_int_equal(unsetenv("SOME_DAEMON_NAME"), 0);
	assert_int_equal(setenv("SOME_DAEMON_PORT", "tcp://10.0.0.1:80", 1), 0);
	assert_int_equal(setenv("SOME_DAEMON_SHOW", "yes", 1), 0);
	assert_int_equal(read_all(NULL, NULL, &stranger, &target, &why), 0);
	assert_false(target.shown);
	assert_false(settings_says(&settings, "show"));
	assert_int_equal(stranger.stranger_count, 2);
	assert_int_equal(unsetenv("SOME_DAEMON_PORT") + unsetenv("SOME_DAEMON_SHOW"), 0);
	assert_int_equal(setenv("SOME_DAEMON_CONFIG", "/nonexistent/other", 1), 0);
	settings_fini(&stranger);
	assert_int_equal(read_all(NULL, NULL, &stranger, &target, &why), REFUSED);
	assert_string_equal(
		why.text,
		"cannot read the settings in '/nonexistent/other': No such file or directory");
	assert_int_equal(unsetenv("SOME_DAEMON_CONFIG"), 0);
}

static void files_are_refused_with_their_lines(void **state)
{
	static const struct {
		const char *text, *reason; /* After the file's name. */
	} cases[] = {
		{"nam: x\n", ":1: there is no setting 'nam'"},
		{"# why\n\nname: a\nname: b\n", ":4: 'name' is said twice"},
		{"loud: no\nname: bad\n", ":2: 'bad' is no name"},
		{"loud: loudly\n", ":1: 'loudly' is neither yes nor no"},
		{"name:\n", ":1: 'name' has no value"},
		{"name: [a]\n", ":1: 'name' is one value"},
		{"other-name:\n  - a\n  - [b]\n", ":3: a value of 'other-name' is a word"},
		{"other-name:\n  a: 1\n  b:\n", ":3: 'b' has no value"},
		{"other-name: [1, 2, 3, 4,\n 5]\n", ":2: there may be 4 names"},
		{"show: yes\n", ":1: there is no setting 'show'"},
		{"config: /a\n", ":1: there is no setting 'config'"},
		{"name\n", ":1: settings are lines of the form KEY: VALUE"},
		{"name: a\n---\nname: b\n", ":3: settings are one document, not several"},
		{"name: 'a\n", ":2: is not YAML: found unexpected end of stream"},
		{"other-name: *x\n", ":1: nothing before this is called '&x'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_settings_ struct settings settings = {};
		struct refusal why = {};
		struct target target;

		assert_int_equal(read_all(cases[i].text, NULL, &settings, &target, &why), REFUSED);
		assert_memory_equal(why.text, path, strlen(path));
		assert_string_equal(why.text + strlen(path), cases[i].reason);
	}
}

static void files_may_be_empty_or_have_lists(void **state)
{
	static const char *const empty[] = {"", "# nothing\n", "---\n", "{}\n"};
	_cleanup_settings_ struct settings settings = {};
	struct target target;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
		_cleanup_settings_ struct settings nothing = {};

		assert_int_equal(read_all(empty[i], NULL, &nothing, &target, NULL), 0);
		assert_string_equal(target.name, "nobody");
	}
	assert_int_equal(read_all("other-name: {a: 1, 'b*': x/y}\nname: '[::1]:80'\nloud: true\n",
				  NULL, &settings, &target, NULL),
			 0);
	assert_int_equal(target.name_count, 2);
	assert_string_equal(target.names[0], "a=1");
	assert_string_equal(target.names[1], "b*=x/y");
	assert_string_equal(target.name, "[::1]:80");
	assert_true(target.loud);
}

static void secrets_are_kept_from_others(void **state)
{
	char secret[] = "/tmp/settings_secret.XXXXXX";
	_cleanup_close_ int descriptor = mkostemp(secret, O_CLOEXEC);
	static const struct {
		mode_t mode;
		int result;
	} cases[] = {{0600, 0}, {0640, 0}, {0644, REFUSED}, {0660, REFUSED}, {0604, REFUSED}};
	char text[64], reason[256];

	(void)state;
	assert_true(descriptor >= 0);
	(void)snprintf(text, sizeof(text), "secret: %s\n", secret);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_settings_ struct settings settings = {};
		struct refusal why = {};
		struct target target;

		assert_int_equal(fchmod(descriptor, cases[i].mode), 0);
		assert_int_equal(read_all(text, NULL, &settings, &target, &why), cases[i].result);
		if (cases[i].result == 0)
			continue;
		(void)snprintf(reason, sizeof(reason),
			       "%s:1: the file '%s' holds a secret, and its mode %03o lets others "
			       "in; run: chmod o=,g-w '%s'",
			       path, secret, (unsigned int)cases[i].mode, secret);
		assert_string_equal(why.text, reason);
	}
	assert_int_equal(unlink(secret), 0);
}

static size_t stuck_count;

static void count_stuck(const struct setting_row *row)
{
	assert_string_equal(row->name, "other-name");
	stuck_count++;
}

static void only_what_may_change_is_renewed(void **state)
{
	_cleanup_settings_ struct settings settings = {}, same = {}, fresh = {};
	struct target target;

	(void)state;
	assert_int_equal(read_all("name: a\nother-name: [b, c]\n", NULL, &settings, &target, NULL),
			 0);
	assert_int_equal(
		read_all("other-name: ['b', c]\nname: \"a\"\n", NULL, &same, &target, NULL), 0);
	assert_int_equal(settings_renew(&settings, &same, count_stuck), 0);
	assert_int_equal(stuck_count, 0);
	assert_int_equal(read_all("name: z\nother-name: [c, b]\n", NULL, &fresh, &target, NULL), 0);
	assert_int_equal(settings_renew(&settings, &fresh, count_stuck), 0);
	assert_int_equal(stuck_count, 1);
	target = (struct target){};
	assert_int_equal(settings_apply(&settings, &target, sizeof(target), NULL), 0);
	assert_string_equal(target.name, "z");
	assert_string_equal(target.names[0], "b");
}

static void what_is_shown_says_the_same(void **state)
{
	static const char *const words[] = {"--other-name=it's", "--other-name=b:", NULL};
	_cleanup_settings_ struct settings settings = {}, again = {};
	_cleanup_free_ char *shown = NULL;
	struct target target;
	size_t size;
	FILE *file = open_memstream(&shown, &size);
	char expected[256];

	(void)state;
	assert_non_null(file);
	assert_int_equal(
		read_all("\nname: 'x://u:p@ss@h'\nloud: 'true'\n", words, &settings, &target, NULL),
		0);
	assert_int_equal(settings_show(&settings, file), 0);
	assert_int_equal(fclose(file), 0);
	(void)snprintf(expected, sizeof(expected),
		       "name: 'x://u:***@h'  # %s:2\nother-name:\n  - 'it''s'  # --other-name\n"
		       "  - 'b:'  # --other-name\nloud: true  # %s:3\n",
		       path, path);
	assert_string_equal(shown, expected);
	assert_int_equal(read_all(shown, NULL, &again, &target, NULL), 0);
	assert_string_equal(target.name, "x://u:***@h");
	assert_string_equal(target.names[0], "it's");
	assert_string_equal(target.names[1], "b:");
}

static void a_sample_says_nothing_until_it_is_uncommented(void **state)
{
	_cleanup_settings_ struct settings settings = {}, uncommented = {};
	_cleanup_free_ char *sample = NULL;
	struct target target;
	size_t size;
	FILE *file = open_memstream(&sample, &size);

	(void)state;
	assert_non_null(file);
	assert_int_equal(settings_sample(&about, file), 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(read_all(sample, NULL, &settings, &target, NULL), 0);
	assert_string_equal(target.name, "nobody");
	for (char *line = sample; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (line[0] == '#' && line[1] != ' ')
			line[0] = ' ';
	assert_non_null(strstr(sample, " other-name: [x, y]\n"));
	assert_int_equal(read_all(sample, NULL, &uncommented, &target, NULL), 0);
	assert_string_equal(target.secret, "FILE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_are_understood),
		cmocka_unit_test(the_louder_is_heard),
		cmocka_unit_test(variables_have_places),
		cmocka_unit_test(files_are_refused_with_their_lines),
		cmocka_unit_test(files_may_be_empty_or_have_lists),
		cmocka_unit_test(secrets_are_kept_from_others),
		cmocka_unit_test(only_what_may_change_is_renewed),
		cmocka_unit_test(what_is_shown_says_the_same),
		cmocka_unit_test(a_sample_says_nothing_until_it_is_uncommented),
	};
	int descriptor = mkostemp(path, O_CLOEXEC), failed;

	if (descriptor < 0)
		return 1;
	close(descriptor);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return unlink(path) == 0 ? failed : 1;
}
