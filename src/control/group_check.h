/* What a request wrote of a health check, taken into the domain's types.  Private to control/. */
#pragma once

#include "control/group.h"

/* Changes the group's check, which is another protocol's default at first if the wish names another protocol; 'fresh': the
 * group has none yet. */
int group_check_take(const struct check_wish *wish, bool fresh, struct group *group,
		     struct refusal *why);
