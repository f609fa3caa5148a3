// SPDX-License-Identifier: Apache-2.0
/* Requests to the API as fast as it answers:  requests CREDENTIALS FILE CONNECTIONS SECONDS
 *
 * FILE holds the body of a request per line.  Everything is signed before the first is sent, so that the client costs next
 * to nothing while it is measured.  One line is asked again and again until the time is over; of several, each is asked once
 * and the run ends with them.  Each connection is kept, has a thread of its own, and asks when it was answered.
 *
 * Prints one JSON object: how many were answered with 200, per second, what else came, and the times from asking to the last
 * byte of the answer in microseconds. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "bench/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 256
#define SAMPLES_MAX     4000000

static struct {
	struct asker asker;
	struct text *requests;
	size_t request_count;
	atomic_size_t next;
	uint64_t end;
	atomic_size_t good, bad;
	uint32_t *samples;
	atomic_size_t sample_count;
	atomic_uint_fast64_t bytes;
	char refusal[200];
} run;

/* --- Before the clock runs -------------------------------------------------------------------------------------- */

static void sign_all(const char *path)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0, capacity = 0;
	ssize_t length;

	if (!file)
		give_up(path, strerror(errno));
	while ((length = getline(&line, &size, file)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (run.request_count == capacity) {
			capacity = capacity ? 2 * capacity : 16;
			run.requests = reallocarray(run.requests, capacity, sizeof(*run.requests));
			if (!run.requests)
				give_up(path, "no memory");
		}
		run.requests[run.request_count] = (struct text){};
		question_write(&(struct question){.method = "POST",
						  .path = "/",
						  .type = "application/x-www-form-urlencoded",
						  .body = line},
			       &run.asker, &run.requests[run.request_count++]);
	}
	(void)fclose(file);
	if (run.request_count == 0)
		give_up(path, "it has no lines");
}

/* --- One connection --------------------------------------------------------------------------------------------- */

static void *ask(void *argument)
{
	struct channel *channel = argument;

	for (;;) {
		uint64_t asked = clock_monotonic();
		size_t number = run.next++, sample;
		int status;

		if (asked > run.end || (run.request_count > 1 && number >= run.request_count))
			return NULL;
		if (channel_send(channel, &run.requests[number % run.request_count]) < 0)
			give_up("asking", "the connection has ended");
		while ((status = channel_receive(channel)) == 0)
			;
		if (status < 0)
			give_up("asking", "the connection has ended");
		run.bytes += channel->whole;
		sample = run.sample_count++;
		if (sample < SAMPLES_MAX)
			run.samples[sample] = (uint32_t)((clock_monotonic() - asked) / 1000);
		if (status == 200) {
			run.good++;
		} else if (run.bad++ == 0) {
			char *code = strstr(channel->buffer, "<Code>");

			(void)snprintf(run.refusal, sizeof(run.refusal), "%.*s",
				       code ? (int)strcspn(code + 6, "<") : 0,
				       code ? code + 6 : "");
		}
	}
}

/* --- The end ---------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void tell(double seconds)
{
	size_t count = run.sample_count < SAMPLES_MAX ? run.sample_count : SAMPLES_MAX;

	if (count == 0)
		give_up("asking", "nothing was answered");
	qsort(run.samples, count, sizeof(*run.samples), compare);
	printf("{\"good\": %zu, \"bad\": %zu, \"refusal\": \"%s\", \"seconds\": %.4f, "
	       "\"per_second\": %.1f, \"bytes\": %" PRIuFAST64 ", \"p50_us\": %u, \"p99_us\": %u, "
	       "\"max_us\": %u}\n",
	       (size_t)run.good, (size_t)run.bad, run.refusal, seconds, (double)run.good / seconds,
	       run.bytes, run.samples[count / 2], run.samples[count - 1 - count / 100],
	       run.samples[count - 1]);
}

int main(int argc, char **argv)
{
	static struct channel channels[CONNECTIONS_MAX];
	pthread_t threads[CONNECTIONS_MAX];
	size_t count;
	uint64_t begin;

	if (argc != 5) {
		(void)fprintf(stderr, "requests CREDENTIALS FILE CONNECTIONS SECONDS\n");
		return 2;
	}
	asker_read(&run.asker, argv[1], "ec2");
	count = strtoul(argv[3], NULL, 10);
	if (count == 0 || count > CONNECTIONS_MAX)
		give_up(argv[3], "not a number of connections");
	run.samples = calloc(SAMPLES_MAX, sizeof(*run.samples));
	if (!run.samples)
		give_up("samples", "no memory");
	sign_all(argv[2]);
	for (size_t i = 0; i < count; i++)
		channel_open(&channels[i], &run.asker);
	begin = clock_monotonic();
	run.end = begin + (uint64_t)(strtod(argv[4], NULL) * (double)NSEC_PER_SEC);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, ask, &channels[i]) != 0)
			give_up("thread", "cannot be made");
	for (size_t i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	tell((double)(clock_monotonic() - begin) / (double)NSEC_PER_SEC);
	return 0;
}
