/* The plan's appliances and the thread that checks them: whom it is to check, what it found, and what a report says of it. */
#pragma once

#include "health/health.h"
#include "mirror/plan.h"
#include "mirror/report.h"

/* Has the appliances checked that the plan's sessions send to, and no others.  Returns 0 or a fault. */
int appliances_check(struct health *health, const struct plan *plan);

/* Logs whose state changed.  Returns whether anybody's did. */
bool appliances_take_news(struct health *health);

/* Adds all that are checked.  Returns 0 or -ENOMEM. */
int appliances_report(struct health *health, struct report *report);
