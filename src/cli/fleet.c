// SPDX-License-Identifier: Apache-2.0
#include "cli/fleet.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/fleet_parts.h"
#include "cli/group.h"
#include "cli/lookup.h"
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function fleet_create, fleet_delete, fleet_list, fleet_show;
static int refuse_missing(struct invocation *invocation, const char *name);

static const struct argument_row create_rows[] = {
	{.name = "NAME",
	 .help = "What to call it: letters, digits and '-'",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	{.name = "appliance",
	 .letter = 'a',
	 .value = "ADDRESS[:PORT]",
	 .help = "An appliance; once for each",
	 .form = FORM_OWN,
	 .repeated = true,
	 .required = true},
	{.name = "check",
	 .value = "PROTOCOL[:PORT]",
	 .help = "How to find out who serves: tcp, http, https, udp, icmp or none; else icmp",
	 .form = FORM_OWN},
	{.name = "port",
	 .value = "PORT",
	 .help = "UDP port that copies go to; else 4789",
	 .form = FORM_OWN},
};

static const struct argument_row name_rows[] = {
	{.name = "NAME", .help = "The fleet", .form = FORM_OWN, .word = true, .required = true},
};

static const struct command rows[] = {
	{.noun = "fleet",
	 .verb = "create",
	 .help = "Let appliances share what is mirrored to them; prints the target's id",
	 .more = "As in:  tmirror fleet create ids --appliance 10.0.0.5 --appliance 10.0.0.6\n"
		 "        tmirror mirror eth0 --to fleet:ids\n"
		 "What is there already is kept: repeat it to add appliances.",
	 .arguments = ROWS(create_rows),
	 .run = fleet_create},
	{.noun = "fleet",
	 .verb = "list",
	 .help = "List the fleets",
	 .arguments = {},
	 .run = fleet_list},
	{.noun = "fleet",
	 .verb = "show",
	 .help = "List the appliances of a fleet, and how they do",
	 .arguments = ROWS(name_rows),
	 .run = fleet_show},
	{.noun = "fleet",
	 .verb = "delete",
	 .help = "Take a fleet apart that no session sends to",
	 .arguments = ROWS(name_rows),
	 .run = fleet_delete},
};

const struct commands fleet_commands = ROWS(rows);

static void write_name(const struct tmirror_node *node, struct text *cell);

static const struct column list_columns[] = {
	{.title = "FLEET", .write = write_name},
	{.title = "TARGET", .path = "trafficMirrorTargetId"},
	{.title = "DESCRIPTION", .path = "description"},
};

static const struct column own_columns[] = {
	{.title = "APPLIANCE", .path = "Target/Id"},
	{.title = "PORT", .path = "Target/Port", .numeric = true},
	{.title = "STATE", .path = "TargetHealth/State"},
	{.title = "REASON", .path = "TargetHealth/Description"},
};

int fleet_find_target(struct invocation *invocation, const char *name,
		      char ret_target[THING_ID_SIZE])
{
	_cleanup_(fleet_parts_fini) struct fleet fleet = {};
	const char *target;
	int r;

	r = fleet_find(invocation, name, &fleet);
	if (r != 0)
		return r;
	if (!fleet.parts[FLEET_BALANCER].id)
		return refuse_missing(invocation, name);
	target = fleet.parts[FLEET_TARGET].id;
	if (target)
		return string_copy(ret_target, THING_ID_SIZE, target) ? 0 : -EPROTO;
	return invocation_refused(invocation, "InvalidTrafficMirrorTargetId.NotFound",
				  "No mirror target stands in front of the fleet '%s'", name);
}

/* What was not there before is taken away again if a later step fails. */
static int fleet_create(struct invocation *invocation)
{
	_cleanup_(fleet_parts_fini) struct fleet fleet = {};
	int r;

	r = fleet_find(invocation, invocation_get(invocation, "NAME"), &fleet);
	if (r != 0)
		return r;
	r = fleet_make(invocation, &fleet);
	if (r == 0)
		return puts(fleet.parts[FLEET_TARGET].id) < 0 ? -EIO : 0;
	fleet_undo(invocation, &fleet);
	return r;
}

static int fleet_delete(struct invocation *invocation)
{
	_cleanup_(fleet_parts_fini) struct fleet fleet = {};
	const char *name = invocation_get(invocation, "NAME");
	int r;

	r = fleet_find(invocation, name, &fleet);
	if (r != 0)
		return r;
	if (!fleet.parts[FLEET_BALANCER].id && !fleet.parts[FLEET_GROUP].id)
		return refuse_missing(invocation, name);
	return fleet_delete_parts(invocation, &fleet);
}

static int fleet_list(struct invocation *invocation)
{
	static const struct lookup lookup = {"DescribeTrafficMirrorTargets",
					     "trafficMirrorTargetSet", "network-load-balancer-arn",
					     "*"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r = lookup_start(invocation, &lookup, &pages);

	if (r != 0)
		return r;
	return output_items(invocation, pages, &(const struct columns)ROWS(list_columns));
}

static int fleet_show(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const char *name = invocation_get(invocation, "NAME");
	_cleanup_(fleet_parts_fini) struct fleet fleet = {};
	int r;

	r = fleet_find(invocation, name, &fleet);
	if (r == 0 && !fleet.parts[FLEET_GROUP].id)
		return refuse_missing(invocation, name);
	if (r == 0)
		r = members_describe(invocation, fleet.parts[FLEET_GROUP].id, &pages);
	if (r != 0)
		return r;
	return output_items(invocation, pages, &(const struct columns)ROWS(own_columns));
}

static int refuse_missing(struct invocation *invocation, const char *name)
{
	return invocation_refused(invocation, "LoadBalancerNotFound", "There is no fleet '%s'",
				  name);
}

/* What stands between "loadbalancer/net/" and the digits. */
static void write_name(const struct tmirror_node *node, struct text *cell)
{
	const char *arn = tmirror_node_text(node, "networkLoadBalancerArn");
	const char *name = arn ? strstr(arn, "/net/") : NULL;

	if (name)
		text_append_bytes(cell, name + strlen("/net/"),
				  strcspn(name + strlen("/net/"), "/"));
}
