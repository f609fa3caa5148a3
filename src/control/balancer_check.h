/* What a request wants of a load balancer, held against what there is.  Private to control/. */
#pragma once

#include "control/balancer.h"

/* Judges all of a wish but its tags and its name's neighbours. */
int balancer_take(struct control *control, const struct caller *caller,
		  const struct balancer_wish *wish, struct balancer *balancer, struct refusal *why);

/* Whether the balancer of that name is what is wished for; else it is in the way. */
int balancer_compare(struct control *control, const struct balancer_wish *wish,
		     const struct balancer *wanted, const struct balancer *there,
		     struct refusal *why);

/* Fills in the address of the record's interface. */
int balancer_load_address(struct control *control, struct balancer_record *record);
