// SPDX-License-Identifier: Apache-2.0
/* How near shipping comes to what the kernel can take.
 *
 *	limit     a loop of sendmsg(2) with UDP_SEGMENT of the same datagrams from one warm buffer
 *	ours      records in a ring, through stream, segmenter, encapsulation and outbox, to the same socket calls
 *	fleet     the same, of the thousand flows, to a fleet of so many appliances behind that next hop
 *	one each  a loop of sendmsg(2) with one datagram
 *	peeked    the thousand flows to one appliance, while somebody looks at them
 *
 * The first table is of rings of a batch's full size: what a thread that has fallen behind ships.  The second is of shorter
 * batches: of those that naps make (nap.h) where so many packets come in a second, which are longer for a large fleet, and of 600
 * copies for all alike.
 *
 * Each is CPU time of one thread, the next hop's part included: a namespace behind a veth, which takes packets, finds that
 * they are not for it, and drops them.  With USO that hop is handed super-packets, as a NIC is; without, the kernel
 * cuts them before the veth.  Rounds are interleaved and medians printed.  Needs root.
 *
 * The hard idea is the ring's memory: it is written anew before each pass, outside the measured time, so that our code reads
 * what another has just written and not what its own cache has kept. */
#include "balance/fragments.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/peek.h"
#include "net/net_example.h"
#include "ship/deliver.h"
#include "ship/fleets.h"
#include "ship/frame_example.h"
#include "ship/lane.h"
#include "ship/link_example.h"
#include "ship/nap.h"
#include "ship/outbox.h"
#include "ship/peephole.h"
#include "ship/ring_memory.h"
#include "ship/routes.h"
#include "ship/ship.h"
#include "ship/stream.h"
#include "ship/tally.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS       5
#define RING_SIZE    (4U << 20) /* One batch. */
#define FLOWS        1000
#define MEASURE_TIME (NSEC_PER_SEC / 5) /* CPU time of one figure in one round. */
#define SEGMENTS_MAX 64U
#define MESSAGE_MAX  65507
#define BEYOND       "198.51.100.9" /* Routed to the appliance, which is no router. */
#define BEYOND_BLOCK "198.51.100.0/24"

struct load {
	const char *name;
	uint32_t datagram; /* Bytes of UDP payload. */
	bool next_hop_cuts;
};

static const struct load loads[] = {
	{"136 B, USO", 136, true},
	{"1522 B, USO", 1522, true},
	{"136 B, software", 136, false},
	{"1522 B, software", 1522, false},
};

enum contender {
	LIMIT,
	ONE_FLOW,
	MANY_FLOWS,
	SMALL_FLEET,
	LARGE_FLEET,
	ONE_EACH,
	PEEKED,
	CONTENDER_COUNT,
};

/* Batches of a host that keeps up with its packets. */
struct rhythm {
	const char *name;
	uint64_t rate;       /* Packets a second; 0: */
	unsigned int copies; /* are so many. */
};

static const struct rhythm rhythms[] = {
	{"200,000/s", 200000, 0},
	{"1,000,000/s", 1000000, 0},
	{"600 copies", 0, 600},
};

#define RHYTHMIC_COUNT 3 /* MANY_FLOWS and the fleets. */

#define SMALL_FLEET_SIZE 4
#define LARGE_FLEET_SIZE 100

/* What all figures are measured with. */
struct bench {
	struct lanes lanes;
	struct routes *routes; /* To one appliance. */
	struct routes *peeked; /* The same, and seen through this one: */
	struct peephole *peephole;
	struct fleets fleets[2];
	struct routes *to_fleet[2]; /* A small one and a large one. */
	struct fragments *fragments;
	struct ring_memory memory;
	struct stream_ring ring;
	struct stream stream;
	struct outbox *outbox;
	struct tally tally;
	struct session_counters counters[1];
	atomic_ulong orphans;
	unsigned int next; /* Flow. */
};

static struct bench bench;
static struct frame_example frames[FLOWS];

static uint64_t cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static int send_by_lanes(void *context, unsigned int lane, struct mmsghdr *messages,
			 unsigned int count)
{
	return lanes_send(context, lane, messages, count);
}

static void measure_nothing(void *context _unused_, struct target *target _unused_)
{
}

/* A loop of messages of 'segments' datagrams each.  Returns datagrams per second. */
static double bare_loop(uint32_t datagram, unsigned int segments)
{
	static uint8_t buffer[MESSAGE_MAX];
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))] = {};
	struct cmsghdr *item = (struct cmsghdr *)(void *)control;
	uint16_t size = (uint16_t)datagram;
	struct iovec piece = {buffer, (size_t)datagram * segments};
	struct target *target = &bench.routes->targets[0];
	struct msghdr header = {.msg_name = &target->socket,
				.msg_namelen = target->socket_size,
				.msg_iov = &piece,
				.msg_iovlen = 1};
	uint64_t start = cpu_time(), end = start, sent = 0;

	*item = (struct cmsghdr){.cmsg_level = SOL_UDP,
				 .cmsg_type = UDP_SEGMENT,
				 .cmsg_len = CMSG_LEN(sizeof(size))};
	memcpy(CMSG_DATA(item), &size, sizeof(size));
	if (segments > 1) {
		header.msg_control = control;
		header.msg_controllen = sizeof(control);
	}
	for (; end - start < MEASURE_TIME; end = cpu_time())
		for (unsigned int i = 0; i < 64; i++, sent += segments)
			if (sendmsg(bench.lanes.sockets[0], &header, 0) < 0)
				abort();
	return (double)sent * (double)NSEC_PER_SEC / (double)(end - start);
}

/* Writes so many records or as many as fit, the flows by turns. */
static void ring_fill(unsigned int flows, unsigned int most)
{
	for (unsigned int i = 0; i < most; i++, bench.next++)
		if (!ring_memory_write(&bench.memory, &frames[bench.next % flows].record))
			return;
}

/* As a thread does it, without naps. */
static void ring_ship(const struct routes *routes)
{
	struct delivery delivery = {.routes = routes,
				    .fragments = bench.fragments,
				    .tally = &bench.tally,
				    .orphans = &bench.orphans,
				    .outbox = bench.outbox,
				    .longest = UINT64_MAX};
	const struct capture_record *record;
	uint32_t size;

	stream_begin(&bench.stream, clock_monotonic());
	while (stream_next(&bench.stream, &record, &size))
		deliver_record(&delivery, record, size);
	deliver_rest(&delivery);
	outbox_flush(bench.outbox);
	tally_commit(&bench.tally, bench.counters);
	ring_release(&bench.ring.ring);
}

static double ring_loop(const struct routes *routes, uint32_t datagram, unsigned int flows,
			unsigned int batch)
{
	struct packet_count *shipped = &bench.counters[0].direction[0].shipped;
	uint64_t before, spent = 0;

	for (unsigned int i = 0; i < flows; i++) {
		struct frame_wish wish = {.version = 4,
					  .protocol = IPPROTO_UDP,
					  .payload_size = datagram - 8 - 42,
					  .source_port = (uint16_t)(20000 + i)};

		frame_example_build(&wish, &frames[i]);
		frames[i].record.session_generation = 1;
		frames[i].record.timestamp = clock_monotonic();
	}
	before = shipped->packets;
	while (spent < MEASURE_TIME) {
		uint64_t start;

		ring_fill(flows, batch);
		start = cpu_time();
		ring_ship(routes);
		spent += cpu_time() - start;
	}
	return (double)(shipped->packets - before) * (double)NSEC_PER_SEC / (double)spent;
}

/* All that a second lets through comes at once here, within less than a second. */
static double peeked_loop(uint32_t datagram, unsigned int batch)
{
	static const struct resource_id session = {"tms-0123456789abcdef0"};
	_cleanup_(peek_batch_fini) struct peek_batch seen = {};
	double rate = ring_loop(bench.peeked, datagram, FLOWS, batch);

	if (peephole_collect(bench.peephole, &session, &seen) < 0 || seen.packet_count == 0)
		abort();
	return rate;
}

/* In batches of so many records at most. */
static double measure(const struct load *load, enum contender contender, unsigned int batch)
{
	switch (contender) {
	case LIMIT:
		return bare_loop(load->datagram, MIN(MESSAGE_MAX / load->datagram, SEGMENTS_MAX));
	case ONE_FLOW:
		return ring_loop(bench.routes, load->datagram, 1, batch);
	case MANY_FLOWS:
		return ring_loop(bench.routes, load->datagram, FLOWS, batch);
	case SMALL_FLEET:
		return ring_loop(bench.to_fleet[0], load->datagram, FLOWS, batch);
	case LARGE_FLEET:
		return ring_loop(bench.to_fleet[1], load->datagram, FLOWS, batch);
	case PEEKED:
		return peeked_loop(load->datagram, batch);
	default:
		return bare_loop(load->datagram, 1);
	}
}

/* Copies in a batch, once naps have found their length. */
static unsigned int rhythm_batch(const struct rhythm *rhythm, enum contender contender)
{
	uint64_t ports = contender == LARGE_FLEET ? LARGE_FLEET_SIZE : SHIP_PORT_COUNT;
	uint64_t length = NAP_SLICE, copies = rhythm->copies;

	for (int i = 0; i < 100 && rhythm->rate > 0; i++) {
		copies = rhythm->rate * length / NSEC_PER_SEC;
		length = nap_length(length, copies, (unsigned int)MIN(copies, ports));
	}
	return (unsigned int)copies;
}

static int compare_rates(const void *a, const void *b)
{
	const double *first = a, *second = b;

	return *first < *second ? -1 : *first > *second;
}

static int fleet_open(size_t size, struct fleets *ret_fleets, struct routes **ret_routes)
{
	const struct ship_route route = {.generation = 1, .vni = 1, .fleet = "fleet"};
	struct fleet_member members[LARGE_FLEET_SIZE] = {};
	struct fleet fleet = {.id = "fleet",
			      .tcp_idle = 350,
			      .other_idle = 120,
			      .check.protocol = CHECK_NONE,
			      .members = members,
			      .member_count = size};
	struct way *way;

	for (size_t i = 0; i < size; i++) {
		(void)snprintf(members[i].id, sizeof(members[i].id), "198.51.100.%zu", 100 + i);
		members[i].port = 4789;
		members[i].weight = 1;
		if (!address_parse(members[i].id, &members[i].address))
			return -EINVAL;
	}
	if (fleets_set(ret_fleets, &fleet, 1, SHIP_FLOWS_DEFAULT) < 0 ||
	    fleets_settle(ret_fleets) < 0 ||
	    routes_new(&route, 1, ret_fleets, 1, 0, NULL, ret_routes) < 0)
		return -ENOMEM;
	way = &(*ret_routes)->ways[0];
	for (size_t i = 0; i < way->count; i++)
		atomic_store(&way->targets[i].segmented, true);
	return 0;
}

static void bench_open(void)
{
	struct transmit transmit = {
		.context = &bench.lanes, .send = send_by_lanes, .measure = measure_nothing};
	struct ship_route route = {.generation = 1, .vni = 1, .reachable = true, .port = 4789};
	bool ready = address_parse(BEYOND, &route.address) &&
		     routes_new(&route, 1, &bench.fleets[0], 1, 0, NULL, &bench.routes) == 0 &&
		     peephole_new(PEEK_SNAP_DEFAULT, &bench.peephole) == 0;

	route.peephole = bench.peephole;
	ready = ready && routes_new(&route, 1, &bench.fleets[0], 1, 0, NULL, &bench.peeked) == 0 &&
		fleet_open(SMALL_FLEET_SIZE, &bench.fleets[0], &bench.to_fleet[0]) == 0 &&
		fleet_open(LARGE_FLEET_SIZE, &bench.fleets[1], &bench.to_fleet[1]) == 0 &&
		fragments_new(&bench.fragments) == 0 && outbox_new(&transmit, &bench.outbox) == 0 &&
		tally_init(&bench.tally, ARRAY_SIZE(bench.counters)) == 0;

	if (!ready)
		abort();
	atomic_store(&bench.routes->targets[0].segmented, true);
	atomic_store(&bench.peeked->targets[0].segmented, true);
	ring_memory_open(RING_SIZE, &bench.memory);
	if (ring_open(bench.memory.file, bench.memory.head, RING_SIZE, &bench.ring.ring) < 0)
		abort();
	bench.stream = (struct stream){.rings = &bench.ring, .count = 1};
}

static double median_of(double rates[ROUNDS])
{
	qsort(rates, ROUNDS, sizeof(rates[0]), compare_rates);
	return rates[ROUNDS / 2];
}

static void row_print(const struct load *load, double rates[CONTENDER_COUNT][ROUNDS])
{
	double median[CONTENDER_COUNT];

	for (int i = 0; i < CONTENDER_COUNT; i++)
		median[i] = median_of(rates[i]);
	printf("%-18s %9.0f %9.0f %4.0f%% %9.0f %4.0f%% %9.0f %+4.0f%% %9.0f %+4.0f%% %9.0f\n",
	       load->name, median[LIMIT] / 1e3, median[ONE_FLOW] / 1e3,
	       100 * median[ONE_FLOW] / median[LIMIT], median[MANY_FLOWS] / 1e3,
	       100 * median[MANY_FLOWS] / median[LIMIT], median[SMALL_FLEET] / 1e3,
	       100 * (median[MANY_FLOWS] / median[SMALL_FLEET] - 1), median[LARGE_FLEET] / 1e3,
	       100 * (median[MANY_FLOWS] / median[LARGE_FLEET] - 1), median[ONE_EACH] / 1e3);
}

static void peeked_row_print(const struct load *load, double rates[CONTENDER_COUNT][ROUNDS])
{
	double alone = median_of(rates[MANY_FLOWS]), peeked = median_of(rates[PEEKED]);

	printf("%-18s %9.1f %9.1f %6.1f%%\n", load->name, 1e9 / alone, 1e9 / peeked,
	       100 * peeked / alone);
}

static void rhythm_row_print(const struct load *load, const struct rhythm *rhythm,
			     double rates[RHYTHMIC_COUNT][ROUNDS])
{
	double one = median_of(rates[0]), few = median_of(rates[1]), many = median_of(rates[2]);

	printf("%-18s %11s %9u %9.0f %+8.0f%% %9u %9.0f %+8.0f%%\n", load->name, rhythm->name,
	       rhythm_batch(rhythm, MANY_FLOWS), 1e9 / one, 100 * (one / few - 1),
	       rhythm_batch(rhythm, LARGE_FLEET), 1e9 / many, 100 * (one / many - 1));
}

static void rhythms_measure(const struct load *load,
			    double ret_rates[ARRAY_SIZE(rhythms)][RHYTHMIC_COUNT][ROUNDS],
			    int round)
{
	for (size_t i = 0; i < ARRAY_SIZE(rhythms); i++)
		for (int j = 0; j < RHYTHMIC_COUNT; j++) {
			enum contender contender = (enum contender)(MANY_FLOWS + j);

			ret_rates[i][j][round] =
				measure(load, contender, rhythm_batch(&rhythms[i], contender));
		}
}

int main(void)
{
	static double rates[ARRAY_SIZE(loads)][CONTENDER_COUNT][ROUNDS];
	static double rhythmic[ARRAY_SIZE(loads)][ARRAY_SIZE(rhythms)][RHYTHMIC_COUNT][ROUNDS];

	if (link_example_open(9000, "") < 0 || lanes_open(0, 0, &bench.lanes, NULL) != 0) {
		(void)fprintf(stderr, "Making network namespaces needs root\n");
		return 77;
	}
	shell("ip route add " BEYOND_BLOCK " via " LINK_APPLIANCE_IPV4);
	bench_open();
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
			shell("ethtool -K toward tx-udp-segmentation %s >/dev/null",
			      loads[i].next_hop_cuts ? "on" : "off");
			for (int j = 0; j < CONTENDER_COUNT; j++)
				rates[i][j][round] =
					measure(&loads[i], (enum contender)j, UINT_MAX);
			rhythms_measure(&loads[i], rhythmic[i], round);
		}
	printf("thousands/s        %9s %9s  of it %9s of it %9s  cost %9s  cost %9s\n", "limit",
	       "1 flow", "1,000 flows", "fleet 4", "fleet 100", "one each");
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
		row_print(&loads[i], rates[i]);
	printf("\nns a copy          %9s %9s %7s\n", "1,000", "peeked", "rate");
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
		peeked_row_print(&loads[i], rates[i]);
	printf("\nns a copy          %11s %9s %9s %9s %9s %9s %9s\n", "", "batch", "one", "fleet 4",
	       "batch", "fleet 100", "cost");
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
		for (size_t j = 0; j < ARRAY_SIZE(rhythms); j++)
			rhythm_row_print(&loads[i], &rhythms[j], rhythmic[i][j]);
	return 0;
}
