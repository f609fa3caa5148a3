// SPDX-License-Identifier: Apache-2.0
/* The kernel's classifier against the naive one: random plans and random packets, the same answer from
 * plan_explain() and from the loaded program.
 *
 * Values are drawn from small pools, so that rules and packets meet often enough to matter.  The seed is printed
 * and can be given: TMIRROR_SEED=… */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"
#include "mirror/explain.h"
#include "mirror/rule_example.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLANS            100
#define PACKETS_PER_PLAN 300
#define SEED_DEFAULT     20240607
#define TCP_FLAGS        13 /* Their byte in the header. */

static const char *const hosts_v4[] = {
	"10.0.0.1",        "10.0.0.2",        "10.0.1.1",        "10.128.0.1",
	"192.168.255.255", "169.254.169.254", "169.254.169.253", "255.255.255.255",
};

static const char *const hosts_v6[] = {
	"2001:db8::1",   "2001:db8::2",   "2001:db8:0:1::1",
	"fd00:ec2::253", "fd00:ec2::254", "ff02::1",
};

static const int16_t protocols[] = {IPPROTO_TCP,    IPPROTO_UDP, IPPROTO_ICMP,
				    IPPROTO_ICMPV6, IPPROTO_GRE, 0};

static const char *draw_host(bool ipv6)
{
	return ipv6 ? hosts_v6[draw(ARRAY_SIZE(hosts_v6))] : hosts_v4[draw(ARRAY_SIZE(hosts_v4))];
}

static struct address draw_address(bool ipv6)
{
	struct address address;

	assert_true(address_parse(draw_host(ipv6), &address));
	return address;
}

static struct cidr draw_cidr(bool ipv6)
{
	struct address address = draw_address(ipv6);

	return draw_network(&address);
}

static void filter_draw_rule(struct filter *filter, uint16_t number)
{
	int16_t protocol = draw(2) ? PROTOCOL_ANY : protocols[draw(ARRAY_SIZE(protocols))];
	bool ipv6 = draw(2);
	struct cidr source = draw_cidr(ipv6), destination = draw_cidr(ipv6);
	struct filter_rule rule = draw_rule(number, protocol, &source, &destination);

	assert_int_equal(filter_add_rule(filter, &rule), 0);
}

static void draw_plan(struct scene *scene)
{
	unsigned int filters = 1 + draw(4), sessions = 1 + draw(5);

	plan_fini(&scene->plan);
	for (unsigned int i = 1; i <= filters; i++) {
		unsigned int rules = draw(60);

		scene_filter(scene, i)->services = draw(4) ? 0 : SERVICE_AMAZON_DNS;
		for (uint16_t number = 1; number <= rules; number++)
			filter_draw_rule(scene_filter(scene, i), number);
	}
	for (uint16_t i = 1; i <= sessions; i++)
		scene_session(scene, i, 1 + draw(filters), (uint16_t)draw(200));
	for (uint16_t i = 0; i < sessions; i++) {
		scene->plan.sessions[i].options.paused = draw(8) == 0;
		scene->plan.sessions[i].options.continues = draw(4) == 0;
	}
	scene_resolver(scene, "169.254.169.253");
	scene_resolver(scene, "fd00:ec2::253");
	scene_apply(scene);
}

/* Traffic class or type of service, with both bits of ECN set, and the flags of TCP. */
static void draw_marks(struct packet *packet, struct packet_key *key)
{
	uint8_t *network = packet->bytes + packet->network;
	uint8_t tcp_flags = draw_tcp_flags();

	key->dscp = draw_codepoint();
	if (key->source.family == 4) {
		network[1] = (uint8_t)(key->dscp << 2 | 3);
	} else {
		network[0] = (uint8_t)(0x60 | key->dscp >> 2);
		network[1] = (uint8_t)(key->dscp << 6 | 0x30);
	}
	if (key->protocol != IPPROTO_TCP)
		return;
	packet->bytes[packet->transport + TCP_FLAGS] = tcp_flags;
	key->has_tcp_flags = key->has_ports;
	key->tcp_flags = key->has_ports ? tcp_flags : 0;
}

/* Fills both: the frame and what the rules are to see of it. */
static void draw_packet(struct packet *packet, struct packet_key *key)
{
	bool ipv6 = draw(2), later_fragment = draw(8) == 0;
	const char *source = draw_host(ipv6), *destination = draw_host(ipv6);
	uint8_t protocol = (uint8_t)protocols[draw(5)];

	*key = (struct packet_key){
		.protocol = protocol,
		.source_port = draw_port(),
		.destination_port = draw_port(),
	};
	key->has_ports = (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) && !later_fragment;
	assert_true(address_parse(source, &key->source));
	assert_true(address_parse(destination, &key->destination));
	packet_ethernet(packet, ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (ipv6 && later_fragment) {
		packet_ipv6(packet, source, destination, IPPROTO_FRAGMENT);
		packet_fragment_v6(packet, protocol, 64);
	} else if (ipv6) {
		packet_ipv6(packet, source, destination, protocol);
	} else {
		packet_ipv4(packet, source, destination, protocol);
		packet_ipv4_options(packet, 5 + draw(3), later_fragment ? 64 : 0);
	}
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		packet_ports(packet, key->source_port, key->destination_port);
	draw_marks(packet, key);
	packet_payload(packet, draw(100));
	packet_finish(packet);
	if (key->has_tcp_flags && draw(16) == 0) { /* Cut off between ports and flags. */
		packet->size = packet->transport + TCP_FLAGS;
		key->has_tcp_flags = false;
		key->tcp_flags = 0;
	}
}

static void compare(struct scene *scene, const struct packet *packet, const struct packet_key *key,
		    unsigned int *verdicts, size_t *further)
{
	enum direction direction = draw(2) ? DIRECTION_INGRESS : DIRECTION_EGRESS;
	struct resource_id source = {SCENE_SOURCE};
	struct explanation expected = plan_explain(&scene->plan, &source, direction, key);
	size_t copies = scene_send_as(scene, DEVICE_PLAIN, direction, packet, NULL);
	char text[EXPLANATION_SIZE];

	verdicts[expected.verdict]++;
	explanation_format(&expected, text, sizeof(text));
	if (copies != (expected.verdict == VERDICT_MIRRORED) + expected.further_count)
		fail_msg("%zu copies, but: %s", copies, text);
	if (copies && scene_taker(scene, 0) != expected.session->number)
		fail_msg("taken by session %u, but: %s", scene_taker(scene, 0), text);
	for (size_t i = 0; i < expected.further_count; i++)
		if (scene_taker(scene, i + 1) != expected.further[i]->number)
			fail_msg("then taken by session %u, but: %s", scene_taker(scene, i + 1),
				 text);
	*further += expected.further_count;
}

static void test_same_answers(void **state)
{
	struct scene *scene = *state;
	const char *seed = getenv("TMIRROR_SEED");
	unsigned int verdicts[VERDICT_COUNT] = {};
	size_t further = 0;
	static struct packet packet;
	uint64_t from = seed ? strtoull(seed, NULL, 0) : SEED_DEFAULT;

	draw_seed(from);
	print_message("seed %llu, %d packets\n", (unsigned long long)from,
		      PLANS * PACKETS_PER_PLAN);
	for (int plan = 0; plan < PLANS; plan++) {
		draw_plan(scene);
		for (int i = 0; i < PACKETS_PER_PLAN; i++) {
			struct packet_key key;

			draw_packet(&packet, &key);
			compare(scene, &packet, &key, verdicts, &further);
		}
	}
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (verdict != VERDICT_NO_SESSION)
			assert_true(verdicts[verdict] > 100); /* The comparison is not idle. */
	assert_true(further > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_answers, scene_setup, scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
