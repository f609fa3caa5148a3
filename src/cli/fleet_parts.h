/* The parts of a fleet: each is found by the fleet's name or made, and making one that is there alike changes nothing.
 * All take the name from the command's word NAME, and the rest from the options of "fleet create". */
#pragma once

#include "cli/arn.h"
#include "cli/ledger.h"

extern const struct arn_kind fleet_balancers, fleet_groups;

/* All of them, from the appliances to the mirror target. */
int fleet_make_parts(struct invocation *invocation, char ret_target[THING_ID_SIZE]);

/* With its listener, and before it the target in front of it.  What is not there is no error, of both. */
int fleet_delete_balancer(struct invocation *invocation);
int fleet_delete_group(struct invocation *invocation);

/* One that is not there is NULL. */
int fleet_find_part(struct invocation *invocation, const struct arn_kind *kind, char **ret_arn);

/* The target in front of the load balancer.  Returns TMIRROR_END if there is none. */
int fleet_find_target_of(struct invocation *invocation, const char *balancer,
			 char ret_target[THING_ID_SIZE]);
