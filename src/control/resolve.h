/* Where a session's copies go: to an address, or to a fleet behind a load balancer.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/plan.h"

struct resolution {
	enum target_type type;
	struct plan_target target;
	char group[FLEET_ID_SIZE]; /* Behind a load balancer; empty: none. */
	uint32_t tcp_idle;         /* Of the listener, in seconds. */
	char lack[320];            /* A sentence, if copies go nowhere; else empty. */
	const char *viewer;        /* Whose eyes the sentence is for. */
};

/* 'viewer' is the account that 'lack' will be shown to; NULL: none.  Only a fault fails. */
int session_resolve(struct control *control, const char *target,
		    const struct session_options *options, const char *viewer,
		    struct resolution *ret_resolution);

/* As in "load balancer 'NAME'" if it is the viewer's.  What is behind the target of another account he does not get to know, so it
 * is "load balancer behind the target 'tmt-…'" to him. */
struct resolution_name {
	char text[272];
};
struct resolution_name resolution_name(const struct resolution *resolution,
				       const struct account_id *owner, const char *what,
				       const char *name);
