// SPDX-License-Identifier: Apache-2.0
/* Packets that a session copies, to look at.  Extension actions.
 *
 * Reading them takes a start, which is kept among events like every change; what is kept names the session and how much of its
 * packets was asked for, never a packet. */
#include "control/peek.h"

#include "api/call.h"
#include "api/resource.h"
#include "base/base64.h"
#include "base/clock.h"
#include "mirror/dissect.h"
#include "mirror/filter.h"

#include <errno.h>

#define SESSION_PARAMETER                                                            \
	{                                                                            \
		"TrafficMirrorSessionId", PARAMETER_TEXT, .required = true,          \
							  .names = &session_resource \
	}

#define PEEK_PARAMETER                                                  \
	{                                                               \
		"TrafficMirrorPeekId", PARAMETER_TEXT, .required = true \
	}

static const struct parameter start_parameters[] = {
	SESSION_PARAMETER,
	{"SnapLength", PARAMETER_NUMBER, .minimum = 1, .maximum = PEEK_SNAP_MAX,
	 .key = "tmirror:SnapLength"},
	DRY_RUN_PARAMETER,
};

static const struct parameter get_parameters[] = {
	SESSION_PARAMETER,
	PEEK_PARAMETER,
	{"AfterNumber", PARAMETER_NUMBER, .maximum = INT64_MAX - 1},
	{"MaxResults", PARAMETER_NUMBER, .minimum = 1, .maximum = PEEK_KEPT_MAX},
	DRY_RUN_PARAMETER,
};

static const struct parameter stop_parameters[] = {
	SESSION_PARAMETER,
	PEEK_PARAMETER,
	DRY_RUN_PARAMETER,
};

static int start_peek(struct call *call, struct refusal *why);
static int get_peek(struct call *call, struct refusal *why);
static int stop_peek(struct call *call, struct refusal *why);
static struct peek_name get_name(const struct call *call);
static void write_state(struct text *xml, const struct peek_state *state);
static int write_packet(struct text *xml, uint64_t number, const struct peek_packet *packet);

static const struct action actions[] = {
	ACTION("StartTrafficMirrorPeek", start_parameters, start_peek),
	ACTION("GetTrafficMirrorPeek", get_parameters, get_peek),
	ACTION("StopTrafficMirrorPeek", stop_parameters, stop_peek),
};

const struct action_table peek_actions = {actions, ARRAY_SIZE(actions)};

static int start_peek(struct call *call, struct refusal *why)
{
	struct peek_state state;
	int r;

	r = control_start_peek(call->control, call->caller,
			       call_get_text(call, "TrafficMirrorSessionId"),
			       call_get_number(call, "SnapLength"), &state, why);
	if (r == 0)
		write_state(call->xml, &state);
	return r;
}

static int get_peek(struct call *call, struct refusal *why)
{
	const struct optional_number after = call_get_number(call, "AfterNumber");
	const struct optional_number count = call_get_number(call, "MaxResults");
	const struct peek_name name = get_name(call);
	struct peek_page page;
	int r;

	r = control_get_peek(call->control, call->caller, &name, (uint64_t)after.value,
			     count.set ? (size_t)count.value : PEEK_KEPT_MAX, &page, why);
	if (r != 0)
		return r;
	write_state(call->xml, &page.state);
	xml_open(call->xml, "packetSet");
	for (size_t i = 0; r == 0 && i < page.packet_count; i++)
		r = write_packet(call->xml, page.first_number + i, &page.packets[i]);
	xml_close(call->xml, "packetSet");
	return r;
}

static int stop_peek(struct call *call, struct refusal *why)
{
	const struct peek_name name = get_name(call);
	int r = control_stop_peek(call->control, call->caller, &name, why);

	if (r == 0)
		call_write_done(call);
	return r;
}

static struct peek_name get_name(const struct call *call)
{
	return (struct peek_name){
		.session = call_get_text(call, "TrafficMirrorSessionId"),
		.id = call_get_text(call, "TrafficMirrorPeekId"),
	};
}

static void write_state(struct text *xml, const struct peek_state *state)
{
	xml_text(xml, "trafficMirrorPeekId", state->id);
	xml_text(xml, "trafficMirrorSessionId", state->session.text);
	xml_count(xml, "snapLength", state->snap_length);
	xml_time(xml, "expirationTime", state->expires);
	xml_time(xml, "endTime", state->ends);
	xml_count(xml, "lastNumber", state->last_number);
}

/* Seconds and nanoseconds apart: together they are more than a number of JavaScript holds. */
static int write_packet(struct text *xml, uint64_t number, const struct peek_packet *packet)
{
	_cleanup_text_ struct text data = {};
	char summary[DISSECT_TEXT_SIZE];

	text_append(&data, "");
	base64_append(&data, packet->bytes.data, packet->bytes.size);
	if (data.failed)
		return -ENOMEM;
	dissect_packet(packet->bytes.data, packet->bytes.size, packet->length, summary);
	xml_open(xml, "item");
	xml_count(xml, "number", number);
	xml_count(xml, "seconds", packet->time / NSEC_PER_SEC);
	xml_count(xml, "nanoseconds", packet->time % NSEC_PER_SEC);
	xml_text(xml, "trafficDirection", direction_name(packet->direction));
	xml_count(xml, "length", packet->length);
	xml_count(xml, "skipped", packet->skipped);
	xml_text(xml, "summary", summary);
	xml_text(xml, "data", data.data);
	xml_close(xml, "item");
	return 0;
}
