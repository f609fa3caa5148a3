/* Who a request means by a member's id and port.  Private to control/. */
#pragma once

#include "control/member.h"

/* Fills in group, id and port, the id in its usual spelling; refuses what could be no member of the group.  Whether an instance
 * is there is not asked. */
int member_name_take(const struct group *group, const struct member_wish *wish,
		     struct member *ret_member, struct refusal *why);
