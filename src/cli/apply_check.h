/* What objects of the files must be among each other. */
#pragma once

#include "cli/apply_object.h"

struct refusal;

/* Refuses names and rule numbers that are there twice and values that do not go together, and links sessions to the filters
 * and targets that they name; ids stay as they are.  Returns 0, REFUSED with the place, or -ENOMEM. */
int apply_check(struct world *wishes, struct refusal *why);

/* A session whose time is over is no longer wished. */
void apply_drop_expired(struct world *wishes, int64_t now);
