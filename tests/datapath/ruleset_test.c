// SPDX-License-Identifier: Apache-2.0
/* Filters of ten thousand rules in the kernel, and filters that grow and shrink while packets pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ruleset.h"
#include "scene.h"

#include "base/clock.h"
#include "base/count.h"
#include "mirror/explain.h"

#include <bpf/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKETS    300
#define RULES_MANY 10000
#define RULES_SOME 300
#define FLOWS      128
#define ROUNDS     8
#define REPLACINGS 40
#define BURST      64

#define LONG_PAYLOAD  200
#define SHORT_PAYLOAD 10

#define FLOW_PACKETS 1024 /* In each round. */

static struct packet packet;

/* Returns false when such a packet would be another one on the wire: IPv6 has these as extension headers. */
static bool packet_from_key(const struct packet_key *key)
{
	char source[ADDRESS_TEXT_SIZE], destination[ADDRESS_TEXT_SIZE];
	bool transport = key->protocol == IPPROTO_TCP || key->protocol == IPPROTO_UDP;
	bool ipv6 = key->source.family == 6;

	if (ipv6 && (key->protocol == IPPROTO_HOPOPTS || key->protocol == IPPROTO_ROUTING ||
		     key->protocol == IPPROTO_DSTOPTS || key->protocol == IPPROTO_AH))
		return false;
	address_format(&key->source, source);
	address_format(&key->destination, destination);
	packet_ethernet(&packet, ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (ipv6 && transport && !key->has_ports) {
		packet_ipv6(&packet, source, destination, IPPROTO_FRAGMENT);
		packet_fragment_v6(&packet, key->protocol, 64);
	} else if (ipv6) {
		packet_ipv6(&packet, source, destination, key->protocol);
	} else {
		packet_ipv4(&packet, source, destination, key->protocol);
		packet_ipv4_options(&packet, 5, transport && !key->has_ports ? 64 : 0);
	}
	if (transport)
		packet_ports(&packet, key->source_port, key->destination_port);
	packet_payload(&packet, 20);
	packet_finish(&packet);
	return true;
}

static void compare(struct scene *scene, const struct packet_key *key, size_t *matches)
{
	struct resource_id source = {SCENE_SOURCE};
	struct explanation expected = plan_explain(&scene->plan, &source, DIRECTION_INGRESS, key);
	char text[256];

	if (!packet_from_key(key))
		return;
	if (scene_send(scene, &packet) == (expected.verdict == VERDICT_MIRRORED)) {
		*matches += expected.verdict == VERDICT_MIRRORED;
		return;
	}
	explanation_format(&expected, text, sizeof(text));
	fail_msg("%zu copies, but: %s", scene->caught_count, text);
}

/* One session with a filter of these rules, nothing else. */
static void scene_rules(struct scene *scene, enum ruleset_flavour flavour, uint8_t family,
			size_t count)
{
	struct filter *filter, rules = {};

	plan_fini(&scene->plan);
	assert_int_equal(ruleset_generate(flavour, family, count, 3, &rules), 0);
	filter = scene_filter(scene, 1);
	filter->rules = rules.rules;
	filter->rule_count = rules.rule_count;
	filter->rule_capacity = rules.rule_capacity;
	scene_session(scene, 1, 1, 64);
	scene_apply(scene);
}

static void test_many_rules(void **state)
{
	static struct packet_key keys[PACKETS];
	struct scene *scene = *state;
	size_t matches = 0;

	for (enum ruleset_flavour flavour = 0; flavour < RULESET_FLAVOURS; flavour++)
		for (uint8_t family = 4; family <= 6; family += 2) {
			scene_rules(scene, flavour, family, RULES_MANY);
			trace_generate(&scene->plan.filters[0], family, false, flavour + 1, keys,
				       PACKETS);
			for (size_t i = 0; i < PACKETS; i++)
				compare(scene, &keys[i], &matches);
		}
	print_message("%zu of %d packets copied\n", matches, 2 * RULESET_FLAVOURS * PACKETS);
	assert_true(matches > RULESET_FLAVOURS * PACKETS / 2); /* The comparison is not idle. */
}

/* Through every size class, up and down, and over restarts in between: always the filter of the plan. */
static void test_filter_changes_its_size(void **state)
{
	static const size_t sizes[] = {4, RULES_SOME, 4, 1200, RULES_MANY, 1200, 0, RULES_MANY, 4};
	static struct packet_key keys[PACKETS / 10];
	struct scene *scene = *state;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		size_t matches = 0;

		scene_rules(scene, RULESET_FIREWALL, 4, sizes[i / 2]);
		trace_generate(&scene->plan.filters[0], 4, false, i, keys, ARRAY_SIZE(keys));
		for (size_t j = 0; j < ARRAY_SIZE(keys); j++)
			compare(scene, &keys[j], &matches);
		if (i % 3 == 0)
			scene_restart(scene);
	}
}

/* Packets of the same flows over and over, on one CPU, which so answers by memos: what was noted of a filter before it was
 * replaced is never an answer again, and agents before and after a restart note for different filters. */
static void test_replaced_filter_is_forgotten(void **state)
{
	static struct packet_key keys[FLOWS];
	struct scene *scene = *state;
	cpu_set_t before, one;
	size_t matches = 0;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	for (uint8_t family = 4; family <= 6; family += 2) {
		scene_rules(scene, RULESET_FIREWALL, family, RULES_SOME);
		trace_generate(&scene->plan.filters[0], family, false, 1, keys, FLOWS);
		for (size_t round = 0; round < ROUNDS; round++) {
			struct filter *filter = &scene->plan.filters[0];

			for (size_t i = 0; i < filter->rule_count; i++)
				filter->rules[i].action = !filter->rules[i].action;
			scene_apply(scene);
			for (size_t i = 0; i < FLOW_PACKETS; i++)
				compare(scene, &keys[i % FLOWS], &matches);
			if (round == ROUNDS / 2)
				scene_restart(scene);
		}
	}
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_in_range(matches, FLOW_PACKETS, 2 * ROUNDS * FLOW_PACKETS - FLOW_PACKETS);
}

struct traffic {
	struct scene *scene;
	int program;
	atomic_bool stop;
	atomic_size_t runs;
	atomic_int result;
};

/* Without a pause, and without a word to cmocka, which is not for threads. */
static void *traffic_run(void *context)
{
	struct traffic *traffic = context;

	while (!atomic_load(&traffic->stop)) {
		struct __sk_buff input = {
			.ifindex = (uint32_t)traffic->scene->devices[DEVICE_PLAIN].ifindex};
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.bytes,
			    .data_size_in = (uint32_t)packet.size, .ctx_in = &input,
			    .ctx_size_in = sizeof(input), .repeat = BURST);

		if (bpf_prog_test_run_opts(traffic->program, &options) < 0) {
			atomic_store(&traffic->result, -1);
			break;
		}
		atomic_fetch_add(&traffic->runs, BURST);
	}
	return NULL;
}

/* A filter that accepts a packet before and after a change accepts it during the change, whatever classes it changes
 * between. */
static void test_replacing_is_atomic(void **state)
{
	struct scene *scene = *state;
	struct traffic traffic = {.scene = scene};
	pthread_t thread;
	uint64_t accepted;

	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2, 10);
	scene_accept_all(scene, 1);
	scene_session(scene, 1, 1, 64);
	scene_apply(scene);
	traffic.program = scene->programs[DIRECTION_INGRESS];
	scene->programs[DIRECTION_INGRESS] = -1;
	assert_int_equal(pthread_create(&thread, NULL, traffic_run, &traffic), 0);
	for (uint16_t i = 0; i < REPLACINGS; i++) {
		struct filter *filter = scene_filter(scene, 1);

		filter->rule_count = 0;
		scene_accept_all(scene, 1);
		for (uint16_t number = 1; number <= i % 4 * 100; number++)
			scene_rule(scene, 1, DIRECTION_INGRESS, number, RULE_REJECT, IPPROTO_TCP,
				   number % 2 ? "10.1.0.0/16" : "10.0.0.0/8", "0.0.0.0/0", NULL,
				   NULL);
		scene_apply(scene);
	}
	atomic_store(&traffic.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(traffic.result, 0);
	assert_true(traffic.runs > 1000);
	accepted = scene_counters(scene, 1).direction[DIRECTION_INGRESS].accepted.packets;
	assert_int_equal(accepted, traffic.runs);
	close(traffic.program);
}

/* Packets of ever new flows, first some with a DSCP, then some without; those are shorter. */
static void *flows_run(void *context)
{
	static const uint8_t codepoints[] = {46, 0};
	struct traffic *traffic = context;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		atomic_store(&traffic->result, -1);
	for (uint16_t port = 1; !atomic_load(&traffic->stop); port++)
		for (size_t i = 0; i < ARRAY_SIZE(codepoints); i++) {
			struct __sk_buff input = {
				.ifindex = (uint32_t)traffic->scene->devices[DEVICE_PLAIN].ifindex};
			LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.bytes,
				    .ctx_in = &input, .ctx_size_in = sizeof(input), .repeat = 3);

			packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, port, 53,
				    codepoints[i] ? LONG_PAYLOAD : SHORT_PAYLOAD);
			packet.bytes[packet.network + 1] = (uint8_t)(codepoints[i] << 2);
			options.data_size_in = (uint32_t)packet.size;
			if (bpf_prog_test_run_opts(traffic->program, &options) < 0)
				atomic_store(&traffic->result, -1);
			atomic_fetch_add(&traffic->runs, options.repeat);
		}
	return NULL;
}

/* Rules that ask for more of a packet than those before them come and go, in the same size class.  A packet that both reject is never
 * taken, though one of its flow that the new ones accept came just before, while both were in force. */
static void test_replaced_rules_ask_for_more(void **state)
{
	struct scene *scene = *state;
	struct traffic traffic = {.scene = scene};
	struct packet_count accepted;
	pthread_t thread;

	for (uint16_t number = 1; number <= 200; number++)
		scene_rule(scene, 1, DIRECTION_INGRESS, number, RULE_ACCEPT, IPPROTO_TCP,
			   number % 2 ? "10.1.0.0/16" : "10.0.0.0/8", "10.3.0.0/16", NULL, NULL);
	scene_rule(scene, 1, DIRECTION_INGRESS, 500, RULE_ACCEPT, IPPROTO_UDP, "10.0.0.0/8",
		   "10.0.0.0/8", NULL, NULL);
	scene_session(scene, 1, 1, 64);
	scene_apply(scene);
	traffic.program = scene->programs[DIRECTION_INGRESS];
	scene->programs[DIRECTION_INGRESS] = -1;
	for (uint16_t i = 0; i < REPLACINGS; i++) {
		struct filter_rule *last = &scene_filter(scene, 1)->rules[200];

		/* Either no datagram, or only those with the DSCP. */
		last->protocol = i % 2 ? IPPROTO_UDP : IPPROTO_ICMP;
		last->dscp = (struct dscp_match){.set = i % 2, .value = 46};
		scene_apply(scene);
		if (i == 0)
			assert_int_equal(pthread_create(&thread, NULL, flows_run, &traffic), 0);
	}
	atomic_store(&traffic.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(traffic.result, 0);
	accepted = scene_counters(scene, 1).direction[DIRECTION_INGRESS].accepted;
	assert_true(accepted.packets > 0);
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 53, LONG_PAYLOAD);
	assert_int_equal(accepted.bytes, accepted.packets * packet.size);
	close(traffic.program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many_rules, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_filter_changes_its_size, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_replaced_filter_is_forgotten, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_replacing_is_atomic, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_replaced_rules_ask_for_more, scene_setup,
						scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
