/* The short form of load balancing: a fleet is a network load balancer with a listener, a target group with the appliances,
 * and a mirror target, all of one name. */
#pragma once

#include "cli/ledger.h"

/* The mirror target in front of the fleet.  Returns 0, TMIRROR_REFUSED if there is none, or what a call returned. */
int fleet_find_target(struct invocation *invocation, const char *name,
		      char ret_target[THING_ID_SIZE]);
