// SPDX-License-Identifier: Apache-2.0
/* A sender of UDP datagrams as fast as one core allows, for the side-by-side measurements of bench/run.
 *
 *	load ADDRESS PORT SIZE SECONDS
 *
 * sends datagrams of SIZE payload bytes, one system call each, as an application would, and prints one line:
 * "PACKETS NANOSECONDS", where the time is what the sending thread spent on the CPU. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000ULL + (uint64_t)time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char payload[65000] = {};
	uint64_t packets = 0, end, cpu;
	size_t size;
	int descriptor;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		return 2;
	address.sin_port = htons((uint16_t)atoi(argv[2]));
	size = strtoul(argv[3], NULL, 10);
	descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0 || size > sizeof(payload) ||
	    connect(descriptor, (const struct sockaddr *)(const void *)&address, sizeof(address)) <
		    0) {
		perror("load");
		return 1;
	}
	end = now(CLOCK_MONOTONIC) + strtoul(argv[4], NULL, 10) * 1000000000ULL;
	cpu = now(CLOCK_THREAD_CPUTIME_ID);
	while (now(CLOCK_MONOTONIC) < end)
		for (int i = 0; i < BATCH; i++)
			packets += send(descriptor, payload, size, 0) == (ssize_t)size;
	cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	printf("%llu %llu\n", (unsigned long long)packets, (unsigned long long)cpu);
	close(descriptor);
	return 0;
}
