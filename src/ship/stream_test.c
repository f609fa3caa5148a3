// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/count.h"
#include "ship/ring_memory.h"
#include "ship/stream.h"
#include "wire/capture.h"

#include <cmocka.h>

#define RINGS                 3
#define NOW                   10000000000ULL
#define LONG_AGO(nanoseconds) (NOW - 1000000000 + (nanoseconds))

struct scene {
	struct ring_memory memory[RINGS];
	struct stream_ring rings[RINGS];
	struct stream stream;
};

static int scene_setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.stream = {.rings = scene.rings, .count = RINGS}};
	for (size_t i = 0; i < RINGS; i++) {
		ring_memory_open(RING_SIZE_LEAST, &scene.memory[i]);
		assert_int_equal(ring_open(scene.memory[i].file, scene.memory[i].head,
					   RING_SIZE_LEAST, &scene.rings[i].ring),
				 0);
	}
	*state = &scene;
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < RINGS; i++) {
		ring_close(&scene->rings[i].ring);
		ring_memory_close(&scene->memory[i]);
	}
	return 0;
}

static void write_at(struct scene *scene, size_t ring, uint64_t time)
{
	struct capture_record record = {.timestamp = time};

	assert_true(ring_memory_write(&scene->memory[ring], &record));
}

static void expect(struct scene *scene, uint64_t time)
{
	const struct capture_record *record;
	uint32_t size;

	assert_true(stream_next(&scene->stream, &record, &size));
	assert_int_equal(size, sizeof(struct capture_record));
	assert_int_equal(record->timestamp, time);
}

static void expect_end(struct scene *scene, bool more)
{
	const struct capture_record *record;
	uint32_t size;

	assert_false(stream_next(&scene->stream, &record, &size));
	assert_int_equal(stream_has_more(&scene->stream), more);
}

static void rings_are_merged_by_time(void **state)
{
	static const struct {
		size_t ring;
		uint64_t time;
	} written[] = {{0, 1}, {0, 4}, {0, 5}, {1, 2}, {1, 6}, {2, 3}};
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(written); i++)
		write_at(scene, written[i].ring, LONG_AGO(written[i].time));
	stream_begin(&scene->stream, NOW);
	for (uint64_t time = 1; time <= 6; time++)
		expect(scene, LONG_AGO(time));
	expect_end(scene, false);
}

static void the_newest_wait_for_the_next_round(void **state)
{
	struct scene *scene = *state;

	write_at(scene, 0, NOW - 1000);
	stream_begin(&scene->stream, NOW);
	expect_end(scene, true);
	/* What was taken earlier becomes visible later. */
	write_at(scene, 1, NOW - 2000);
	stream_begin(&scene->stream, NOW + 1000000);
	expect(scene, NOW - 2000);
	expect(scene, NOW - 1000);
	expect_end(scene, false);
}

static void an_unfinished_record_may_be_the_oldest(void **state)
{
	struct scene *scene = *state;

	write_at(scene, 0, LONG_AGO(2));
	scene->memory[1].head->busy = 1;
	stream_begin(&scene->stream, NOW);
	expect_end(scene, true);
	write_at(scene, 1, LONG_AGO(1));
	expect(scene, LONG_AGO(1));
	expect_end(scene, true); /* The next one is being written. */
	scene->memory[1].head->busy = 0;
	expect(scene, LONG_AGO(2));
	expect_end(scene, false);
}

/* It has no time, so it does not wait. */
static void what_cannot_be_a_record_stops_nothing(void **state)
{
	struct capture_record broken = {.timestamp = UINT64_MAX};
	struct scene *scene = *state;
	const struct capture_record *record;
	uint32_t size;

	assert_true(ring_memory_write(&scene->memory[0], &broken));
	((struct capture_record *)(void *)scene->memory[0].data)->captured_length = UINT32_MAX;
	write_at(scene, 1, LONG_AGO(1));
	stream_begin(&scene->stream, NOW);
	assert_true(stream_next(&scene->stream, &record, &size));
	assert_int_equal(size, 0);
	expect(scene, LONG_AGO(1));
	expect_end(scene, false);
}

static void a_time_that_cannot_be_stops_nothing(void **state)
{
	struct scene *scene = *state;

	write_at(scene, 0, UINT64_MAX);
	write_at(scene, 0, LONG_AGO(1));
	stream_begin(&scene->stream, NOW);
	expect(scene, UINT64_MAX);
	expect(scene, LONG_AGO(1));
	expect_end(scene, false);
}

static void a_head_that_waited_is_not_released(void **state)
{
	struct scene *scene = *state;

	write_at(scene, 0, LONG_AGO(1));
	write_at(scene, 0, NOW);
	stream_begin(&scene->stream, NOW);
	expect(scene, LONG_AGO(1));
	expect_end(scene, true);
	ring_release(&scene->rings[0].ring);
	assert_int_equal(scene->memory[0].head->consumed, scene->memory[0].head->produced / 2);
	stream_begin(&scene->stream, NOW + 1000000);
	expect(scene, NOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rings_are_merged_by_time, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(the_newest_wait_for_the_next_round, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(an_unfinished_record_may_be_the_oldest, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_a_record_stops_nothing, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(a_time_that_cannot_be_stops_nothing, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(a_head_that_waited_is_not_released, scene_setup,
						scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
