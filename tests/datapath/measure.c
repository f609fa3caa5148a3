// SPDX-License-Identifier: Apache-2.0
/* What a packet on a watched device pays, in nanoseconds: the loaded program run many times over one packet.
 *
 * Printed, not judged: numbers depend on the machine.  `meson test --benchmark` runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <bpf/bpf.h>
#include <netinet/in.h>
#include <stdio.h>

#define REPEAT 1000000
#define ROUNDS 5

static struct packet packet;

/* The best of a few rounds, since whatever else runs only makes it slower.  Rings are emptied between rounds only
 * when the caller says that copies fit into them. */
static void measure(struct scene *scene, const char *what, int ifindex, unsigned int repeat)
{
	unsigned int best = ~0u;

	for (int i = 0; i < ROUNDS * (REPEAT / (int)repeat > 20 ? 20 : REPEAT / (int)repeat); i++) {
		struct __sk_buff context = {.ifindex = (uint32_t)ifindex};
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.bytes,
			    .data_size_in = (uint32_t)packet.size, .ctx_in = &context,
			    .ctx_size_in = sizeof(context), .repeat = (int)repeat);

		assert_int_equal(
			bpf_prog_test_run_opts(scene->programs[DIRECTION_INGRESS], &options), 0);
		best = options.duration < best ? options.duration : best;
		scene_forget(scene);
	}
	print_message("%-56s %5u ns\n", what, best);
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
	measure(scene, "matched by the 11th rule, 3042 bytes copied (dynptr)", plain, large / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_measure, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
