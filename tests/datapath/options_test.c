// SPDX-License-Identifier: Apache-2.0
/* What options of a session let in, keep out and leave to others; whatever they do, every copy is accounted for.
 *
 * Chance is judged by bounds of six standard deviations, which a right program misses once in 500 million runs.  Caps
 * are judged by the time that passed in truth, whatever else the machine did meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/limits.h"
#include "wire/maps.h"
#include "wire/ring.h"

#include <bpf/bpf.h>
#include <linux/if_ether.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define BURST (100 * NSEC_PER_MSEC)

static struct packet packet;

static struct session_options *options(struct scene *scene, uint16_t number)
{
	for (size_t i = 0; i < scene->plan.session_count; i++)
		if (scene->plan.sessions[i].number == number)
			return &scene->plan.sessions[i].options;
	fail_msg("no session %u", number);
	return NULL;
}

/* A session for all packets, with nothing said about options yet. */
static void session(struct scene *scene, uint16_t number, uint16_t packet_length)
{
	if (scene->plan.filter_count == 0)
		scene_accept_all(scene, 1);
	scene_session(scene, number, 1, packet_length);
}

static struct session_direction_counters counted(const struct scene *scene, uint16_t number,
						 enum direction direction)
{
	return scene_counters(scene, number).direction[direction];
}

static uint64_t lost(const struct scene *scene, enum loss_reason reason)
{
	return counted(scene, 1, DIRECTION_INGRESS).lost[reason].packets;
}

/* Lets a packet come in many times, faster than one by one; the copies stay in the ring. */
static void repeat(const struct scene *scene, const struct packet *frame, unsigned int count)
{
	struct __sk_buff context = {.ifindex = (uint32_t)scene->devices[DEVICE_PLAIN].ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->size, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = (int)count);

	assert_int_equal(bpf_prog_test_run_opts(scene->programs[DIRECTION_INGRESS], &run), 0);
}

/* Within six standard deviations of what chance gives. */
static void check_share(uint64_t chosen, uint64_t count, double share)
{
	double expected = (double)count * share, width = 6 * sqrt(expected * (1 - share));

	if (fabs((double)chosen - expected) > width)
		fail_msg("%llu of %llu, not %.0f give or take %.0f", (unsigned long long)chosen,
			 (unsigned long long)count, expected, width);
}

static void test_packet_sampling(void **state)
{
	static const uint32_t samplings[] = {2, 4, 10, 1000};
	struct scene *scene = *state;
	const unsigned int count = 20000;
	uint64_t accepted = 0, sampled_out = 0;

	session(scene, 1, 64);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 22);
	for (size_t i = 0; i < ARRAY_SIZE(samplings); i++) {
		struct session_direction_counters now;

		options(scene, 1)->packet_sampling = samplings[i];
		scene_apply(scene);
		scene_forget(scene);
		repeat(scene, &packet, count);
		scene_read(scene);
		now = counted(scene, 1, DIRECTION_INGRESS);
		assert_int_equal(now.accepted.packets - accepted, count);
		assert_int_equal(now.lost[LOSS_SAMPLED_OUT].packets - sampled_out,
				 count - scene->caught_count);
		assert_int_equal(now.lost[LOSS_SAMPLED_OUT].bytes,
				 now.lost[LOSS_SAMPLED_OUT].packets * packet.size);
		check_share(scene->caught_count, count, 1.0 / samplings[i]);
		accepted = now.accepted.packets;
		sampled_out = now.lost[LOSS_SAMPLED_OUT].packets;
	}
	options(scene, 1)->packet_sampling = 1;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
}

/* Whether the flow is chosen; it must be so in both directions, every time. */
static bool flow_is_chosen(struct scene *scene, const char *a, uint16_t a_port, const char *b,
			   uint16_t b_port, uint8_t protocol)
{
	size_t copies;

	packet_make(&packet, a, b, protocol, a_port, b_port, 30);
	copies = scene_send_as(scene, DEVICE_PLAIN, DIRECTION_INGRESS, &packet, NULL);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_INGRESS, &packet, NULL),
			 copies);
	packet_make(&packet, b, a, protocol, b_port, a_port, 80);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_EGRESS, &packet, NULL),
			 copies);
	return copies != 0;
}

static void test_flow_sampling(void **state)
{
	static const struct {
		const char *a, *b;
		uint8_t protocol;
	} pairs[] = {
		{"10.0.0.1", "10.0.0.2", IPPROTO_TCP},
		{"10.0.0.1", "10.0.0.2", IPPROTO_UDP},
		{"2001:db8::1", "2001:db8::2", IPPROTO_TCP},
	};
	struct scene *scene = *state;
	const unsigned int count = 1500;

	session(scene, 1, 64);
	options(scene, 1)->flow_sampling = 5;
	scene_apply(scene);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		unsigned int chosen = 0;

		for (uint16_t port = 1; port <= count; port++)
			chosen += flow_is_chosen(scene, pairs[i].a, (uint16_t)(40000 + port),
						 pairs[i].b, 443, pairs[i].protocol);
		check_share(chosen, count, 1.0 / 5);
	}
}

/* Two sessions choose by different salts: of what both are offered, a quarter is copied by both. */
static void test_sessions_choose_different_flows(void **state)
{
	struct scene *scene = *state;
	const unsigned int count = 1500;
	unsigned int both = 0;

	session(scene, 1, 64);
	session(scene, 2, 64);
	*options(scene, 1) = (struct session_options){.flow_sampling = 2, .continues = true};
	*options(scene, 2) = (struct session_options){.flow_sampling = 2};
	scene_apply(scene);
	for (uint16_t port = 1; port <= count; port++) {
		packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, port, 53, 10);
		both += scene_send(scene, &packet) == 2;
	}
	check_share(both, count, 1.0 / 4);
}

/* A fragment of a datagram with ports, which differ from one datagram to the next. */
static void make_fragment(bool ipv6, uint16_t offset_and_more, uint16_t port)
{
	bool first = ipv6 ? offset_and_more < 8 : (offset_and_more & 0x1fff) == 0;

	packet_ethernet(&packet, ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (ipv6) {
		packet_ipv6(&packet, "2001:db8::1", "2001:db8::2", IPPROTO_FRAGMENT);
		packet_fragment_v6(&packet, IPPROTO_UDP, offset_and_more);
	} else {
		packet_ipv4(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
		packet_ipv4_options(&packet, 5, offset_and_more);
	}
	if (first)
		packet_ports(&packet, port, 53);
	packet_payload(&packet, 64);
	packet_finish(&packet);
}

/* All fragments between two addresses share one fate, so every datagram is whole. */
static void test_fragments_of_sampled_flows(void **state)
{
	struct scene *scene = *state;

	session(scene, 1, 0);
	options(scene, 1)->flow_sampling = 2;
	scene_apply(scene);
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		size_t copies;

		make_fragment(ipv6, ipv6 ? 1 : 0x2000, 1);
		copies = scene_send(scene, &packet);
		for (uint16_t port = 2; port < 50; port++) {
			make_fragment(ipv6, ipv6 ? 1 : 0x2000, port);
			assert_int_equal(scene_send(scene, &packet), copies);
			make_fragment(ipv6, ipv6 ? 64 : 8, port);
			assert_int_equal(scene_send(scene, &packet), copies);
		}
	}
}

/* What all senders together offer. */
struct offer {
	const struct scene *scene;
	pthread_mutex_t lock;
	uint64_t begun, ended;
	uint64_t last; /* Packets were offered after this; others may have been. */
	uint64_t
		missed; /* Time that a cap does not save up: nothing came for longer than a burst. */
	uint64_t
		counted; /* Time until this is in 'missed', if it was: a pause of all is noted by each. */
};

struct sender {
	struct offer *offer;
	pthread_t thread;
	unsigned int cpu;
};

/* Packets were offered from 'start' to 'end', when exactly nobody knows. */
static void offer_note(struct offer *offer, uint64_t start, uint64_t end)
{
	uint64_t first;

	pthread_mutex_lock(&offer->lock);
	first = MAX(offer->last + BURST, offer->counted);
	if (end > first) {
		offer->missed += end - first;
		offer->counted = end;
	}
	offer->last = MAX(offer->last, start);
	offer->ended = MAX(offer->ended, end);
	pthread_mutex_unlock(&offer->lock);
}

/* Sends more than any cap here lets in, for a second and a half, on one CPU. */
static void *send_much(void *context)
{
	struct sender *sender = context;
	struct offer *offer = sender->offer;
	uint64_t start = clock_monotonic(), end;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sender->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return NULL;
	for (; start < offer->begun + 3 * NSEC_PER_SEC / 2; start = end) {
		repeat(offer->scene, &packet, 100);
		end = clock_monotonic();
		offer_note(offer, start, end);
	}
	return NULL;
}

/* Offers the packet on two CPUs; what got in must be the cap's rate for the time that passed, with one burst at the
 * beginning, unless the session had used it up before.  Only pauses longer than the burst could make it less, and are
 * allowed for. */
static void check_cap(struct scene *scene, uint64_t rate)
{
	struct offer offer = {.scene = scene, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct sender senders[2] = {{.offer = &offer, .cpu = 0}, {.offer = &offer, .cpu = 1}};
	struct session_direction_counters before = counted(scene, 1, DIRECTION_INGRESS), after;
	uint64_t taken, let_in;
	double least, most;

	offer.begun = offer.last = offer.ended = clock_monotonic();
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_much, &senders[i]),
				 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
	taken = offer.last - offer.begun;
	after = counted(scene, 1, DIRECTION_INGRESS);
	let_in = after.accepted.packets - before.accepted.packets -
		 (after.lost[LOSS_RATE_CAP].packets - before.lost[LOSS_RATE_CAP].packets);
	most = (double)(offer.ended - offer.begun + BURST) / NSEC_PER_SEC * (double)rate + 1;
	least = (double)(taken - MIN(taken, offer.missed)) / NSEC_PER_SEC * (double)rate;
	if ((double)let_in > most || (double)let_in < least * 0.999)
		fail_msg("%llu let in, not %.0f to %.0f", (unsigned long long)let_in, least, most);
	print_message("%llu of %llu let in, %.2f %% more than the rate and a burst\n",
		      (unsigned long long)let_in,
		      (unsigned long long)(after.accepted.packets - before.accepted.packets),
		      100 * ((double)let_in / most - 1));
	assert_true(after.accepted.packets - before.accepted.packets > 3 * let_in);
	scene_forget(scene);
}

static void test_caps(void **state)
{
	struct scene *scene = *state;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip();
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 958);
	session(scene, 1, 128);
	options(scene, 1)->packets_per_second = 5000;
	scene_apply(scene);
	check_cap(scene, 5000);
	/* Bits are those that will be sent: 128 bytes of each. */
	*options(scene, 1) = (struct session_options){.bits_per_second = 3000 * 128 * 8};
	scene_apply(scene);
	check_cap(scene, 3000);
	/* With both, the tighter one rules, and what it keeps out does not use up the other. */
	options(scene, 1)->packets_per_second = 4000;
	scene_apply(scene);
	check_cap(scene, 3000);
	options(scene, 1)->packets_per_second = 2000;
	scene_apply(scene);
	check_cap(scene, 2000);
	assert_int_equal(lost(scene, LOSS_RING_FULL), 0);
}

/* The account that the program keeps for a session's cap of bits. */
static uint64_t byte_time(const struct scene *scene)
{
	_cleanup_close_ int map = -1;
	struct map_options found;
	char path[128];
	size_t count;
	uint32_t slot = capture_get_slots(scene->capture, &count)->slot;

	(void)snprintf(path, sizeof(path), "%s/layout-%d/session_options", scene->directory,
		       CAPTURE_LAYOUT_VERSION);
	map = bpf_obj_get(path);
	assert_true(map >= 0);
	assert_int_equal(bpf_map_lookup_elem(map, &slot, &found), 0);
	return found.byte_time;
}

/* What a copy is charged: the bytes of each wire packet, or of what is kept of it.  One bit per nanosecond. */
static void test_charges(void **state)
{
	static const struct {
		const char *address;
		uint16_t packet_length;
		uint32_t payload;
		uint16_t segment_size;
		uint64_t bytes;
	} cases[] = {
		{"10.0.0.1", 0, 1000, 0, 1054},
		{"10.0.0.1", 2000, 1000, 0, 1054},
		{"10.0.0.1", 100, 1000, 0, 100},
		{"10.0.0.1", 1, 1000, 0, 35},
		{"2001:db8::1", 0, 1000, 0, 1074},
		{"2001:db8::1", 1, 1000, 0, 55},
		{"10.0.0.1", 0, 4097, 1448, 4097 + 3 * 54},
		{"10.0.0.1", 1000, 4097, 1448, 3000},
		{"10.0.0.1", 1300, 4097, 1448, 2 * 1300 + 4097 - 2 * 1448 + 54},
		{"2001:db8::1", 100, 65300, 1428, 46 * 100},
	};
	struct scene *scene = *state;

	session(scene, 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* Another rate than before, so that the account is empty. */
		options(scene, 1)->bits_per_second = i % 2 ? NSEC_PER_SEC : NSEC_PER_SEC / 2;
		scene->plan.sessions[0].packet_length = cases[i].packet_length;
		scene_apply(scene);
		packet_make(&packet, cases[i].address, cases[i].address, IPPROTO_TCP, 1, 2,
			    cases[i].payload);
		packet.placeholder = cases[i].segment_size != 0;
		packet_finish(&packet);
		assert_int_equal(scene_transmit(scene, &packet, cases[i].segment_size), 1);
		assert_int_equal((byte_time(scene) >> MAP_CAP_TIME_SHIFT) -
					 scene->caught.record.timestamp,
				 cases[i].bytes * (i % 2 ? 8 : 16));
	}
}

/* Applying a plan again leaves the account of a cap as it is; another cap has another account. */
static void test_caps_over_changes(void **state)
{
	struct scene *scene = *state;

	session(scene, 1, 0);
	options(scene, 1)->bits_per_second = BITS_PER_SECOND_MIN;
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_TCP, 1, 2, 60000);
	packet.placeholder = true;
	packet_finish(&packet);
	assert_int_equal(scene_transmit(scene, &packet, 1000), 1); /* And now none for a minute. */
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 10);
	assert_int_equal(scene_send(scene, &packet), 0);
	scene_apply(scene);
	scene_restart(scene);
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 0);
	assert_int_equal(lost(scene, LOSS_RATE_CAP), 2);
	options(scene, 1)->bits_per_second = BITS_PER_SECOND_MAX;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_send(scene, &packet), 1);
}

/* How many copies get into the empty ring of one CPU before the first is lost, to 'reason'. */
static unsigned int room(struct scene *scene, uint8_t priority, enum loss_reason reason)
{
	uint64_t before, refused, counted = RING_ROOM((uint64_t)packet.size);
	unsigned int sent = 0;

	/* A cap might have let in little of what was shed. */
	if (options(scene, 1)->packets_per_second > 0)
		counted = 0;

	options(scene, 1)->priority = priority;
	scene_apply(scene);
	scene_forget(scene);
	before = lost(scene, reason);
	refused = scene_refused(scene);
	while (lost(scene, reason) == before) {
		repeat(scene, &packet, 1);
		assert_true(++sent < 100000);
	}
	assert_int_equal(lost(scene, reason), before + 1);
	assert_int_equal(scene_refused(scene) - refused, counted);
	return sent - 1;
}

static void test_shedding(void **state)
{
	struct scene *scene = *state;
	cpu_set_t set, all;
	unsigned int whole;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
	session(scene, 1, 0);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 1400);
	whole = room(scene, 0, LOSS_RING_FULL);
	for (uint8_t priority = 1; priority <= SESSION_PRIORITY_MAX; priority++) {
		unsigned int shed = room(scene, priority, LOSS_SHED);

		assert_in_range(shed, whole * (4 - priority) / 4 - whole / 100,
				whole * (4 - priority) / 4 + whole / 100);
		/* What is left is for those of higher priority. */
		options(scene, 1)->priority = (uint8_t)(priority - 1);
		scene_apply(scene);
		repeat(scene, &packet, 1);
		assert_int_equal(scene_read(scene), shed + 1);
	}
	assert_int_equal(lost(scene, LOSS_RING_FULL), 1);
	options(scene, 1)->packets_per_second = PACKETS_PER_SECOND_MAX;
	(void)room(scene, 1, LOSS_SHED);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_continue(void **state)
{
	struct scene *scene = *state;

	for (uint16_t number = 1; number <= 4; number++)
		session(scene, number, (uint16_t)(40 + number));
	options(scene, 1)->continues = true;
	options(scene, 2)->continues = true;
	options(scene, 2)->paused = true;
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 958);
	assert_int_equal(scene_send(scene, &packet), 2); /* The third does not continue. */
	assert_int_equal(scene_taker(scene, 0), 1);
	assert_int_equal(scene_taker(scene, 1), 3);
	assert_int_equal(scene->records[0].captured_length, 41);
	assert_int_equal(scene->records[1].captured_length, 43);
	for (uint16_t number = 1; number <= 4; number++)
		assert_int_equal(counted(scene, number, DIRECTION_INGRESS).accepted.bytes,
				 number % 2 ? 1000 : 0);
	/* What a session leaves out goes on all the same. */
	options(scene, 1)->packets_per_second = 1;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 2);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 3);
	assert_int_equal(lost(scene, LOSS_RATE_CAP), 1);
}

static void test_continue_to_the_end(void **state)
{
	struct scene *scene = *state;

	for (uint16_t number = 1; number <= SOURCE_SESSIONS_MAX; number++) {
		session(scene, number, 64);
		options(scene, number)->continues = true;
	}
	scene_apply(scene);
	packet_make(&packet, "2001:db8::1", "2001:db8::2", IPPROTO_TCP, 1, 2, 100);
	assert_int_equal(scene_send(scene, &packet), SOURCE_SESSIONS_MAX);
	for (uint16_t i = 0; i < SOURCE_SESSIONS_MAX; i++)
		assert_int_equal(scene_taker(scene, i), i + 1);
}

static void test_pause(void **state)
{
	struct scene *scene = *state;
	struct capture_slot before;
	size_t count;

	session(scene, 1, 0);
	session(scene, 2, 0);
	scene_apply(scene);
	before = *capture_get_slots(scene->capture, &count);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 100);
	assert_int_equal(scene_send(scene, &packet), 1);
	options(scene, 1)->paused = true;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 2);
	assert_int_equal(counted(scene, 1, DIRECTION_INGRESS).accepted.packets, 1);
	options(scene, 2)->paused = true; /* Nobody is left; the source stays. */
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 0);
	assert_memory_equal(capture_get_slots(scene->capture, &count), &before, sizeof(before));
	options(scene, 1)->paused = false;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 1);
	assert_int_equal(counted(scene, 1, DIRECTION_INGRESS).accepted.packets, 2);
}

/* Chance, caps and priority together, over super-packets: all or nothing of each, and nothing unaccounted for. */
static void test_every_copy_is_accounted_for(void **state)
{
	struct scene *scene = *state;
	struct session_direction_counters now;
	uint64_t packets = 0, bytes = 0;
	const unsigned int sent = 300;

	session(scene, 1, 0);
	*options(scene, 1) = (struct session_options){
		.packet_sampling = 2,
		.packets_per_second = 100,
		.bits_per_second = 100000000,
		.priority = 3,
	};
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_TCP, 1, 2, 14000);
	packet.placeholder = true;
	packet_finish(&packet);
	scene_forget(scene);
	for (unsigned int i = 0; i < sent; i++)
		scene_transmit_unread(&packet, 1000);
	now = counted(scene, 1, DIRECTION_EGRESS);
	for (int reason = 0; reason < LOSS_REASON_COUNT; reason++) {
		assert_int_equal(now.lost[reason].packets % 14, 0);
		packets += now.lost[reason].packets;
		bytes += now.lost[reason].bytes;
	}
	assert_int_equal(now.accepted.packets, 14 * sent);
	assert_int_equal(now.accepted.bytes, (packet.size + 13 * 54) * sent);
	assert_int_equal(scene_read(scene) * 14, now.accepted.packets - packets);
	assert_int_equal(scene->caught_count * (packet.size + 13 * 54), now.accepted.bytes - bytes);
	check_share(now.lost[LOSS_SAMPLED_OUT].packets / 14, sent, 0.5);
	assert_true(now.lost[LOSS_RATE_CAP].packets > 0);
}

/* Copies on their way are known by the port that the session sends to. */
static void test_own_output(void **state)
{
	struct scene *scene = *state;

	scene_target(scene, "10.0.0.9", 4789);
	session(scene, 1, 0);
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.9", IPPROTO_UDP, 61440, 6081, 100);
	assert_int_equal(scene_send(scene, &packet), 1);
	options(scene, 1)->encapsulation = ENCAPSULATION_GENEVE;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 0);
	options(scene, 1)->outer_port = 7000;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	packet_make(&packet, "10.0.0.1", "10.0.0.9", IPPROTO_UDP, 61440, 7000, 100);
	assert_int_equal(scene_send(scene, &packet), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_packet_sampling),
		TEST(test_flow_sampling),
		TEST(test_sessions_choose_different_flows),
		TEST(test_fragments_of_sampled_flows),
		TEST(test_caps),
		TEST(test_charges),
		TEST(test_caps_over_changes),
		TEST(test_shedding),
		TEST(test_continue),
		TEST(test_continue_to_the_end),
		TEST(test_pause),
		TEST(test_every_copy_is_accounted_for),
		TEST(test_own_output),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
