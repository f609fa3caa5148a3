// SPDX-License-Identifier: Apache-2.0
/* IAM's users. */
#include "api/iam.h"
#include "control/identity.h"

#define LENGTH_MAX 512 /* Of what is only to be found; control judges names that are to be made. */

static const struct parameter create_parameters[] = {
	{"Path", PARAMETER_TEXT, .minimum = 1, .maximum = LENGTH_MAX},
	USER_PARAMETER,
};

static const struct parameter user_parameters[] = {USER_PARAMETER};

static const struct parameter get_parameters[] = {USER_OR_CALLER_PARAMETER};

static const struct parameter update_parameters[] = {
	USER_PARAMETER,
	{"NewPath", PARAMETER_TEXT, .minimum = 1, .maximum = LENGTH_MAX},
	{"NewUserName", PARAMETER_TEXT, .minimum = 1, .maximum = NAME_LENGTH_MAX,
	 .names = &user_resource},
};

static const struct parameter list_parameters[] = {
	{"PathPrefix", PARAMETER_TEXT, .maximum = LENGTH_MAX},
	MARKER_PARAMETERS,
};

static const struct parameter empty_parameters[] = {
	USER_PARAMETER,
	{"PathPrefix", PARAMETER_TEXT, .maximum = LENGTH_MAX},
	MARKER_PARAMETERS,
};

static int create_user(struct call *call, struct refusal *why);
static int get_user(struct call *call, struct refusal *why);
static int update_user(struct call *call, struct refusal *why);
static int delete_user(struct call *call, struct refusal *why);
static int list_users(struct call *call, struct refusal *why);
static int list_attached_policies(struct call *call, struct refusal *why);
static int list_groups(struct call *call, struct refusal *why);
static int find_user(struct call *call, struct refusal *why);
static void write_user(struct call *call, const char *element, const struct identity *user);

static const struct action actions[] = {
	ACTION("CreateUser", create_parameters, create_user),
	ACTION("GetUser", get_parameters, get_user),
	ACTION("UpdateUser", update_parameters, update_user),
	ACTION("DeleteUser", user_parameters, delete_user),
	ACTION("ListUsers", list_parameters, list_users),
	ACTION("ListAttachedUserPolicies", empty_parameters, list_attached_policies),
	ACTION("ListGroupsForUser", empty_parameters, list_groups),
};

const struct action_table user_actions = {actions, ARRAY_SIZE(actions)};

static int create_user(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity user = {};
	const struct identity_wish wish = {
		.kind = IDENTITY_USER,
		.name = call_get_text(call, "UserName"),
		.path = call_get_text(call, "Path"),
	};
	int r;

	r = control_create_identity(call->control, call->caller, &wish, &user, why);
	if (r != 0)
		return r;
	write_user(call, "User", &user);
	return 0;
}

static int get_user(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity user = {};
	int r;

	r = control_get_identity(call->control, call->caller, IDENTITY_USER,
				 call_get_text(call, "UserName"), &user, why);
	if (r != 0)
		return r;
	write_user(call, "User", &user);
	return 0;
}

static int update_user(struct call *call, struct refusal *why)
{
	return control_rename_user(call->control, call->caller, call_get_text(call, "UserName"),
				   call_get_text(call, "NewUserName"),
				   call_get_text(call, "NewPath"), why);
}

static int delete_user(struct call *call, struct refusal *why)
{
	return control_delete_identity(call->control, call->caller, IDENTITY_USER,
				       call_get_text(call, "UserName"), why);
}

static int list_users(struct call *call, struct refusal *why)
{
	_cleanup_(identity_page_fini) struct identity_page page = {};
	const struct query query = iam_get_query(call);
	int r;

	r = control_describe_identities(call->control, call->caller, IDENTITY_USER,
					call_get_text(call, "PathPrefix"), &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "Users");
	for (size_t i = 0; i < page.count; i++)
		write_user(call, "member", &page.items[i]);
	xml_close(call->xml, "Users");
	iam_write_page_end(call, page.next_token);
	return 0;
}

static int list_attached_policies(struct call *call, struct refusal *why)
{
	int r = find_user(call, why);

	return r != 0 ? r : iam_list_nothing(call, "AttachedPolicies");
}

static int list_groups(struct call *call, struct refusal *why)
{
	int r = find_user(call, why);

	return r != 0 ? r : iam_list_nothing(call, "Groups");
}

static int find_user(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity user = {};

	return control_get_identity(call->control, call->caller, IDENTITY_USER,
				    call_get_text(call, "UserName"), &user, why);
}

static void write_user(struct call *call, const char *element, const struct identity *user)
{
	char arn[IDENTITY_ARN_SIZE];

	identity_format_arn(user, arn);
	xml_open(call->xml, element);
	xml_text(call->xml, "Path", user->path);
	xml_text(call->xml, "UserName", user->name);
	xml_text(call->xml, "UserId", user->id);
	xml_text(call->xml, "Arn", arn);
	xml_time(call->xml, "CreateDate", user->created);
	xml_close(call->xml, element);
}
