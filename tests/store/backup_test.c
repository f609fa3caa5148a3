// SPDX-License-Identifier: Apache-2.0
/* A store is carried away while it is written, and put back after it was ruined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/file.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "store/backup.h"
#include "store/schema.h"
#include "store/setting.h"
#include "store/statement.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW   1767323045000LL
#define OLD   "/store.before-2026-01-02T03:04:05.000Z"
#define PAGES 300
#define GARBAGE                                                                                  \
	"this is no database, but it is longer than the header of one would be; it goes on and " \
	"on and on…"

struct scene {
	char directory[64], path[96], location[112], backup[96];
	struct store *store;
	struct refusal why;
};

static int scene_open(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	(void)snprintf(scene->directory, sizeof(scene->directory), "/tmp/tmirror-backup-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	(void)snprintf(scene->path, sizeof(scene->path), "%s/store", scene->directory);
	(void)snprintf(scene->location, sizeof(scene->location), "sqlite:%s", scene->path);
	(void)snprintf(scene->backup, sizeof(scene->backup), "%s/backup", scene->directory);
	assert_int_equal(store_open(scene->location, &scene->store, &scene->why), 0);
	*state = scene;
	return 0;
}

static int scene_close(void **state)
{
	struct scene *scene = *state;
	DIR *directory = opendir(scene->directory);
	const struct dirent *entry;

	store_close(scene->store);
	assert_non_null(directory);
	while ((entry = readdir(directory)))
		(void)unlinkat(dirfd(directory), entry->d_name, 0);
	(void)closedir(directory);
	assert_int_equal(rmdir(scene->directory), 0);
	free(scene);
	return 0;
}

static void put(struct scene *scene, const char *value)
{
	assert_int_equal(store_put_setting(scene->store, "name", value), 0);
}

static void expect(const char *location, const char *value)
{
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_free_ char *found = NULL;
	struct refusal why = {};

	if (store_open(location, &store, &why) != 0)
		fail_msg("%s: %s", location, why.text);
	assert_int_equal(store_get_setting(store, "name", &found), 0);
	assert_string_equal(found, value);
}

static void backup(struct scene *scene)
{
	struct backup made;
	size_t known;

	if (store_backup(scene->location, scene->backup, &made, &scene->why) != 0)
		fail_msg("%s", scene->why.text);
	(void)schema_get_steps(&known);
	assert_int_equal(made.schema, known);
	assert_true(made.size > 0);
}

static void close_store(struct scene *scene)
{
	store_close(scene->store);
	scene->store = NULL;
}

static unsigned int count_files(const struct scene *scene)
{
	DIR *directory = opendir(scene->directory);
	unsigned int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count - 2;
}

/* What is not confirmed yet is not in it, and the writer goes on. */
static void test_a_backup_is_of_one_moment(void **state)
{
	struct scene *scene = *state;
	struct stat status;

	put(scene, "before");
	assert_int_equal(store_begin(scene->store, STORE_WRITE), 0);
	put(scene, "after");
	backup(scene);
	assert_int_equal(store_commit(scene->store), 0);
	assert_int_equal(stat(scene->backup, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	close_store(scene);
	assert_int_equal(rename(scene->backup, scene->path), 0);
	expect(scene->location, "before");
}

static void test_a_backup_replaces_the_last_one(void **state)
{
	struct scene *scene = *state;

	put(scene, "first");
	backup(scene);
	put(scene, "second");
	backup(scene);
	close_store(scene);
	assert_int_equal(rename(scene->backup, scene->path), 0);
	expect(scene->location, "second");
}

static void test_restoring_keeps_the_old_store(void **state)
{
	struct scene *scene = *state;
	struct backup restored;
	char aside[sizeof(restored.aside) + 16];

	put(scene, "backed up");
	backup(scene);
	put(scene, "later");
	close_store(scene);
	assert_int_equal(store_restore(scene->location, scene->backup, NOW, &restored, &scene->why),
			 0);
	expect(scene->location, "backed up");
	assert_string_equal(restored.aside + strlen(scene->directory), OLD);
	(void)snprintf(aside, sizeof(aside), "sqlite:%s", restored.aside);
	expect(aside, "later");
}

/* A killed controller leaves a log; the old store is kept with it, and the new one must not read it. */
static void test_a_log_goes_with_its_store(void **state)
{
	_cleanup_free_ char *log = NULL, *database = NULL;
	struct scene *scene = *state;
	size_t log_size, database_size;
	struct backup restored;
	char path[128], aside[sizeof(restored.aside) + 16];

	put(scene, "backed up");
	backup(scene);
	put(scene, "only in the log");
	(void)snprintf(path, sizeof(path), "%s-wal", scene->path);
	assert_int_equal(file_read(path, 1 << 24, &log, &log_size), 0);
	assert_int_equal(file_read(scene->path, 1 << 24, &database, &database_size), 0);
	close_store(scene);
	assert_int_equal(file_replace(path, log, log_size, 0600), 0);
	assert_int_equal(file_replace(scene->path, database, database_size, 0600), 0);

	assert_int_equal(store_restore(scene->location, scene->backup, NOW, &restored, &scene->why),
			 0);
	assert_int_equal(access(path, F_OK), -1);
	expect(scene->location, "backed up");
	(void)snprintf(aside, sizeof(aside), "sqlite:%s", restored.aside);
	expect(aside, "only in the log");
}

static void test_a_store_is_made_out_of_a_backup(void **state)
{
	struct scene *scene = *state;
	struct backup restored;

	put(scene, "backed up");
	backup(scene);
	close_store(scene);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(store_restore(scene->location, scene->backup, NOW, &restored, &scene->why),
			 0);
	assert_string_equal(restored.aside, "");
	expect(scene->location, "backed up");
}

static void make_garbage(const char *path)
{
	assert_int_equal(file_replace(path, GARBAGE, strlen(GARBAGE), 0600), 0);
}

static void make_with(const char *path, const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void make_foreign(const char *path)
{
	make_with(path, "CREATE TABLE other (name TEXT)");
}

static void make_newer(const char *path)
{
	make_with(path, "CREATE TABLE schema_version (version BIGINT NOT NULL);"
			"INSERT INTO schema_version VALUES (999)");
}

static void make_empty(const char *path)
{
	assert_int_equal(file_replace(path, "", 0, 0600), 0);
}

/* The middle of a store, overwritten. */
static void make_damaged(const char *path)
{
	_cleanup_free_ char *data = NULL;
	char location[128];
	struct store *store = NULL;
	size_t size;

	(void)snprintf(location, sizeof(location), "sqlite:%s", path);
	assert_int_equal(store_open(location, &store, NULL), 0);
	for (int i = 0; i < PAGES; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_int_equal(store_put_setting(store, name, GARBAGE), 0);
	}
	store_close(store);
	assert_int_equal(file_read(path, 1 << 24, &data, &size), 0);
	memset(data + size / 2, 'x', size / 4);
	assert_int_equal(file_replace(path, data, size, 0600), 0);
}

static void test_refuses_what_is_no_backup(void **state)
{
	static const struct {
		void (*make)(const char *path);
		const char *reason;
	} cases[] = {
		{NULL, "There is no file '"},
		{make_garbage, "' is no whole store: it is damaged"},
		{make_damaged, "' is no whole store: it is damaged"},
		{make_foreign, "' is a database, but no store of Traffic Mirror"},
		{make_empty, "' is a database, but no store of Traffic Mirror"},
		{make_newer, "' has schema version 999, and this program knows those from 1 to "},
	};
	struct scene *scene = *state;
	struct backup restored;

	put(scene, "untouched");
	close_store(scene);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)unlink(scene->backup);
		if (cases[i].make)
			cases[i].make(scene->backup);
		assert_int_equal(
			store_restore(scene->location, scene->backup, NOW, &restored, &scene->why),
			REFUSED);
		if (!strstr(scene->why.text, cases[i].reason))
			fail_msg("%zu: %s", i, scene->why.text);
		expect(scene->location, "untouched");
		assert_int_equal(count_files(scene), cases[i].make ? 2 : 1);
	}
}

static void test_a_damaged_store_is_not_backed_up(void **state)
{
	struct scene *scene = *state;
	struct backup made;

	put(scene, "good");
	backup(scene);
	close_store(scene);
	make_damaged(scene->path);
	assert_int_equal(store_backup(scene->location, scene->backup, &made, &scene->why), REFUSED);
	assert_non_null(strstr(scene->why.text, "is damaged: no backup was made"));
	assert_int_equal(rename(scene->backup, scene->path), 0);
	expect(scene->location, "good");
}

static void test_where_nothing_can_be_backed_up(void **state)
{
	struct scene *scene = *state;
	struct backup made;

	assert_int_equal(store_backup("memory", scene->backup, &made, &scene->why), REFUSED);
	assert_string_equal(scene->why.text, "The store 'memory' is no file: it has no backups");
	assert_int_equal(store_restore("memory", scene->backup, NOW, &made, &scene->why), REFUSED);
	assert_int_equal(store_backup("sqlite:/nowhere/store", scene->backup, &made, &scene->why),
			 REFUSED);
	assert_string_equal(scene->why.text, "There is no store at '/nowhere/store'");
	assert_int_equal(store_backup(scene->location, "/nowhere/backup", &made, &scene->why),
			 -ENOENT);
	assert_int_equal(access(scene->backup, F_OK), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)
	const struct CMUnitTest tests[] = {
		TEST(test_a_backup_is_of_one_moment),
		TEST(test_a_backup_replaces_the_last_one),
		TEST(test_restoring_keeps_the_old_store),
		TEST(test_a_log_goes_with_its_store),
		TEST(test_a_store_is_made_out_of_a_backup),
		TEST(test_refuses_what_is_no_backup),
		TEST(test_a_damaged_store_is_not_backed_up),
		TEST(test_where_nothing_can_be_backed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
