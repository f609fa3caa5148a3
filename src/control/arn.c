// SPDX-License-Identifier: Apache-2.0
#include "control/arn.h"

#include "control/state.h"
#include "store/balancer.h"
#include "store/group.h"
#include "store/listener.h"
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

/* The refusal of an ARN that names nothing. */
static int refuse_missing_arn(enum arn_kind kind, const char *arn, struct refusal *why)
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

int find_balancer(struct control *control, const struct caller *caller, const char *arn,
		  struct balancer *ret_balancer, struct refusal *why)
{
	struct balancer balancer;
	int r = arn_check(ARN_BALANCER, arn, why);

	if (r == 0)
		r = store_get_balancer(control->store, arn, &balancer);
	if (r == STORE_MISSING ||
	    (r == 0 && strcmp(balancer.owner.text, caller->account.text) != 0))
		return refuse_missing_arn(ARN_BALANCER, arn, why);
	if (r == 0)
		*ret_balancer = balancer;
	return r;
}

int find_listener(struct control *control, const struct caller *caller, const char *arn,
		  struct listener *ret_listener, struct refusal *why)
{
	struct listener listener;
	int r = arn_check(ARN_LISTENER, arn, why);

	if (r == 0)
		r = store_get_listener(control->store, arn, &listener);
	if (r == STORE_MISSING ||
	    (r == 0 && strcmp(listener.owner.text, caller->account.text) != 0))
		return refuse_missing_arn(ARN_LISTENER, arn, why);
	if (r == 0)
		*ret_listener = listener;
	return r;
}

int find_group(struct control *control, const struct caller *caller, const char *arn,
	       struct group *ret_group, struct refusal *why)
{
	struct group group;
	int r = arn_check(ARN_GROUP, arn, why);

	if (r == 0)
		r = store_get_group(control->store, arn, &group);
	if (r == STORE_MISSING || (r == 0 && strcmp(group.owner.text, caller->account.text) != 0))
		return refuse_missing_arn(ARN_GROUP, arn, why);
	if (r == 0)
		*ret_group = group;
	return r;
}

int find_arn(struct control *control, const struct caller *caller, const char *arn,
	     struct refusal *why)
{
	struct balancer balancer;
	struct listener listener;
	struct group group;

	switch (arn_get_kind(arn)) {
	case ARN_BALANCER:
		return find_balancer(control, caller, arn, &balancer, why);
	case ARN_LISTENER:
		return find_listener(control, caller, arn, &listener, why);
	case ARN_GROUP:
		return find_group(control, caller, arn, &group, why);
	default:
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "'%.255s' is not the ARN of a load balancer, listener or target "
			      "group",
			      arn);
	}
}
