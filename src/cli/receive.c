// SPDX-License-Identifier: Apache-2.0
/* The appliance's end: takes the copies out of their VXLAN or Geneve and hands them on. */
#include "base/address.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/decapsulate.h"
#include "cli/listener.h"
#include "cli/signals.h"
#include "cli/sink.h"
#include "wire/vxlan.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#define VNI_MAX      0xffffff
#define DURATION_MAX (366UL * 24 * 3600)

static command_function receive;

static const struct argument_row arguments[] = {
	{.name = "write",
	 .letter = 'w',
	 .value = "FILE",
	 .help = "Write a pcapng file; - is standard output",
	 .form = FORM_OWN},
	{.name = "tap",
	 .value = "NAME",
	 .help = "Show the frames on this TAP device",
	 .form = FORM_OWN},
	{.name = "listen",
	 .letter = 'l',
	 .value = "ADDRESS",
	 .help = "Receive on this address only",
	 .form = FORM_OWN},
	{.name = "port",
	 .letter = 'p',
	 .value = "PORT",
	 .help = "UDP port; else 4789, VXLAN's. 6081 is Geneve's",
	 .form = FORM_OWN},
	{.name = "vni",
	 .value = "NUMBER",
	 .help = "Take this network identifier only",
	 .form = FORM_OWN},
	{.name = "count",
	 .letter = 'c',
	 .value = "NUMBER",
	 .help = "End after so many frames",
	 .form = FORM_OWN},
	{.name = "duration", .value = "SECONDS", .help = "End after this time", .form = FORM_OWN},
};

static const struct command rows[] = {
	{.verb = "receive",
	 .help = "Receive mirrored packets: into a file, a pipe or a TAP device",
	 .more = "Live:  tmirror receive -w - | tshark -r -\n"
		 "Ends on SIGINT and says what it has received.",
	 .arguments = ROWS(arguments),
	 .run = receive,
	 .offline = true},
};

const struct commands receive_commands = ROWS(rows);

struct wishes {
	struct address address;
	unsigned long long port, vni, count, duration;
	bool one_vni;
};

struct totals {
	uint64_t frames, bytes, other_vni, malformed, refused;
};

struct receiver {
	const struct wishes *wishes;
	struct listener *listener;
	struct sink *sink;
	struct totals totals;
	int signals;       /* signalfd of SIGINT and SIGTERM. */
	uint64_t deadline; /* Monotonic nanoseconds; 0: none. */
};

static int wishes_parse(struct invocation *invocation, struct wishes *ret_wishes);
static int sink_open(struct invocation *invocation, struct sink **ret_sink);
static int receiver_run(struct receiver *receiver);
static void print_totals(const struct invocation *invocation, const struct receiver *receiver);

static int receive(struct invocation *invocation)
{
	_cleanup_(listener_freep) struct listener *listener = NULL;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_close_ int signals = -1;
	struct wishes wishes = {.port = VXLAN_PORT};
	struct receiver receiver = {.wishes = &wishes};
	int r;

	r = wishes_parse(invocation, &wishes);
	if (r == 0)
		r = sink_open(invocation, &sink);
	if (r != 0)
		return r;
	r = listener_open(&wishes.address, (uint16_t)wishes.port, &listener, &invocation->misuse);
	if (r != 0)
		return r == REFUSED ? COMMAND_FAILED : r;
	signals = signals_open();
	if (signals < 0)
		return signals;
	receiver.listener = listener;
	receiver.sink = sink;
	receiver.signals = signals;
	if (wishes.duration)
		receiver.deadline = clock_monotonic() + wishes.duration * NSEC_PER_SEC;
	(void)fprintf(stderr, "tmirror: receiving on UDP port %llu\n", wishes.port);
	r = receiver_run(&receiver);
	print_totals(invocation, &receiver);
	return r == -EPIPE ? 0 : r;
}

static int wishes_parse(struct invocation *invocation, struct wishes *ret_wishes)
{
	const char *address = invocation_get(invocation, "listen");
	int r;

	if (address && !address_parse(address, &ret_wishes->address))
		return invocation_misused(invocation, "--listen '%s' is not an address", address);
	ret_wishes->one_vni = invocation_get(invocation, "vni");
	r = invocation_number(invocation, "port", 1, UINT16_MAX, &ret_wishes->port);
	if (r == 0)
		r = invocation_number(invocation, "vni", 0, VNI_MAX, &ret_wishes->vni);
	if (r == 0)
		r = invocation_number(invocation, "count", 1, UINT64_MAX, &ret_wishes->count);
	if (r == 0)
		r = invocation_number(invocation, "duration", 1, DURATION_MAX,
				      &ret_wishes->duration);
	return r;
}

static int sink_open(struct invocation *invocation, struct sink **ret_sink)
{
	const char *path = invocation_get(invocation, "write");
	const char *tap = invocation_get(invocation, "tap");
	int r;

	if (!path == !tap)
		return invocation_misused(invocation, "say where to, --write FILE or --tap NAME");
	r = path ? sink_open_file(path, ret_sink, &invocation->misuse)
		 : sink_open_tap(tap, ret_sink, &invocation->misuse);
	return r == REFUSED ? COMMAND_FAILED : r;
}

static int datagram_handle(struct receiver *receiver, const struct datagram *datagram)
{
	struct totals *totals = &receiver->totals;
	struct frame frame;
	int r;

	if (!tunnel_decapsulate(datagram->bytes, datagram->size, &frame)) {
		totals->malformed++;
		return 0;
	}
	if (receiver->wishes->one_vni && frame.vni != receiver->wishes->vni) {
		totals->other_vni++;
		return 0;
	}
	/* When the packet was captured is better than when its copy came. */
	r = receiver->sink->operations->write(
		receiver->sink, &frame, frame.timestamp ? frame.timestamp : datagram->timestamp);
	/* Somebody took the TAP device down, or it finds fault with the frame: others may pass. */
	if (r == -EIO || r == -EINVAL) {
		totals->refused++;
		return 0;
	}
	totals->frames++;
	totals->bytes += frame.size;
	return r;
}

static bool receiver_is_done(const struct receiver *receiver)
{
	return receiver->wishes->count && receiver->totals.frames >= receiver->wishes->count;
}

static int batch_handle(struct receiver *receiver)
{
	struct datagram datagram;
	int r;

	r = listener_receive(receiver->listener);
	while (r == 0 && !receiver_is_done(receiver) &&
	       listener_next(receiver->listener, &datagram))
		r = datagram_handle(receiver, &datagram);
	return r == 0 ? receiver->sink->operations->flush(receiver->sink) : r;
}

/* Milliseconds until the deadline, rounded up; -1: there is none. */
static int receiver_patience(const struct receiver *receiver)
{
	uint64_t now = clock_monotonic();

	if (!receiver->deadline)
		return -1;
	if (receiver->deadline <= now)
		return 0;
	return (int)MIN((receiver->deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC,
			(uint64_t)INT32_MAX);
}

static int receiver_run(struct receiver *receiver)
{
	struct pollfd polled[] = {
		{.fd = listener_descriptor(receiver->listener), .events = POLLIN},
		{.fd = receiver->signals, .events = POLLIN},
	};
	/* A reader wants the file's head before the first packet comes. */
	int r = receiver->sink->operations->flush(receiver->sink);

	while (r == 0 && !receiver_is_done(receiver)) {
		int patience = receiver_patience(receiver);

		if (patience == 0)
			break;
		if (poll(polled, ARRAY_SIZE(polled), patience) < 0 && errno != EINTR)
			return -errno;
		if (polled[1].revents)
			break;
		if (polled[0].revents)
			r = batch_handle(receiver);
	}
	return r;
}

static void print_totals(const struct invocation *invocation, const struct receiver *receiver)
{
	const struct totals *totals = &receiver->totals;
	const struct {
		const char *words, *key;
		uint64_t value;
	} counts[] = {
		{"frames", "Frames", totals->frames},
		{"bytes", "Bytes", totals->bytes},
		{"of another VNI", "OtherVni", totals->other_vni},
		{"malformed", "Malformed", totals->malformed},
		{"refused by the device", "RefusedByDevice", totals->refused},
		{"dropped by the kernel (a train counts once)", "DroppedByKernel",
		 listener_dropped(receiver->listener)},
	};

	(void)fputs(invocation->json ? "{" : "tmirror: received ", stderr);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		(void)fputs(i > 0 ? ", " : "", stderr);
		if (invocation->json)
			(void)fprintf(stderr, "\"%s\": %" PRIu64, counts[i].key, counts[i].value);
		else
			(void)fprintf(stderr, "%" PRIu64 " %s", counts[i].value, counts[i].words);
	}
	(void)fputs(invocation->json ? "}\n" : "\n", stderr);
}
