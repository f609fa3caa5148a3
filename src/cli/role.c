// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/document.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

static command_function role_create, role_trust;
static int print_trust(struct invocation *invocation, const char *name);

static const struct column columns[] = {
	{.title = "ROLE", .path = "RoleName"},
	{.title = "ARN", .path = "Arn"},
	{.title = "LONGEST SESSION", .path = "MaxSessionDuration", .numeric = true},
	{.title = "DESCRIPTION", .path = "Description"},
	{.title = "CREATED", .path = "CreateDate"},
};

static const struct noun role = {
	.id_parameter = "RoleName",
	.describe = "iam:ListRoles",
	.set = "ListRolesResult/Roles",
	.page_size = "MaxItems",
	.delete = "iam:DeleteRole",
	.columns = ROWS(columns),
};

#define NAME_ROW                                                                                  \
	{                                                                                         \
		.name = "NAME", .help = "The role's name", .parameter = "RoleName", .word = true, \
		.required = true,                                                                 \
	}

static const struct argument_row list_rows[] = {PATH_PREFIX_ROW};

static const struct argument_row create_rows[] = {
	NAME_ROW,
	{.name = "FILE",
	 .help = "With the policy that says who may take it on; '-' is the standard input",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	{.name = "path", .value = "/PATH/", .help = "Where to put the role", .parameter = "Path"},
	DESCRIPTION_ROW,
	{.name = "max-session-duration",
	 .value = "SECONDS",
	 .help = "The longest that somebody may take it on, 3600 to 43200",
	 .parameter = "MaxSessionDuration"},
};

static const struct argument_row trust_rows[] = {
	NAME_ROW,
	{.name = "FILE",
	 .help = "With another policy; not given, the present one is printed",
	 .form = FORM_OWN,
	 .word = true},
};

static const struct argument_row delete_rows[] = {IDS_ROW("Names of roles")};

static const struct command rows[] = {
	{"role", "list", "List the roles", NULL, ROWS(list_rows), noun_list, &role},
	{"role", "create", "Make a role, which may do nothing yet; prints its ARN", NULL,
	 ROWS(create_rows), role_create, &role},
	{"role", "trust", "Print or replace the policy that says who may take a role on", NULL,
	 ROWS(trust_rows), role_trust, &role},
	{"role", "delete", "Delete roles that have no policies", NULL, ROWS(delete_rows),
	 noun_delete, &role},
};

const struct commands role_commands = ROWS(rows);

static int role_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_free_ char *trust = NULL;
	const struct tmirror_node *made;
	const char *arn;
	int r;

	r = document_read(invocation, invocation_get(invocation, "FILE"), &trust);
	if (r == 0)
		r = invocation_request(invocation, "iam:CreateRole", &request);
	if (r == 0)
		r = tmirror_request_set(request, "AssumeRolePolicyDocument", trust);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	made = tmirror_node_find(tmirror_response_root(response), "CreateRoleResult/Role");
	arn = tmirror_node_text(made, "Arn");
	if (!arn)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, made, &role.columns);
	return puts(arn) < 0 ? -EIO : 0;
}

static int role_trust(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *file = invocation_get(invocation, "FILE");
	_cleanup_free_ char *trust = NULL;
	int r;

	if (!file)
		return print_trust(invocation, invocation_get(invocation, "NAME"));
	r = document_read(invocation, file, &trust);
	if (r == 0)
		r = invocation_request(invocation, "iam:UpdateAssumeRolePolicy", &request);
	if (r == 0)
		r = tmirror_request_set(request, "PolicyDocument", trust);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int print_trust(struct invocation *invocation, const char *name)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *trust;
	int r;

	r = tmirror_request_new("iam:GetRole", &request);
	if (r == 0)
		r = tmirror_request_set(request, "RoleName", name);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	trust = tmirror_node_text(tmirror_response_root(response),
				  "GetRoleResult/Role/AssumeRolePolicyDocument");
	return trust ? document_print(trust) : -EPROTO;
}
