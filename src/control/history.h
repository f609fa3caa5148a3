/* The history of what sessions counted (store/history.h), as time goes on. */
#pragma once

#include "control/control.h"

/* Makes minutes and hours of what is over, of so many sessions that others need not wait long.  'ret_more' is whether more is to be
 * done at once; else it is when another minute is over. */
int control_fold_history(struct control *control, bool *ret_more, struct refusal *why);
