// SPDX-License-Identifier: Apache-2.0
/* Traffic whose receiver knows every byte: the soak's proof that mirroring neither loses nor changes production.
 *
 * Datagram N has a size and a content that follow from N, which stands at its start; stream byte P follows from P.  The
 * content is a window into one table of random bytes whose length is a prime, so that no window repeats soon. */
#include "bench/load.h"

#include "base/clock.h"
#include "base/count.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PERIOD        65521
#define CHUNK         (64 << 10)
#define DATAGRAM_MIN  8
#define DATAGRAM_MAX  1472
#define SEEN_WINDOW   (1 << 16) /* Numbers that may be late by so many still count once each. */
#define SOCKET_BUFFER (64 << 20)

static uint8_t table[PERIOD + CHUNK + DATAGRAM_MAX];

static void table_fill(void)
{
	uint64_t random = 88172645463325252ULL;

	for (size_t i = 0; i < PERIOD; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		table[i] = (uint8_t)random;
	}
	for (size_t i = PERIOD; i < sizeof(table); i++)
		table[i] = table[i - PERIOD];
}

static const uint8_t *window(uint64_t position)
{
	return table + position % PERIOD;
}

static size_t datagram_size(uint64_t sequence)
{
	return DATAGRAM_MIN + sequence * 7919 % (DATAGRAM_MAX - DATAGRAM_MIN + 1);
}

static size_t datagram_build(uint64_t sequence, uint8_t ret_bytes[DATAGRAM_MAX])
{
	size_t size = datagram_size(sequence);

	memcpy(ret_bytes, &sequence, sizeof(sequence));
	memcpy(ret_bytes + sizeof(sequence), window(sequence * 31), size - sizeof(sequence));
	return size;
}

static void buffer_enlarge(int descriptor, int option)
{
	int size = SOCKET_BUFFER;

	if (setsockopt(descriptor, SOL_SOCKET, option, &size, sizeof(size)) < 0)
		die("socket buffer");
}

void check_send(char **words)
{
	struct sockaddr_in to = endpoint(words[0], (unsigned int)number(words[1]));
	uint64_t end = deadline_after(number(words[2])), start = clock_monotonic(), sequence = 0;
	double rate = number(words[3]);
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t bytes[DATAGRAM_MAX];

	table_fill();
	stop_on_signals();
	if (descriptor < 0 ||
	    connect(descriptor, (const struct sockaddr *)(const void *)&to, sizeof(to)) < 0)
		die("connect");
	while (!stopped && clock_monotonic() < end) {
		size_t size = datagram_build(sequence, bytes);

		if (send(descriptor, bytes, size, 0) != (ssize_t)size)
			die("send");
		sequence++;
		sleep_until(start + (uint64_t)((double)sequence / rate * 1e9));
	}
	printf("{\"packets\": %llu}\n", (unsigned long long)sequence);
	close(descriptor);
}

struct receipt {
	uint64_t received, changed, repeated, late, highest; /* highest: one beyond. */
	bool seen[SEEN_WINDOW];
};

static void receipt_note(struct receipt *receipt, const uint8_t *bytes, size_t size)
{
	uint8_t expected[DATAGRAM_MAX];
	uint64_t sequence = 0;

	memcpy(&sequence, bytes, MIN(size, sizeof(sequence)));
	if (size < sizeof(sequence) || datagram_build(sequence, expected) != size ||
	    memcmp(bytes, expected, size) != 0) {
		receipt->changed++;
		return;
	}
	for (; receipt->highest <= sequence; receipt->highest++)
		receipt->seen[receipt->highest % SEEN_WINDOW] = false;
	if (sequence + 1 < receipt->highest)
		receipt->late++;
	if (receipt->seen[sequence % SEEN_WINDOW])
		receipt->repeated++;
	receipt->seen[sequence % SEEN_WINDOW] = true;
	receipt->received++;
}

void check_receive(char **words)
{
	struct sockaddr_in address = endpoint("0.0.0.0", (unsigned int)number(words[0]));
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static struct receipt receipt;
	uint8_t bytes[2 * DATAGRAM_MAX];

	table_fill();
	stop_on_signals();
	buffer_enlarge(descriptor, SO_RCVBUFFORCE);
	if (bind(descriptor, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
		die("bind");
	while (!stopped) {
		ssize_t size = recv(descriptor, bytes, sizeof(bytes), 0);

		if (size >= 0)
			receipt_note(&receipt, bytes, (size_t)size);
	}
	printf("{\"received\": %llu, \"changed\": %llu, \"repeated\": %llu, \"late\": %llu}\n",
	       (unsigned long long)receipt.received, (unsigned long long)receipt.changed,
	       (unsigned long long)receipt.repeated, (unsigned long long)receipt.late);
}

void check_stream_send(char **words)
{
	struct sockaddr_in to = endpoint(words[0], (unsigned int)number(words[1]));
	uint64_t rate = (uint64_t)number(words[3]) / 8, end = deadline_after(number(words[2]));
	int descriptor = connect_to(&to);
	uint64_t position = 0;

	table_fill();
	stop_on_signals();
	if (rate > 0 &&
	    setsockopt(descriptor, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)) < 0)
		die("SO_MAX_PACING_RATE");
	while (!stopped && clock_monotonic() < end) {
		ssize_t sent = send(descriptor, window(position), CHUNK, 0);

		if (sent < 0 && errno != EINTR)
			die("send");
		position += sent > 0 ? (uint64_t)sent : 0;
	}
	printf("{\"bytes\": %llu}\n", (unsigned long long)position);
	close(descriptor);
}

static void stream_verify(int descriptor, uint64_t *bytes, uint64_t *changed)
{
	static uint8_t chunk[CHUNK];
	uint64_t position = 0;

	while (!stopped) {
		ssize_t size = recv(descriptor, chunk, sizeof(chunk), 0);

		if (size <= 0)
			break;
		if (memcmp(chunk, window(position), (size_t)size) != 0)
			++*changed;
		position += (uint64_t)size;
	}
	*bytes += position;
}

void check_stream_receive(char **words)
{
	int listener = listen_on((unsigned int)number(words[0]));
	uint64_t bytes = 0, changed = 0;

	table_fill();
	stop_on_signals();
	while (!stopped) {
		int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (descriptor < 0)
			continue;
		stream_verify(descriptor, &bytes, &changed);
		close(descriptor);
	}
	printf("{\"bytes\": %llu, \"changed\": %llu}\n", (unsigned long long)bytes,
	       (unsigned long long)changed);
}
