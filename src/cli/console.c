// SPDX-License-Identifier: Apache-2.0
/* The way from a host's terminal into the console. */
#include "base/count.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

static command_function make_link;

static const struct argument_row arguments[] = {
	{.name = "duration",
	 .value = "SECONDS",
	 .help = "How long the session lasts, 900 to 129600; else twelve hours",
	 .parameter = "DurationSeconds"},
};

static const struct command rows[] = {
	{NULL, "console", "Print a link that opens the web console",
	 "Whoever opens it first is signed in as you are here; it is good once, and for a minute.  "
	 "A session's "
	 "keys make no link.",
	 ROWS(arguments), make_link},
};

const struct commands console_commands = ROWS(rows);

static int make_link(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *result;
	const char *link;
	int r;

	r = invocation_request(invocation, "sts:CreateConsoleSignIn", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	result = tmirror_node_find(tmirror_response_root(response), "CreateConsoleSignInResult");
	link = tmirror_node_text(result, "SignInUrl");
	if (!link)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, result, NULL);
	return puts(link) == EOF ? -EIO : 0;
}
