/* From the ARN that a request names to the caller's own object of load balancing, as find.h does from ids.
 * Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/arn.h"

struct balancer;
struct group;
struct listener;

/* Refuses what is no ARN of the kind. */
int arn_check(enum arn_kind kind, const char *arn, struct refusal *why);

/* All of these return 0, REFUSED or a fault; somebody else's object is not there. */
int find_balancer(struct control *control, const struct caller *caller, const char *arn,
		  struct balancer *ret_balancer, struct refusal *why);
int find_listener(struct control *control, const struct caller *caller, const char *arn,
		  struct listener *ret_listener, struct refusal *why);
/* With its attributes. */
int find_group(struct control *control, const struct caller *caller, const char *arn,
	       struct group *ret_group, struct refusal *why);

/* Whatever kind it is of: for tags. */
int find_arn(struct control *control, const struct caller *caller, const char *arn,
	     struct refusal *why);
