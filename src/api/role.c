// SPDX-License-Identifier: Apache-2.0
/* IAM's roles, which are taken on by sts:AssumeRole. */
#include "access/policy.h"
#include "api/iam.h"
#include "control/identity.h"

#define LENGTH_MAX 512 /* Of what is only to be found; control judges names that are to be made. */

/* clang-format off */
#define ROLE_OPTION_PARAMETERS \
	{"Description", PARAMETER_DOCUMENT, .maximum = IDENTITY_DESCRIPTION_SIZE - 1}, \
	{"MaxSessionDuration", PARAMETER_NUMBER, .minimum = SESSION_SECONDS_MIN, \
	 .maximum = SESSION_SECONDS_LONGEST}
/* clang-format on */

static const struct parameter create_parameters[] = {
	{"Path", PARAMETER_TEXT, .minimum = 1, .maximum = LENGTH_MAX},
	ROLE_PARAMETER,
	POLICY_PARAMETER("AssumeRolePolicyDocument"),
	ROLE_OPTION_PARAMETERS,
};

static const struct parameter role_parameters[] = {ROLE_PARAMETER};

static const struct parameter update_parameters[] = {ROLE_PARAMETER, ROLE_OPTION_PARAMETERS};

static const struct parameter trust_parameters[] = {
	ROLE_PARAMETER,
	POLICY_PARAMETER("PolicyDocument"),
};

static const struct parameter list_parameters[] = {
	{"PathPrefix", PARAMETER_TEXT, .maximum = LENGTH_MAX},
	MARKER_PARAMETERS,
};

static const struct parameter empty_parameters[] = {
	ROLE_PARAMETER,
	{"PathPrefix", PARAMETER_TEXT, .maximum = LENGTH_MAX},
	MARKER_PARAMETERS,
};

static int create_role(struct call *call, struct refusal *why);
static int get_role(struct call *call, struct refusal *why);
static int delete_role(struct call *call, struct refusal *why);
static int update_role(struct call *call, struct refusal *why);
static int set_trust(struct call *call, struct refusal *why);
static int list_roles(struct call *call, struct refusal *why);
static int list_attached_policies(struct call *call, struct refusal *why);
static int list_profiles(struct call *call, struct refusal *why);
static int find_role(struct call *call, struct identity *ret_role, struct refusal *why);
static void write_role(struct call *call, const char *element, const struct identity *role);

static const struct action actions[] = {
	ACTION("CreateRole", create_parameters, create_role),
	ACTION("GetRole", role_parameters, get_role),
	ACTION("DeleteRole", role_parameters, delete_role),
	ACTION("UpdateRole", update_parameters, update_role),
	ACTION("UpdateAssumeRolePolicy", trust_parameters, set_trust),
	ACTION("ListRoles", list_parameters, list_roles),
	ACTION("ListAttachedRolePolicies", empty_parameters, list_attached_policies),
	ACTION("ListInstanceProfilesForRole", empty_parameters, list_profiles),
};

const struct action_table role_actions = {actions, ARRAY_SIZE(actions)};

static int create_role(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity role = {};
	const struct identity_wish wish = {
		.kind = IDENTITY_ROLE,
		.name = call_get_text(call, "RoleName"),
		.path = call_get_text(call, "Path"),
		.trust = call_get_text(call, "AssumeRolePolicyDocument"),
		.description = call_get_text(call, "Description"),
		.session_seconds = call_get_number(call, "MaxSessionDuration"),
	};
	int r;

	r = control_create_identity(call->control, call->caller, &wish, &role, why);
	if (r != 0)
		return r;
	write_role(call, "Role", &role);
	return 0;
}

static int get_role(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity role = {};
	int r = find_role(call, &role, why);

	if (r != 0)
		return r;
	write_role(call, "Role", &role);
	return 0;
}

static int delete_role(struct call *call, struct refusal *why)
{
	return control_delete_identity(call->control, call->caller, IDENTITY_ROLE,
				       call_get_text(call, "RoleName"), why);
}

static int update_role(struct call *call, struct refusal *why)
{
	return control_update_role(call->control, call->caller, call_get_text(call, "RoleName"),
				   call_get_text(call, "Description"),
				   call_get_number(call, "MaxSessionDuration"), why);
}

static int set_trust(struct call *call, struct refusal *why)
{
	return control_set_trust(call->control, call->caller, call_get_text(call, "RoleName"),
				 call_get_text(call, "PolicyDocument"), why);
}

static int list_roles(struct call *call, struct refusal *why)
{
	_cleanup_(identity_page_fini) struct identity_page page = {};
	const struct query query = iam_get_query(call);
	int r;

	r = control_describe_identities(call->control, call->caller, IDENTITY_ROLE,
					call_get_text(call, "PathPrefix"), &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "Roles");
	for (size_t i = 0; i < page.count; i++)
		write_role(call, "member", &page.items[i]);
	xml_close(call->xml, "Roles");
	iam_write_page_end(call, page.next_token);
	return 0;
}

static int list_attached_policies(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity role = {};
	int r = find_role(call, &role, why);

	return r != 0 ? r : iam_list_nothing(call, "AttachedPolicies");
}

static int list_profiles(struct call *call, struct refusal *why)
{
	_cleanup_identity_ struct identity role = {};
	int r = find_role(call, &role, why);

	return r != 0 ? r : iam_list_nothing(call, "InstanceProfiles");
}

static int find_role(struct call *call, struct identity *ret_role, struct refusal *why)
{
	return control_get_identity(call->control, call->caller, IDENTITY_ROLE,
				    call_get_text(call, "RoleName"), ret_role, why);
}

static void write_role(struct call *call, const char *element, const struct identity *role)
{
	char arn[IDENTITY_ARN_SIZE];

	identity_format_arn(role, arn);
	xml_open(call->xml, element);
	xml_text(call->xml, "Path", role->path);
	xml_text(call->xml, "RoleName", role->name);
	xml_text(call->xml, "RoleId", role->id);
	xml_text(call->xml, "Arn", arn);
	xml_time(call->xml, "CreateDate", role->created);
	iam_write_document(call, "AssumeRolePolicyDocument", role->trust);
	xml_text_if_set(call->xml, "Description", role->description);
	xml_number(call->xml, "MaxSessionDuration", role->session_seconds_max);
	xml_close(call->xml, element);
}
