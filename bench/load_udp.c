// SPDX-License-Identifier: Apache-2.0
/* Datagrams, one system call each, as an application sends them.
 *
 * Paced, they leave in bursts once a millisecond, or alone when the rate is below a thousand a second. */
#include "bench/load.h"

#include "base/clock.h"
#include "base/count.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOWS_MAX  1024
#define SIZES_MAX  64
#define BURST_FULL 64 /* At full rate the clock is asked once in so many datagrams for the end. */

struct udp_load {
	int sockets[FLOWS_MAX];
	unsigned int flow_count, size_count;
	size_t sizes[SIZES_MAX]; /* Each as often as its weight; drawn at random. */
	uint32_t random;
	uint64_t sent;
};

static void sizes_parse(struct udp_load *load, char *words)
{
	char *rest = NULL;

	for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *times = strchr(word, '*');
		unsigned int weight = 1;

		if (times) {
			*times = '\0';
			weight = (unsigned int)number(times + 1);
		}
		while (weight-- > 0 && load->size_count < SIZES_MAX)
			load->sizes[load->size_count++] = (size_t)number(word);
	}
}

static void flows_open(struct udp_load *load, const char *address, unsigned int port)
{
	for (unsigned int i = 0; i < load->flow_count; i++) {
		struct sockaddr_in to = endpoint(address, port + i);

		load->sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (load->sockets[i] < 0 ||
		    connect(load->sockets[i], (const struct sockaddr *)(const void *)&to,
			    sizeof(to)) < 0)
			die("connect");
	}
}

static void burst_send(struct udp_load *load, unsigned int count)
{
	static char payload[65536];
	struct stamp stamp = {.magic = STAMP_MAGIC};

	for (unsigned int i = 0; i < count; i++) {
		int flow = load->sockets[load->sent % load->flow_count];
		size_t size;

		load->random = load->random * 1664525 + 1013904223;
		size = load->sizes[(load->random >> 16) % load->size_count];
		stamp.time = clock_monotonic();
		memcpy(payload, &stamp, sizeof(stamp));
		if (send(flow, payload, size, 0) == (ssize_t)size)
			load->sent++;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != ECONNREFUSED)
			die("send");
	}
}

static void run(struct udp_load *load, double seconds, double rate)
{
	uint64_t start = clock_monotonic(), end = deadline_after(seconds);
	double period = rate > 0 ? MAX(1e9 / rate, 1e6) : 0;
	uint64_t due = 0;

	for (uint64_t tick = 0; clock_monotonic() < end; tick++) {
		uint64_t wanted = (uint64_t)((double)(tick + 1) * period * rate / 1e9);

		if (rate > 0)
			sleep_until(start + (uint64_t)((double)tick * period));
		burst_send(load, rate > 0 ? (unsigned int)(wanted - due) : BURST_FULL);
		due = wanted;
	}
}

void udp_send(char **words)
{
	static struct udp_load load;
	double flows = number(words[2]);
	uint64_t start, cpu;

	load.flow_count = (unsigned int)MIN(flows, FLOWS_MAX);
	sizes_parse(&load, words[3]);
	errno = EINVAL;
	if (load.flow_count == 0 || load.size_count == 0)
		die("FLOWS and SIZES");
	flows_open(&load, words[0], (unsigned int)number(words[1]));
	start = clock_monotonic();
	cpu = cpu_time();
	run(&load, number(words[4]), number(words[5]));
	printf("{\"packets\": %llu, \"cpu\": %llu, \"elapsed\": %llu}\n",
	       (unsigned long long)load.sent, (unsigned long long)(cpu_time() - cpu),
	       (unsigned long long)(clock_monotonic() - start));
}

/* Sockets whose filter takes nothing: no ICMP goes back, and nobody needs to read. */
void udp_sink(char **words)
{
	struct sock_filter instructions[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = instructions};
	unsigned int port = (unsigned int)number(words[0]), flows = (unsigned int)number(words[1]);

	for (unsigned int i = 0; i < flows; i++) {
		struct sockaddr_in address = endpoint("0.0.0.0", port + i);
		int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (descriptor < 0 ||
		    setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			       sizeof(program)) < 0 ||
		    bind(descriptor, (const struct sockaddr *)(const void *)&address,
			 sizeof(address)) < 0)
			die("sink");
	}
	for (;;)
		pause();
}
