/* What is shown of a group besides itself.  Private to control/. */
#pragma once

#include "control/group.h"

#define OPINION_LIFE_MILLISECONDS 60000 /* So long a host's last word on its members counts. */

/* Fills in the load balancers whose listeners forward to the record's group. */
int group_load_balancers(struct control *control, struct group_record *record);

/* The same, with flows and tags. */
int group_complete(struct control *control, struct group_record *record);
