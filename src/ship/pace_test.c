// SPDX-License-Identifier: Apache-2.0
/* What a ring in memory shows of a thread that holds back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/pace.h"

#include "base/clock.h"
#include "ship/ring_memory.h"

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define SIZE (1 << 20)

struct scene {
	struct ring_memory memory;
	struct stream_ring ring;
	struct stream stream;
	struct pace pace;
};

static void begin(struct scene *scene)
{
	const struct ring_head *const heads[] = {scene->memory.head};

	pace_begin(&scene->pace, &scene->stream, &(struct place_rings){heads, 1, 0, 1});
}

static int setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.stream = {.rings = &scene.ring, .count = 1}};
	ring_memory_open(SIZE, &scene.memory);
	assert_int_equal(ring_open(scene.memory.file, scene.memory.head, SIZE, &scene.ring.ring),
			 0);
	pace_init(&scene.pace);
	begin(&scene);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	pace_end(&scene->pace, &scene->stream);
	ring_close(&scene->ring.ring);
	ring_memory_close(&scene->memory);
	return 0;
}

/* So many bytes that the thread has not come to. */
static void gathered(struct scene *scene, uint64_t size)
{
	scene->memory.head->consumed = scene->memory.head->produced;
	scene->memory.head->produced += size;
}

static void what_came_before_is_thinned_out(void **state)
{
	struct scene *scene = *state;
	uint64_t longest;

	gathered(scene, SIZE / 2);
	longest = pace_gather(&scene->pace, &scene->stream);
	assert_in_range(longest, 1600, 8 << 10); /* A wire packet, but no super-packet. */
	/* Nothing longer is let in meanwhile. */
	assert_int_equal(SIZE - scene->memory.head->withheld, 2 * longest);
	gathered(scene, longest);
	assert_true(pace_gather(&scene->pace, &scene->stream) == UINT64_MAX);
	assert_int_equal(SIZE - scene->memory.head->withheld, 2 * longest);
}

/* Watches the room for long records while a thread ships. */
struct watch {
	const struct ring_head *head;
	atomic_bool over;
	atomic_uint openings;
};

static void *watch_run(void *context)
{
	struct watch *watch = context;
	bool before = false;

	while (!atomic_load(&watch->over)) {
		uint64_t room = SIZE - __atomic_load_n(&watch->head->withheld, __ATOMIC_RELAXED);
		bool now = room >= 2 * 65536;

		if (now && !before)
			atomic_fetch_add(&watch->openings, 1);
		before = now;
	}
	return NULL;
}

static void what_is_long_is_let_in_seldom(void **state)
{
	struct scene *scene = *state;
	struct watch watch = {.head = scene->memory.head};
	pthread_t thread;

	/* Until when all of the ring is the program's. */
	(void)pace_gather(&scene->pace, &scene->stream);
	assert_int_equal(pthread_create(&thread, NULL, watch_run, &watch), 0);
	for (unsigned int i = 0; i < 64; i++) {
		(void)pace_gather(&scene->pace, &scene->stream);
		clock_sleep(20 * NSEC_PER_USEC);
	}
	assert_true(atomic_load(&watch.openings) <= 8);
	/* On a busy machine the watch may have missed some. */
	for (unsigned int i = 0; i < 10000 && atomic_load(&watch.openings) == 0; i++)
		(void)pace_gather(&scene->pace, &scene->stream);
	assert_true(atomic_load(&watch.openings) > 0);
	atomic_store(&watch.over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void all_is_let_in_when_it_ends(void **state)
{
	struct scene *scene = *state;

	(void)pace_gather(&scene->pace, &scene->stream);
	assert_true(scene->memory.head->withheld > 0);
	pace_end(&scene->pace, &scene->stream);
	assert_int_equal(scene->memory.head->withheld, 0);
	begin(scene);
}

int main(void)
{
#define PACE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PACE_TEST(what_came_before_is_thinned_out),
		PACE_TEST(what_is_long_is_let_in_seldom),
		PACE_TEST(all_is_let_in_when_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
