/* How a fleet travels within a plan: the table of its keys, and what the table cannot check.  For plan_json.c. */
#pragma once

#include "mirror/record.h"

struct fleet;
struct refusal;

extern const struct record_field fleet_item;

/* Of sorted fleets.  Returns 0, or REFUSED with the reason. */
int fleets_check(const struct fleet *fleets, size_t count, struct refusal *why);
