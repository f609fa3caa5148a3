/* The numbers of sessions: on one source, each is there once. */
#pragma once

#include "cli/apply_plan.h"

/* Refuses numbers that two wishes have, or a session that is not of the set. */
int seats_check(const struct world *wishes, const struct present *present, struct refusal *why);

/* Appends the changes of sessions that stay, in an order in which each number is free when it is given. */
int seats_change(struct plan *plan, const struct world *wishes, const struct present *present);
