// SPDX-License-Identifier: Apache-2.0
#include "control/arn.h"

#include "control/state.h"
#include "store/store.h"

#include <string.h>

static const struct {
	enum refusal_code code;
	const char *noun;
} missing[ARN_KIND_COUNT] = {
	[ARN_NONE] = {REFUSE_PARAMETER_VALUE, "resource"},
	[ARN_BALANCER] = {REFUSE_LOAD_BALANCER_NOT_FOUND, "load balancer"},
	[ARN_LISTENER] = {REFUSE_LISTENER_NOT_FOUND, "listener"},
	[ARN_GROUP] = {REFUSE_TARGET_GROUP_NOT_FOUND, "target group"},
};

int refuse_missing_arn(enum arn_kind kind, const char *arn, struct refusal *why)
{
	return refuse(why, (int)missing[kind].code, "The %s '%.255s' does not exist",
		      missing[kind].noun, arn);
}

int arn_check(enum arn_kind kind, const char *arn, struct refusal *why)
{
	if (arn_get_kind(arn) == kind)
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE, "'%.255s' is not a valid %s ARN", arn,
		      missing[kind].noun);
}

int find_arn(struct control *control _unused_, const struct caller *caller _unused_,
	     const char *arn, struct refusal *why)
{
	enum arn_kind kind = arn_get_kind(arn);

	if (kind == ARN_NONE)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "'%.255s' is not the ARN of a load balancer, listener or target "
			      "group",
			      arn);
	return refuse_missing_arn(kind, arn, why);
}
