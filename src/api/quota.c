// SPDX-License-Identifier: Apache-2.0
/* Quotas, account by account.  Extension actions: AWS has a service of its own for them, of another protocol. */
#include "control/quota.h"

#include "api/call.h"

/* clang-format off */
#define ACCOUNT_PARAMETER \
	{"AccountId", PARAMETER_TEXT, .key = "tmirror:AccountId"}
#define NAME_PARAMETER \
	{"Name", PARAMETER_TEXT, .required = true, .key = "tmirror:QuotaName"}
/* clang-format on */

static const struct parameter describe_parameters[] = {ACCOUNT_PARAMETER, DRY_RUN_PARAMETER};

static const struct parameter modify_parameters[] = {
	NAME_PARAMETER,
	{"Value", PARAMETER_NUMBER, .required = true, .maximum = UINT32_MAX},
	ACCOUNT_PARAMETER,
	DRY_RUN_PARAMETER,
};

static const struct parameter reset_parameters[] = {
	NAME_PARAMETER,
	ACCOUNT_PARAMETER,
	DRY_RUN_PARAMETER,
};

static int describe_quotas(struct call *call, struct refusal *why);
static int modify_quota(struct call *call, struct refusal *why);
static int reset_quota(struct call *call, struct refusal *why);
static void write_quota(struct call *call, const struct account_id *account,
			const struct quota_record *quota);

static const struct action actions[] = {
	ACTION("DescribeTrafficMirrorQuotas", describe_parameters, describe_quotas),
	ACTION("ModifyTrafficMirrorQuota", modify_parameters, modify_quota),
	ACTION("ResetTrafficMirrorQuota", reset_parameters, reset_quota),
};

const struct action_table quota_actions = {actions, ARRAY_SIZE(actions)};

static int describe_quotas(struct call *call, struct refusal *why)
{
	struct quota_list list;
	int r;

	r = control_describe_quotas(call->control, call->caller, call_get_text(call, "AccountId"),
				    &list, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorQuotaSet");
	for (size_t i = 0; i < ARRAY_SIZE(list.items); i++)
		write_quota(call, &list.account, &list.items[i]);
	xml_close(call->xml, "trafficMirrorQuotaSet");
	return 0;
}

static int modify_quota(struct call *call, struct refusal *why)
{
	int r = control_modify_quota(call->control, call->caller, call_get_text(call, "AccountId"),
				     call_get_text(call, "Name"),
				     call_get_number(call, "Value").value, why);

	if (r == 0)
		call_write_done(call);
	return r;
}

static int reset_quota(struct call *call, struct refusal *why)
{
	int r = control_reset_quota(call->control, call->caller, call_get_text(call, "AccountId"),
				    call_get_text(call, "Name"), why);

	if (r == 0)
		call_write_done(call);
	return r;
}

static void write_quota(struct call *call, const struct account_id *account,
			const struct quota_record *quota)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "name", quota->name);
	xml_text(call->xml, "accountId", account->text);
	xml_count(call->xml, "value", quota->value);
	xml_count(call->xml, "default", quota->fallback);
	xml_count(call->xml, "maximum", quota->maximum);
	if (quota->counted)
		xml_number(call->xml, "usage", quota->usage);
	xml_close(call->xml, "item");
}
