/* Turning pages, for whoever gathers them. */
#pragma once

#include "sdk/tmirror.h"

#include <stdbool.h>

/* Makes the request ask for the page after the one whose result is given; true in 'ret_complete' if that was the last.
 * Returns 0, TMIRROR_UNUSABLE, or -ENOMEM. */
int pages_ask_next(struct tmirror_request *request, const struct tmirror_node *result,
		   bool *ret_complete, struct tmirror_error *ret_error);
