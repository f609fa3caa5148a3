// SPDX-License-Identifier: Apache-2.0
#include "controller/audit_log.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
	int priority;
	char text[64];
} said;

/* In the place of the C library's. */
void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	said.priority = priority;
	(void)vsnprintf(said.text, sizeof(said.text), format, arguments);
	va_end(arguments);
}

struct scene {
	char directory[64], path[96], moved[96];
	struct audit_log log;
	struct refusal why;
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	(void)snprintf(scene->directory, sizeof(scene->directory), "/tmp/tmirror-audit-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	(void)snprintf(scene->path, sizeof(scene->path), "%s/log", scene->directory);
	(void)snprintf(scene->moved, sizeof(scene->moved), "%s/log.1", scene->directory);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	audit_log_close(&scene->log);
	(void)unlink(scene->path);
	(void)unlink(scene->moved);
	assert_int_equal(rmdir(scene->directory), 0);
	free(scene);
	return 0;
}

static void assert_file(const char *path, const char *expected)
{
	_cleanup_free_ char *data = NULL;
	struct stat status;

	assert_int_equal(file_read(path, 1000, &data, NULL), 0);
	assert_string_equal(data, expected);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_lines_are_added_for_the_owners_eyes(void **state)
{
	struct scene *scene = *state;
	FILE *file = fopen(scene->path, "w");

	assert_non_null(file);
	(void)fputs("{}\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(scene->path, 0644), 0);
	assert_int_equal(audit_log_open(scene->path, &scene->log, &scene->why), 0);
	assert_int_equal(audit_log_write(&scene->log, "{\"a\":1}"), 0);
	assert_file(scene->path, "{}\n{\"a\":1}\n");
	assert_string_equal(said.text, "");
}

static void test_a_moved_file_gets_a_successor(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(audit_log_open(scene->path, &scene->log, &scene->why), 0);
	assert_int_equal(audit_log_write(&scene->log, "1"), 0);
	assert_int_equal(rename(scene->path, scene->moved), 0);
	assert_int_equal(audit_log_write(&scene->log, "2"), 0);
	assert_int_equal(audit_log_reopen(&scene->log, &scene->why), 0);
	assert_int_equal(audit_log_write(&scene->log, "3"), 0);
	assert_file(scene->moved, "1\n2\n");
	assert_file(scene->path, "3\n");
}

static void test_without_a_new_file_the_old_one_stays(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(audit_log_open(scene->path, &scene->log, &scene->why), 0);
	assert_int_equal(rename(scene->path, scene->moved), 0);
	assert_int_equal(mkdir(scene->path, 0700), 0);
	assert_int_equal(audit_log_reopen(&scene->log, &scene->why), REFUSED);
	assert_non_null(strstr(scene->why.text, scene->path));
	assert_int_equal(audit_log_write(&scene->log, "1"), 0);
	assert_file(scene->moved, "1\n");
	assert_int_equal(rmdir(scene->path), 0);
}

/* Nobody waits for a pipe; and after a line that went in half, the next begins a line of its own. */
static void test_a_pipe_that_is_not_read(void **state)
{
	struct scene *scene = *state;
	_cleanup_(closep) int reader = -1;
	_cleanup_free_ char *record = calloc(1, 100001), *back = calloc(1, 100001);
	ssize_t size;

	assert_int_equal(mkfifo(scene->path, 0600), 0);
	assert_int_equal(audit_log_open(scene->path, &scene->log, &scene->why), REFUSED);
	assert_non_null(strstr(scene->why.text, scene->path));
	reader = open(scene->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0 && record && back);
	assert_int_equal(audit_log_open(scene->path, &scene->log, &scene->why), 0);
	memset(record, 'x', 100000);
	assert_int_equal(audit_log_write(&scene->log, record), -ENOSPC);
	assert_int_equal(audit_log_write(&scene->log, "1"), -EAGAIN);
	size = read(reader, back, 100000);
	assert_true(size > 0 && size < 100000);
	assert_int_equal(audit_log_write(&scene->log, "2"), 0);
	assert_int_equal(audit_log_write(&scene->log, "3"), 0);
	memset(back, 0, 100001);
	assert_int_equal(read(reader, back, 100000), 5);
	assert_string_equal(back, "\n2\n3\n");
}

static void test_a_full_disk_is_an_answer(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(audit_log_open("/dev/full", &scene->log, &scene->why), 0);
	assert_int_equal(audit_log_write(&scene->log, "1"), -ENOSPC);
}

static void test_the_systems_log(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(audit_log_open("syslog", &scene->log, &scene->why), 0);
	assert_int_equal(audit_log_reopen(&scene->log, &scene->why), 0);
	assert_int_equal(audit_log_write(&scene->log, "{\"a\":\"%s\"}"), 0);
	assert_string_equal(said.text, "{\"a\":\"%s\"}");
	assert_int_equal(said.priority, LOG_AUTHPRIV | LOG_INFO);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_lines_are_added_for_the_owners_eyes),
		TEST(test_a_moved_file_gets_a_successor),
		TEST(test_without_a_new_file_the_old_one_stays),
		TEST(test_a_pipe_that_is_not_read),
		TEST(test_a_full_disk_is_an_answer),
		TEST(test_the_systems_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
