// SPDX-License-Identifier: Apache-2.0
/* Keys for the agents of an account's hosts. */
#include "base/count.h"
#include "cli/key.h"
#include "cli/noun.h"

#include <errno.h>

static command_function host_key_list, host_key_create;

static const struct column columns[] = {
	{.title = "KEY", .path = "accessKeyId"},
	{.title = "CREATED", .path = "createTime"},
	{.title = "LAST USED", .path = "lastUseTime"},
};

static const struct noun host_key = {
	.id_parameter = "AccessKeyId",
	.delete = "DeleteTrafficMirrorHostKey",
	.columns = ROWS(columns),
};

static const struct argument_row no_rows[] = {DRY_RUN_ROW};

static const struct argument_row delete_rows[] = {IDS_ROW("Ids of keys"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"host-key", "list", "List the keys of the account's hosts", NULL, ROWS(no_rows),
	 host_key_list, &host_key},
	{"host-key", "create", "Make a key for agents; prints it, secret and all",
	 "A host belongs to the account whose key its agent has.  There is room for two keys, so "
	 "that one can take over from the other.",
	 ROWS(no_rows), host_key_create, &host_key},
	{"host-key", "delete", "Delete keys of hosts",
	 "Agents that still have one mirror nothing from then on.", ROWS(delete_rows), noun_delete,
	 &host_key},
};

const struct commands host_key_commands = ROWS(rows);

/* There are two at most, so there are no pages to ask for. */
static int host_key_list(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r = invocation_pages(invocation, "DescribeTrafficMirrorHostKeys",
				 "trafficMirrorHostKeySet", &pages);

	return r != 0 ? r : output_items(invocation, pages, &host_key.columns);
}

static int host_key_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *made;
	int r;

	r = invocation_request(invocation, "IssueTrafficMirrorHostKey", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	made = tmirror_node_find(tmirror_response_root(response), "trafficMirrorHostKey");
	if (!made)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, made, &host_key.columns);
	return key_print(tmirror_node_text(made, "accessKeyId"),
			 tmirror_node_text(made, "secretAccessKey"));
}
