/* What hosts say of the members that they send to.  Private to control/. */
#pragma once

#include "control/group_record.h"
#include "control/member.h"
#include "control/transaction.h"
#include "mirror/report.h"

/* Keeps what a host's report says of groups that it sends to; what it does not repeat is forgotten. */
int health_take(struct transaction *transaction, const char *host, const struct report *report);

/* What AWS would call the health of a member of the group. */
int health_judge(struct control *control, const struct group_record *group,
		 const struct member *member, struct member_health *ret_health);

/* The same of whoever is no member. */
struct member_health health_of_stranger(void);
