/* Creates that are repeated with the same ClientToken make nothing new.  Private to control/. */
#pragma once

#include "control/control.h"

enum { ONCE_DONE = 3 };

/* Returns 0 if the token (if any) is new; ONCE_DONE with the id of what the first call made; or REFUSED if that call
 * had other parameters.  'action' tells apart what tokens are for. */
int once_find(struct control *control, const struct caller *caller, const char *action,
	      const struct once *once, struct resource_id *ret_id, struct refusal *why);

/* Remembers what the call with this token has made. */
int once_keep(struct control *control, const struct caller *caller, const char *action,
	      const struct once *once, const struct resource_id *id);
