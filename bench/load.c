// SPDX-License-Identifier: Apache-2.0
/* Traffic to order, for bench/run and bench/soak:  load MODE WORD...
 *
 * A mode that sends prints one JSON object when its time is over; a mode that receives serves until it is killed.  What a
 * sender's process spends on the CPU is the price of the whole way through the kernel that its packets take at once: on a
 * veth that is the delivery, too, and whatever mirrors in the packet's path. */
#include "bench/load.h"

#include "base/clock.h"
#include "base/count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static const struct mode {
	const char *name;
	int word_count;
	const char *words;
	void (*run)(char **words);
	const char *help;
} modes[] = {
	{"udp", 6, "ADDRESS PORT FLOWS SIZES SECONDS RATE", udp_send,
	 "stamped datagrams to FLOWS ports; SIZES as in 18*7,548*4; RATE 0 is as fast as one core"},
	{"sink", 2, "PORT FLOWS", udp_sink, "takes datagrams and drops them in the kernel"},
	{"stream", 4, "ADDRESS PORT SECONDS RATE", stream_send, "bulk TCP; RATE in bit/s or 0"},
	{"stream-sink", 1, "PORT", stream_sink, "reads what streams bring"},
	{"request", 3, "ADDRESS PORT SECONDS", request_send, "one byte there and back, in turns"},
	{"connect", 3, "ADDRESS PORT SECONDS", connect_send, "the same, each on a new connection"},
	{"answer", 1, "PORT", answer_serve, "answers both"},
	{"burn", 1, "SECONDS", burn, "counts on the CPU"},
	{"check-udp", 4, "ADDRESS PORT SECONDS RATE", check_send, "numbered, summed datagrams"},
	{"check-udp-sink", 1, "PORT", check_receive, "verifies them; a JSON object at SIGTERM"},
	{"check-tcp", 4, "ADDRESS PORT SECONDS RATE", check_stream_send, "a known stream"},
	{"check-tcp-sink", 1, "PORT", check_stream_receive,
	 "verifies streams; a JSON object at SIGTERM"},
};

volatile int stopped;

int main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, argv[1]) != 0 || argc - 2 != modes[i].word_count)
			continue;
		modes[i].run(argv + 2);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		(void)fprintf(stderr, "load %s %s\n\t%s\n", modes[i].name, modes[i].words,
			      modes[i].help);
	return 2;
}

void die(const char *what)
{
	(void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

double number(const char *word)
{
	char *end;
	double value = strtod(word, &end);

	errno = EINVAL;
	if (*word == '\0' || *end != '\0' || !(value >= 0))
		die(word);
	return value;
}

uint64_t cpu_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
}

uint64_t deadline_after(double seconds)
{
	return clock_monotonic() + (uint64_t)(seconds * (double)NSEC_PER_SEC);
}

struct sockaddr_in endpoint(const char *address, unsigned int port)
{
	struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	errno = EINVAL;
	if (inet_pton(AF_INET, address, &result.sin_addr) != 1)
		die(address);
	return result;
}

void sleep_until(uint64_t time)
{
	const struct timespec until = {(time_t)(time / NSEC_PER_SEC), (long)(time % NSEC_PER_SEC)};

	if (clock_monotonic() < time)
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int listen_on(unsigned int port)
{
	struct sockaddr_in address = endpoint("0.0.0.0", port);
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (descriptor < 0 ||
	    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
	    bind(descriptor, (const struct sockaddr *)(const void *)&address, sizeof(address)) <
		    0 ||
	    listen(descriptor, 128) < 0)
		die("listen");
	return descriptor;
}

int connect_to(const struct sockaddr_in *address)
{
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 || connect(descriptor, (const struct sockaddr *)(const void *)address,
				      sizeof(*address)) < 0)
		die("connect");
	return descriptor;
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

void stop_on_signals(void)
{
	const struct sigaction action = {.sa_handler = stop};

	if (sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0)
		die("sigaction");
}

void burn(char **words)
{
	uint64_t end = deadline_after(number(words[0])), turns = 0;
	volatile uint64_t sink = 0;

	while (clock_monotonic() < end) {
		for (unsigned int i = 0; i < 10000; i++)
			sink = sink * 6364136223846793005ULL + 1;
		turns++;
	}
	printf("{\"turns\": %llu, \"cpu\": %llu}\n", (unsigned long long)turns,
	       (unsigned long long)cpu_time());
}
