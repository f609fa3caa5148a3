/* What the files call by the names of people, by ids: hosts' devices, addresses, fleets. */
#pragma once

#include "cli/apply_world.h"

/* Adds an appliance to the wishes for each address that no interface has yet.  Returns 0, COMMAND_MISUSED with the place
 * and what is wrong there, or what a call returned. */
int apply_resolve(struct invocation *invocation, const struct present *present,
		  struct world *wishes);
