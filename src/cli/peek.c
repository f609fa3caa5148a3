// SPDX-License-Identifier: Apache-2.0
/* Packets that a session copies, as they come: on the terminal, or into a capture file.
 *
 * A peek at the controller lives for some minutes only; who looks for longer begins another, which then is one more event. */
#include "base/base64.h"
#include "base/clock.h"
#include "base/count.h"
#include "cli/command.h"
#include "cli/decapsulate.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/sink.h"
#include "cli/table.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define INTERVAL_MILLISECONDS 500 /* As agents show packets. */
#define DURATION_MAX          (366UL * 24 * 3600)
#define BYTES_MAX             9216
#define NOT_FOUND             "InvalidTrafficMirrorPeek.NotFound"

static command_function peek;

static const struct argument_row arguments[] = {
	{.name = "SESSION",
	 .help = "The session's id",
	 .parameter = "TrafficMirrorSessionId",
	 .word = true,
	 .required = true},
	{.name = "snap-length",
	 .letter = 's',
	 .value = "BYTES",
	 .help = "Show this much of each packet, to 9216; else 128",
	 .parameter = "SnapLength"},
	{.name = "write",
	 .letter = 'w',
	 .value = "FILE",
	 .help = "Write a pcapng file instead of lines; - is standard output",
	 .form = FORM_OWN},
	{.name = "count",
	 .letter = 'c',
	 .value = "NUMBER",
	 .help = "End after so many packets",
	 .form = FORM_OWN},
	{.name = "duration", .value = "SECONDS", .help = "End after this time", .form = FORM_OWN},
};

static const struct command rows[] = {
	{.verb = "peek",
	 .help = "Show packets that a session copies, as they come",
	 .more = "At most a hundred a second are shown, and how many were not. Each start is an "
		 "event.\n"
		 "Live:  tmirror peek SESSION -s 9216 -w - | tshark -r -\n"
		 "Ends on SIGINT.",
	 .arguments = ROWS(arguments),
	 .run = peek},
};

const struct commands peek_commands = ROWS(rows);

struct viewer {
	struct invocation *invocation;
	struct sink *sink; /* NULL: lines are printed. */
	int signals;       /* signalfd. */
	uint64_t deadline; /* Monotonic nanoseconds; 0: none. */
	unsigned long long count, shown;
	char id[64];   /* Of the peek. */
	uint64_t last; /* Number of the last packet that was shown. */
};

static int viewer_start(struct viewer *viewer);
static int viewer_stop(struct viewer *viewer);
static int viewer_run(struct viewer *viewer);
static int viewer_look(struct viewer *viewer, bool *ret_more);
static int viewer_ask(struct viewer *viewer, struct tmirror_response **ret_response);
static int viewer_request(const struct viewer *viewer, const char *action,
			  struct tmirror_request **ret_request);
static int packet_show(struct viewer *viewer, const struct tmirror_node *packet);
static int packet_write(struct viewer *viewer, const struct tmirror_node *packet);
static int packet_print(const struct tmirror_node *packet);
static uint64_t number_of(const struct tmirror_node *node, const char *path);
static bool viewer_pause(const struct viewer *viewer);

static int peek(struct invocation *invocation)
{
	const char *path = invocation_get(invocation, "write");
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct viewer viewer = {.invocation = invocation};
	_cleanup_close_ int signals = -1;
	unsigned long long duration = 0;
	int r;

	r = invocation_number(invocation, "count", 1, UINT64_MAX, &viewer.count);
	if (r == 0)
		r = invocation_number(invocation, "duration", 1, DURATION_MAX, &duration);
	if (r == 0 && path)
		r = sink_open_file(path, &sink, &invocation->misuse);
	if (r != 0)
		return r == REFUSED ? COMMAND_FAILED : r;
	signals = signals_open();
	if (signals < 0)
		return signals;
	viewer.sink = sink;
	viewer.signals = signals;
	if (duration)
		viewer.deadline = clock_monotonic() + duration * NSEC_PER_SEC;
	r = viewer_start(&viewer);
	if (r != 0)
		return r;
	r = viewer_run(&viewer);
	return r == 0 || r == -EPIPE ? viewer_stop(&viewer) : r;
}

static int viewer_start(struct viewer *viewer)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *id;
	int r;

	r = invocation_request(viewer->invocation, "StartTrafficMirrorPeek", &request);
	if (r == 0)
		r = invocation_call(viewer->invocation, request, &response);
	if (r != 0)
		return r;
	id = tmirror_node_text(tmirror_response_root(response), "trafficMirrorPeekId");
	viewer->last = 0;
	return string_copy(viewer->id, sizeof(viewer->id), id ? id : "") ? 0 : -EPROTO;
}

/* What is over by itself is over, too. */
static int viewer_stop(struct viewer *viewer)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = viewer_request(viewer, "StopTrafficMirrorPeek", &request);
	if (r == 0)
		r = invocation_call(viewer->invocation, request, &response);
	return r == TMIRROR_REFUSED && strcmp(viewer->invocation->error.code, NOT_FOUND) == 0 ? 0
											      : r;
}

static int viewer_run(struct viewer *viewer)
{
	/* A reader wants the file's head before the first packet comes. */
	int r = viewer->sink ? viewer->sink->operations->flush(viewer->sink) : 0;

	while (r == 0 && (viewer->count == 0 || viewer->shown < viewer->count)) {
		bool more;

		r = viewer_look(viewer, &more);
		if (r == 0 && !more && !viewer_pause(viewer))
			break;
	}
	return r;
}

/* 'ret_more' says that there was more than an answer holds. */
static int viewer_look(struct viewer *viewer, bool *ret_more)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const struct tmirror_node *root, *packet;
	int r;

	*ret_more = false;
	r = viewer_ask(viewer, &response);
	if (r == TMIRROR_REFUSED && strcmp(viewer->invocation->error.code, NOT_FOUND) == 0)
		return viewer_start(viewer);
	if (r != 0)
		return r;
	root = tmirror_response_root(response);
	packet = tmirror_node_first(tmirror_node_find(root, "packetSet"));
	*ret_more = packet != NULL;
	for (; r == 0 && packet; packet = tmirror_node_next(packet)) {
		viewer->last = number_of(packet, "number");
		r = packet_show(viewer, packet);
		if (++viewer->shown == viewer->count)
			break;
	}
	*ret_more &= viewer->last < number_of(root, "lastNumber");
	if (r == 0)
		r = viewer->sink ? viewer->sink->operations->flush(viewer->sink)
				 : (fflush(stdout) == 0 ? 0 : -errno);
	return r;
}

static int viewer_ask(struct viewer *viewer, struct tmirror_response **ret_response)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char last[24];
	int r;

	(void)snprintf(last, sizeof(last), "%" PRIu64, viewer->last);
	r = viewer_request(viewer, "GetTrafficMirrorPeek", &request);
	if (r == 0)
		r = tmirror_request_set(request, "AfterNumber", last);
	return r == 0 ? invocation_call(viewer->invocation, request, ret_response) : r;
}

/* About the peek that was started. */
static int viewer_request(const struct viewer *viewer, const char *action,
			  struct tmirror_request **ret_request)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(action, &request);
	if (r == 0)
		r = tmirror_request_set(request, "TrafficMirrorSessionId",
					invocation_get(viewer->invocation, "SESSION"));
	if (r == 0)
		r = tmirror_request_set(request, "TrafficMirrorPeekId", viewer->id);
	if (r == 0)
		*ret_request = TAKE_PTR(request);
	return r;
}

static int packet_show(struct viewer *viewer, const struct tmirror_node *packet)
{
	if (viewer->sink)
		return packet_write(viewer, packet);
	if (viewer->invocation->json) {
		_cleanup_(json_freep) json_t *json = json_from_node(packet);

		return json ? output_json(json) : -ENOMEM;
	}
	return packet_print(packet);
}

static int packet_write(struct viewer *viewer, const struct tmirror_node *packet)
{
	const char *data = tmirror_node_text(packet, "data");
	uint8_t bytes[BYTES_MAX];
	struct frame frame = {.bytes = bytes, .length = number_of(packet, "length")};

	if (!data || !base64_decode(data, bytes, sizeof(bytes), &frame.size))
		return invocation_refused(viewer->invocation, "Unusable",
					  "The data of packet %" PRIu64 " is not base64",
					  viewer->last);
	return viewer->sink->operations->write(viewer->sink, &frame,
					       number_of(packet, "seconds") * NSEC_PER_SEC +
						       number_of(packet, "nanoseconds"));
}

static int packet_print(const struct tmirror_node *packet)
{
	const char *direction = tmirror_node_text(packet, "trafficDirection");
	const char *summary = tmirror_node_text(packet, "summary");
	const time_t seconds = (time_t)number_of(packet, "seconds");
	const uint64_t skipped = number_of(packet, "skipped");
	_cleanup_text_ struct text line = {};
	char clock[16] = "";
	struct tm local;

	if (localtime_r(&seconds, &local))
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	if (skipped > 0)
		text_printf(&line, "… %" PRIu64 " packets not shown\n", skipped);
	text_printf(&line, "%s.%06u %-7s ", clock,
		    (unsigned int)(number_of(packet, "nanoseconds") / NSEC_PER_USEC),
		    direction ? direction : "");
	(void)text_append_printable(&line, summary ? summary : "");
	if (line.failed)
		return -ENOMEM;
	return puts(line.data) < 0 ? -errno : 0;
}

static uint64_t number_of(const struct tmirror_node *node, const char *path)
{
	const char *text = tmirror_node_text(node, path);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* Returns false when it is time to end. */
static bool viewer_pause(const struct viewer *viewer)
{
	struct pollfd ending = {.fd = viewer->signals, .events = POLLIN};
	uint64_t now = clock_monotonic();
	int pause = INTERVAL_MILLISECONDS;

	if (viewer->deadline) {
		if (now >= viewer->deadline)
			return false;
		pause = (int)MIN((uint64_t)pause,
				 (viewer->deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
	}
	return poll(&ending, 1, pause) <= 0;
}
