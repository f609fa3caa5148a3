// SPDX-License-Identifier: Apache-2.0
/* What outlives an agent, how programs are attached, mended and taken away, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"
#include "base/refusal.h"
#include "wire/maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct packet packet;

static int scene_setup_clsact(void **state)
{
	struct scene *scene;

	if (scene_setup(state) != 0)
		return -1;
	scene = *state;
	scene->attach = CAPTURE_ATTACH_CLSACT;
	scene_restart(scene);
	return 0;
}

static void udp(void)
{
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 100);
}

static uint32_t program_id(const struct scene *scene, enum scene_device device,
			   enum direction direction)
{
	_cleanup_close_ int program = scene_program(scene, device, direction);
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return 0;
	return info.id;
}

/* What is captured while no agent runs is there for the next one, and so are slots and counters. */
static void test_restart(void **state)
{
	struct scene *scene = *state;
	struct capture_slot before;
	const struct capture_slot *slots;
	const struct capture_ring *rings;
	size_t count;

	scene_mirror_all(scene);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	slots = capture_get_slots(scene->capture, &count);
	before = slots[0];
	capture_get_ship_counters(scene->capture)[before.slot].direction[1].shipped.packets = 77;
	scene_transmit_unread(&packet, 0);
	capture_free(scene->capture);
	scene->capture = NULL;
	scene_transmit_unread(&packet, 0); /* Nobody is there. */

	scene->caught_count = 0;
	scene_restart(scene);
	slots = capture_get_slots(scene->capture, &count);
	assert_int_equal(count, 1);
	assert_memory_equal(slots, &before, sizeof(before));
	scene_transmit_unread(&packet, 0); /* Before the first plan. */
	assert_int_equal(scene_read(scene), 3);
	assert_int_equal(scene_taken_by(scene), 1);
	assert_int_equal(scene_counters(scene, 1).direction[DIRECTION_EGRESS].accepted.packets, 4);
	assert_int_equal(
		capture_get_ship_counters(scene->capture)[before.slot].direction[1].shipped.packets,
		77);
	rings = capture_get_rings(scene->capture, &count);
	assert_int_equal(rings[0].size, SCENE_RING_SIZE);

	scene_apply(scene);
	slots = capture_get_slots(scene->capture, &count);
	assert_int_equal(count, 1);
	assert_memory_equal(slots, &before, sizeof(before));
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

/* A new agent's program takes the old one's place; it is there at every moment. */
static void test_program_is_replaced(void **state)
{
	struct scene *scene = *state;
	uint32_t before[DIRECTION_COUNT];

	scene_mirror_all(scene);
	udp();
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		before[way] = program_id(scene, DEVICE_PLAIN, way);
		assert_int_not_equal(before[way], 0);
		assert_int_equal(program_id(scene, DEVICE_GUEST, way), before[way]);
	}
	scene_restart(scene);
	for (enum direction way = 0; way < DIRECTION_COUNT; way++)
		assert_int_equal(program_id(scene, DEVICE_PLAIN, way), before[way]);
	scene_apply(scene);
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		uint32_t after = program_id(scene, DEVICE_PLAIN, way);

		assert_int_not_equal(after, 0);
		assert_int_not_equal(after, before[way]);
		assert_int_equal(program_id(scene, DEVICE_GUEST, way), after);
	}
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

/* Applying the same plan again changes nothing, and mends what others took away. */
static void test_apply_again(void **state)
{
	struct scene *scene = *state;
	uint32_t before;

	scene_mirror_all(scene);
	before = program_id(scene, DEVICE_PLAIN, DIRECTION_EGRESS);
	scene_apply(scene);
	assert_int_equal(program_id(scene, DEVICE_PLAIN, DIRECTION_EGRESS), before);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	if (!scene_has_links(scene)) {
		assert_int_equal(system("tc qdisc del dev plain clsact"), 0);
	} else {
		char command[160];

		(void)snprintf(command, sizeof(command),
			       "bpftool link detach pinned %s/layout-%d/links/%d-egress",
			       scene->directory, CAPTURE_LAYOUT_VERSION,
			       scene->devices[DEVICE_PLAIN].ifindex);
		assert_int_equal(system(command), 0);
	}
	assert_int_equal(scene_transmit(scene, &packet, 0), 0);
	scene_apply(scene);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

static void test_sources_come_and_go(void **state)
{
	struct scene *scene = *state;
	struct capture_device *plain = &scene->devices[DEVICE_PLAIN];

	scene_mirror_all(scene);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);

	plain->source = (struct resource_id){"eni-00000000000000002"}; /* Has no session. */
	scene_apply(scene);
	assert_int_equal(program_id(scene, DEVICE_PLAIN, DIRECTION_EGRESS), 0);
	assert_int_not_equal(program_id(scene, DEVICE_GUEST, DIRECTION_EGRESS), 0);
	assert_int_equal(scene_transmit(scene, &packet, 0), 0);

	plain->source = (struct resource_id){SCENE_SOURCE};
	scene_apply(scene);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);

	assert_int_equal(system("ip link del plain"), 0);
	scene_apply(scene); /* The agent has not heard of it yet. */
	assert_int_equal(scene->failed_count, 1);
	assert_int_equal(scene->last_error, ENODEV);
	assert_int_equal(system("ip link add plain type veth peer name plain-peer && "
				"ip link set plain up && ip link set plain-peer up"),
			 0);
	assert_int_not_equal(plain->ifindex, if_nametoindex("plain"));
	plain->ifindex = (int)if_nametoindex("plain");
	scene_apply(scene);
	assert_int_equal(scene->failed_count, 1);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

static void check_watched(struct scene *scene, size_t plain, size_t guest)
{
	assert_int_equal(scene_send(scene, &packet), plain);
	assert_int_equal(scene_send_as(scene, DEVICE_GUEST, DIRECTION_INGRESS, &packet, NULL),
			 guest);
}

/* Devices whose indices share a place are told apart, whichever of them comes, goes or moves. */
static void test_crowded_places(void **state)
{
	static const struct resource_id none = {"eni-00000000000000002"}, watched = {SCENE_SOURCE};
	struct scene *scene = *state;
	struct capture_device *plain = &scene->devices[DEVICE_PLAIN];
	struct capture_device *guest = &scene->devices[DEVICE_GUEST];
	char command[128];

	guest->ifindex = plain->ifindex + 200 * MAP_SOURCE_PLACES;
	(void)snprintf(command, sizeof(command),
		       "ip link del guest && ip link add guest index %d type veth peer guest-peer",
		       guest->ifindex);
	assert_int_equal(system(command), 0);
	udp();
	guest->source = none;
	scene_mirror_all(scene);
	check_watched(scene, 1, 0);
	guest->source = watched;
	scene_apply(scene);
	check_watched(scene, 1, 1);
	scene_restart(scene);
	scene_apply(scene);
	check_watched(scene, 1, 1);

	plain->source = none; /* The other takes its place. */
	scene_apply(scene);
	scene->programs[DIRECTION_INGRESS] = scene_program(scene, DEVICE_GUEST, DIRECTION_INGRESS);
	check_watched(scene, 0, 1);
	plain->source = watched;
	scene_apply(scene);
	check_watched(scene, 1, 1);
	scene_restart(scene);
	plain->source = none;
	guest->source = none;
	scene_apply(scene);
	assert_int_equal(program_id(scene, DEVICE_GUEST, DIRECTION_INGRESS), 0);
}

static int pinned(const struct scene *scene, const char *map)
{
	char path[128];
	int descriptor;

	(void)snprintf(path, sizeof(path), "%s/layout-%d/%s", scene->directory,
		       CAPTURE_LAYOUT_VERSION, map);
	descriptor = bpf_obj_get(path);
	assert_true(descriptor >= 0);
	return descriptor;
}

/* Words of a change that was never finished, or of anybody, are put right: those of devices that are gone, a wrong list, and
 * lists that do not exist. */
static void test_places_are_put_right(void **state)
{
	struct scene *scene = *state;
	uint32_t plain = (uint32_t)scene->devices[DEVICE_PLAIN].ifindex;
	const struct {
		uint32_t place;
		uint64_t word;
	} wrong[] = {
		{plain % MAP_SOURCE_PLACES, MAP_PLACE_OF(plain, 4000)},
		{(plain + 1) % MAP_SOURCE_PLACES, UINT64_MAX},
		{(plain + 2) % MAP_SOURCE_PLACES, MAP_PLACE_OF(plain + 2, 0)},
		{(plain + 3) % MAP_SOURCE_PLACES, MAP_PLACE_CROWDED},
	};
	_cleanup_close_ int places = pinned(scene, "places");
	_cleanup_close_ int crowded = pinned(scene, "sources_crowded");
	uint32_t stranger = plain + 3 + MAP_SOURCE_PLACES, number = UINT32_MAX;
	uint64_t word;

	scene_mirror_all(scene);
	udp();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(
			bpf_map_update_elem(places, &wrong[i].place, &wrong[i].word, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(crowded, &stranger, &number, BPF_ANY), 0);
	assert_int_equal(scene_send(scene, &packet), 0);
	scene_restart(scene);
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene->failed_count, 0);
	for (size_t i = 1; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(bpf_map_lookup_elem(places, &wrong[i].place, &word), 0);
		if (wrong[i].place !=
		    (uint32_t)scene->devices[DEVICE_GUEST].ifindex % MAP_SOURCE_PLACES)
			assert_int_equal(word, 0);
	}
	assert_int_equal(bpf_map_lookup_elem(crowded, &stranger, &number), -ENOENT);
}

/* A list that is found by packets stays as it is; the next one is another. */
static void test_lists_are_not_written_in_use(void **state)
{
	struct scene *scene = *state;
	uint32_t place = (uint32_t)scene->devices[DEVICE_PLAIN].ifindex % MAP_SOURCE_PLACES;
	_cleanup_close_ int places = pinned(scene, "places"), lists = pinned(scene, "lists");
	struct map_source before, after;
	uint32_t number;
	uint64_t word, again;

	scene_mirror_all(scene);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(bpf_map_lookup_elem(places, &place, &word), 0);
		number = MAP_PLACE_LIST(word);
		assert_int_equal(bpf_map_lookup_elem(lists, &number, &before), 0);
		if (i == 3)
			scene_restart(scene);
		scene->plan.sessions[0].packet_length = (uint16_t)(100 + i);
		scene_apply(scene);
		assert_int_equal(bpf_map_lookup_elem(places, &place, &again), 0);
		assert_true(again != word);
		assert_int_equal(bpf_map_lookup_elem(lists, &number, &after), 0);
		assert_memory_equal(&before, &after, sizeof(before));
		scene_apply(scene); /* Nothing to do. */
		assert_int_equal(bpf_map_lookup_elem(places, &place, &word), 0);
		assert_true(again == word);
	}
}

static bool has_clsact(const char *device)
{
	char command[96];

	(void)snprintf(command, sizeof(command), "tc qdisc show dev %s | grep -q clsact", device);
	return system(command) == 0;
}

/* Somebody else's, as far as anyone can tell: it has another handle and priority. */
static void classifier_add(const struct scene *scene)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = scene->devices[DEVICE_PLAIN].ifindex,
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, other, .handle = 1, .priority = 9,
		    .prog_fd = scene->programs[DIRECTION_INGRESS]);

	assert_int_equal(bpf_tc_attach(&hook, &other), 0);
}

/* From a device that is down the qdisc goes with us, unless it was there before or somebody else uses it. */
static void test_qdisc_is_left_to_others(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(system("ip link set plain down && ip link set guest down && "
				"tc qdisc add dev guest clsact"),
			 0);
	scene_mirror_all(scene);
	assert_true(has_clsact("plain"));
	scene->plan.session_count = 0;
	scene_apply(scene);
	assert_false(has_clsact("plain"));
	assert_true(has_clsact("guest"));

	scene_session(scene, 1, 1, 0);
	scene_apply(scene);
	classifier_add(scene);
	scene->plan.session_count = 0;
	scene_apply(scene);
	assert_int_equal(program_id(scene, DEVICE_PLAIN, DIRECTION_INGRESS), 0);
	assert_true(has_clsact("plain"));
}

/* On a device that is up it stays, because the kernel would drop what is being sent. */
static void test_qdisc_stays_while_up(void **state)
{
	struct scene *scene = *state;

	scene_mirror_all(scene);
	assert_true(has_clsact("plain"));
	scene->plan.session_count = 0;
	scene_apply(scene);
	assert_int_equal(program_id(scene, DEVICE_PLAIN, DIRECTION_INGRESS), 0);
	assert_int_equal(program_id(scene, DEVICE_PLAIN, DIRECTION_EGRESS), 0);
	assert_true(has_clsact("plain"));
}

/* Puts a stranger's program, which lets everything pass and ends the chain, before all others. */
static int stranger_attach(const struct scene *scene)
{
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = BPF_REG_0,
		 .imm = 0}, /* TC_ACT_OK */
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_close_ int program =
		bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "stranger", "GPL", instructions, 2, NULL);
	const struct {
		uint32_t program, ifindex, attach_type, flags;
		uint64_t relative, revision;
	} attributes = {(uint32_t)program,
			(uint32_t)scene->devices[DEVICE_PLAIN].ifindex,
			47 /* BPF_TCX_EGRESS */,
			1 << 3 /* BPF_F_BEFORE */,
			0,
			0};

	return (int)syscall(__NR_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));
}

/* Who gets before us may end the chain, so the next sweep puts us first again, and leaves the other in place. */
static void test_first_again(void **state)
{
	struct scene *scene = *state;
	_cleanup_close_ int stranger = -1;
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);

	if (!scene_has_links(scene))
		skip(); /* A kernel before 6.6. */
	scene_mirror_all(scene);
	stranger = stranger_attach(scene);
	assert_true(stranger >= 0);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 0);
	scene_apply(scene);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	assert_int_equal(bpf_obj_get_info_by_fd(stranger, &info, &size), 0);
	assert_int_equal(info.xdp.ifindex, scene->devices[DEVICE_PLAIN].ifindex);
	assert_int_equal(scene->failed_count, 0);
}

/* A priority belongs to one protocol: somebody's classifier of another keeps us out of the first. */
static void test_first_priority_is_taken(void **state)
{
	struct scene *scene = *state;
	static const char others[] = "test $(tc filter show dev plain egress | grep -c handle) = 1";

	assert_int_equal(system("tc qdisc add dev plain clsact && tc filter add dev plain egress "
				"protocol ip prio 1 bpf bytecode '1,6 0 0 0'"),
			 0);
	scene_mirror_all(scene);
	assert_int_equal(scene->failed_count, 0);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	scene_restart(scene);
	scene_apply(scene);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	assert_int_not_equal(system(others), 0);
	scene->plan.session_count = 0;
	scene_apply(scene);
	assert_int_equal(system(others), 0);
}

/* Another way of attaching takes over from the one before. */
static void test_change_of_way(void **state)
{
	struct scene *scene = *state;

	if (!scene_has_links(scene))
		skip(); /* A kernel before 6.6 has one way only. */
	scene_mirror_all(scene);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	scene->attach = CAPTURE_ATTACH_CLSACT;
	scene_restart(scene);
	scene_apply(scene);
	assert_true(has_clsact("plain"));
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
	scene->attach = CAPTURE_ATTACH_TCX;
	scene_restart(scene);
	scene_apply(scene);
	assert_int_equal(system("test -z \"$(tc filter show dev plain egress)\""), 0);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

static void test_other_layouts_are_removed(void **state)
{
	struct scene *scene = *state;
	char path[128], other[128];

	scene_mirror_all(scene);
	(void)snprintf(path, sizeof(path), "%s/layout-%d", scene->directory,
		       CAPTURE_LAYOUT_VERSION);
	(void)snprintf(other, sizeof(other), "%s/layout-999", scene->directory);
	assert_int_equal(rename(path, other), 0);
	udp();
	assert_int_equal(scene_transmit(scene, &packet, 0), 1); /* The other layout at work. */
	scene_restart(scene);
	assert_int_not_equal(access(other, F_OK), 0);
	scene_forget(scene);
	scene_transmit_unread(&packet, 0);
	assert_int_equal(scene_read(scene), 0);
	scene_apply(scene);
	assert_int_equal(scene_transmit(scene, &packet, 0), 1);
}

static void check_refused(const char *directory, const char *word)
{
	struct capture_options options = {.directory = directory, .ring_size = 1 << 16};
	struct capture *capture = NULL;
	struct refusal why = {};

	assert_int_equal(capture_open(&options, &capture, &why), REFUSED);
	assert_null(capture);
	if (!strstr(why.text, word))
		fail_msg("'%s' does not mention '%s'", why.text, word);
}

static void test_refusals(void **state)
{
	struct scene *scene = *state;

	check_refused(scene->directory, "in use");
	check_refused("/tmp", "not in a mounted BPF file system");
	check_refused("/tmp/tmirror-nowhere/tmirror", "not in a mounted BPF file system");
	assert_int_equal(capture_detach(scene->directory, NULL), REFUSED);
	assert_int_equal(capture_detach("/sys/fs/bpf/tmirror-nowhere", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_restart, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_restart, scene_setup_clsact, scene_teardown),
		cmocka_unit_test_setup_teardown(test_program_is_replaced, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_program_is_replaced, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_apply_again, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_apply_again, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_sources_come_and_go, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_sources_come_and_go, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_crowded_places, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_places_are_put_right, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_lists_are_not_written_in_use, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_qdisc_is_left_to_others, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_qdisc_stays_while_up, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_first_again, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_first_priority_is_taken, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_change_of_way, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_other_layouts_are_removed, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_other_layouts_are_removed, scene_setup_clsact,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
