// SPDX-License-Identifier: Apache-2.0
/* Which session takes a packet, and which packets none may take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/count.h"
#include "mirror/limits.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct packet packet;

static void udp(const char *source, uint16_t source_port, const char *destination,
		uint16_t destination_port)
{
	packet_make(&packet, source, destination, IPPROTO_UDP, source_port, destination_port, 20);
}

static void rule(struct scene *scene, unsigned int filter, uint16_t number, enum rule_action action,
		 const char *destination_ports)
{
	scene_rule(scene, filter, DIRECTION_INGRESS, number, action, IPPROTO_UDP, "0.0.0.0/0",
		   "0.0.0.0/0", NULL, destination_ports);
}

static uint16_t taken(struct scene *scene, uint16_t destination_port)
{
	udp("10.0.0.1", 1000, "10.0.0.2", destination_port);
	if (scene_send(scene, &packet) == 0)
		return 0;
	assert_int_equal(scene->caught_count, 1);
	return scene_taken_by(scene);
}

/* Within a filter the first matching rule decides; over sessions the first that accepts takes the packet, alone. */
static void test_order(void **state)
{
	struct scene *scene = *state;

	rule(scene, 1, 20, RULE_ACCEPT, "1-100");
	rule(scene, 1, 10, RULE_REJECT, "50-60");
	rule(scene, 2, 10, RULE_ACCEPT, "55-200");
	rule(scene, 3, 10, RULE_REJECT, "150");
	rule(scene, 3, 11, RULE_ACCEPT, "0-65535");
	scene_session(scene, 300, 3, 0);
	scene_session(scene, 7, 1, 0);
	scene_session(scene, 20, 2, 0);
	scene_apply(scene);
	assert_int_equal(taken(scene, 1), 7);
	assert_int_equal(taken(scene, 50),
			 300); /* Rejected by the first, not matched by the second. */
	assert_int_equal(taken(scene, 55), 20); /* Rejected by the first only. */
	assert_int_equal(taken(scene, 100), 7);
	assert_int_equal(taken(scene, 150), 20);
	assert_int_equal(taken(scene, 201), 300);
	assert_int_equal(scene_counters(scene, 7).direction[DIRECTION_INGRESS].accepted.packets, 2);
	assert_int_equal(scene_counters(scene, 20).direction[DIRECTION_INGRESS].accepted.packets,
			 2);
	assert_int_equal(scene_counters(scene, 300).direction[DIRECTION_INGRESS].accepted.packets,
			 2);
	assert_int_equal(scene_counters(scene, 7).direction[DIRECTION_EGRESS].accepted.packets, 0);
}

static void test_as_many_sessions_as_a_source_can_have(void **state)
{
	struct scene *scene = *state;

	for (uint16_t i = 1; i <= SOURCE_SESSIONS_MAX; i++) {
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", i);
		rule(scene, i, 1, RULE_ACCEPT, port);
		scene_session(scene, i, i, 0);
	}
	scene_apply(scene);
	for (uint16_t i = 1; i <= SOURCE_SESSIONS_MAX; i++)
		assert_int_equal(taken(scene, i), i);
	assert_int_equal(taken(scene, SOURCE_SESSIONS_MAX + 1), 0);
}

/* A rule list of the greatest length, asked to its end. */
static void test_as_many_rules_as_a_filter_can_have(void **state)
{
	struct scene *scene = *state;

	for (uint16_t i = 1; i <= FILTER_RULES_MAX; i++) {
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", i);
		rule(scene, 1, i, RULE_ACCEPT, port);
	}
	scene_session(scene, 1, 1, 0);
	scene_apply(scene);
	for (uint16_t i = 1; i <= FILTER_RULES_MAX; i = (uint16_t)(i + 7))
		assert_int_equal(taken(scene, i), 1);
	assert_int_equal(taken(scene, FILTER_RULES_MAX), 1);
	assert_int_equal(taken(scene, FILTER_RULES_MAX + 1), 0);
	scene_filter(scene, 1)->rule_count = 17; /* Two blocks, the second nearly empty. */
	scene_apply(scene);
	assert_int_equal(taken(scene, 16), 1);
	assert_int_equal(taken(scene, 17), 1);
	assert_int_equal(taken(scene, 18), 0);
	scene_filter(scene, 1)->rule_count = 16; /* One, and full. */
	scene_apply(scene);
	assert_int_equal(taken(scene, 16), 1);
	assert_int_equal(taken(scene, 17), 0);
	scene_filter(scene, 1)->rule_count = 0;
	scene_apply(scene);
	assert_int_equal(taken(scene, 1), 0);
}

/* What comes out of a guest comes into the host's device. */
static void test_orientation(void **state)
{
	struct scene *scene = *state;

	scene_rule(scene, 1, DIRECTION_EGRESS, 1, RULE_ACCEPT, PROTOCOL_ANY, "0.0.0.0/0",
		   "0.0.0.0/0", NULL, NULL);
	scene_session(scene, 1, 1, 0);
	scene_apply(scene);
	udp("10.0.0.1", 1, "10.0.0.2", 2);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_INGRESS, &packet, NULL), 0);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_EGRESS, &packet, NULL), 1);
	assert_int_equal(scene->caught.record.direction, DIRECTION_EGRESS);
	assert_int_equal(scene_send_as(scene, DEVICE_GUEST, DIRECTION_EGRESS, &packet, NULL), 0);
	assert_int_equal(scene_send_as(scene, DEVICE_GUEST, DIRECTION_INGRESS, &packet, NULL), 1);
	assert_int_equal(scene->caught.record.direction, DIRECTION_EGRESS);
	assert_int_equal(scene_counters(scene, 1).direction[DIRECTION_EGRESS].accepted.packets, 2);
	assert_int_equal(scene_counters(scene, 1).direction[DIRECTION_INGRESS].accepted.packets, 0);
}

static void test_exclusions(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *source, *destination;
		uint16_t source_port, destination_port;
		size_t copies;
	} cases[] = {
		{"0.0.0.0", "255.255.255.255", 68, 67, 0},
		{"10.0.0.1", "10.0.0.2", 67, 68, 0},
		{"10.0.0.1", "10.0.0.2", 67, 67, 0},
		{"10.0.0.1", "10.0.0.2", 67, 1000, 1},
		{"10.0.0.1", "10.0.0.2", 546, 547, 1},
		{"fe80::1", "ff02::1:2", 546, 547, 0},
		{"fe80::1", "fe80::2", 547, 546, 0},
		{"fe80::1", "fe80::2", 68, 67, 1},
		{"10.0.0.1", "169.254.169.254", 1000, 80, 0},
		{"169.254.169.254", "10.0.0.1", 80, 1000, 0},
		{"10.0.0.1", "169.254.169.123", 1000, 123, 0},
		{"10.0.0.1", "169.254.169.250", 1000, 1688, 0},
		{"169.254.169.251", "10.0.0.1", 1688, 1000, 0},
		{"10.0.0.1", "169.254.169.252", 1000, 1688, 1},
		{"10.0.0.1", "169.254.169.253", 1000, 53, 1}, /* The plan names no resolver. */
		{"10.0.0.1", "169.254.170.254", 1000, 80, 1},
		{"10.0.0.1", "169.255.169.254", 1000, 80, 1},
		{"2001:db8::1", "fd00:ec2::254", 1000, 80, 0},
		{"fd00:ec2::123", "2001:db8::1", 123, 123, 0},
		{"2001:db8::1", "fd00:ec2::253", 1000, 80, 1},
		{"2001:db8::1", "fd00:ec2:1::254", 1000, 80, 1},
		{"2001:db8::1", "fd00:ec2::1:0:0:254", 1000, 80, 1},
		{"10.0.0.1", "10.0.0.2", 1000, 123, 1}, /* Time from elsewhere. */
	};

	scene_mirror_all(scene);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		udp(cases[i].source, cases[i].source_port, cases[i].destination,
		    cases[i].destination_port);
		if (scene_send(scene, &packet) != cases[i].copies)
			fail_msg("%s:%u to %s:%u: expected %zu", cases[i].source,
				 cases[i].source_port, cases[i].destination,
				 cases[i].destination_port, cases[i].copies);
	}
	packet_make(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_TCP, 68, 67, 0);
	assert_int_equal(scene_send(scene, &packet), 1); /* DHCP is UDP. */
}

/* Packets with our mark, and those to an appliance of the plan. */
static void test_own_output(void **state)
{
	struct scene *scene = *state;
	struct __sk_buff context = {.mark = SCENE_MARK};

	scene_target(scene, "10.0.0.9", 4789);
	scene_target(scene, "2001:db8::9", 5000);
	scene_mirror_all(scene);
	udp("10.0.0.1", 1, "10.0.0.2", 2);
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_EGRESS, &packet, &context),
			 0);
	context.mark++;
	assert_int_equal(scene_send_as(scene, DEVICE_PLAIN, DIRECTION_EGRESS, &packet, &context),
			 1);
	udp("10.0.0.1", 61440, "10.0.0.9", 4789);
	assert_int_equal(scene_send(scene, &packet), 0);
	udp("10.0.0.1", 61440, "10.0.0.9", 4790);
	assert_int_equal(scene_send(scene, &packet), 1);
	udp("10.0.0.1", 61440, "10.0.0.8", 4789);
	assert_int_equal(scene_send(scene, &packet), 1);
	udp("10.0.0.9", 4789, "10.0.0.1", 61440); /* What the appliance answers is ordinary. */
	assert_int_equal(scene_send(scene, &packet), 1);
	udp("2001:db8::1", 61440, "2001:db8::9", 5000);
	assert_int_equal(scene_send(scene, &packet), 0);
	packet_make(&packet, "10.0.0.1", "10.0.0.9", IPPROTO_TCP, 61440, 4789, 0);
	assert_int_equal(scene_send(scene, &packet), 1);
	scene->plan.target_count = 0;
	scene_apply(scene);
	udp("10.0.0.1", 61440, "10.0.0.9", 4789);
	assert_int_equal(scene_send(scene, &packet), 1);
}

/* Sends an ICMP message that quotes a datagram. */
static size_t sent_about(struct scene *scene, uint8_t type, const char *destination, uint16_t port)
{
	static struct packet quoted, message;
	const bool ipv6 = strchr(destination, ':') != NULL;
	const uint8_t header[8] = {type};

	packet_make(&quoted, ipv6 ? "2001:db8::1" : "10.0.0.1", destination, IPPROTO_UDP, 61440,
		    port, 100);
	packet_start(&message);
	packet_ethernet(&message, ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (ipv6)
		packet_ipv6(&message, "2001:db8::9", "2001:db8::1", IPPROTO_ICMPV6);
	else
		packet_ipv4(&message, "10.0.0.9", "10.0.0.1", IPPROTO_ICMP);
	packet_append(&message, header, sizeof(header));
	packet_append(&message, quoted.bytes + quoted.network, quoted.size - quoted.network);
	packet_finish(&message);
	return scene_send(scene, &message);
}

/* An appliance where nobody listens says so; the copy of that would make it say so again. */
static void test_errors_about_own_output(void **state)
{
	struct scene *scene = *state;

	scene_target(scene, "10.0.0.9", 4789);
	scene_target(scene, "2001:db8::9", 5000);
	scene_mirror_all(scene);
	assert_int_equal(sent_about(scene, 3, "10.0.0.9", 4789), 0);
	assert_int_equal(sent_about(scene, 11, "10.0.0.9", 4789), 0);
	assert_int_equal(sent_about(scene, 8, "10.0.0.9", 4789), 1); /* An echo request. */
	assert_int_equal(sent_about(scene, 3, "10.0.0.9", 4790), 1);
	assert_int_equal(sent_about(scene, 3, "10.0.0.8", 4789), 1);
	assert_int_equal(sent_about(scene, 1, "2001:db8::9", 5000), 0);
	assert_int_equal(sent_about(scene, 128, "2001:db8::9", 5000), 1);
	assert_int_equal(sent_about(scene, 1, "2001:db8::8", 5000), 1);
}

/* DNS with a resolver of the plan is the network service's alone, whatever the rules. */
static void test_network_service(void **state)
{
	struct scene *scene = *state;

	scene_resolver(scene, "10.0.0.53");
	scene_resolver(scene, "fd00:ec2::253");
	rule(scene, 1, 1, RULE_ACCEPT, NULL);
	rule(scene, 2, 1, RULE_REJECT, NULL);
	scene_session(scene, 1, 1, 0);
	scene_session(scene, 2, 2, 0);
	scene_apply(scene);
	udp("10.0.0.1", 1000, "10.0.0.53", 53);
	assert_int_equal(scene_send(scene, &packet), 0);

	scene_filter(scene, 2)->services = SERVICE_AMAZON_DNS;
	scene_apply(scene);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 2);
	udp("10.0.0.53", 53, "10.0.0.1", 1000);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 2);
	packet_make(&packet, "2001:db8::1", "fd00:ec2::253", IPPROTO_TCP, 1000, 53, 30);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 2);

	udp("10.0.0.1", 1000, "10.0.0.54", 53); /* Another resolver. */
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 1);
	udp("10.0.0.1", 53, "10.0.0.53", 1000); /* Another port of the resolver. */
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 1);
	udp("10.0.0.53", 1000, "10.0.0.1", 53);
	assert_int_equal(scene_send(scene, &packet), 1);
	assert_int_equal(scene_taken_by(scene), 1);
}

/* A change leaves what it does not concern alone. */
static void test_slots_over_changes(void **state)
{
	struct scene *scene = *state;
	const struct capture_slot *slots;
	struct capture_slot first, second;
	size_t count;

	scene_mirror_all(scene);
	assert_int_equal(taken(scene, 1), 1);
	slots = capture_get_slots(scene->capture, &count);
	assert_int_equal(count, 1);
	first = slots[0];
	assert_int_not_equal(first.generation, 0);

	scene->plan.session_count = 0;
	scene_session(scene, 2, 1, 0);
	scene_apply(scene);
	slots = capture_get_slots(scene->capture, &count);
	assert_int_equal(count, 1);
	second = slots[0];
	assert_int_not_equal(second.slot, first.slot); /* Still kept for the ended session. */
	assert_int_equal(scene_counters(scene, 2).direction[DIRECTION_INGRESS].accepted.packets, 0);
	assert_int_equal(taken(scene, 1), 2);

	scene_session(scene, 3, 1, 0);
	scene_apply(scene);
	slots = capture_get_slots(scene->capture, &count);
	assert_int_equal(count, 2);
	assert_memory_equal(&slots[0], &second, sizeof(second));
	assert_int_not_equal(slots[1].slot, first.slot); /* Given back, and resting. */
	assert_true(slots[1].epoch != first.epoch);
	assert_int_equal(scene_counters(scene, 3).direction[DIRECTION_INGRESS].accepted.packets, 0);
	assert_int_equal(scene_counters(scene, 2).direction[DIRECTION_INGRESS].accepted.packets, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_as_many_sessions_as_a_source_can_have,
						scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_as_many_rules_as_a_filter_can_have,
						scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_orientation, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_exclusions, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_own_output, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_errors_about_own_output, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(test_network_service, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_slots_over_changes, scene_setup,
						scene_teardown),
	};

	scene_require_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
