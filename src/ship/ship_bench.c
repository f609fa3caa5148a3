// SPDX-License-Identifier: Apache-2.0
/* What shipping costs: CPU time of one thread that cuts, encapsulates and sends records from memory to a namespace
 * behind a veth, where nobody listens; delivery into that namespace is part of the price.  Needs root. */
#include "base/count.h"
#include "ship/checksum.h"
#include "ship/deliver.h"
#include "ship/flow.h"
#include "ship/frame_example.h"
#include "ship/lane.h"
#include "ship/link_example.h"
#include "ship/outbox.h"
#include "ship/routes.h"
#include "ship/segment.h"
#include "ship/ship.h"
#include "ship/tally.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RECORDS  256
#define DURATION 1.0 /* Seconds of CPU per figure. */

static struct session_counters counters[1];
static atomic_ulong orphans;

static double cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int send_by_lanes(void *context, unsigned int lane, struct mmsghdr *messages,
			 unsigned int count)
{
	return lanes_send(context, lane, messages, count);
}

static int send_nowhere(void *context, unsigned int lane, struct mmsghdr *messages,
			unsigned int count)
{
	(void)context;
	(void)lane;
	(void)messages;
	return (int)count;
}

static void measure_nothing(void *context, struct target *target)
{
	(void)context;
	(void)target;
}

struct load {
	const char *name;
	struct frame_wish wish;
	unsigned int flows;
};

static const struct load loads[] = {
	{"64 B", {.version = 4, .protocol = IPPROTO_UDP, .payload_size = 22}, 1},
	{"64 B, 64 flows", {.version = 4, .protocol = IPPROTO_UDP, .payload_size = 22}, 64},
	{"1500 B", {.version = 4, .protocol = IPPROTO_TCP, .payload_size = 1460}, 1},
	{"1500 B, 64 flows", {.version = 4, .protocol = IPPROTO_TCP, .payload_size = 1460}, 64},
	{"64 KiB of 1448",
	 {.version = 4,
	  .protocol = IPPROTO_TCP,
	  .payload_size = 44 * 1448,
	  .segment_size = 1448,
	  .transport_options = 12,
	  .placeholder = 1},
	 1},
};

/* Frames of a load; fewer of large ones, so that they fit a cache as a batch of a ring does. */
static struct frame_example *frames_make(const struct load *load, unsigned int *ret_count)
{
	unsigned int count = load->wish.segment_size ? 4 : RECORDS;
	struct frame_example *frames = calloc(count, sizeof(*frames));

	if (!frames)
		abort();
	for (unsigned int i = 0; i < count; i++) {
		struct frame_wish wish = load->wish;

		wish.source_port = (uint16_t)(30000 + i % load->flows * 131);
		frame_example_build(&wish, &frames[i]);
		frames[i].record.session_generation = 1;
	}
	*ret_count = count;
	return frames;
}

static double nanoseconds_per_packet(const struct load *load, const struct transmit *transmit,
				     struct routes *routes)
{
	_cleanup_(outbox_freep) struct outbox *outbox = NULL;
	_cleanup_(tally_fini) struct tally tally = {};
	struct delivery delivery = {.routes = routes, .tally = &tally, .orphans = &orphans};
	struct session_direction_counters *counted = &counters[0].direction[0];
	uint64_t before = counted->shipped.packets;
	unsigned int count;
	struct frame_example *frames = frames_make(load, &count);
	double start, end;

	if (outbox_new(transmit, &outbox) < 0 || tally_init(&tally, ARRAY_SIZE(counters)) < 0)
		abort();
	delivery.outbox = outbox;
	start = end = cpu_time();
	while (end - start < DURATION) {
		for (unsigned int i = 0; i < count; i++)
			deliver_record(&delivery, &frames[i], frame_example_size(&frames[i]));
		outbox_flush(outbox);
		tally_commit(&tally, counters);
		end = cpu_time();
	}
	free(frames);
	return (end - start) * 1e9 / (double)(counted->shipped.packets - before);
}

static void checksum_measure(size_t size)
{
	static uint8_t bytes[65536];
	unsigned int rounds = (unsigned int)(2e9 / (double)size / 4);
	volatile uint64_t sink = 0;
	double start = cpu_time();

	for (unsigned int i = 0; i < rounds; i++)
		sink = checksum_add(sink, bytes, size);
	printf("checksum of %5zu B: %.1f ns\n", size, (cpu_time() - start) * 1e9 / rounds);
}

static struct routes *route_to(const char *appliance)
{
	struct ship_route route = {.generation = 1, .vni = 1, .reachable = true, .port = 4789};
	struct routes *routes;

	if (!address_parse(appliance, &route.address) ||
	    routes_new(&route, 1, 1, 0, NULL, &routes) < 0)
		abort();
	return routes;
}

/* A socket that takes nothing but keeps the kernel from answering with ICMP. */
static void appliance_listen(void)
{
	struct sock_filter instructions[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = instructions};
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(4789)};
	int descriptor;

	link_example_enter_appliance();
	descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0)
		abort();
	link_example_enter_host();
}

int main(void)
{
	struct lanes lanes;
	struct transmit nowhere = {.send = send_nowhere, .measure = measure_nothing};
	struct transmit kernel = {
		.context = &lanes, .send = send_by_lanes, .measure = measure_nothing};
	struct routes *routes[2];

	if (link_example_open(9000, "") < 0 || lanes_open(0, 0, &lanes, NULL) != 0) {
		(void)fprintf(stderr, "Making network namespaces needs root\n");
		return 77;
	}
	appliance_listen();
	checksum_measure(64);
	checksum_measure(1448);
	checksum_measure(65536);
	routes[0] = route_to(LINK_APPLIANCE_IPV4);
	routes[1] = route_to(LINK_APPLIANCE_IPV6);
	printf("%-20s %10s %12s %12s %12s %12s   ns per wire packet\n", "", "no kernel", "sendmmsg",
	       "UDP_SEGMENT", "v6 sendmmsg", "v6 SEGMENT");
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		printf("%-20s", loads[i].name);
		atomic_store(&routes[0]->targets[0].segmented, true);
		printf(" %10.0f", nanoseconds_per_packet(&loads[i], &nowhere, routes[0]));
		for (int j = 0; j < 4; j++) {
			atomic_store(&routes[j / 2]->targets[0].segmented, j % 2);
			printf(" %12.0f",
			       nanoseconds_per_packet(&loads[i], &kernel, routes[j / 2]));
			(void)fflush(stdout);
		}
		printf("\n");
	}
	for (int reason = 0; reason < LOSS_REASON_COUNT; reason++)
		if (counters[0].direction[0].lost[reason].packets > 0)
			printf("lost for reason %d: %llu\n", reason,
			       counters[0].direction[0].lost[reason].packets);
	routes_free(routes[0]);
	routes_free(routes[1]);
	lanes_close(&lanes);
	return 0;
}
