/* Where a target's copies go.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/plan.h"

/* Fills in whether something stands behind the target, and its address.  Only a fault fails. */
int target_resolve(struct control *control, const char *target, struct plan_target *ret_target);
