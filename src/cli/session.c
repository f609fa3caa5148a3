// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include "base/count.h"
#include "cli/noun.h"

static int set_paused(struct invocation *invocation, const char *paused);

static const struct column columns[] = {
	{.title = "SESSION", .path = "trafficMirrorSessionId"},
	{.title = "NAME", .write = write_session_name},
	{.title = "SOURCE", .path = "networkInterfaceId"},
	{.title = "TARGET", .path = "trafficMirrorTargetId"},
	{.title = "FILTER", .path = "trafficMirrorFilterId"},
	{.title = "NUMBER", .path = "sessionNumber", .numeric = true},
	{.title = "VNI", .path = "virtualNetworkId", .numeric = true},
	{.title = "LENGTH", .path = "packetLength", .numeric = true},
	{.title = "OPTIONS", .write = write_session_options},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "OWNER", .path = "ownerId", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun session = {
	.resource_type = "traffic-mirror-session",
	.id_parameter = "TrafficMirrorSessionId",
	.id_element = "trafficMirrorSessionId",
	.describe = "DescribeTrafficMirrorSessions",
	.set = "trafficMirrorSessionSet",
	.create = "CreateTrafficMirrorSession",
	.object = "trafficMirrorSession",
	.modify = "ModifyTrafficMirrorSession",
	.delete = "DeleteTrafficMirrorSession",
	.columns = ROWS(columns),
	.extended = true,
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The session")};

static const struct argument_row create_rows[] = {
	{.name = "network-interface-id",
	 .value = "INTERFACE",
	 .help = "The source: whose packets are copied",
	 .parameter = "NetworkInterfaceId"},
	{TARGET_ROW},
	{FILTER_ID_ROW},
	{NUMBER_ROW},
	LENGTH_ROW,
	VNI_ROW,
	SESSION_OPTION_ROWS,
	DESCRIPTION_ROW,
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The session"), {TARGET_ROW},        {FILTER_ID_ROW},
	{NUMBER_ROW},          LENGTH_ROW,          VNI_ROW,
	SESSION_OPTION_ROWS,   SESSION_CHANGE_ROWS, DESCRIPTION_ROW,
	REMOVE_FIELD_ROW,      SET_TAG_ROW,         REMOVE_TAG_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row pause_rows[] = {IDS_ROW("Sessions"), DRY_RUN_ROW};

static const struct argument_row delete_rows[] = {IDS_ROW("Sessions"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"session", "list", "List the sessions", NULL, ROWS(list_rows), noun_list, &session},
	{"session", "show", "Show a session", NULL, ROWS(show_rows), noun_show, &session},
	{"session", "create", "Mirror a source; prints the id", NULL, ROWS(create_rows),
	 noun_create, &session},
	{"session", "modify", "Change a session", NULL, ROWS(modify_rows), noun_modify, &session},
	{"session", "pause", "Stop copying, and keep the sessions", NULL, ROWS(pause_rows),
	 session_pause, &session},
	{"session", "resume", "Copy again", NULL, ROWS(pause_rows), session_resume, &session},
	{"session", "delete", "End sessions", NULL, ROWS(delete_rows), noun_delete, &session},
};

const struct commands session_commands = ROWS(rows);

int session_pause(struct invocation *invocation)
{
	return set_paused(invocation, "true");
}

int session_resume(struct invocation *invocation)
{
	return set_paused(invocation, "false");
}

static int set_paused(struct invocation *invocation, const char *paused)
{
	const struct noun *noun = invocation->command->about;
	const struct argument *id = NULL;
	int r = 0;

	while (r == 0 && (id = arguments_next(&invocation->arguments, ID_WORD, id))) {
		_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;

		r = invocation_request(invocation, noun->modify, &request);
		if (r != 0)
			return r;
		(void)tmirror_request_set(request, noun->id_parameter, id->value);
		(void)tmirror_request_set(request, "Extension.Paused", paused);
		r = invocation_call(invocation, request, &response);
	}
	return r;
}

void write_session_name(const struct tmirror_node *node, struct text *cell)
{
	const char *name = node_tag(node, "Name");

	text_append(cell, name ? name : "");
}
