// SPDX-License-Identifier: Apache-2.0
/* Which writes wait for the disk.  The test stands between SQLite and the C library and counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/refusal.h"
#include "store/setting.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned int syncs;

__attribute__((visibility("default"))) int fsync(int descriptor)
{
	syncs++;
	return (int)syscall(SYS_fsync, descriptor);
}

__attribute__((visibility("default"))) int fdatasync(int descriptor)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, descriptor);
}

struct scene {
	char directory[64], path[96], location[112];
	struct store *store;
};

static void scene_open(struct scene *scene)
{
	struct refusal why = {};

	(void)snprintf(scene->directory, sizeof(scene->directory), "/tmp/tmirror-note-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	(void)snprintf(scene->path, sizeof(scene->path), "%s/store", scene->directory);
	(void)snprintf(scene->location, sizeof(scene->location), "sqlite:%s", scene->path);
	assert_int_equal(store_open(scene->location, &scene->store, &why), 0);
}

/* Closed, a store of SQLite is one file. */
static void scene_close(struct scene *scene)
{
	store_closep(&scene->store);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(rmdir(scene->directory), 0);
}

/* Returns how often the disk was waited for. */
static unsigned int put(struct scene *scene, enum store_access access, const char *value)
{
	syncs = 0;
	assert_int_equal(store_begin(scene->store, access), 0);
	assert_int_equal(store_put_setting(scene->store, "region", value), 0);
	assert_int_equal(store_commit(scene->store), 0);
	return syncs;
}

static unsigned int put_alone(struct scene *scene, const char *value)
{
	syncs = 0;
	assert_int_equal(store_put_setting(scene->store, "region", value), 0);
	return syncs;
}

static void test_only_notes_do_not_wait(void **state)
{
	struct scene scene = {};

	(void)state;
	scene_open(&scene);
	assert_true(put(&scene, STORE_WRITE, "a") > 0);
	assert_int_equal(put(&scene, STORE_NOTE, "b"), 0);
	assert_int_equal(put(&scene, STORE_NOTE, "c"), 0);
	assert_true(put(&scene, STORE_WRITE, "d") > 0);
	assert_int_equal(put(&scene, STORE_NOTE, "e"), 0);
	assert_true(put_alone(&scene, "f") > 0);
	scene_close(&scene);
}

static void test_a_note_taken_back_leaves_no_trace(void **state)
{
	struct scene scene = {};

	(void)state;
	scene_open(&scene);
	assert_int_equal(store_begin(scene.store, STORE_NOTE), 0);
	store_rollback(scene.store);
	assert_true(put_alone(&scene, "a") > 0);
	scene_close(&scene);
}

static void test_a_note_outlives_the_process(void **state)
{
	_cleanup_free_ char *value = NULL;
	struct refusal why = {};
	struct scene scene = {};
	struct store *other;

	(void)state;
	scene_open(&scene);
	(void)put(&scene, STORE_NOTE, "noted");
	/* Not closed in between: what another connection sees is in the file's log. */
	assert_int_equal(store_open(scene.location, &other, &why), 0);
	assert_int_equal(store_get_setting(other, "region", &value), 0);
	assert_string_equal(value, "noted");
	store_close(other);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_notes_do_not_wait),
		cmocka_unit_test(test_a_note_taken_back_leaves_no_trace),
		cmocka_unit_test(test_a_note_outlives_the_process),
	};

	return cmocka_run_group_tests_name("which writes wait for the disk", tests, NULL, NULL);
}
