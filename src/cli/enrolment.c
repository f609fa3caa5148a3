// SPDX-License-Identifier: Apache-2.0
/* The way of a new host in: here its enrolment is issued, and printed as the one command to run there. */
#include "base/count.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function host_add;
static int print_command(const struct invocation *invocation, const struct tmirror_node *root);
static bool is_loopback(const char *url);

static const struct column columns[] = {
	{.title = "ENROLMENT", .path = "enrolmentId"},
	{.title = "HOST", .path = "hostName"},
	{.title = "CREATED", .path = "createTime"},
	{.title = "EXPIRES", .path = "expirationTime"},
};

static const struct noun enrolment = {
	.id_parameter = "EnrolmentId",
	.describe = "DescribeTrafficMirrorHostEnrolments",
	.set = "trafficMirrorHostEnrolmentSet",
	.delete = "DeleteTrafficMirrorHostEnrolment",
	.columns = ROWS(columns),
};

static const struct argument_row add_rows[] = {
	{.name = "NAME",
	 .help = "The host's name; without one, any new host may come",
	 .parameter = "HostName",
	 .word = true},
	{.name = "valid",
	 .value = "SECONDS",
	 .help = "How long it is good, 60 to 604800; else an hour",
	 .parameter = "ValiditySeconds"},
	{.name = "controller",
	 .value = "URL",
	 .help = "Where the host finds the controller, or one of several; else as you do",
	 .form = FORM_OWN,
	 .repeated = true},
	DRY_RUN_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Ids of enrolments"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"host", "add", "Let a new host in; prints the command to run there",
	 "The command gets the host a key of its own.  It is good once, and shown only once.  What "
	 "it "
	 "reads from its standard input is a secret until then.  A host that is known already gets "
	 "another key, and those that it had end.",
	 ROWS(add_rows), host_add, &enrolment},
	{"host",
	 "enrolments",
	 "List the enrolments that wait for their hosts",
	 NULL,
	 {},
	 noun_list,
	 &enrolment},
	{"host", "cancel", "Cancel enrolments that wait", NULL, ROWS(delete_rows), noun_delete,
	 &enrolment},
};

const struct commands enrolment_commands = ROWS(rows);

static int host_add(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *root;
	int r;

	r = invocation_request(invocation, "IssueTrafficMirrorHostEnrolment", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	root = tmirror_response_root(response);
	return invocation->json ? output_object(invocation, root, NULL)
				: print_command(invocation, root);
}

static int print_command(const struct invocation *invocation, const struct tmirror_node *root)
{
	const char *code = tmirror_node_text(root, "trafficMirrorHostEnrolment/enrolmentCode");
	const char *host = tmirror_node_text(root, "trafficMirrorHostEnrolment/hostName");
	const char *expires = tmirror_node_text(root, "trafficMirrorHostEnrolment/expirationTime");
	const char *region = tmirror_node_text(root, "region");
	const char *authority = tmirror_node_text(root, "certificateAuthority");
	const char *url = tmirror_node_text(root, "controllerUrl");
	const struct arguments *arguments = &invocation->arguments;
	size_t named = 0;

	if (!code || !expires || !region || !url)
		return -EPROTO;
	printf("# To be run on the new host as root, once and until %s:\n"
	       "tmirror-agent enrol <<'END'\n",
	       expires);
	for (size_t i = 0; i < arguments->count; i++)
		if (strcmp(arguments->items[i].row->name, "controller") == 0) {
			printf("controller: %s\n", arguments->items[i].value);
			named++;
		}
	if (named == 0)
		printf("controller: %s\n", url);
	printf("region: %s\n", region);
	if (host)
		printf("host: %s\n", host);
	printf("code: %s\n", code);
	if (authority)
		printf("%s%s", authority, authority[strlen(authority) - 1] == '\n' ? "" : "\n");
	printf("END\n");
	if (named == 0 && is_loopback(url))
		(void)fprintf(stderr,
			      "tmirror: %s is this machine; for another host say --controller "
			      "URL\n",
			      url);
	return ferror(stdout) ? -EIO : 0;
}

static bool is_loopback(const char *url)
{
	static const char *const names[] = {"://127.", "://[::1]", "://localhost"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(url, names[i]))
			return true;
	return false;
}
