// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/count.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Every test runs in a directory of its own, which is the working directory. */
static int setup(void **state)
{
	static char directory[32];

	(void)strcpy(directory, "/tmp/file_test.XXXXXX");
	if (!mkdtemp(directory) || chdir(directory) < 0)
		return -1;
	*state = directory;
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -r %s", (const char *)*state);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

static void content_survives(void **state)
{
	/* Around the size at which reading takes more memory. */
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *data = malloc(sizes[i] + 1), *back = NULL;
		size_t size;

		memset(data, 'x', sizes[i]);
		assert_int_equal(file_replace("file", data, sizes[i], 0600), 0);
		assert_int_equal(file_read("file", sizes[i], &back, &size), 0);
		assert_int_equal(size, sizes[i]);
		assert_int_equal(memcmp(back, data, size), 0);
		assert_int_equal(back[size], '\0');
	}
}

static void what_others_put_there_is_read_with_care(void **state)
{
	_cleanup_free_ char *back = NULL;

	(void)state;
	assert_int_equal(file_replace("file", "text", 4, 0600), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(mkdir("directory", 0700), 0);
	assert_int_equal(file_read_plain("link", 10, &back, NULL), -ELOOP);
	assert_int_equal(file_read_plain("pipe", 10, &back, NULL), -EINVAL);
	assert_int_equal(file_read_plain("directory", 10, &back, NULL), -EINVAL);
	assert_int_equal(file_read_plain("/dev/zero", 10, &back, NULL), -EINVAL);
	assert_int_equal(file_read_plain("file", 3, &back, NULL), -EFBIG);
	assert_int_equal(file_read_plain("file", 4, &back, NULL), 0);
	assert_string_equal(back, "text");
}

static void modes_are_given_under_any_umask(void **state)
{
	mode_t before = umask(0077);
	struct stat status;

	(void)state;
	assert_int_equal(file_replace("file", "x", 1, 0644), 0);
	(void)umask(before);
	assert_int_equal(stat("file", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
}

static void long_files_are_refused(void **state)
{
	char *data = NULL;

	(void)state;
	assert_int_equal(file_replace("file", "12345", 5, 0600), 0);
	assert_int_equal(file_read("file", 4, &data, NULL), -EFBIG);
	assert_int_equal(file_read("/dev/zero", 100000, &data, NULL), -EFBIG);
	assert_null(data);
}

static void faults_are_told(void **state)
{
	char *data = NULL;

	(void)state;
	assert_int_equal(file_read("missing", 10, &data, NULL), -ENOENT);
	assert_int_equal(file_read(".", 10, &data, NULL), -EISDIR);
	assert_int_equal(file_replace("missing/file", "x", 1, 0600), -ENOENT);
	assert_null(data);
}

static void mode_is_no_wider_than_asked(void **state)
{
	struct stat status;

	(void)state;
	umask(0);
	assert_int_equal(file_replace("wide", "x", 1, 0644), 0);
	assert_int_equal(file_replace("secret", "x", 1, 0600), 0);
	assert_int_equal(stat("wide", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(stat("secret", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

/* A crash can leave the file beside; a link planted there must not be followed. */
static void leftovers_do_not_matter(void **state)
{
	_cleanup_free_ char *data = NULL;

	(void)state;
	assert_int_equal(file_replace("victim", "untouched", 9, 0600), 0);
	assert_int_equal(symlink("victim", "file.new"), 0);
	assert_int_equal(file_replace("file", "new", 3, 0600), 0);
	assert_int_equal(access("file.new", F_OK), -1);
	assert_int_equal(file_read("victim", 100, &data, NULL), 0);
	assert_string_equal(data, "untouched");
}

static void failed_replacement_leaves_the_old(void **state)
{
	_cleanup_free_ char *data = NULL;

	(void)state;
	assert_int_equal(mkdir("file", 0700), 0);
	assert_int_equal(file_replace("file/inner", "old", 3, 0600), 0);
	/* A directory with content cannot be replaced by a file. */
	assert_true(file_replace("file", "new", 3, 0600) < 0);
	assert_int_equal(access("file.new", F_OK), -1);
	assert_int_equal(file_read("file/inner", 100, &data, NULL), 0);
	assert_string_equal(data, "old");
}

static void directories_are_made_with_parents(void **state)
{
	struct stat status;

	(void)state;
	umask(0);
	assert_int_equal(directory_make("a/b/c", 0750), 0);
	assert_int_equal(stat("a/b/c", &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0750);
	assert_int_equal(directory_make("a/b/c", 0700), 0);
	assert_int_equal(stat("a/b/c", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	assert_int_equal(directory_make("a/b/d/", 0700), 0);
	assert_int_equal(directory_make("/tmp", 0700), 0);
}

static void a_file_is_not_taken_for_a_directory(void **state)
{
	(void)state;
	assert_int_equal(file_replace("file", "x", 1, 0600), 0);
	assert_int_equal(directory_make("file/inner", 0700), -ENOTDIR);
	assert_int_equal(directory_make("file", 0700), -ENOTDIR);
	assert_int_equal(directory_make("", 0700), -ENOENT);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(content_survives),
		CASE(modes_are_given_under_any_umask),
		CASE(what_others_put_there_is_read_with_care),
		CASE(long_files_are_refused),
		CASE(faults_are_told),
		CASE(mode_is_no_wider_than_asked),
		CASE(leftovers_do_not_matter),
		CASE(failed_replacement_leaves_the_old),
		CASE(directories_are_made_with_parents),
		CASE(a_file_is_not_taken_for_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
