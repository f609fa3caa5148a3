// SPDX-License-Identifier: Apache-2.0
/* Sharing targets with other accounts.  Extension actions: AWS has a service of its own for it, of another protocol. */
#include "control/share.h"

#include "api/call.h"
#include "api/resource.h"

static const struct parameter change_parameters[] = {
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .required = true, .names = &target_resource},
	{"AccountId", PARAMETER_TEXT, .required = true, .key = "tmirror:AccountId"},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int share_target(struct call *call, struct refusal *why);
static int unshare_target(struct call *call, struct refusal *why);
static int describe_shares(struct call *call, struct refusal *why);

static const struct action actions[] = {
	ACTION("ShareTrafficMirrorTarget", change_parameters, share_target),
	ACTION("UnshareTrafficMirrorTarget", change_parameters, unshare_target),
	ACTION("DescribeTrafficMirrorTargetShares", describe_parameters, describe_shares),
};

const struct action_table share_actions = {actions, ARRAY_SIZE(actions)};

static int share_target(struct call *call, struct refusal *why)
{
	int r = control_share_target(call->control, call->caller,
				     call_get_text(call, "TrafficMirrorTargetId"),
				     call_get_text(call, "AccountId"), why);

	if (r == 0)
		call_write_done(call);
	return r;
}

static int unshare_target(struct call *call, struct refusal *why)
{
	int r = control_unshare_target(call->control, call->caller,
				       call_get_text(call, "TrafficMirrorTargetId"),
				       call_get_text(call, "AccountId"), why);

	if (r == 0)
		call_write_done(call);
	return r;
}

static int describe_shares(struct call *call, struct refusal *why)
{
	_cleanup_(share_page_fini) struct share_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_shares(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorTargetShareSet");
	for (size_t i = 0; i < page.count; i++) {
		const struct target_share *share = &page.items[i];

		xml_open(call->xml, "item");
		xml_text(call->xml, "trafficMirrorTargetId", share->target.text);
		xml_text(call->xml, "ownerId", share->owner.text);
		xml_text(call->xml, "accountId", share->account.text);
		xml_time(call->xml, "createTime", share->created);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "trafficMirrorTargetShareSet");
	call_write_next(call, page.next_token);
	return 0;
}
