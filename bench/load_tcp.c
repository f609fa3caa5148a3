// SPDX-License-Identifier: Apache-2.0
/* Bulk transfer, request and response, and connections, over TCP.
 *
 * The server closes a short connection first, so that the waiting after the end is the server's and the client does not
 * run out of ports. */
#include "bench/load.h"

#include "base/clock.h"
#include "base/count.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK       (128 << 10)
#define SAMPLES_MAX (4 << 20)

#define ASK_MORE 'm' /* The connection stays. */
#define ASK_LAST 'l' /* The server closes after the answer. */

struct samples {
	uint32_t *nanoseconds;
	size_t count;
};

/* The same on every machine: a default like bbr paces by itself.  Reno is in every kernel. */
static void congestion_choose(int descriptor)
{
	if (setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) < 0 &&
	    setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) < 0)
		die("TCP_CONGESTION");
}

void stream_send(char **words)
{
	static char chunk[CHUNK];
	struct sockaddr_in to = endpoint(words[0], (unsigned int)number(words[1]));
	uint64_t rate = (uint64_t)number(words[3]) / 8, end = deadline_after(number(words[2]));
	int descriptor = connect_to(&to), unsent = 0;
	uint64_t bytes = 0, start = clock_monotonic();

	congestion_choose(descriptor);
	/* TCP paces by itself, without a queueing discipline for it. */
	if (rate > 0 &&
	    setsockopt(descriptor, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)) < 0)
		die("SO_MAX_PACING_RATE");
	while (clock_monotonic() < end) {
		ssize_t sent = send(descriptor, chunk, sizeof(chunk), 0);

		if (sent < 0)
			die("send");
		bytes += (uint64_t)sent;
	}
	if (ioctl(descriptor, SIOCOUTQ, &unsent) < 0)
		die("SIOCOUTQ");
	printf("{\"bytes\": %llu, \"queued\": %d, \"cpu\": %llu, \"elapsed\": %llu}\n",
	       (unsigned long long)bytes, unsent, (unsigned long long)cpu_time(),
	       (unsigned long long)(clock_monotonic() - start));
}

void stream_sink(char **words)
{
	static char chunk[CHUNK];
	int listener = listen_on((unsigned int)number(words[0]));

	for (;;) {
		int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (descriptor < 0)
			die("accept");
		while (recv(descriptor, chunk, sizeof(chunk), 0) > 0)
			;
		close(descriptor);
	}
}

static int compare(const void *one, const void *other)
{
	const uint32_t *a = one, *b = other;

	return *a < *b ? -1 : *a > *b;
}

static void samples_add(struct samples *samples, uint64_t nanoseconds)
{
	if (samples->count < SAMPLES_MAX)
		samples->nanoseconds[samples->count++] =
			(uint32_t)MIN(nanoseconds, (uint64_t)UINT32_MAX);
}

static void samples_print(struct samples *samples, uint64_t cpu)
{
	size_t count = samples->count;

	if (count == 0)
		die("nothing was answered");
	qsort(samples->nanoseconds, count, sizeof(*samples->nanoseconds), compare);
	printf("{\"transactions\": %zu, \"median\": %u, \"p99\": %u, \"cpu\": %llu}\n", count,
	       samples->nanoseconds[count / 2], samples->nanoseconds[count * 99 / 100],
	       (unsigned long long)cpu);
}

/* Returns false when the other side is gone. */
static bool ask(int descriptor, char question)
{
	char answer;

	return send(descriptor, &question, 1, 0) == 1 && recv(descriptor, &answer, 1, 0) == 1;
}

static void transact(char **words, bool anew)
{
	struct sockaddr_in to = endpoint(words[0], (unsigned int)number(words[1]));
	uint64_t end = deadline_after(number(words[2])), before, now, cpu = cpu_time();
	struct samples samples = {calloc(SAMPLES_MAX, sizeof(uint32_t)), 0};
	int descriptor = anew ? -1 : connect_to(&to), yes = 1;
	char rest;

	if (!samples.nanoseconds)
		die("memory");
	if (!anew && setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) < 0)
		die("TCP_NODELAY");
	for (now = clock_monotonic(); now < end; now = clock_monotonic()) {
		before = now;
		if (anew)
			descriptor = connect_to(&to);
		if (!ask(descriptor, anew ? ASK_LAST : ASK_MORE))
			die("answer");
		if (anew) {
			(void)!recv(descriptor, &rest, 1, 0);
			close(descriptor);
		}
		samples_add(&samples, clock_monotonic() - before);
	}
	samples_print(&samples, cpu_time() - cpu);
	free(samples.nanoseconds);
}

void request_send(char **words)
{
	transact(words, false);
}

void connect_send(char **words)
{
	transact(words, true);
}

void answer_serve(char **words)
{
	int listener = listen_on((unsigned int)number(words[0])), yes = 1;

	for (;;) {
		int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		char question = ASK_MORE;

		if (descriptor < 0)
			die("accept");
		(void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		while (question == ASK_MORE && recv(descriptor, &question, 1, 0) == 1 &&
		       send(descriptor, &question, 1, 0) == 1)
			;
		close(descriptor);
	}
}
