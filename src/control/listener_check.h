/* What a request wants of a listener, held against its balancer and the group it is to forward to.
 * Private to control/. */
#pragma once

#include "control/listener.h"

/* Changes what the wish names; a listener without ARN is a new one, which needs all of it. */
int listener_take(struct control *control, const struct caller *caller,
		  const struct balancer *balancer, const struct listener_wish *wish,
		  struct listener *listener, struct refusal *why);

/* Refuses a port that another listener of the balancer has. */
int listener_check_port(struct control *control, const struct listener *listener,
			struct refusal *why);
