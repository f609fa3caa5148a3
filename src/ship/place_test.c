// SPDX-License-Identifier: Apache-2.0
/* Rings in memory that bring what a test says, a thread that really moves, and one that only others move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "ship/place.h"

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define CPUS 4

struct scene {
	struct ring_head heads[CPUS];
	const struct ring_head *known[CPUS];
	struct place place;
	struct pulse pulse;
	pthread_t handle;
	atomic_int unmoved;
	atomic_bool over;
};

static void *stay(void *context)
{
	struct scene *scene = context;

	atomic_store(&scene->unmoved, gettid());
	while (!atomic_load(&scene->over))
		clock_sleep(NSEC_PER_MSEC);
	return NULL;
}

static int setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.pulse = {.now = NSEC_PER_SEC}};
	for (size_t i = 0; i < CPUS; i++)
		scene.known[i] = &scene.heads[i];
	if (pthread_create(&scene.handle, NULL, stay, &scene) != 0)
		return -1;
	while (atomic_load(&scene.unmoved) == 0)
		clock_sleep(NSEC_PER_MSEC);
	*state = &scene;
	return 0;
}

/* Leaves the test's thread where the next one expects it. */
static int teardown(void **state)
{
	struct scene *scene = *state;
	cpu_set_t all;

	CPU_ZERO(&all);
	place_close(&scene->place);
	atomic_store(&scene->over, true);
	(void)pthread_join(scene->handle, NULL);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		CPU_SET(i, &all);
	return sched_setaffinity(0, sizeof(all), &all);
}

static void scene_open(struct scene *scene, size_t ring_count)
{
	place_open(&scene->place, atomic_load(&scene->unmoved),
		   &(struct place_rings){scene->known, ring_count, 0, 1});
	assert_non_null(scene->place.offered);
	place_look(&scene->place, &scene->pulse);
}

/* 50 ms pass, in which the rings brought so much and the thread ran and waited for such shares. */
static void scene_pass(struct scene *scene, const uint64_t *brought, double run, double wait)
{
	const double length = 50 * NSEC_PER_MSEC;

	scene->pulse.now += (uint64_t)length;
	scene->pulse.run += (uint64_t)(length * run);
	scene->pulse.wait += (uint64_t)(length * wait);
	for (size_t i = 0; i < scene->place.rings.count; i++)
		scene->heads[i].produced += brought[i];
	place_look(&scene->place, &scene->pulse);
}

static cpu_set_t cpus_of(const char *digits)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (; *digits; digits++)
		CPU_SET((size_t)(*digits - '0'), &set);
	return set;
}

static cpu_set_t cpus_now(void)
{
	cpu_set_t set;

	assert_return_code(sched_getaffinity(0, sizeof(set), &set), 0);
	return set;
}

/* Leaves the test unless both the first CPU and another may be used. */
static cpu_set_t cpus_but_first(const cpu_set_t *set)
{
	cpu_set_t rest = *set;

	CPU_CLR(0, &rest);
	if (!CPU_ISSET(0, set) || CPU_COUNT(&rest) == 0)
		skip();
	return rest;
}

static void assert_runs_on(const cpu_set_t *expected)
{
	cpu_set_t set = cpus_now();

	assert_true(CPU_EQUAL(&set, expected));
}

/* What others do to all of the program. */
static void all_may_use(const struct scene *scene, const cpu_set_t *set)
{
	assert_return_code(sched_setaffinity(atomic_load(&scene->unmoved), sizeof(*set), set), 0);
	assert_return_code(sched_setaffinity(0, sizeof(*set), set), 0);
}

static void assert_avoids(size_t first, size_t stride, const uint64_t *brought, const char *allowed,
			  const char *expected)
{
	const struct place_rings rings = {.count = CPUS, .first = first, .stride = stride};
	cpu_set_t set = cpus_of(allowed), wanted = cpus_of(expected);

	place_avoid(&rings, brought, &set);
	assert_true(CPU_EQUAL(&set, &wanted));
}

static void test_cpus_that_bring_much_are_avoided(void **state)
{
	(void)state;
	assert_avoids(0, 1, (const uint64_t[CPUS]){1000, 10, 10, 10}, "0123", "123");
	assert_avoids(0, 1, (const uint64_t[CPUS]){10, 600, 10, 500}, "0123", "02");
	assert_avoids(0, 1, (const uint64_t[CPUS]){0, 0, 0, 0}, "0123", "0123");
}

static void test_evenly_spread_packets_are_no_reason(void **state)
{
	(void)state;
	assert_avoids(0, 1, (const uint64_t[CPUS]){100, 100, 100, 100}, "0123", "0123");
	assert_avoids(0, 1, (const uint64_t[CPUS]){100, 0, 100, 0}, "02", "02");
}

/* Each stays off his own CPUs only, or all would meet on the one that is left; and where all bring much, nobody moves. */
static void test_several_threads(void **state)
{
	(void)state;
	assert_avoids(1, 2, (const uint64_t[CPUS]){10, 1000, 10, 1000}, "0123", "02");
	assert_avoids(0, 2, (const uint64_t[CPUS]){10, 1000, 10, 1000}, "0123", "0123");
	assert_avoids(2, 4, (const uint64_t[CPUS]){500, 500, 500, 10}, "0123", "013");
	assert_avoids(0, 2, (const uint64_t[CPUS]){500, 500, 0, 0}, "01", "01");
	assert_avoids(1, 2, (const uint64_t[CPUS]){500, 500, 0, 0}, "01", "01");
}

static void test_thread_moves_away_and_back(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene *scene = *state;

	scene_open(scene, 2);
	scene_pass(scene, some, 0.1, 0.1); /* Not busy. */
	assert_runs_on(&before);
	scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	scene_pass(scene, some, 0.05, 0.05);
	assert_runs_on(&before);
}

static void test_who_gets_nowhere_elsewhere_is_free(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene *scene = *state;

	scene_open(scene, 2);
	scene_pass(scene, some, 0.5, 0.2);
	scene_pass(scene, some, 0.1, 0.9);
	for (unsigned int i = 0; i < 10; i++) {
		assert_runs_on(&before);
		scene_pass(scene, some, 0.5, 0.5);
	}
	scene->pulse.now += NSEC_PER_SEC;
	scene_pass(scene, some, 0.5, 0.5);
	scene_pass(scene, some, 0.5, 0.5);
	assert_runs_on(&away);
}

/* All of the program is sent to a part of the CPUs, and gets them back. */
static void test_others_say_what_is_allowed(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before), here = cpus_of("0");
	struct scene *scene = *state;

	scene_open(scene, 2);
	scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	all_may_use(scene, &here);
	for (unsigned int i = 0; i < 3; i++)
		scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&here);
	all_may_use(scene, &before);
	scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	scene_pass(scene, some, 0.05, 0.05);
	assert_runs_on(&before);
}

/* A cpuset is widened, or a CPU comes back, which shows in threads only that have not asked for less. */
static void test_what_is_given_back_is_used(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene *scene = *state;

	all_may_use(scene, &away);
	scene_open(scene, 2);
	scene_pass(scene, some, 0.5, 0.2);
	assert_return_code(sched_setaffinity(atomic_load(&scene->unmoved), sizeof(before), &before),
			   0);
	scene_pass(scene, some, 0.05, 0.05);
	assert_runs_on(&before);
}

/* A CPU that the thread had chosen besides is not there any more. */
static void test_a_lost_cpu_is_nobodys_word(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene *scene = *state;

	scene_open(scene, 2);
	scene_pass(scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	CPU_SET(CPU_SETSIZE - 1, &scene->place.present);
	scene_pass(scene, some, 0.05, 0.05);
	assert_runs_on(&before);
}

static void test_who_moves_this_thread_alone_has_the_last_word(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), here = cpus_of("0");
	struct scene *scene = *state;

	(void)cpus_but_first(&before);
	scene_open(scene, 2);
	scene_pass(scene, some, 0.5, 0.2);
	assert_return_code(sched_setaffinity(0, sizeof(here), &here), 0);
	for (unsigned int i = 0; i < 3; i++) {
		scene_pass(scene, some, 0.5, 0.2);
		scene_pass(scene, some, 0.05, 0.05);
		assert_runs_on(&here);
	}
}

int main(void)
{
#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus_that_bring_much_are_avoided),
		cmocka_unit_test(test_evenly_spread_packets_are_no_reason),
		cmocka_unit_test(test_several_threads),
		PLACE_TEST(test_thread_moves_away_and_back),
		PLACE_TEST(test_who_gets_nowhere_elsewhere_is_free),
		PLACE_TEST(test_others_say_what_is_allowed),
		PLACE_TEST(test_what_is_given_back_is_used),
		PLACE_TEST(test_a_lost_cpu_is_nobodys_word),
		PLACE_TEST(test_who_moves_this_thread_alone_has_the_last_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
