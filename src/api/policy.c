// SPDX-License-Identifier: Apache-2.0
/* IAM's inline policies.  The actions of users and of roles differ in the name of one parameter. */
#include "control/policy.h"

#include "access/policy.h"
#include "api/iam.h"

static const struct parameter user_put_parameters[] = {
	USER_PARAMETER,
	POLICY_NAME_PARAMETER,
	POLICY_PARAMETER("PolicyDocument"),
};

static const struct parameter role_put_parameters[] = {
	ROLE_PARAMETER,
	POLICY_NAME_PARAMETER,
	POLICY_PARAMETER("PolicyDocument"),
};

static const struct parameter user_parameters[] = {USER_PARAMETER, POLICY_NAME_PARAMETER};

static const struct parameter role_parameters[] = {ROLE_PARAMETER, POLICY_NAME_PARAMETER};

static const struct parameter user_list_parameters[] = {USER_PARAMETER, MARKER_PARAMETERS};

static const struct parameter role_list_parameters[] = {ROLE_PARAMETER, MARKER_PARAMETERS};

static int put_policy(struct call *call, struct refusal *why);
static int get_policy(struct call *call, struct refusal *why);
static int delete_policy(struct call *call, struct refusal *why);
static int list_policies(struct call *call, struct refusal *why);
static struct policy_locator get_locator(const struct call *call);

static const struct action actions[] = {
	ACTION("PutUserPolicy", user_put_parameters, put_policy),
	ACTION("GetUserPolicy", user_parameters, get_policy),
	ACTION("DeleteUserPolicy", user_parameters, delete_policy),
	ACTION("ListUserPolicies", user_list_parameters, list_policies),
	ACTION("PutRolePolicy", role_put_parameters, put_policy),
	ACTION("GetRolePolicy", role_parameters, get_policy),
	ACTION("DeleteRolePolicy", role_parameters, delete_policy),
	ACTION("ListRolePolicies", role_list_parameters, list_policies),
};

const struct action_table policy_actions = {actions, ARRAY_SIZE(actions)};

static int put_policy(struct call *call, struct refusal *why)
{
	const struct policy_locator locator = get_locator(call);

	return control_put_policy(call->control, call->caller, &locator,
				  call_get_text(call, "PolicyDocument"), why);
}

static int get_policy(struct call *call, struct refusal *why)
{
	const struct policy_locator locator = get_locator(call);
	_cleanup_free_ char *document = NULL;
	int r;

	r = control_get_policy(call->control, call->caller, &locator, &document, why);
	if (r != 0)
		return r;
	xml_text(call->xml, locator.kind == IDENTITY_ROLE ? "RoleName" : "UserName", locator.owner);
	xml_text(call->xml, "PolicyName", locator.name);
	iam_write_document(call, "PolicyDocument", document);
	return 0;
}

static int delete_policy(struct call *call, struct refusal *why)
{
	const struct policy_locator locator = get_locator(call);

	return control_delete_policy(call->control, call->caller, &locator, why);
}

static int list_policies(struct call *call, struct refusal *why)
{
	const struct policy_locator locator = get_locator(call);
	_cleanup_(policy_page_fini) struct policy_page page = {};
	const struct query query = iam_get_query(call);
	int r;

	r = control_describe_policies(call->control, call->caller, locator.kind, locator.owner,
				      &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "PolicyNames");
	for (size_t i = 0; i < page.count; i++)
		xml_text(call->xml, "member", page.items[i].text);
	xml_close(call->xml, "PolicyNames");
	iam_write_page_end(call, page.next_token);
	return 0;
}

static struct policy_locator get_locator(const struct call *call)
{
	const char *role = call_get_text(call, "RoleName");

	return (struct policy_locator){
		.kind = role ? IDENTITY_ROLE : IDENTITY_USER,
		.owner = role ? role : call_get_text(call, "UserName"),
		.name = call_get_text(call, "PolicyName"),
	};
}
