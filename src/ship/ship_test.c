// SPDX-License-Identifier: Apache-2.0
/* The whole shipper between a real ring and an appliance in another namespace.
 *
 * The appliance is looked at in two ways: by a UDP socket, and by an AF_PACKET sensor on its device, which sees
 * packets as they cross the veth.  Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/ship.h"

#include "base/clock.h"
#include "net/net_example.h"
#include "ship/frame_example.h"
#include "ship/link_example.h"
#include "ship/ring_example.h"
#include "ship/segment.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <endian.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RING_SIZE  (1 << 20)
#define SLOT_LIMIT 8
#define VNI        0xabcdef
#define DEADLINE   (5 * NSEC_PER_SEC)

static struct test {
	struct ring_example ring;
	struct session_counters counters[SLOT_LIMIT];
	struct ship *ship;
	int receiver, sensor;
} test;

static struct frame_example frame;

static int receiver_open(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(4789)};
	int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 8 << 20;

	assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
			 0);
	assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
	return descriptor;
}

static int sensor_open(void)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int size = 8 << 20;

	assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
			 0);
	address.sll_ifindex = (int)if_nametoindex("sensor");
	assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
	return descriptor;
}

static struct ship_route route_to(const char *appliance, uint16_t packet_length)
{
	struct ship_route route = {.slot = 3,
				   .generation = 9,
				   .vni = VNI,
				   .packet_length = packet_length,
				   .reachable = true,
				   .port = 4789};

	assert_true(address_parse(appliance, &route.address));
	return route;
}

static void apply(const char *appliance, uint16_t packet_length)
{
	struct ship_route route = route_to(appliance, packet_length);

	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
}

static int setup(void **state)
{
	struct ship_ring ring;
	struct ship_options options = {.rings = &ring,
				       .ring_count = 1,
				       .counters = test.counters,
				       .slot_limit = SLOT_LIMIT,
				       .mark = 0x7e57};

	(void)state;
	memset(&test.counters, 0, sizeof(test.counters));
	link_example_enter_appliance();
	test.receiver = receiver_open();
	test.sensor = sensor_open();
	link_example_enter_host();
	assert_int_equal(ring_example_open(RING_SIZE, &test.ring), 0);
	ring = ring_example_get(&test.ring);
	assert_int_equal(ship_open(&options, &test.ship, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test.ship = ship_free(test.ship);
	ring_example_close(&test.ring);
	closep(&test.receiver);
	closep(&test.sensor);
	return 0;
}

static void write_frame(const struct frame_wish *wish)
{
	frame_example_build(wish, &frame);
	frame.record.session_slot = 3;
	frame.record.session_generation = 9;
	frame.record.direction = DIRECTION_EGRESS;
	assert_true(ring_example_write(&test.ring, &frame));
}

/* The next copy at the socket: its size without encapsulation, or 0 after a second of silence. */
static uint32_t receive(uint8_t *copy, size_t size, uint16_t *ret_port)
{
	struct pollfd poll_descriptor = {.fd = test.receiver, .events = POLLIN};
	struct sockaddr_in6 from;
	socklen_t from_size = sizeof(from);
	uint8_t datagram[70000];
	ssize_t received;

	if (poll(&poll_descriptor, 1, 1000) == 0)
		return 0;
	received = recvfrom(test.receiver, datagram, sizeof(datagram), 0, (struct sockaddr *)&from,
			    &from_size);
	assert_true(received > 8 && (size_t)received - 8 <= size);
	assert_memory_equal(datagram, "\x08\0\0\0\xab\xcd\xef\0", 8);
	memcpy(copy, datagram + 8, (size_t)received - 8);
	if (ret_port)
		*ret_port = ntohs(from.sin6_port);
	return (uint32_t)received - 8;
}

/* What must arrive is what the segmenter makes, whose own test says what that has to be. */
static void expect_copies(uint16_t packet_length)
{
	static uint8_t copy[70000], header[SEGMENT_HEADER_SIZE_MAX];
	struct segmenter segmenter;
	struct segment segment;

	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, packet_length), 0);
	while (segmenter_next(&segmenter, header, &segment)) {
		assert_int_equal(receive(copy, sizeof(copy), NULL),
				 segment.header_size + segment.tail_size);
		assert_memory_equal(copy, header, segment.header_size);
		assert_memory_equal(copy + segment.header_size, segment.tail, segment.tail_size);
	}
}

/* A counter that the shipping thread may be adding to. */
#define NOW(counter) __atomic_load_n(&(counter), __ATOMIC_ACQUIRE)

static void expect_count(const struct packet_count *count, uint64_t packets)
{
	uint64_t deadline = clock_monotonic() + DEADLINE;
	struct timespec moment = {.tv_nsec = 100000};

	while (__atomic_load_n(&count->packets, __ATOMIC_ACQUIRE) < packets &&
	       clock_monotonic() < deadline)
		(void)nanosleep(&moment, NULL);
	assert_int_equal(NOW(count->packets), packets);
}

static struct session_direction_counters *counted(void)
{
	return &test.counters[3].direction[DIRECTION_EGRESS];
}

static const struct frame_wish super_packet = {.version = 4,
					       .protocol = IPPROTO_TCP,
					       .payload_size = 50000,
					       .segment_size = 1380,
					       .identification = 1,
					       .placeholder = true};

static void copies_arrive_at_the_appliance(void **state)
{
	const char *const appliances[] = {LINK_APPLIANCE_IPV4, LINK_APPLIANCE_IPV6};
	uint64_t packets = 0;

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	for (int i = 0; i < 2; i++) {
		apply(appliances[i], 0);
		for (uint32_t size = 0; size < 1300; size += 173) {
			write_frame(&(struct frame_wish){.version = 6,
							 .protocol = IPPROTO_UDP,
							 .payload_size = size,
							 .placeholder = size & 1});
			expect_copies(0);
			packets++;
		}
		write_frame(&super_packet);
		expect_copies(0);
		packets += frame.record.segment_count;
	}
	expect_count(&counted()->shipped, packets);
	assert_int_equal(NOW(counted()->truncated.packets), 0);
}

static void sessions_truncate(void **state)
{
	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	apply(LINK_APPLIANCE_IPV4, 100);
	write_frame(&super_packet);
	expect_copies(100);
	expect_count(&counted()->shipped, frame.record.segment_count);
	assert_int_equal(NOW(counted()->shipped.bytes),
			 segment_wire_bytes(&frame.record, frame.bytes));
	assert_int_equal(NOW(counted()->truncated.packets), 0);
}

/* The link carries 1500 bytes, so a copy has 1464 of them, and never more than one packet. */
static void narrow_paths_truncate_and_never_fragment(void **state)
{
	static uint8_t copy[70000];

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	apply(LINK_APPLIANCE_IPV4, 0);
	write_frame(
		&(struct frame_wish){.version = 4, .protocol = IPPROTO_TCP, .payload_size = 3000});
	assert_int_equal(receive(copy, sizeof(copy), NULL), 1464);
	assert_memory_equal(copy, frame.bytes, 1464);
	/* The path becomes narrower still, which the shipper learns when a datagram does not fit. */
	shell("ip link set toward mtu 1400");
	write_frame(
		&(struct frame_wish){.version = 4, .protocol = IPPROTO_TCP, .payload_size = 3000});
	assert_int_equal(receive(copy, sizeof(copy), NULL), 1364);
	shell("ip link set toward mtu 1500");
	ship_refresh(test.ship);
	write_frame(
		&(struct frame_wish){.version = 4, .protocol = IPPROTO_TCP, .payload_size = 3000});
	assert_int_equal(receive(copy, sizeof(copy), NULL), 1464);
	expect_count(&counted()->shipped, 3);
	assert_int_equal(NOW(counted()->truncated.packets), 3);
	assert_int_equal(NOW(counted()->truncated.bytes), 3 * 3054);
}

/* Reads what crosses the veth.  Returns how many packets of our tunnel there were. */
static unsigned int sensor_count(unsigned int expected)
{
	struct pollfd poll_descriptor = {.fd = test.sensor, .events = POLLIN};
	unsigned int count = 0;
	uint8_t packet[70000];

	while (count < expected && poll(&poll_descriptor, 1, 1000) > 0) {
		ssize_t size = recv(test.sensor, packet, sizeof(packet), 0);

		if (size < 42 || packet[12] != 0x08 || packet[23] != IPPROTO_UDP ||
		    packet[36] << 8 != (4789 & 0xff00) || packet[37] != (4789 & 0xff))
			continue;
		count++;
		assert_true(size <= 1514);
		assert_int_equal(packet[20] & 0xe0, 0x40); /* DF, and no fragment. */
		assert_int_equal(packet[22], 64);          /* TTL. */
	}
	return count;
}

static void a_sensor_on_the_device_sees_single_packets(void **state)
{
	const char *const features[] = {"off", "on"};

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	apply(LINK_APPLIANCE_IPV4, 0);
	for (int i = 0; i < 2; i++) {
		shell("ethtool -K toward tx-udp-segmentation %s >/dev/null", features[i]);
		ship_refresh(test.ship);
		write_frame(&super_packet);
		assert_int_equal(sensor_count(frame.record.segment_count),
				 frame.record.segment_count);
	}
}

static void flows_take_source_ports_of_the_block(void **state)
{
	uint16_t base = ship_get_port_base(test.ship), port;
	bool seen[SHIP_PORT_COUNT] = {};
	unsigned int different = 0;
	uint8_t copy[2000];

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	apply(LINK_APPLIANCE_IPV4, 0);
	for (uint16_t i = 0; i < 500; i++) {
		write_frame(&(struct frame_wish){.version = 4,
						 .protocol = IPPROTO_UDP,
						 .payload_size = 20,
						 .source_port = (uint16_t)(2000 + i)});
		assert_true(receive(copy, sizeof(copy), &port) > 0);
		assert_in_range(port, base, base + SHIP_PORT_COUNT - 1);
		different += !seen[port - base];
		seen[port - base] = true;
	}
	assert_int_equal(different, SHIP_PORT_COUNT);
}

static void losses_have_their_reasons(void **state)
{
	struct ship_route route = route_to("203.0.113.1", 0);

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	/* Nobody's. */
	write_frame(&super_packet);
	for (uint64_t deadline = clock_monotonic() + DEADLINE;
	     ship_get_orphans(test.ship) == 0 && clock_monotonic() < deadline;)
		;
	assert_int_equal(ship_get_orphans(test.ship), frame.record.segment_count);
	/* No route there. */
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_NO_ROUTE], frame.record.segment_count);
	route.reachable = false;
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_NO_TARGET], frame.record.segment_count);
	assert_int_equal(ship_apply(test.ship, NULL, 0), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_SESSION_ENDED], frame.record.segment_count);
	assert_int_equal(NOW(counted()->lost[LOSS_SESSION_ENDED].bytes),
			 segment_wire_bytes(&frame.record, frame.bytes));
	/* The slot's next owner is not charged for the last one's records. */
	route.generation = 10;
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	for (uint64_t deadline = clock_monotonic() + DEADLINE;
	     ship_get_orphans(test.ship) == frame.record.segment_count &&
	     clock_monotonic() < deadline;)
		;
	assert_int_equal(ship_get_orphans(test.ship), 2 * frame.record.segment_count);
	assert_int_equal(NOW(counted()->shipped.packets), 0);
}

/* What one shipper did not get to is shipped by the next, and both may be there at once. */
static void a_successor_ships_what_is_left(void **state)
{
	struct ship_ring ring = ring_example_get(&test.ring);
	struct ship_options options = {.rings = &ring,
				       .ring_count = 1,
				       .counters = test.counters,
				       .slot_limit = SLOT_LIMIT,
				       .mark = 0x7e57};
	struct ship *successor;

	(void)state;
	apply(LINK_APPLIANCE_IPV4, 0);
	write_frame(&super_packet);
	assert_int_equal(ship_open(&options, &successor, NULL), 0);
	assert_int_equal(ship_get_port_base(successor), ship_get_port_base(test.ship));
	test.ship = ship_free(test.ship);
	test.ship = successor;
	apply(LINK_APPLIANCE_IPV4, 0);
	assert_int_equal(ship_start(test.ship), 0);
	expect_copies(0);
}

/* An appliance may look at its device only, and answer with ICMP that nobody listens. */
static void a_closed_port_costs_no_copy(void **state)
{
	(void)state;
	closep(&test.receiver);
	test.receiver = -1;
	apply(LINK_APPLIANCE_IPV4, 0);
	assert_int_equal(ship_start(test.ship), 0);
	for (uint64_t i = 1; i <= 20; i++) {
		write_frame(&super_packet);
		expect_count(&counted()->shipped, i * frame.record.segment_count);
	}
	assert_int_equal(sensor_count(20 * frame.record.segment_count),
			 20 * frame.record.segment_count);
}

/* Writes frames until a counter has moved.  Returns whether it did before the deadline. */
static bool write_until(const struct packet_count *count)
{
	uint64_t before = __atomic_load_n(&count->packets, __ATOMIC_ACQUIRE);
	uint64_t deadline = clock_monotonic() + DEADLINE;
	struct timespec moment = {.tv_nsec = 20000000};

	while (clock_monotonic() < deadline) {
		write_frame(&(struct frame_wish){
			.version = 4, .protocol = IPPROTO_UDP, .payload_size = 20});
		(void)nanosleep(&moment, NULL);
		if (__atomic_load_n(&count->packets, __ATOMIC_ACQUIRE) > before)
			return true;
	}
	return false;
}

/* Nobody has the address, then somebody does. */
static void an_appliance_that_does_not_answer_is_unreachable(void **state)
{
	const char *const absent[][2] = {{"10.9.0.77", "24"}, {"fd09::77", "64"}};
	struct packet_count *lost = &counted()->lost[LOSS_UNREACHABLE];
	uint8_t copy[2000];

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	for (size_t i = 0; i < 2; i++) {
		apply(absent[i][0], 0);
		assert_true(write_until(lost));
		link_example_enter_appliance();
		shell("ip address add %s/%s dev sensor nodad", absent[i][0], absent[i][1]);
		link_example_enter_host();
		assert_true(write_until(&counted()->shipped));
		assert_true(receive(copy, sizeof(copy), NULL) > 0);
		link_example_enter_appliance();
		shell("ip address del %s/%s dev sensor", absent[i][0], absent[i][1]);
		link_example_enter_host();
	}
}

/* The next packet of our tunnel at the sensor, from its IP header on. */
static const uint8_t *sense(uint16_t port)
{
	static uint8_t packet[70000];
	struct pollfd poll_descriptor = {.fd = test.sensor, .events = POLLIN};

	while (poll(&poll_descriptor, 1, 1000) > 0) {
		ssize_t size = recv(test.sensor, packet, sizeof(packet), 0);
		size_t udp = packet[12] == 0x08 ? 34 : 54;

		if (size >= 80 && packet[udp + 2] == port >> 8 && packet[udp + 3] == (port & 0xff))
			return packet + 14;
	}
	fail_msg("nothing came to port %u", port);
	return NULL;
}

static void class_source_and_port_are_as_wished(void **state)
{
	struct ship_route route = route_to(LINK_APPLIANCE_IPV4, 0);
	struct address source;
	const uint8_t *packet;

	(void)state;
	shell("ip address add 10.9.0.8/24 dev toward");
	shell("ip address add fd09::8/64 dev toward nodad");
	assert_int_equal(ship_start(test.ship), 0);
	route.dscp = 46;
	route.port = 5789;
	assert_true(address_parse("10.9.0.8", &route.source));
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet); /* As a train, too. */
	for (unsigned int i = 0; i < frame.record.segment_count; i++) {
		packet = sense(5789);
		assert_int_equal(packet[1], 46 << 2);
		assert_memory_equal(packet + 12, route.source.bytes, 4);
	}
	route = route_to(LINK_APPLIANCE_IPV6, 0);
	route.dscp = 10;
	route.port = 5790;
	assert_true(address_parse("fd09::8", &route.source));
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	packet = sense(5790);
	assert_int_equal((packet[0] & 0x0f) << 4 | packet[1] >> 4, 10 << 2);
	assert_memory_equal(packet + 8, route.source.bytes, 16);
	/* An address that the host does not have, and one of the other family. */
	expect_count(&counted()->shipped, 2UL * frame.record.segment_count);
	assert_true(address_parse("fd09::9", &source));
	route.source = source;
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_NO_ROUTE], frame.record.segment_count);
	route = route_to(LINK_APPLIANCE_IPV4, 0);
	route.source = source;
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_NO_ROUTE], 2UL * frame.record.segment_count);
	assert_true(address_parse("10.9.0.9", &route.source));
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	write_frame(&super_packet);
	expect_count(&counted()->lost[LOSS_NO_ROUTE], 3UL * frame.record.segment_count);
	shell("ip address del 10.9.0.8/24 dev toward");
	shell("ip address del fd09::8/64 dev toward");
}

static uint64_t time_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* A copy under Geneve says when its packet was captured, and is cut 12 bytes earlier. */
static void geneve_says_when(void **state)
{
	struct ship_route route = route_to(LINK_APPLIANCE_IPV4, 0);
	uint64_t before, after, time;
	uint8_t datagram[70000];

	(void)state;
	route.format = SHIP_GENEVE;
	assert_int_equal(ship_start(test.ship), 0);
	assert_int_equal(ship_apply(test.ship, &route, 1), 0);
	frame_example_build(
		&(struct frame_wish){.version = 4, .protocol = IPPROTO_TCP, .payload_size = 3000},
		&frame);
	frame.record.session_slot = 3;
	frame.record.session_generation = 9;
	frame.record.direction = DIRECTION_EGRESS;
	before = time_now(CLOCK_REALTIME);
	frame.record.timestamp = time_now(CLOCK_MONOTONIC);
	after = time_now(CLOCK_REALTIME);
	assert_true(ring_example_write(&test.ring, &frame));
	assert_int_equal(recv(test.receiver, datagram, sizeof(datagram), 0), 1472);
	assert_memory_equal(datagram, "\x03\0\x65\x58\xab\xcd\xef\0\xff\x4d\x01\x02", 12);
	memcpy(&time, datagram + 12, sizeof(time));
	/* Clocks are read one after the other, and the one is set while the other runs. */
	assert_in_range(be64toh(time), before - NSEC_PER_MSEC, after + NSEC_PER_MSEC);
	assert_memory_equal(datagram + 20, frame.bytes, 1452);
	expect_count(&counted()->truncated, 1);
}

/* Every record is shipped by the one table or the other, however often they change. */
static void routes_change_under_traffic(void **state)
{
	const struct ship_route routes[] = {route_to(LINK_APPLIANCE_IPV4, 0),
					    route_to(LINK_APPLIANCE_IPV6, 200)};
	uint64_t written = 0;

	(void)state;
	apply(LINK_APPLIANCE_IPV4, 0);
	assert_int_equal(ship_start(test.ship), 0);
	frame_example_build(&super_packet, &frame);
	frame.record.session_slot = 3;
	frame.record.session_generation = 9;
	frame.record.direction = DIRECTION_EGRESS;
	for (int i = 0; i < 500; i++) {
		if (ring_example_write(&test.ring, &frame))
			written += frame.record.segment_count;
		assert_int_equal(ship_apply(test.ship, &routes[i % 2], 1), 0);
		if (i % 50 == 0)
			ship_refresh(test.ship);
	}
	expect_count(&counted()->shipped, written);
	assert_int_equal(ship_get_orphans(test.ship), 0);
}

static int compare_times(const void *a, const void *b)
{
	const uint64_t *first = a, *second = b;

	return *first < *second ? -1 : *first > *second;
}

/* Waits until the thread has asked to be woken. */
static void expect_asleep(void)
{
	const __u64 *wanted = &test.ring.memory.head->wanted;
	uint64_t deadline = clock_monotonic() + DEADLINE;
	struct timespec moment = {.tv_nsec = 100000};

	while (__atomic_load_n(wanted, __ATOMIC_RELAXED) == 0 && clock_monotonic() < deadline)
		(void)nanosleep(&moment, NULL);
	assert_int_equal(__atomic_load_n(wanted, __ATOMIC_RELAXED), 1);
}

/* A packet now and then: the thread sleeps in between, is woken for each, and is quick about it. */
static void lonely_packets_wake_the_thread(void **state)
{
	uint64_t times[101], before = test.ring.woken;
	uint8_t copy[2000];

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	apply(LINK_APPLIANCE_IPV4, 0);
	for (size_t i = 0; i < 101; i++) {
		expect_asleep();
		times[i] = clock_monotonic();
		write_frame(&(struct frame_wish){
			.version = 4, .protocol = IPPROTO_UDP, .payload_size = 20});
		assert_true(receive(copy, sizeof(copy), NULL) > 0);
		times[i] = clock_monotonic() - times[i];
	}
	qsort(times, 101, sizeof(times[0]), compare_times);
	print_message("latency of a lonely packet: median %u us, worst %u us\n",
		      (unsigned int)(times[50] / 1000), (unsigned int)(times[100] / 1000));
	/* On a busy machine an idle-class thread takes its time, but never the second after which it looks anyway. */
	assert_in_range(test.ring.woken - before, 99, 101);
	assert_in_range(times[50], 1, 100 * NSEC_PER_MSEC);
}

static void idle_threads_cost_nothing(void **state)
{
	struct timespec second = {.tv_sec = 1};
	struct timespec before, after;

	(void)state;
	assert_int_equal(ship_start(test.ship), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	(void)nanosleep(&second, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	after.tv_nsec += (after.tv_sec - before.tv_sec) * (long)NSEC_PER_SEC - before.tv_nsec;
	print_message("idle: %ld us of CPU in a second\n", after.tv_nsec / 1000);
	assert_in_range(after.tv_nsec, 0, 20 * NSEC_PER_MSEC);
}

int main(void)
{
#define SHIP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		SHIP_TEST(copies_arrive_at_the_appliance),
		SHIP_TEST(sessions_truncate),
		SHIP_TEST(narrow_paths_truncate_and_never_fragment),
		SHIP_TEST(a_sensor_on_the_device_sees_single_packets),
		SHIP_TEST(flows_take_source_ports_of_the_block),
		SHIP_TEST(losses_have_their_reasons),
		SHIP_TEST(a_successor_ships_what_is_left),
		SHIP_TEST(a_closed_port_costs_no_copy),
		SHIP_TEST(an_appliance_that_does_not_answer_is_unreachable),
		SHIP_TEST(class_source_and_port_are_as_wished),
		SHIP_TEST(geneve_says_when),
		SHIP_TEST(routes_change_under_traffic),
		SHIP_TEST(lonely_packets_wake_the_thread),
		SHIP_TEST(idle_threads_cost_nothing),
	};

	if (link_example_open(1500, "") < 0) {
		print_message("Making network namespaces and rings needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
