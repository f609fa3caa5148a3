// SPDX-License-Identifier: Apache-2.0
#include "control/listener.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/listener_check.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "store/listener.h"
#include "store/store.h"

#include <string.h>

static int listener_make(struct transaction *transaction, const struct caller *caller,
			 const struct balancer *balancer, const struct listener_wish *wish,
			 struct listener *listener, struct refusal *why);
static int listener_put(struct transaction *transaction, const struct listener *listener);
static int limit_check(struct control *control, const struct listener *listener,
		       struct refusal *why);

int control_create_listener(struct control *control, const struct caller *caller,
			    const struct listener_wish *wish, struct listener *ret_listener,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct listener listener = {
		.owner = caller->account,
		.tcp_idle = LISTENER_IDLE_DEFAULT,
		.created = control_now(control),
	};
	struct balancer balancer;
	int r;

	r = tagging_check(wish->tags, wish->tag_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_balancer(control, caller, wish->balancer, &balancer, why);
	if (r == 0)
		r = listener_make(&transaction, caller, &balancer, wish, &listener, why);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		*ret_listener = listener;
	return r;
}

int control_modify_listener(struct control *control, const struct caller *caller, const char *arn,
			    const struct listener_wish *wish, struct listener *ret_listener,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct balancer balancer;
	struct listener listener;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_listener(control, caller, arn, &listener, why);
	if (r == 0)
		r = find_balancer(control, caller, listener.balancer.text, &balancer, why);
	if (r == 0)
		r = listener_take(control, caller, &balancer, wish, &listener, why);
	if (r == 0)
		r = listener_check_port(control, &listener, why);
	if (r == 0)
		r = listener_put(&transaction, &listener);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		*ret_listener = listener;
	return r;
}

int control_modify_listener_attributes(struct control *control, const struct caller *caller,
				       const char *arn, const struct tag *attributes, size_t count,
				       struct listener *ret_listener, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct listener listener;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_listener(control, caller, arn, &listener, why);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = listener_set_attribute(&listener, attributes[i].key, attributes[i].value, why);
	if (r == 0 && count > 0)
		r = listener_put(&transaction, &listener);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		*ret_listener = listener;
	return r;
}

int control_delete_listener(struct control *control, const struct caller *caller, const char *arn,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct listener listener;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_listener(control, caller, arn, &listener, why);
	if (r == 0)
		r = transaction_touch_balancer(&transaction, listener.balancer.text);
	if (r == 0)
		r = store_delete_listener(control->store, arn);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

/* The same once more is no error, and makes nothing. */
static int listener_make(struct transaction *transaction, const struct caller *caller,
			 const struct balancer *balancer, const struct listener_wish *wish,
			 struct listener *listener, struct refusal *why)
{
	struct control *control = transaction->control;
	struct listener there;
	bool same = false;
	int r;

	listener->balancer = balancer->arn;
	r = listener_take(control, caller, balancer, wish, listener, why);
	if (r != 0)
		return r;
	r = store_find_listener(control->store, balancer->arn.text, listener->port, &there);
	if (r == 0 && there.protocol == listener->protocol &&
	    strcmp(there.group.text, listener->group.text) == 0)
		r = tagging_compare(control, there.arn.text, wish->tags, wish->tag_count, &same);
	if (same) {
		*listener = there;
		return 0;
	}
	if (r >= 0)
		r = listener_check_port(control, listener, why);
	if (r == 0)
		r = limit_check(control, listener, why);
	if (r != 0)
		return r;
	listener_make_arn(listener, control->region);
	r = listener_put(transaction, listener);
	return r != 0 ? r
		      : tagging_add(control, caller, listener->arn.text, wish->tags,
				    wish->tag_count, why);
}

static int listener_put(struct transaction *transaction, const struct listener *listener)
{
	int r = store_put_listener(transaction->control->store, listener);

	return r != 0 ? r : transaction_touch_balancer(transaction, listener->balancer.text);
}

static int limit_check(struct control *control, const struct listener *listener,
		       struct refusal *why)
{
	const char *balancer = listener->balancer.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, listener->owner.text, QUOTA_LISTENERS_PER_BALANCER, &allowed);
	if (r == 0)
		r = store_count_listeners(control->store, balancer, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_LISTENER_LIMIT,
		      "The load balancer '%s' has %lld listeners, and may have %u", balancer,
		      (long long)count, allowed);
}
