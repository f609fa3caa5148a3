// SPDX-License-Identifier: Apache-2.0
/* With maps of the kernel's own: how they answer when they are full, and how a walk goes on after a deletion, is theirs to
 * say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/address_set.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT 4789

static unsigned int walked; /* Steps from key to key. */

/* Stands between the code and libbpf, and counts. */
__attribute__((visibility("default"))) int bpf_map_get_next_key(int map, const void *key,
								void *next)
{
	static int (*real)(int map, const void *key, void *next);

	if (!real)
		real = (int (*)(int, const void *, void *))(uintptr_t)dlsym(RTLD_NEXT,
									    "bpf_map_get_next_key");
	walked++;
	return real(map, key, next);
}

struct scene {
	struct tables tables;
	uint64_t ports[MAP_PORT_WORDS];
};

static int make_set(size_t key_size, uint32_t limit)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, NULL, (uint32_t)key_size, 1, limit, &options);

	assert_true(map >= 0);
	return map;
}

static void open_sets(struct scene *scene, uint32_t limit)
{
	*scene = (struct scene){};
	scene->tables.appliance_ports = scene->ports;
	scene->tables.resolvers = make_set(sizeof(struct map_resolver), 64);
	scene->tables.appliances = make_set(sizeof(struct map_appliance), limit);
}

static void close_sets(struct scene *scene)
{
	close(scene->tables.resolvers);
	close(scene->tables.appliances);
}

static struct address member_address(size_t number)
{
	return (struct address){
		.family = 4,
		.bytes = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

/* Makes the sets those of a plan with one fleet, of members with successive numbers. */
static int write_members(struct scene *scene, size_t first, size_t count, uint16_t port)
{
	_cleanup_free_ struct fleet_member *members = calloc(count + 1, sizeof(*members));
	struct fleet fleet = {.id = "arn:a", .members = members, .member_count = count};
	const struct plan plan = {.fleets = &fleet, .fleet_count = 1};

	assert_non_null(members);
	for (size_t i = 0; i < count; i++) {
		members[i].address = member_address(first + i);
		members[i].port = port;
	}
	walked = 0;
	return address_sets_write(&scene->tables, &plan);
}

static bool has_member(struct scene *scene, size_t number, uint16_t port)
{
	const struct address address = member_address(number);
	struct map_appliance key = {.family = 4, .port = htons(port)};
	uint8_t present;

	memcpy(&key.address, address.bytes, sizeof(key.address));
	return bpf_map_lookup_elem(scene->tables.appliances, &key, &present) == 0;
}

static bool has_port(const struct scene *scene, uint16_t port)
{
	return scene->ports[MAP_PORT_WORD(port)] & MAP_PORT_BIT(port);
}

static void the_sets_are_what_the_plan_says(void **state)
{
	struct scene scene;

	(void)state;
	open_sets(&scene, 64);
	assert_int_equal(write_members(&scene, 0, 20, PORT), 0);
	assert_int_equal(write_members(&scene, 10, 20, PORT + 1), 0);
	assert_int_equal(write_members(&scene, 15, 20, PORT + 1), 0);
	for (size_t i = 0; i < 40; i++) {
		assert_false(has_member(&scene, i, PORT));
		assert_int_equal(has_member(&scene, i, PORT + 1), i >= 15 && i < 35);
	}
	assert_false(has_port(&scene, PORT));
	assert_true(has_port(&scene, PORT + 1));
	close_sets(&scene);
}

static void what_is_old_makes_room_for_what_is_new(void **state)
{
	struct scene scene;

	(void)state;
	open_sets(&scene, 64);
	assert_int_equal(write_members(&scene, 0, 60, PORT), 0);
	assert_int_equal(write_members(&scene, 100, 60, PORT), 0);
	for (size_t i = 0; i < 60; i++) {
		assert_false(has_member(&scene, i, PORT));
		assert_true(has_member(&scene, 100 + i, PORT));
	}
	close_sets(&scene);
}

static void more_than_fits_is_a_fault_and_what_is_old_goes_all_the_same(void **state)
{
	struct scene scene;
	size_t present = 0;

	(void)state;
	open_sets(&scene, 64);
	assert_int_equal(write_members(&scene, 0, 60, PORT), 0);
	assert_int_equal(write_members(&scene, 100, 80, PORT + 1), -E2BIG);
	for (size_t i = 0; i < 60; i++)
		assert_false(has_member(&scene, i, PORT));
	for (size_t i = 0; i < 80; i++)
		present += has_member(&scene, 100 + i, PORT + 1);
	assert_int_equal(present, 64);
	assert_true(has_port(&scene, PORT + 1));
	close_sets(&scene);
}

static void each_key_is_walked_over_once(void **state)
{
	const size_t most = PLAN_MEMBERS_MAX;
	struct scene scene;

	(void)state;
	open_sets(&scene, MAP_APPLIANCE_LIMIT);
	assert_int_equal(write_members(&scene, 0, most, PORT), 0);
	assert_int_equal(write_members(&scene, most / 2, most, PORT), 0);
	/* One more for the end of each of the two sets, and one for its beginning. */
	assert_in_range(walked, most, most * 3 / 2 + 4);
	assert_int_equal(write_members(&scene, 0, 0, PORT), 0);
	assert_in_range(walked, most, most + 4);
	assert_false(has_member(&scene, most, PORT));
	close_sets(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sets_are_what_the_plan_says),
		cmocka_unit_test(what_is_old_makes_room_for_what_is_new),
		cmocka_unit_test(more_than_fits_is_a_fault_and_what_is_old_goes_all_the_same),
		cmocka_unit_test(each_key_is_walked_over_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
