// SPDX-License-Identifier: Apache-2.0
/* One command from nothing to a running mirror, and one back.
 *
 * Each step finds what is there already or makes it.  When a later step fails, what was made is unmade: the command
 * does all or nothing. */
#include "base/count.h"
#include "cli/appliance.h"
#include "cli/everything.h"
#include "cli/interface.h"
#include "cli/ledger.h"
#include "cli/lookup.h"
#include "cli/output.h"
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 32766

static command_function mirror, unmirror;

static const struct argument_row mirror_rows[] = {
	{.name = "SOURCE",
	 .help = "Whose packets: an interface's id, HOST/DEVICE, or DEVICE",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	{.name = "to",
	 .value = "ADDRESS",
	 .help = "The appliance; also an interface's or a target's id, or fleet:NAME",
	 .form = FORM_OWN,
	 .required = true},
	{.name = "filter",
	 .letter = 'f',
	 .value = "all|FILTER",
	 .help = "A filter's id; else all packets, both directions",
	 .form = FORM_OWN},
	{.name = "packet-length",
	 .value = "BYTES",
	 .help = "Copy this much of each packet; else all of it",
	 .parameter = "PacketLength"},
	{.name = "number",
	 .value = "NUMBER",
	 .help = "Order among the source's sessions; else the first free one",
	 .parameter = "SessionNumber"},
	{.name = "vni",
	 .value = "NUMBER",
	 .help = "VXLAN network identifier; else a random one",
	 .parameter = "VirtualNetworkId"},
	SESSION_OPTION_ROWS,
	{.name = "name", .value = "TEXT", .help = "What to call the session", .form = FORM_OWN},
};

static const struct argument_row unmirror_rows[] = {
	{.name = "SESSION",
	 .help = "Sessions' ids",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true,
	 .repeated = true},
};

static const struct command rows[] = {
	{.verb = "mirror",
	 .help = "Mirror a source to an appliance; prints the session's id",
	 .more = "As in:  tmirror mirror eth0 --to 192.0.2.7\n"
		 "Registers the appliance and makes target and filter, where they are not there.",
	 .arguments = ROWS(mirror_rows),
	 .run = mirror},
	{.verb = "unmirror",
	 .help = "End sessions, and take away what mirror made for them",
	 .arguments = ROWS(unmirror_rows),
	 .run = unmirror},
};

const struct commands mirror_commands = ROWS(rows);

static const struct column columns[] = {
	{.title = "SESSION", .path = "trafficMirrorSessionId"},
};

static int set_number(struct invocation *invocation, struct tmirror_request *request,
		      const char *source);
static int session_make(struct ledger *ledger, struct tmirror_response **ret_response);
static int session_end(struct invocation *invocation, const char *session);

static int mirror(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	struct ledger ledger = {.invocation = invocation};
	const struct tmirror_node *session;
	int r;

	r = session_make(&ledger, &response);
	if (r != 0) {
		ledger_undo(&ledger);
		return r;
	}
	session = tmirror_node_find(tmirror_response_root(response), thing_session.object);
	if (invocation->json)
		return output_object(invocation, session, &(const struct columns)ROWS(columns));
	return puts(tmirror_node_text(session, thing_session.id_element)) < 0 ? -EIO : 0;
}

static int unmirror(struct invocation *invocation)
{
	const struct argument *session = NULL;
	int r = 0;

	while (r == 0 && (session = arguments_next(&invocation->arguments, "SESSION", session)))
		r = session_end(invocation, session->value);
	return r;
}

static int session_make(struct ledger *ledger, struct tmirror_response **ret_response)
{
	struct invocation *invocation = ledger->invocation;
	const char *wished = invocation_get(invocation, "filter");
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char source[INTERFACE_ID_SIZE], target[THING_ID_SIZE], filter[THING_ID_SIZE];
	char session[THING_ID_SIZE];
	int r;

	r = invocation_request(invocation, thing_session.create, &request);
	if (r == 0)
		r = interface_find(invocation, invocation_get(invocation, "SOURCE"), source);
	if (r == 0)
		r = set_number(invocation, request, source);
	if (r == 0)
		r = appliance_provide(ledger, invocation_get(invocation, "to"), target);
	if (r == 0 && (!wished || strcmp(wished, "all") == 0)) {
		r = everything_provide(ledger, filter);
		wished = filter;
	}
	if (r != 0)
		return r;
	(void)tmirror_request_set(request, "NetworkInterfaceId", source);
	(void)tmirror_request_set(request, "TrafficMirrorTargetId", target);
	(void)tmirror_request_set(request, "TrafficMirrorFilterId", wished);
	return ledger_create(ledger, &thing_session, request, invocation_get(invocation, "name"),
			     session, ret_response);
}

/* The lowest number that none of the source's sessions has. */
static int set_number(struct invocation *invocation, struct tmirror_request *request,
		      const char *source)
{
	const struct lookup lookup = {"DescribeTrafficMirrorSessions", "trafficMirrorSessionSet",
				      "network-interface-id", source};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	_cleanup_free_ bool *taken = calloc(NUMBER_MAX + 1, sizeof(*taken));
	const struct tmirror_node *session;
	unsigned int number = 1;
	char text[16];
	int r;

	if (!taken)
		return -ENOMEM;
	if (invocation_get(invocation, "number"))
		return 0;
	r = lookup_start(invocation, &lookup, &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &session, &invocation->error)) == 0) {
		const char *value = tmirror_node_text(session, "sessionNumber");
		unsigned long used = value ? strtoul(value, NULL, 10) : 0;

		if (used <= NUMBER_MAX)
			taken[used] = true;
	}
	if (r != TMIRROR_END)
		return r;
	while (number < NUMBER_MAX && taken[number])
		number++;
	(void)snprintf(text, sizeof(text), "%u", number);
	return tmirror_request_set(request, "SessionNumber", text);
}

static int session_end(struct invocation *invocation, const char *session)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *target;
	int r;

	r = tmirror_request_new("DescribeTrafficMirrorSessions", &request);
	if (r == 0)
		r = tmirror_request_append(request, thing_session.id_parameter, session);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r == 0)
		r = thing_delete(invocation, &thing_session, session, &invocation->error);
	if (r != 0)
		return r;
	target = tmirror_node_text(tmirror_response_root(response),
				   "trafficMirrorSessionSet/item/trafficMirrorTargetId");
	return target ? appliance_release(invocation, target) : 0;
}
