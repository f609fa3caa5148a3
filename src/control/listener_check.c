// SPDX-License-Identifier: Apache-2.0
#include "control/listener_check.h"

#include "base/text.h"
#include "control/arn.h"
#include "control/state.h"
#include "control/values.h"
#include "mirror/group.h"
#include "store/cursor.h"
#include "store/listener.h"
#include "store/store.h"

#include <string.h>

static int place_take(const struct balancer *balancer, const struct listener_wish *wish,
		      struct listener *listener, struct refusal *why);
static int protocol_take(const char *name, struct listener *listener, struct refusal *why);
static int group_check(struct control *control, const struct caller *caller,
		       const struct listener *listener, struct refusal *why);
static bool protocols_fit(enum listener_protocol listener, enum group_protocol group);
static int association_check(struct control *control, const struct listener *listener,
			     struct refusal *why);

int listener_take(struct control *control, const struct caller *caller,
		  const struct balancer *balancer, const struct listener_wish *wish,
		  struct listener *listener, struct refusal *why)
{
	int r;

	r = place_take(balancer, wish, listener, why);
	if (r != 0)
		return r;
	if (!wish->group && listener->group.text[0] == '\0')
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter DefaultActions, with a "
			      "TargetGroupArn");
	if (wish->group &&
	    !string_copy(listener->group.text, sizeof(listener->group.text), wish->group))
		return arn_check(ARN_GROUP, wish->group, why);
	return group_check(control, caller, listener, why);
}

int listener_check_port(struct control *control, const struct listener *listener,
			struct refusal *why)
{
	struct listener there;
	int r = store_find_listener(control->store, listener->balancer.text, listener->port,
				    &there);

	if (r == STORE_MISSING || (r == 0 && strcmp(there.arn.text, listener->arn.text) == 0))
		return 0;
	if (r == 0 && listener->protocol == LISTENER_EVERYTHING)
		return refuse(why, REFUSE_LISTENER_EXISTS,
			      "The gateway load balancer '%s' has a listener already",
			      listener->balancer.text);
	if (r == 0)
		return refuse(why, REFUSE_LISTENER_EXISTS,
			      "A listener already exists on port %u for this load balancer '%s'",
			      listener->port, listener->balancer.text);
	return r;
}

static int place_take(const struct balancer *balancer, const struct listener_wish *wish,
		      struct listener *listener, struct refusal *why)
{
	int64_t port = listener->port;
	int r = 0;

	if (balancer->type == BALANCER_GATEWAY) {
		if (wish->protocol || wish->port.set)
			return refuse(why, REFUSE_CONFIGURATION,
				      "A listener of a gateway load balancer is for all protocols "
				      "and ports, and none can be specified");
		return 0;
	}
	if (wish->protocol || listener->protocol == LISTENER_EVERYTHING)
		r = protocol_take(wish->protocol, listener, why);
	if (r == 0 && (wish->port.set || port == 0))
		r = number_take(&wish->port, "Port", 1, UINT16_MAX, &port, why);
	listener->port = (uint16_t)port;
	return r;
}

static int protocol_take(const char *name, struct listener *listener, struct refusal *why)
{
	int r = text_require(name, "Protocol", why);

	if (r != 0 || listener_protocol_parse(name, &listener->protocol))
		return r;
	return refuse(why, REFUSE_PROTOCOL,
		      "The protocol '%.32s' is not supported: copies come by UDP, so listeners "
		      "speak UDP or TCP_UDP",
		      name);
}

static int group_check(struct control *control, const struct caller *caller,
		       const struct listener *listener, struct refusal *why)
{
	struct group group;
	int r = find_group(control, caller, listener->group.text, &group, why);

	if (r == 0 && !protocols_fit(listener->protocol, group.protocol))
		return refuse(why, REFUSE_PROTOCOLS_DIFFER,
			      "The target group '%s' has the protocol %s, to which a %s listener "
			      "cannot forward",
			      group.arn.text, group_protocol_name(group.protocol),
			      listener->protocol == LISTENER_EVERYTHING
				      ? "gateway load balancer's"
				      : listener_protocol_name(listener->protocol));
	return r != 0 ? r : association_check(control, listener, why);
}

/* What a listener takes its group must take, too. */
static bool protocols_fit(enum listener_protocol listener, enum group_protocol group)
{
	switch (listener) {
	case LISTENER_EVERYTHING:
		return group == GROUP_GENEVE;
	case LISTENER_UDP:
		return group == GROUP_UDP || group == GROUP_TCP_UDP;
	case LISTENER_TCP_UDP:
		return group == GROUP_TCP_UDP;
	}
	return false;
}

/* Several listeners of one load balancer may forward to a group, but not two load balancers. */
static int association_check(struct control *control, const struct listener *listener,
			     struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct listener other;
	int r;

	r = store_select_listeners(control->store, LISTENERS_OF_GROUP, listener->group.text, "",
				   &cursor);
	while (r >= 0 && (r = store_next_listener(cursor, &other)) == STORE_ROW)
		if (strcmp(other.balancer.text, listener->balancer.text) != 0)
			return refuse(why, REFUSE_GROUP_ASSOCIATION_LIMIT,
				      "The target group '%s' is associated with the load balancer "
				      "'%s' already",
				      listener->group.text, other.balancer.text);
	return r;
}
