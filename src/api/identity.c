// SPDX-License-Identifier: Apache-2.0
/* STS: who am I. */
#include "api/call.h"

static int get_identity(struct call *call, struct refusal *why);

static const struct action actions[] = {
	{.name = "GetCallerIdentity", .run = get_identity},
};

const struct action_table identity_actions = {actions, ARRAY_SIZE(actions)};

static int get_identity(struct call *call, struct refusal *why)
{
	(void)why;
	xml_text(call->xml, "Arn", call->caller->arn);
	xml_text(call->xml, "UserId", call->caller->user_id);
	xml_text(call->xml, "Account", call->caller->account.text);
	return 0;
}
