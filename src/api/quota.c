// SPDX-License-Identifier: Apache-2.0
/* Quotas, account by account, and what was refused because it was too much.  Extension actions: AWS has a service of its
 * own for quotas, of another protocol. */
#include "control/quota.h"

#include "api/call.h"
#include "api/tally.h"

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
static int describe_refusals(struct call *call, struct refusal *why);
static int modify_quota(struct call *call, struct refusal *why);
static int reset_quota(struct call *call, struct refusal *why);
static void write_quota(struct call *call, const struct account_id *account,
			const struct quota_record *quota, enum quota number);
static void write_refusal(struct call *call, const struct tally_row *row);

static const struct action actions[] = {
	ACTION("DescribeTrafficMirrorQuotas", describe_parameters, describe_quotas),
	ACTION("DescribeTrafficMirrorRefusals", describe_parameters, describe_refusals),
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
		write_quota(call, &list.account, &list.items[i], (enum quota)i);
	xml_close(call->xml, "trafficMirrorQuotaSet");
	return 0;
}

/* Those who run the service see everybody's, unless they name an account. */
static int describe_refusals(struct call *call, struct refusal *why)
{
	_cleanup_(tally_list_fini) struct tally_list list = {};
	const bool all = caller_runs_service(call->control, call->caller);
	const char *name = call_get_text(call, "AccountId");
	struct account_id account;
	int r;

	r = control_find_quota_account(call->control, call->caller, name, &account, why);
	if (r == 0)
		r = tally_get_list(call->tally, name || !all ? account.text : NULL, &list);
	if (r != 0)
		return r;
	xml_time(call->xml, "since", list.since);
	xml_open(call->xml, "trafficMirrorRefusalSet");
	for (size_t i = 0; i < list.count; i++)
		write_refusal(call, &list.rows[i]);
	xml_close(call->xml, "trafficMirrorRefusalSet");
	if (all)
		xml_count(call->xml, "unlisted", list.unlisted);
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
			const struct quota_record *quota, enum quota number)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "name", quota->name);
	xml_text(call->xml, "accountId", account->text);
	xml_count(call->xml, "value", quota->value);
	xml_count(call->xml, "default", quota->fallback);
	xml_count(call->xml, "maximum", quota->maximum);
	if (quota->counted)
		xml_number(call->xml, "usage", quota->usage);
	xml_count(call->xml, "refused", tally_get_quota(call->tally, account->text, number));
	xml_close(call->xml, "item");
}

static void write_refusal(struct call *call, const struct tally_row *row)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "accountId", row->account.text);
	xml_text(call->xml, "action", row->action);
	xml_text(call->xml, "reason", tally_reason_name(row->reason));
	xml_count(call->xml, "count", row->count);
	xml_time(call->xml, "firstTime", row->first);
	xml_time(call->xml, "lastTime", row->last);
	xml_close(call->xml, "item");
}
