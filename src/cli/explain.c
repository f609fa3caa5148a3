// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/endpoint.h"
#include "cli/interface.h"
#include "cli/output.h"

#include <stdio.h>

static command_function explain;

static const struct column columns[] = {
	{.title = "VERDICT", .path = "verdict"},
	{.title = "REASON", .path = "explanation"},
	{.title = "SESSION", .path = "trafficMirrorSessionId"},
	{.title = "NUMBER", .path = "sessionNumber"},
	{.title = "RULE", .path = "trafficMirrorFilterRuleId"},
	{.title = "RULE NUMBER", .path = "ruleNumber"},
};

static const struct argument_row arguments[] = {
	{.name = "SOURCE",
	 .help = "An interface's id, HOST/DEVICE, or DEVICE",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	{.name = "direction",
	 .value = "ingress|egress",
	 .help = "Whether the source receives or sends the packet",
	 .parameter = "TrafficDirection"},
	{.name = "protocol",
	 .value = "PROTOCOL",
	 .help = "tcp, udp, icmp, icmpv6 or an IANA number",
	 .parameter = "Protocol",
	 .form = FORM_PROTOCOL},
	{.name = "from",
	 .value = "ADDRESS[:PORT]",
	 .help = "Where the packet comes from; IPv6 with a port as [ADDRESS]:PORT",
	 .form = FORM_OWN,
	 .required = true},
	{.name = "to",
	 .value = "ADDRESS[:PORT]",
	 .help = "Where the packet goes",
	 .form = FORM_OWN,
	 .required = true},
	{.name = "tcp-flags",
	 .value = "FLAG,…",
	 .help = "Those that are set, as syn,ack; not given, no rule about flags matches",
	 .parameter = "TcpFlags"},
	{.name = "dscp",
	 .value = "DSCP",
	 .help = "0 to 63, or cs1, af41, ef; else 0",
	 .parameter = "Dscp"},
};

static const struct command rows[] = {
	{.verb = "explain",
	 .help = "Tell what becomes of a packet, and why",
	 .arguments = ROWS(arguments),
	 .run = explain},
};

const struct commands explain_commands = ROWS(rows);

/* Sets "NAMEAddress" and "NAMEPort". */
static int set_endpoint(struct invocation *invocation, struct tmirror_request *request,
			const char *option, const char *name)
{
	const char *value = invocation_get(invocation, option);
	char address[ENDPOINT_ADDRESS_SIZE], port[ENDPOINT_PORT_SIZE], parameter[32];
	int r;

	if (!endpoint_split(value, address, port))
		return invocation_misused(invocation, "--%s '%s' is not ADDRESS[:PORT]", option,
					  value);
	(void)snprintf(parameter, sizeof(parameter), "%sAddress", name);
	r = tmirror_request_set(request, parameter, address);
	if (r != 0 || !port[0])
		return r;
	(void)snprintf(parameter, sizeof(parameter), "%sPort", name);
	return tmirror_request_set(request, parameter, port);
}

static int explain(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char source[INTERFACE_ID_SIZE];
	int r;

	r = invocation_request(invocation, "ExplainTrafficMirrorPacket", &request);
	if (r == 0)
		r = set_endpoint(invocation, request, "from", "Source");
	if (r == 0)
		r = set_endpoint(invocation, request, "to", "Destination");
	if (r == 0)
		r = interface_find(invocation, invocation_get(invocation, "SOURCE"), source);
	if (r == 0)
		r = tmirror_request_set(request, "NetworkInterfaceId", source);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	return output_object(invocation, tmirror_response_root(response),
			     &(const struct columns)ROWS(columns));
}
