/* Counters of sessions as metrics, the same ones from agents and from the controller.
 *
 *	tmirror_session_{accepted,shipped,truncated}_{packets,bytes}_total	{session,host,device,direction}
 *	tmirror_session_lost_{packets,bytes}_total				{session,host,device,direction,reason} */
#pragma once

#include "base/exposition.h"
#include "wire/counters.h"

/* How many sessions are told one by one, so that nobody's database bursts; all are in the sums. */
#define METRICS_SESSIONS_DEFAULT 1000
#define METRICS_OTHERS           "other" /* In place of a session: the sum of the rest. */

struct metrics_session {
	const char *session, *host;
	const char *device; /* NULL: not said. */
	const struct session_counters *counters;
};

void metrics_put_sessions(struct text *text, const struct metrics_session *sessions, size_t count);

/* Adds to a sum that begins with zeros. */
void metrics_sum(struct session_counters *sum, const struct session_counters *counters);
