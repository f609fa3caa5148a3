/* How many an account may have now: by its own quota, else by the service's.  Private to control/. */
#pragma once

#include "control/control.h"

int allowance_get(struct control *control, const char *account, enum quota quota,
		  uint32_t *ret_number);
