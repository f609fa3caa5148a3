// SPDX-License-Identifier: Apache-2.0
/* Rings in memory that bring what a test says, and a thread that really moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "ship/place.h"

#include <cmocka.h>

#define CPUS 4

struct scene {
	struct ring_head heads[CPUS];
	struct stream_ring rings[CPUS];
	struct stream stream;
	struct place place;
	struct pulse pulse;
};

static void scene_open(struct scene *scene, size_t ring_count)
{
	*scene = (struct scene){.stream = {.rings = scene->rings, .count = ring_count},
				.pulse = {.now = NSEC_PER_SEC}};
	for (size_t i = 0; i < ring_count; i++)
		scene->rings[i].ring.head = &scene->heads[i];
	place_open(&scene->place, 0, 1, &scene->stream);
	assert_non_null(scene->place.offered);
	place_look(&scene->place, &scene->stream, &scene->pulse);
}

/* 50 ms pass, in which the rings brought so much and the thread ran and waited for such shares. */
static void scene_pass(struct scene *scene, const uint64_t *brought, double run, double wait)
{
	const double length = 50 * NSEC_PER_MSEC;

	scene->pulse.now += (uint64_t)length;
	scene->pulse.run += (uint64_t)(length * run);
	scene->pulse.wait += (uint64_t)(length * wait);
	for (size_t i = 0; i < scene->stream.count; i++)
		scene->heads[i].produced += brought[i];
	place_look(&scene->place, &scene->stream, &scene->pulse);
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

static void assert_avoids(size_t first, size_t stride, const uint64_t *brought, const char *allowed,
			  const char *expected)
{
	const struct place place = {.first = first, .stride = stride, .count = CPUS};
	cpu_set_t set = cpus_of(allowed), wanted = cpus_of(expected);

	place_avoid(&place, brought, &set);
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

/* The third of three threads serves the rings of CPUs 2, 5 and 8. */
static void test_rings_of_several_threads(void **state)
{
	(void)state;
	assert_avoids(2, 3, (const uint64_t[CPUS]){10, 1000, 10}, "0123456789", "012346789");
}

static void test_thread_moves_away_and_back(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene scene;

	(void)state;
	scene_open(&scene, 1);
	scene_pass(&scene, some, 0.1, 0.1); /* Not busy. */
	assert_runs_on(&before);
	scene_pass(&scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	scene_pass(&scene, some, 0.5, 0.2);
	assert_runs_on(&away);
	scene_pass(&scene, some, 0.05, 0.05);
	assert_runs_on(&before);
	place_close(&scene.place);
}

static void test_who_gets_nowhere_elsewhere_is_free(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), away = cpus_but_first(&before);
	struct scene scene;

	(void)state;
	scene_open(&scene, 1);
	scene_pass(&scene, some, 0.5, 0.2);
	scene_pass(&scene, some, 0.1, 0.9);
	for (unsigned int i = 0; i < 10; i++) {
		assert_runs_on(&before);
		scene_pass(&scene, some, 0.5, 0.5);
	}
	scene.pulse.now += NSEC_PER_SEC;
	scene_pass(&scene, some, 0.5, 0.5);
	scene_pass(&scene, some, 0.5, 0.5);
	assert_runs_on(&away);
	assert_return_code(sched_setaffinity(0, sizeof(before), &before), 0);
	place_close(&scene.place);
}

/* What somebody else sets is what is allowed from then on. */
static void test_others_may_say_where(void **state)
{
	const uint64_t some[CPUS] = {[0] = 1000000};
	cpu_set_t before = cpus_now(), here = cpus_of("0");
	struct scene scene;

	(void)state;
	if (!CPU_ISSET(0, &before) || CPU_COUNT(&before) == 1)
		skip();
	scene_open(&scene, 1);
	assert_return_code(sched_setaffinity(0, sizeof(here), &here), 0);
	for (unsigned int i = 0; i < 3; i++)
		scene_pass(&scene, some, 0.5, 0.2);
	assert_runs_on(&here);
	assert_return_code(sched_setaffinity(0, sizeof(before), &before), 0);
	place_close(&scene.place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus_that_bring_much_are_avoided),
		cmocka_unit_test(test_evenly_spread_packets_are_no_reason),
		cmocka_unit_test(test_rings_of_several_threads),
		cmocka_unit_test(test_thread_moves_away_and_back),
		cmocka_unit_test(test_who_gets_nowhere_elsewhere_is_free),
		cmocka_unit_test(test_others_may_say_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
