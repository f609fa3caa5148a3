/* The door for Prometheus: requests as they were answered, hosts, sessions and their counters.  It has an address of its own,
 * without TLS and keys, and shows no secret; who reaches it sees the names of all accounts' hosts and sessions. */
#pragma once

#include "api/api.h"

struct metrics;

int metrics_new(struct metrics **ret_metrics);
void metrics_free(struct metrics *metrics);
DEFINE_CLEANUP(struct metrics *, metrics_free)

/* Counts an answer by action and status, and how long it took, in seconds; negative: that is of no interest.  Any thread. */
void metrics_count(struct metrics *metrics, const char *action, unsigned int status,
		   double seconds);

/* Requests, as text; the rest of the page needs the door's lock. */
void metrics_put_requests(struct metrics *metrics, struct text *text);
