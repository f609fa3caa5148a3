// SPDX-License-Identifier: Apache-2.0
#include "cli/host.h"

#include "base/count.h"
#include "cli/noun.h"

#include <string.h>

static void write_connected(const struct tmirror_node *node, struct text *cell);
static void write_key(const struct tmirror_node *node, struct text *cell);
static void write_plan(const struct tmirror_node *node, struct text *cell);
static void write_reattachments(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "HOST", .path = "hostName"},
	{.title = "INSTANCE", .path = "instanceId"},
	{.title = "AGENT", .write = write_connected},
	{.title = "PLAN", .write = write_plan},
	{.title = "LAST REPORT", .path = "lastReport"},
	{.title = "REATTACHED", .write = write_reattachments},
	{.title = "VERSION", .path = "agentVersion"},
	{.title = "PROTOCOL", .path = "agentProtocol", .detail = true},
	{.title = "KEY", .write = write_key, .detail = true},
	{.title = "KEY MADE", .path = "keyCreateTime", .detail = true},
	{.title = "KERNEL", .path = "kernelVersion"},
};

const struct columns host_columns = ROWS(columns);

static const struct noun host = {
	.id_parameter = "HostName",
	.id_element = "hostName",
	.describe = "DescribeTrafficMirrorHosts",
	.set = "trafficMirrorHostSet",
	.delete = "DeleteTrafficMirrorHost",
	.columns = ROWS(columns),
};

/* To take its key from a host is to delete it as far as words go. */
static const struct noun revoked = {
	.id_parameter = "HostName",
	.delete = "RevokeTrafficMirrorHost",
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The host's name")};

static const struct argument_row delete_rows[] = {IDS_ROW("Names of hosts"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"host", "list", "List the hosts that agents have reported from", NULL, ROWS(list_rows),
	 noun_list, &host},
	{"host", "show", "Show a host", NULL, ROWS(show_rows), noun_show, &host},
	{"host", "delete", "Forget hosts that are gone for good, and their interfaces",
	 "A host whose agent runs, or that has sources of sessions, is kept.", ROWS(delete_rows),
	 noun_delete, &host},
	{"host", "revoke", "Take hosts' own keys back; their agents mirror nothing from then on",
	 "The host and its sessions stay known.  To let it in again, add it anew.",
	 ROWS(delete_rows), noun_delete, &revoked},
};

const struct commands host_commands = ROWS(rows);

static void write_connected(const struct tmirror_node *node, struct text *cell)
{
	const char *connected = tmirror_node_text(node, "connected");
	const char *taken = tmirror_node_text(node, "revoked");

	if (taken && *taken == 't')
		text_append(cell, "revoked");
	else
		text_append(cell, connected && *connected == 't' ? "connected" : "silent");
}

/* As in "AKIA…, its own". */
static void write_key(const struct tmirror_node *node, struct text *cell)
{
	const char *key = tmirror_node_text(node, "accessKeyId");
	const char *own = tmirror_node_text(node, "ownKey");

	if (key)
		text_printf(cell, "%s, %s", key,
			    own && *own == 't' ? "its own" : "of all the account's hosts");
}

/* Revisions mean nothing to people but whether they are the same. */
static void write_plan(const struct tmirror_node *node, struct text *cell)
{
	const char *wanted = tmirror_node_text(node, "wantedRevision");
	const char *applied = tmirror_node_text(node, "appliedRevision");

	text_append(cell,
		    wanted && applied && strcmp(wanted, applied) == 0 ? "applied" : "pending");
}

/* As in "2, last web: our program was taken away". */
static void write_reattachments(const struct tmirror_node *node, struct text *cell)
{
	const char *count = tmirror_node_text(node, "reattachments");
	const char *device = tmirror_node_text(node, "lastReattachment/deviceName");
	const char *reason = tmirror_node_text(node, "lastReattachment/reason");

	text_append(cell, count ? count : "0");
	if (device && reason)
		text_printf(cell, ", last on %s: %s", device, reason);
}
