// SPDX-License-Identifier: Apache-2.0
/* Sharing targets with other accounts. */
#include "base/count.h"
#include "cli/noun.h"

static command_function target_share, target_unshare;
static int call(struct invocation *invocation, const char *action);

static const struct column columns[] = {
	{.title = "TARGET", .path = "trafficMirrorTargetId"},
	{.title = "OWNER", .path = "ownerId"},
	{.title = "SHARED WITH", .path = "accountId"},
	{.title = "SINCE", .path = "createTime"},
};

static const struct noun share = {
	.describe = "DescribeTrafficMirrorTargetShares",
	.set = "trafficMirrorTargetShareSet",
	.columns = ROWS(columns),
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row change_rows[] = {
	{.name = ID_WORD,
	 .help = "The target",
	 .parameter = "TrafficMirrorTargetId",
	 .word = true,
	 .required = true},
	{.name = "ACCOUNT",
	 .help = "The other account's number",
	 .parameter = "AccountId",
	 .word = true,
	 .required = true},
	DRY_RUN_ROW,
};

static const struct command rows[] = {
	{"target", "shares", "List what is shared with other accounts, and by them", NULL,
	 ROWS(list_rows), noun_list, &share},
	{"target", "share", "Let another account send to a target",
	 "It sees the target, and the sessions that send to it are seen here.", ROWS(change_rows),
	 target_share, &share},
	{"target", "unshare", "Let it no more, and end its sessions with the target", NULL,
	 ROWS(change_rows), target_unshare, &share},
};

const struct commands share_commands = ROWS(rows);

static int target_share(struct invocation *invocation)
{
	return call(invocation, "ShareTrafficMirrorTarget");
}

static int target_unshare(struct invocation *invocation)
{
	return call(invocation, "UnshareTrafficMirrorTarget");
}

static int call(struct invocation *invocation, const char *action)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = invocation_request(invocation, action, &request);

	return r != 0 ? r : invocation_call(invocation, request, &response);
}
