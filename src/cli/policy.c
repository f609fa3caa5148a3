// SPDX-License-Identifier: Apache-2.0
/* Policies of users and roles.  Which of IAM's actions it is depends on whose policy is meant. */
#include "base/count.h"
#include "cli/document.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

static command_function policy_list, policy_get, policy_put, policy_delete;
static int owner_request(struct invocation *invocation, const char *verb, const char *noun,
			 struct tmirror_request **ret_request);

static const struct column columns[] = {{.title = "POLICY", .path = ""}};
static const struct columns list_columns = ROWS(columns);

#define OWNER_ROWS                                                                                \
	{.name = "user",                                                                          \
	 .letter = 'u',                                                                           \
	 .value = "NAME",                                                                         \
	 .help = "The user whose policy it is",                                                   \
	 .parameter = "UserName"},                                                                \
	{                                                                                         \
		.name = "role", .letter = 'r', .value = "NAME",                                   \
		.help = "The role whose policy it is, instead of a user", .parameter = "RoleName" \
	}
#define NAME_ROW                                                                        \
	{                                                                               \
		.name = "NAME", .help = "The policy's name", .parameter = "PolicyName", \
		.word = true, .required = true                                          \
	}

static const struct argument_row list_rows[] = {OWNER_ROWS};

static const struct argument_row name_rows[] = {NAME_ROW, OWNER_ROWS};

static const struct argument_row put_rows[] = {
	NAME_ROW,
	{.name = "FILE",
	 .help = "With the policy in IAM's JSON; '-' is the standard input",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	OWNER_ROWS,
};

static const struct command rows[] = {
	{.noun = "policy",
	 .verb = "list",
	 .help = "List the policies of a user or a role",
	 .arguments = ROWS(list_rows),
	 .run = policy_list},
	{.noun = "policy",
	 .verb = "get",
	 .help = "Print a policy, as it was put",
	 .arguments = ROWS(name_rows),
	 .run = policy_get},
	{.noun = "policy",
	 .verb = "put",
	 .help = "Give a user or a role a policy, or replace the one of that name",
	 .arguments = ROWS(put_rows),
	 .run = policy_put},
	{.noun = "policy",
	 .verb = "delete",
	 .help = "Take a policy away",
	 .arguments = ROWS(name_rows),
	 .run = policy_delete},
};

const struct commands policy_commands = ROWS(rows);

static int policy_list(struct invocation *invocation)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	bool role = invocation_get(invocation, "role") != NULL;
	int r;

	r = owner_request(invocation, "List", "Policies", &request);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request,
				      role ? "ListRolePoliciesResult/PolicyNames"
					   : "ListUserPoliciesResult/PolicyNames",
				      &pages);
	return r != 0 ? r : output_items(invocation, pages, &list_columns);
}

static int policy_get(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *document;
	int r;

	r = owner_request(invocation, "Get", "Policy", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	document = tmirror_node_text(tmirror_node_first(tmirror_response_root(response)),
				     "PolicyDocument");
	return document ? document_print(document) : -EPROTO;
}

static int policy_put(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_free_ char *document = NULL;
	int r;

	r = document_read(invocation, invocation_get(invocation, "FILE"), &document);
	if (r == 0)
		r = owner_request(invocation, "Put", "Policy", &request);
	if (r == 0)
		r = tmirror_request_set(request, "PolicyDocument", document);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int policy_delete(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = owner_request(invocation, "Delete", "Policy", &request);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

/* As in "iam:PutUserPolicy". */
static int owner_request(struct invocation *invocation, const char *verb, const char *noun,
			 struct tmirror_request **ret_request)
{
	const char *user = invocation_get(invocation, "user");
	const char *role = invocation_get(invocation, "role");
	char action[64];

	if (!user == !role)
		return invocation_misused(invocation, "one of --user and --role is needed");
	(void)snprintf(action, sizeof(action), "iam:%s%s%s", verb, role ? "Role" : "User", noun);
	return invocation_request(invocation, action, ret_request);
}
