// SPDX-License-Identifier: Apache-2.0
/* How hosts and sessions are doing: the extension actions of the API. */
#include "base/count.h"
#include "cli/command.h"
#include "cli/host.h"
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static command_function status;
static void write_accepted(const struct tmirror_node *node, struct text *cell);
static void write_shipped(const struct tmirror_node *node, struct text *cell);
static void write_truncated(const struct tmirror_node *node, struct text *cell);
static void write_lost(const struct tmirror_node *node, struct text *cell);

static const struct column session_columns[] = {
	{.title = "SESSION", .path = "trafficMirrorSessionId"},
	{.title = "SOURCE", .path = "networkInterfaceId"},
	{.title = "HOST", .path = "hostName"},
	{.title = "DEVICE", .path = "deviceName"},
	{.title = "STATE", .path = "state"},
	{.title = "ACCEPTED", .write = write_accepted, .numeric = true},
	{.title = "SHIPPED", .write = write_shipped, .numeric = true},
	{.title = "CUT", .write = write_truncated, .numeric = true},
	{.title = "LOST", .write = write_lost},
	{.title = "REASON", .path = "reason"},
};

static const struct argument_row arguments[] = {
	{.name = "SESSION",
	 .help = "Only these sessions, and no hosts",
	 .parameter = "TrafficMirrorSessionId",
	 .form = FORM_LIST,
	 .word = true,
	 .repeated = true},
};

static const struct command rows[] = {
	{.verb = "status",
	 .help = "Show how hosts and sessions are doing",
	 .more = "Counts are packets of both directions; CUT are those shortened to fit the path "
		 "to "
		 "the appliance.",
	 .arguments = ROWS(arguments),
	 .run = status},
};

const struct commands status_commands = ROWS(rows);

static int status_as_json(struct invocation *invocation, struct tmirror_pages *hosts,
			  struct tmirror_pages *sessions)
{
	_cleanup_(json_freep) json_t *object = json_object();
	json_t *array;
	int r = 0;

	if (hosts) {
		r = output_gather(invocation, hosts, &array);
		if (r == 0 && json_object_set_new(object, "Hosts", array) < 0)
			r = -ENOMEM;
	}
	if (r == 0)
		r = output_gather(invocation, sessions, &array);
	if (r != 0)
		return r;
	if (json_object_set_new(object, "Sessions", array) < 0)
		return -ENOMEM;
	return output_json(object);
}

static int status(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *hosts = NULL, *sessions = NULL;
	int r = 0;

	if (!arguments_has(&invocation->arguments, "SESSION"))
		r = invocation_pages(invocation, "DescribeTrafficMirrorHosts",
				     "trafficMirrorHostSet", &hosts);
	if (r == 0)
		r = invocation_pages(invocation, "DescribeTrafficMirrorSessionStatus",
				     "trafficMirrorSessionStatusSet", &sessions);
	if (r != 0)
		return r;
	if (invocation->json)
		return status_as_json(invocation, hosts, sessions);
	if (hosts) {
		r = output_items(invocation, hosts, &host_columns);
		(void)putchar('\n');
	}
	return r == 0 ? output_items(invocation, sessions,
				     &(const struct columns)ROWS(session_columns))
		      : r;
}

static unsigned long long number_at(const struct tmirror_node *node, const char *path)
{
	const char *text = tmirror_node_text(node, path);

	return text ? strtoull(text, NULL, 10) : 0;
}

static void write_accepted(const struct tmirror_node *node, struct text *cell)
{
	text_printf(cell, "%llu",
		    number_at(node, "ingress/accepted/packets") +
			    number_at(node, "egress/accepted/packets"));
}

static void write_shipped(const struct tmirror_node *node, struct text *cell)
{
	text_printf(cell, "%llu",
		    number_at(node, "ingress/shipped/packets") +
			    number_at(node, "egress/shipped/packets"));
}

static void write_truncated(const struct tmirror_node *node, struct text *cell)
{
	text_printf(cell, "%llu",
		    number_at(node, "ingress/truncated/packets") +
			    number_at(node, "egress/truncated/packets"));
}

/* "0", or "12: ring_full 10, no_route 2".  Both directions list the same reasons in the same order. */
static void write_lost(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *ingress, *egress;
	_cleanup_text_ struct text reasons = {};
	unsigned long long total = 0;

	ingress = tmirror_node_first(tmirror_node_find(node, "ingress/lostSet"));
	egress = tmirror_node_first(tmirror_node_find(node, "egress/lostSet"));
	while (ingress && egress) {
		const char *reason = tmirror_node_text(ingress, "reason");
		unsigned long long lost =
			number_at(ingress, "packets") + number_at(egress, "packets");

		if (lost > 0)
			text_printf(&reasons, "%s %s %llu", total ? "," : ":",
				    reason ? reason : "?", lost);
		total += lost;
		ingress = tmirror_node_next(ingress);
		egress = tmirror_node_next(egress);
	}
	text_printf(cell, "%llu%s", total, reasons.data ? reasons.data : "");
}
