/* An endpoint as it is shown.  Private to control/. */
#pragma once

#include "control/endpoint.h"

/* Adds to a record with an endpoint what is told of it besides; its tags only to its owner.  Returns 0 or a fault. */
int endpoint_record_complete(struct control *control, const struct caller *caller,
			     struct endpoint_record *record);
