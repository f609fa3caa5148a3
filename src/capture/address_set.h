/* Sets of addresses that the program knows apart: resolvers of the platform, and appliances we send to. */
#pragma once

#include "capture/tables.h"
#include "mirror/plan.h"

/* Makes both sets what the plan says.  Returns 0 or a fault. */
int address_sets_write(const struct tables *tables, const struct plan *plan);
