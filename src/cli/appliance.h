/* Where copies shall go, from what people say: an address, an interface's id, a target's id, or "fleet:" and a
 * fleet's name. */
#pragma once

#include "cli/ledger.h"

/* Finds the target or makes it, and before it the interface that stands for the address. */
int appliance_provide(struct ledger *ledger, const char *name, char ret_target[THING_ID_SIZE]);

/* Takes away the target, and the interface behind it, where both were made by us and nobody uses them any longer.  That
 * the API refuses is no failure. */
int appliance_release(struct invocation *invocation, const char *target);
