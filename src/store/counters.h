/* Rows of what became of each session's copies.
 *
 * Agents report absolute values that start anew with each epoch.  So the largest value of an epoch is kept, reports may
 * come twice or late, and the session's total is the sum over its epochs. */
#pragma once

#include "wire/counters.h"

#include <stdint.h>

struct store;

/* 'ret_added' is what the store did not know yet: zeros of what was told before. */
int store_put_counters(struct store *store, const char *session, uint64_t epoch,
		       const struct session_counters *counters, struct session_counters *ret_added);

/* Zeros for a session without any. */
int store_sum_counters(struct store *store, const char *session,
		       struct session_counters *ret_counters);
