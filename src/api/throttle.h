/* How often an account may ask: a bucket of tokens for each account and action, as EC2 has them.
 *
 * A bucket holds so many tokens, every request takes one, and so many come back per second.  It is kept as one time: when
 * it will be full again.  Nobody can make it grow but whoever makes accounts, since only who has signed is counted.
 *
 * Thread-safe, and outside the door's lock: a client in a hurry costs the others next to nothing. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;
struct throttle;

#define THROTTLE_ACTION_SIZE   64
#define THROTTLE_BURST_MAX     1000000
#define THROTTLE_INTERVAL_NONE 0

struct throttle_rate {
	char action[THROTTLE_ACTION_SIZE]; /* As in "Describe*". */
	uint32_t burst;                    /* Tokens in a full bucket. */
	uint64_t interval; /* Nanoseconds until one comes back; THROTTLE_INTERVAL_NONE: no limit. */
};

/* What is asked for. */
struct throttle_request {
	const char *account, *service, *action;
	bool everything; /* A Describe without ids, filters or page: some are dear, and have a bucket for that. */
};

/* Reads "ACTION=BURST/PER-SECOND", as in "Describe*=200/50" or "CreateTags=10/0.5", or "ACTION=unlimited". */
int throttle_rate_parse(const char *text, struct throttle_rate *ret_rate, struct refusal *why);

/* 'rates' (copied) go before AWS's; the first that fits an action is its. */
int throttle_new(const struct throttle_rate *rates, size_t count, struct throttle **ret_throttle);
void throttle_free(struct throttle *throttle);
DEFINE_CLEANUP(struct throttle *, throttle_free)

/* Takes a token, at the monotonic time 'now'.  Refuses with REFUSE_TOO_MANY_REQUESTS. */
int throttle_take(struct throttle *throttle, const struct throttle_request *request, uint64_t now,
		  struct refusal *why);
