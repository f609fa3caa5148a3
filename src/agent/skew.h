/* A clock that is wrong.  Signatures carry the time, and the controller takes none that is far from its own; so a refusal says what
 * its clock shows, and the agent signs by that from then on.
 *
 * Plain values: no clock, no lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* By how many milliseconds a clock that shows 'date', as in "Sun, 06 Nov 1994 08:49:37 GMT", is ahead of one that shows 'now'.  Returns
 * false if it is no date. */
bool skew_learn(const char *date, int64_t now, int64_t *ret_skew);
