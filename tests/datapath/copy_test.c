// SPDX-License-Identifier: Apache-2.0
/* How much of a packet is copied, what its record says, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"
#include "ship/bell.h"
#include "wire/ring.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static struct packet packet;

static struct packet_count accepted(const struct scene *scene, enum direction direction)
{
	return scene_counters(scene, 1).direction[direction].accepted;
}

/* A session that keeps 'packet_length' bytes of a frame of 'size'; the floors are 35 and 55. */
static void check_length(struct scene *scene, const char *address, uint16_t packet_length,
			 size_t size, size_t expected)
{
	size_t headers = strchr(address, ':') ? 62 : 42;

	scene->plan.sessions[0].packet_length = packet_length;
	scene_apply(scene);
	packet_make(&packet, address, address, IPPROTO_UDP, 1, 2, size - headers);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene->caught.record.packet_length, size);
	assert_int_equal(scene->caught.record.captured_length, expected);
	assert_memory_equal(scene->caught.bytes, packet.bytes, expected);
	assert_int_equal(scene->caught.record.flags, 0);
}

static void test_lengths(void **state)
{
	struct scene *scene = *state;
	static const uint16_t lengths[] = {151,  152,  153,  471,  472,  473,
					   1623, 1624, 1625, 1514, 2000, 3500};

	scene_mirror_all(scene);
	check_length(scene, "10.0.0.1", 1, 100, 35);
	check_length(scene, "10.0.0.1", 35, 100, 35);
	check_length(scene, "10.0.0.1", 36, 100, 36);
	check_length(scene, "2001:db8::1", 1, 100, 55);
	check_length(scene, "2001:db8::1", 55, 100, 55);
	check_length(scene, "2001:db8::1", 60, 100, 60);
	check_length(scene, "10.0.0.1", 100, 100, 100);
	check_length(scene, "10.0.0.1", 101, 100, 100);
	check_length(scene, "10.0.0.1", 8500, 100, 100);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		check_length(scene, "10.0.0.1", 0, lengths[i], lengths[i]);
		check_length(scene, "10.0.0.1", lengths[i], 3600, lengths[i]);
	}
}

/* Bytes are those of the frame, not of the copy. */
static void test_counters(void **state)
{
	struct scene *scene = *state;
	struct session_counters counters;

	scene_mirror_all(scene);
	scene->plan.sessions[0].packet_length = 64;
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 958);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_EGRESS, &packet, NULL), 1);
	counters = scene_counters(scene, 1);
	assert_int_equal(counters.direction[DIRECTION_INGRESS].accepted.packets, 2);
	assert_int_equal(counters.direction[DIRECTION_INGRESS].accepted.bytes, 2000);
	assert_int_equal(counters.direction[DIRECTION_EGRESS].accepted.packets, 1);
	assert_int_equal(counters.direction[DIRECTION_EGRESS].accepted.bytes, 1000);
	for (int reason = 0; reason < LOSS_REASON_COUNT; reason++)
		assert_int_equal(counters.direction[DIRECTION_INGRESS].lost[reason].packets, 0);
}

/* A placeholder is told from a right checksum and from a wrong one, and keeps the copy whole. */
static void test_checksums(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *address;
		uint8_t protocol;
	} cases[] = {
		{"10.0.0.1", IPPROTO_UDP},
		{"10.0.0.1", IPPROTO_TCP},
		{"2001:db8::ffff:1", IPPROTO_UDP},
		{"2001:db8::ffff:1", IPPROTO_TCP},
	};

	scene_mirror_all(scene);
	scene->plan.sessions[0].packet_length = 60;
	scene_apply(scene);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		packet_make(&packet, cases[i].address, cases[i].address, cases[i].protocol, 1, 2,
			    301);
		assert_int_equal(scene_send(scene, &packet), 1);
		assert_int_equal(scene->caught.record.flags, 0);
		assert_int_equal(scene->caught.record.captured_length, 60);

		packet.placeholder = true;
		packet_finish(&packet);
		assert_int_equal(scene_send(scene, &packet), 1);
		assert_int_equal(scene->caught.record.flags, CAPTURE_CHECKSUM_PARTIAL);
		assert_int_equal(scene->caught.record.captured_length, packet.size);
		assert_memory_equal(scene->caught.bytes, packet.bytes, packet.size);
		packet_append(&packet, "padding", 7); /* Of the link, not of the packet. */
		assert_int_equal(scene_send(scene, &packet), 1);
		assert_int_equal(scene->caught.record.flags, CAPTURE_CHECKSUM_PARTIAL);
		packet.size -= 7;

		packet.placeholder = false;
		packet.bad_checksum = true;
		packet_finish(&packet);
		assert_int_equal(scene_send(scene, &packet), 1);
		assert_int_equal(scene->caught.record.flags, 0);
	}
}

static void make_super(const char *address, size_t payload)
{
	packet_make(&packet, address, address, IPPROTO_TCP, 1, 2, payload);
	packet.placeholder = true;
	packet_finish(&packet);
}

/* A super-packet counts as the wire packets it stands for, each with its headers. */
static void test_super_packets(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *address;
		size_t payload;
		uint16_t segment;
		uint16_t count;
	} cases[] = {
		{"10.0.0.1", 1000, 500, 2},       {"10.0.0.1", 1001, 500, 3},
		{"10.0.0.1", 4097, 1448, 3},      {"10.0.0.1", 65400, 1448, 46},
		{"2001:db8::1", 65300, 1428, 46}, {"2001:db8::1", 40960, 1000, 41},
		{"10.0.0.1", 64000, 1000, 64},
	};
	struct packet_count before, after;

	scene_mirror_all(scene);
	scene->plan.sessions[0].packet_length = 100; /* Cutting comes after segmenting. */
	scene_apply(scene);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t headers = strchr(cases[i].address, ':') ? 74 : 54;

		make_super(cases[i].address, cases[i].payload);
		before = accepted(scene, DIRECTION_EGRESS);
		assert_int_equal(scene_transmit(scene, &packet, cases[i].segment), 1);
		after = accepted(scene, DIRECTION_EGRESS);
		assert_int_equal(scene->caught.record.segment_size, cases[i].segment);
		assert_int_equal(scene->caught.record.segment_count, cases[i].count);
		assert_int_equal(scene->caught.record.flags, CAPTURE_CHECKSUM_PARTIAL);
		assert_int_equal(scene->caught.record.captured_length, packet.size);
		assert_memory_equal(scene->caught.bytes, packet.bytes, packet.size);
		assert_int_equal(after.packets - before.packets, cases[i].count);
		assert_int_equal(after.bytes - before.bytes,
				 packet.size + (cases[i].count - 1u) * headers);
	}
}

/* The kernel takes the outer tag off what it receives: it is in the record, not among the bytes. */
static void test_accelerated_tag(void **state)
{
	struct scene *scene = *state;
	const struct capture_record *record = &scene->caught.record;
	struct packet bare;

	scene_mirror_all(scene);
	packet_make(&bare, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 20);
	packet_ethernet(&packet, ETH_P_IP);
	packet_tag(&packet, ETH_P_8021AD, 100);
	packet_append(&packet, bare.bytes + 14, bare.size - 14);
	assert_int_equal(scene_receive(scene, &packet), 1);
	assert_int_equal(record->vlan_protocol, htons(ETH_P_8021AD));
	assert_int_equal(record->vlan_tci & 0xfff, 100);
	assert_int_equal(record->network_offset, 14);
	assert_int_equal(record->packet_length, bare.size);
	assert_memory_equal(scene->caught.bytes, bare.bytes, bare.size);
	assert_int_equal(accepted(scene, DIRECTION_INGRESS).bytes, bare.size);
	assert_int_equal(scene_receive(scene, &bare), 1);
	assert_int_equal(record->vlan_protocol, 0);
}

/* A full ring loses copies and counts them; it never blocks, and goes on when there is room again. */
static void test_full_ring(void **state)
{
	struct scene *scene = *state;
	struct session_direction_counters counters;
	unsigned int sent = 0;

	scene_mirror_all(scene);
	make_super("10.0.0.1", 65000);
	do {
		scene_transmit_unread(&packet, 1000);
		sent++;
		counters = scene_counters(scene, 1).direction[DIRECTION_EGRESS];
	} while (counters.lost[LOSS_RING_FULL].packets == 0 && sent < 1000);
	assert_int_equal(counters.accepted.packets, sent * 65);
	assert_int_equal(counters.lost[LOSS_RING_FULL].packets, 65);
	assert_int_equal(counters.lost[LOSS_RING_FULL].bytes, packet.size + 64 * 54);
	scene->caught_count = 0;
	assert_int_equal(scene_read(scene), sent - 1);
	assert_int_equal(scene_transmit(scene, &packet, 1000), 1);
}

static void withhold(struct scene *scene, uint64_t room)
{
	const struct capture_ring *rings;
	size_t count;

	rings = capture_get_rings(scene->capture, &count);
	for (size_t i = 0; i < count; i++)
		rings[i].head->withheld = rings[i].size - room;
}

/* While the reader holds back there is room for one long record and many short ones. */
static void test_withheld_room(void **state)
{
	struct scene *scene = *state;
	uint64_t room;

	scene_mirror_all(scene);
	make_super("10.0.0.1", 65000);
	room = RING_ROOM((uint64_t)packet.size);
	withhold(scene, 2 * room - 8);
	assert_int_equal(scene_transmit(scene, &packet, 1000), 0);
	assert_int_equal(scene_refused(scene), room);
	withhold(scene, 2 * room);
	scene_transmit_unread(&packet, 1000);
	scene_transmit_unread(&packet, 1000);
	assert_int_equal(scene_refused(scene), 2 * room);
	assert_int_equal(
		scene_counters(scene, 1).direction[DIRECTION_EGRESS].lost[LOSS_RING_FULL].packets,
		2 * 65);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1000);
	for (unsigned int i = 0; i < 20; i++)
		scene_transmit_unread(&packet, 0);
	assert_int_equal(scene_refused(scene), 2 * room);
	scene->caught_count = 0;
	assert_int_equal(scene_read(scene), 21);
}

static bool is_woken(int descriptor)
{
	struct pollfd descriptors = {.fd = descriptor, .events = POLLIN};

	return poll(&descriptors, 1, 0) > 0;
}

/* The wish is taken back by the first record after it, and only then, and the bell rung. */
static void test_wakeup(void **state)
{
	struct scene *scene = *state;
	const struct capture_ring *rings;
	size_t count, woken = 0, rung = 0;

	scene_mirror_all(scene);
	rings = capture_get_rings(scene->capture, &count);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1);
	assert_int_equal(scene_send(scene, &packet), 1);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rings[i].size, SCENE_RING_SIZE);
		assert_false(is_woken(rings[i].bell));
		__atomic_store_n(&rings[i].head->wanted, 1, __ATOMIC_SEQ_CST);
	}
	assert_int_equal(scene_send(scene, &packet), 1);
	for (size_t i = 0; i < count; i++) {
		woken += __atomic_load_n(&rings[i].head->wanted, __ATOMIC_SEQ_CST) == 0;
		rung += is_woken(rings[i].bell);
	}
	assert_int_equal(woken, 1);
	assert_int_equal(rung, 1);
	assert_int_equal(scene->unsound_count, 0);
}

/* However often nobody listens, the bell can be heard in the end. */
static void test_bell_that_is_not_silenced(void **state)
{
	struct scene *scene = *state;
	const struct capture_ring *rings;
	struct bell bell;
	size_t count, rung = 0;

	scene_mirror_all(scene);
	rings = capture_get_rings(scene->capture, &count);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1);
	for (int sent = 0; sent < 2000; sent++) {
		for (size_t i = 0; i < count; i++)
			__atomic_store_n(&rings[i].head->wanted, 1, __ATOMIC_SEQ_CST);
		assert_int_equal(scene_send(scene, &packet), 1);
	}
	for (size_t i = 0; i < count; i++) {
		rung += is_woken(rings[i].bell);
		assert_int_equal(bell_open(rings[i].bell, &bell), 0);
		bell_silence(&bell);
		bell_close(&bell);
		assert_false(is_woken(rings[i].bell));
		__atomic_store_n(&rings[i].head->wanted, 1, __ATOMIC_SEQ_CST);
	}
	assert_in_range(rung, 1, count);
	assert_int_equal(scene_send(scene, &packet), 1);
	rung = 0;
	for (size_t i = 0; i < count; i++)
		rung += is_woken(rings[i].bell);
	assert_int_equal(rung, 1);
}

/* A run that interrupts another, as kernels may that preempt programs, writes nothing and says so. */
static void test_ring_in_use(void **state)
{
	struct scene *scene = *state;
	const struct capture_ring *rings;
	size_t count;

	scene_mirror_all(scene);
	rings = capture_get_rings(scene->capture, &count);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1);
	for (size_t i = 0; i < count; i++)
		rings[i].head->busy = 1;
	assert_int_equal(scene_send(scene, &packet), 0);
	assert_int_equal(
		scene_counters(scene, 1).direction[DIRECTION_INGRESS].lost[LOSS_RING_FULL].packets,
		1);
	for (size_t i = 0; i < count; i++)
		rings[i].head->busy = 0;
	assert_int_equal(scene_send(scene, &packet), 1);
}

/* Whatever somebody wrote into the heads, the program writes within the ring, and a reader makes it whole again. */
static void test_broken_heads(void **state)
{
	static const __u64 positions[] = {1,
					  4095,
					  SCENE_RING_SIZE - 8,
					  SCENE_RING_SIZE - 1,
					  UINT64_MAX,
					  UINT64_MAX - SCENE_RING_SIZE,
					  1ULL << 62};
	struct scene *scene = *state;
	const struct capture_ring *rings;
	size_t count;

	scene_mirror_all(scene);
	rings = capture_get_rings(scene->capture, &count);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1400);
	for (size_t at = 0; at < ARRAY_SIZE(positions); at++) {
		for (size_t i = 0; i < count; i++) {
			rings[i].head->produced = positions[at];
			rings[i].head->consumed = at % 2 ? positions[at] : positions[at] / 2;
		}
		(void)scene_send(scene, &packet);
		(void)scene_read(scene);
		assert_int_equal(scene_send(scene, &packet), 1);
		assert_memory_equal(scene->caught.bytes, packet.bytes, packet.size);
	}
}

/* Each CPU has a ring of its own, and these tests fill one. */
static void stay_on_this_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		abort();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lengths, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_counters, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_checksums, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_super_packets, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_accelerated_tag, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_full_ring, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_withheld_room, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_wakeup, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_bell_that_is_not_silenced, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_ring_in_use, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_broken_heads, scene_setup, scene_teardown),
	};

	scene_require_root();
	stay_on_this_cpu();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
