/* What a row of checks says of an appliance: healthy or not.
 *
 * The hard idea is when to believe it.  Newcomers are healthy after their first passed check.  Who is healthy falls after
 * as many failures in a row as the group says, and comes back after as many passes; but who falls again soon after has to
 * pass twice as often as the last time, up to a bound, so that an appliance that comes and goes does not carry its flows
 * back and forth.
 *
 * Plain values; time comes in as a parameter. */
#pragma once

#include "mirror/fleet.h"

/* What one check came to. */
enum finding {
	FINDING_PENDING, /* Nothing yet. */
	FINDING_PASSED,
	FINDING_FAILED, /* Refused, unreachable, or no answer of its protocol. */
	FINDING_TIMED_OUT,
	FINDING_MISMATCHED, /* A status that is not health. */
	FINDING_FAULT,      /* This host could not ask, which says nothing of the appliance. */
};

#define VERDICT_FALLS_MAX \
	4                  /* Each but the first doubles the passes: eight times as many at most. */
#define VERDICT_MEMORY 300 /* Seconds of health that make one fall forgotten. */

struct verdict {
	enum member_state state;
	enum member_reason reason; /* While unhealthy: of the last failure. */
	unsigned int run;          /* Checks in a row that speak against the state. */
	unsigned int falls;        /* Lately, from health. */
	uint64_t risen;            /* When it became healthy last. */
};

/* Takes a finding of 'now', in monotonic nanoseconds.  Returns whether the state is another. */
bool verdict_take(struct verdict *verdict, const struct health_check *check, enum finding finding,
		  uint64_t now);
