// SPDX-License-Identifier: Apache-2.0
/* What a packet on a watched device pays, in nanoseconds: the loaded program run many times over one packet.
 *
 * The first row is a program that does nothing: what running one costs by itself.  Every other row is less that.
 * Printed, not judged: numbers depend on the machine.  `meson test --benchmark` runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"

#include <bpf/bpf.h>
#include <netinet/in.h>
#include <stdio.h>

#define REPEAT 1000000
#define ROUNDS 5

#define SOURCES 1000U

static struct packet packet;

/* What running a program costs that does nothing. */
static unsigned int nothing;

/* The best of a few rounds, since whatever else runs only makes it slower.  Rings are emptied between rounds only, so
 * the caller says how many copies fit into them. */
static unsigned int duration(struct scene *scene, int program, int ifindex, unsigned int repeat)
{
	unsigned int best = ~0u;

	for (int i = 0; i < ROUNDS * (REPEAT / (int)repeat > 20 ? 20 : REPEAT / (int)repeat); i++) {
		struct __sk_buff context = {.ifindex = (uint32_t)ifindex};
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.bytes,
			    .data_size_in = (uint32_t)packet.size, .ctx_in = &context,
			    .ctx_size_in = sizeof(context), .repeat = (int)repeat);

		assert_int_equal(bpf_prog_test_run_opts(program, &options), 0);
		best = options.duration < best ? options.duration : best;
		scene_forget(scene);
	}
	return best;
}

static void measure(struct scene *scene, const char *what, int ifindex, unsigned int repeat)
{
	unsigned int gross = duration(scene, scene->programs[DIRECTION_INGRESS], ifindex, repeat);

	print_message("%-56s %5d ns\n", what, (int)(gross - nothing));
}

static void measure_nothing(struct scene *scene)
{
	static const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_close_ int program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nothing", "GPL",
						    instructions, ARRAY_SIZE(instructions), NULL);

	assert_true(program >= 0);
	nothing = duration(scene, program, 1, REPEAT);
	print_message("%-56s %5u ns, which is left out below\n", "a program that does nothing",
		      nothing);
}

/* A rule for each of many networks, numbered from 'first'. */
static void rules_add(struct scene *scene, unsigned int first, unsigned int count)
{
	char network[32];

	for (unsigned int i = first; i < first + count; i++) {
		(void)snprintf(network, sizeof(network), "10.%u.%u.0/24", 16 + i / 256, i % 256);
		scene_rule(scene, 1, DIRECTION_INGRESS, (uint16_t)i, RULE_ACCEPT, IPPROTO_TCP,
			   network, "0.0.0.0/0", NULL, "443");
	}
}

static void test_measure(void **state)
{
	struct scene *scene = *state;
	int plain = scene->devices[DEVICE_PLAIN].ifindex;
	/* Small records take 200 bytes of the ring, large ones 2 KiB; all rounds fit. */
	const unsigned int small = 20000, large = 1500;

	rules_add(scene, 1, 10);
	scene_session(scene, 1, 1, 128);
	scene_apply(scene);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1000, 2000, 22);
	measure_nothing(scene);
	measure(scene, "device without sessions", 1, REPEAT);
	measure(scene, "unmatched, 10 rules, IPv4 UDP", plain, REPEAT);
	packet_make(&packet, "2001:db8::1", "2001:db8::2", IPPROTO_TCP, 1000, 2000, 22);
	measure(scene, "unmatched, 10 rules, IPv6 TCP", plain, REPEAT);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1000, 2000, 1400);
	rules_add(scene, 11, 990);
	scene_apply(scene);
	measure(scene, "unmatched, 1,000 rules", plain, REPEAT / 10);
	rules_add(scene, 1001, 9000);
	scene_apply(scene);
	measure(scene, "unmatched, 10,000 rules", plain, REPEAT / 10);
	scene_filter(scene, 1)->rule_count = 10;
	scene_accept_all(scene, 1);
	scene_apply(scene);
	measure(scene, "matched by the 11th rule, 128 bytes copied", plain, small);
	scene->plan.sessions[0].packet_length = 0;
	scene_apply(scene);
	measure(scene, "matched by the 11th rule, 1442 bytes copied", plain, large);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1000, 2000, 3000);
	measure(scene, "matched by the 11th rule, 3042 bytes copied", plain, large / 3);
}

static void events_ignore(void *context _unused_)
{
}

static void event_ignore(void *context _unused_, int ifindex _unused_, int error _unused_)
{
}

/* How long a change of many sources takes, and how much of that their devices: they are taken away, so that only their
 * lists remain to be written. */
static void test_sources(void **state)
{
	static struct capture_device devices[SOURCES];
	struct scene *scene = *state;
	struct capture_events events = {scene, events_ignore, event_ignore};

	scene_accept_all(scene, 1);
	for (unsigned int i = 0; i < SOURCES; i++) {
		struct plan_session session = {.id = scene_id("tms", i + 1),
					       .source = scene_id("eni", i + 1),
					       .filter = scene_id("tmf", 1),
					       .number = 1};

		devices[i] = (struct capture_device){session.source, (int)(100000 + i),
						     ORIENTATION_HOST};
		assert_int_equal(array_append(&scene->plan, sessions, session_count,
					      session_capacity, session),
				 0);
	}
	for (int round = 0; round < 3; round++) {
		uint64_t start = clock_monotonic();

		scene->plan.sessions[0].packet_length = (uint16_t)round;
		(void)capture_apply(scene->capture, &scene->plan, devices, SOURCES, &events);
		print_message("%u sources without devices, %-29s %5u ms\n", SOURCES,
			      round == 0 ? "all new" : "one changed",
			      (unsigned int)((clock_monotonic() - start) / 1000000));
	}
}

/* What an option adds to a copy that is let in, and what a copy costs that is not. */
static void test_measure_options(void **state)
{
	static const struct {
		const char *what;
		struct session_options options;
	} rows[] = {
		{"copied, no options", {}},
		{"copied, within a cap of packets", {.packets_per_second = PACKETS_PER_SECOND_MAX}},
		{"copied, within both caps",
		 {.packets_per_second = PACKETS_PER_SECOND_MAX,
		  .bits_per_second = BITS_PER_SECOND_MAX}},
		{"copied, priority 1", {.priority = 1}},
		{"copied, and for a second session", {.continues = true}},
		{"half of packets copied", {.packet_sampling = 2}},
		{"left out by sampling of packets", {.packet_sampling = SAMPLING_MAX}},
		{"left out by sampling of flows", {.flow_sampling = SAMPLING_MAX}},
		{"left out by a cap", {.packets_per_second = 1}},
	};
	struct scene *scene = *state;

	scene_accept_all(scene, 1);
	scene_session(scene, 1, 1, 128);
	scene_session(scene, 2, 1, 128);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1000, 2000, 1400);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scene->plan.sessions[0].options = rows[i].options;
		scene_apply(scene);
		if (i == 0)
			measure_nothing(scene);
		measure(scene, rows[i].what, scene->devices[DEVICE_PLAIN].ifindex, 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_measure, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_sources, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_measure_options, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
