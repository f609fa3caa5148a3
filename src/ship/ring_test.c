// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/ring.h"
#include "ship/ring_memory.h"

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE RING_SIZE_LEAST

struct scene {
	struct ring_memory memory;
	struct ring ring;
};

static int scene_setup(void **state)
{
	static struct scene scene;

	ring_memory_open(SIZE, &scene.memory);
	assert_int_equal(ring_open(scene.memory.file, scene.memory.head, SIZE, &scene.ring), 0);
	*state = &scene;
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *scene = *state;

	ring_close(&scene->ring);
	ring_close(&scene->ring);
	ring_memory_close(&scene->memory);
	return 0;
}

/* Appends a record with 'length' bytes that all equal 'fill'. */
static bool write_record(struct scene *scene, uint32_t length, uint8_t fill)
{
	static struct {
		struct capture_record record;
		uint8_t bytes[SIZE];
	} example;

	example.record.captured_length = length;
	memset(example.bytes, fill, length);
	return ring_memory_write(&scene->memory, &example.record);
}

static void expect_record(struct scene *scene, uint32_t length, uint8_t fill)
{
	const struct capture_record *record = NULL;
	uint32_t size = 0;

	assert_true(ring_peek(&scene->ring, &record, &size));
	assert_int_equal(size, RING_ROOM(length));
	assert_int_equal(record->captured_length, length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(((const uint8_t *)(record + 1))[i], fill);
	ring_pass(&scene->ring);
}

static void expect_nothing(struct scene *scene)
{
	const struct capture_record *record = NULL;
	uint32_t size = 0;

	assert_false(ring_peek(&scene->ring, &record, &size));
}

/* One thing that cannot be a record, and all that was behind it with it. */
static void expect_unsound(struct scene *scene)
{
	const struct capture_record *record = NULL;
	uint32_t size = 0;

	assert_true(ring_peek(&scene->ring, &record, &size));
	assert_int_equal(size, 0);
	assert_in_range((uintptr_t)record, (uintptr_t)scene->ring.data,
			(uintptr_t)scene->ring.data + SIZE - 8);
	ring_pass(&scene->ring);
	expect_nothing(scene);
	assert_false(ring_has_more(&scene->ring));
}

static void records_come_in_order_and_stay_until_released(void **state)
{
	struct scene *scene = *state;

	expect_nothing(scene);
	write_record(scene, 100, 1);
	write_record(scene, 7, 2);
	assert_true(ring_has_more(&scene->ring));
	assert_int_equal(ring_get_waiting(&scene->ring), 48 + 104 + 48 + 8);
	expect_record(scene, 100, 1);
	expect_record(scene, 7, 2);
	expect_nothing(scene);
	assert_false(ring_has_more(&scene->ring));
	assert_int_equal(ring_get_waiting(&scene->ring), 48 + 104 + 48 + 8);
	assert_int_equal(scene->memory.head->consumed, 0);
	ring_release(&scene->ring);
	assert_int_equal(ring_get_waiting(&scene->ring), 0);
	assert_int_equal(scene->memory.head->consumed, 48 + 104 + 48 + 8);
}

static void records_across_the_end_are_whole(void **state)
{
	struct scene *scene = *state;

	for (uint32_t i = 0; i < 1000; i++) {
		assert_true(write_record(scene, 1000 + i, (uint8_t)i));
		expect_record(scene, 1000 + i, (uint8_t)i);
		ring_release(&scene->ring);
	}
}

static void a_record_may_fill_the_ring(void **state)
{
	struct scene *scene = *state;
	const uint32_t longest = SIZE - sizeof(struct capture_record);

	assert_true(write_record(scene, 8, 1));
	expect_record(scene, 8, 1);
	assert_false(write_record(scene, longest, 2));
	ring_release(&scene->ring);
	assert_true(write_record(scene, longest, 2));
	assert_false(write_record(scene, 0, 3));
	expect_record(scene, longest, 2);
	ring_release(&scene->ring);
	assert_true(write_record(scene, 0, 3));
	expect_record(scene, 0, 3);
}

/* What a reader passed but never released is read again by its successor. */
static void a_successor_begins_where_the_last_release_was(void **state)
{
	struct scene *scene = *state;

	write_record(scene, 64, 1);
	write_record(scene, 64, 2);
	write_record(scene, 64, 3);
	expect_record(scene, 64, 1);
	ring_release(&scene->ring);
	expect_record(scene, 64, 2);
	ring_close(&scene->ring);
	assert_int_equal(ring_open(scene->memory.file, scene->memory.head, SIZE, &scene->ring), 0);
	expect_record(scene, 64, 2);
	expect_record(scene, 64, 3);
	expect_nothing(scene);
}

static void a_record_too_long_takes_the_rest_with_it(void **state)
{
	static const uint32_t lengths[] = {73, 200, SIZE, UINT32_MAX - 54, UINT32_MAX};
	struct scene *scene = *state;
	struct capture_record *second;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint64_t start = scene->memory.head->produced;

		write_record(scene, 16, 1);
		write_record(scene, 24, 2);
		write_record(scene, 0, 3);
		second =
			(struct capture_record *)(void *)(scene->memory.data + (start + 64) % SIZE);
		second->captured_length = lengths[i];
		expect_record(scene, 16, 1);
		expect_unsound(scene);
		write_record(scene, 16, 4);
		expect_record(scene, 16, 4);
		ring_release(&scene->ring);
	}
}

/* Whatever positions somebody wrote, the ring is found empty and goes on to be of use. */
static void impossible_positions_empty_the_ring(void **state)
{
	static const uint64_t positions[] = {SIZE + 8, UINT64_MAX, UINT64_MAX / 2, 1};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		scene->memory.head->produced += positions[i];
		expect_nothing(scene);
		ring_release(&scene->ring);
		assert_false(ring_has_more(&scene->ring));
		scene->memory.head->produced &= ~7ULL;
		assert_true(write_record(scene, 16, 4));
		expect_record(scene, 16, 4);
		ring_release(&scene->ring);
	}
}

/* Any bytes at all: nothing is handed out that is not within the ring, and it ends. */
static void garbage_does_no_harm(void **state)
{
	struct scene *scene = *state;
	const struct capture_record *record;
	uint32_t size, passed = 0;

	srandom(1);
	for (int round = 0; round < 200; round++) {
		for (uint32_t i = 0; i < SIZE; i++)
			scene->memory.data[i] = random() % 8 ? 0 : (uint8_t)random();
		scene->memory.head->produced += (uint64_t)(random() % SIZE);
		while (ring_peek(&scene->ring, &record, &size)) {
			const uint8_t *start = (const uint8_t *)record;

			assert_true(start >= scene->ring.data);
			assert_true(start + size <= scene->ring.data + 2 * SIZE);
			assert_int_equal((uintptr_t)start % 8, 0);
			ring_pass(&scene->ring);
			passed++;
		}
		ring_release(&scene->ring);
	}
	assert_true(passed >= 200);
}

static void a_writer_at_work_is_seen(void **state)
{
	struct scene *scene = *state;

	assert_false(ring_is_writing(&scene->ring));
	scene->memory.head->busy = 1;
	assert_true(ring_is_writing(&scene->ring));
	expect_nothing(scene);
}

static void limits_are_within_the_ring(void **state)
{
	struct scene *scene = *state;
	struct ring_head *head = scene->memory.head;

	ring_limit(&scene->ring, 4096);
	assert_int_equal(head->withheld, SIZE - 4096);
	ring_limit(&scene->ring, SIZE + 8);
	assert_int_equal(head->withheld, 0);
	ring_limit(&scene->ring, 0);
	assert_int_equal(head->withheld, SIZE);
	ring_limit(&scene->ring, SIZE_MAX);
	assert_int_equal(head->withheld, 0);
}

static void offered_is_what_came_and_what_was_refused(void **state)
{
	struct scene *scene = *state;
	uint64_t before = ring_get_offered(scene->ring.head);
	struct capture_record record = {.captured_length = 0};

	assert_true(ring_memory_write(&scene->memory, &record));
	scene->memory.head->refused += 1000;
	assert_int_equal(ring_get_offered(scene->ring.head) - before, sizeof(record) + 1000);
}

static void impossible_sizes_are_refused(void **state)
{
	struct scene *scene = *state;
	struct ring_head *head = scene->memory.head;
	struct ring ring = {};

	assert_int_equal(ring_open(scene->memory.file, head, 0, &ring), -EINVAL);
	assert_int_equal(ring_open(scene->memory.file, head, SIZE / 2, &ring), -EINVAL);
	assert_int_equal(ring_open(scene->memory.file, head, SIZE + 4096, &ring), -EINVAL);
	assert_int_equal(ring_open(-1, head, SIZE, &ring), -EBADF);
	assert_null(ring.data);
}

int main(void)
{
#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
	const struct CMUnitTest tests[] = {
		RING_TEST(records_come_in_order_and_stay_until_released),
		RING_TEST(records_across_the_end_are_whole),
		RING_TEST(a_record_may_fill_the_ring),
		RING_TEST(a_successor_begins_where_the_last_release_was),
		RING_TEST(a_record_too_long_takes_the_rest_with_it),
		RING_TEST(impossible_positions_empty_the_ring),
		RING_TEST(garbage_does_no_harm),
		RING_TEST(a_writer_at_work_is_seen),
		RING_TEST(limits_are_within_the_ring),
		RING_TEST(offered_is_what_came_and_what_was_refused),
		RING_TEST(impossible_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
