/* The error model.
 *
 * A function returns 0 when it did what it was asked.  A negative errno is a fault: nobody in between can
 * reason about it, it is forwarded unread to whoever can log it.  A positive value is an answer that the
 * function documents and its caller deals with.  The commonest answer is REFUSED: the request cannot be
 * granted, and 'why' says so in the words that the user will read.  The codes belong to the domain
 * (mirror/refusals.h); only the door (api/errors.c) knows what AWS calls them. */
#pragma once

#include "base/cleanup.h"

enum { REFUSED = 1 };

struct refusal {
	int code;       /* enum refusal_code; 0 means none. */
	char text[512]; /* One sentence that names the offending value. */
};

/* Fills 'why' (which may be NULL) and returns REFUSED, so that a check reads 'return refuse(why, …)'. */
int refuse(struct refusal *why, int code, const char *format, ...) _printf_(3, 4);
