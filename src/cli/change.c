// SPDX-License-Identifier: Apache-2.0
/* What kinds of objects have changed, for scripts that wait for it. */
#include "base/count.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

static command_function show_changes;

static const struct argument_row arguments[] = {
	{.name = "since",
	 .value = "REVISION",
	 .help = "What this command printed before",
	 .parameter = "Since"},
	{.name = "wait",
	 .value = "SECONDS",
	 .help = "Wait for a change, up to 30 seconds; else not at all",
	 .parameter = "WaitSeconds"},
};

static const struct command rows[] = {
	{NULL, "changes", "Tell what kinds of objects have changed, or wait until some do",
	 "Prints a revision, and behind it the kinds that have changed since the one that was "
	 "given.  "
	 "Counters and states of sessions, which hosts report all the time, are no changes.",
	 ROWS(arguments), show_changes},
};

const struct commands change_commands = ROWS(rows);

static int show_changes(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *root, *kind;
	const char *revision;
	int r;

	r = invocation_request(invocation, "DescribeTrafficMirrorChanges", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	root = tmirror_response_root(response);
	revision = tmirror_node_text(root, "revision");
	if (!revision)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, root, NULL);
	if (fputs(revision, stdout) < 0)
		return -EIO;
	kind = tmirror_node_first(tmirror_node_find(root, "changedKindSet"));
	for (; kind; kind = tmirror_node_next(kind))
		if (printf(" %s", tmirror_node_text(kind, "")) < 0)
			return -EIO;
	return putchar('\n') == EOF ? -EIO : 0;
}
