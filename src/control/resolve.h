/* Where a session's copies go: to an address, or to a fleet behind a load balancer.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/plan.h"

struct resolution {
	enum target_type type;
	struct plan_target target;
	char group[FLEET_ID_SIZE]; /* Behind a load balancer; empty: none. */
	uint32_t tcp_idle;          /* Of the listener, in seconds. */
	char lack[320];             /* A sentence, if copies go nowhere; else empty. */
};

/* Only a fault fails. */
int session_resolve(struct control *control, const char *target,
		    const struct session_options *options, struct resolution *ret_resolution);
