/* What accounts were refused because it was too much: requests that came too fast, and requests beyond a quota.
 *
 * Counted by account, action and reason since the controller was started, in memory only: who is refused needs to know it
 * while it goes on.  Accounts and actions are of our own making, and the table has a last row, so nobody makes it grow: once
 * it is full, what happens now takes the row of what has not happened for longest, whose count becomes unlisted.
 *
 * Thread-safe. */
#pragma once

#include "base/cleanup.h"
#include "mirror/id.h"
#include "mirror/limits.h"

#include <stddef.h>
#include <stdint.h>

#define TALLY_ROWS        4096
#define TALLY_ACTION_SIZE 64
#define TALLY_THROTTLED   QUOTA_COUNT /* The reason beside the quotas. */

struct tally;

struct tally_row {
	struct account_id account; /* Whose request it was. */
	char action[TALLY_ACTION_SIZE];
	enum quota reason; /* Or TALLY_THROTTLED. */
	uint64_t count;
	int64_t first, last; /* Milliseconds since the epoch. */
};

struct tally_list {
	struct tally_row *rows; /* By account, action and reason. */
	size_t count;
	uint64_t unlisted; /* Of all accounts: counts whose rows went to others. */
	int64_t since;     /* When counting began. */
};

int tally_new(int64_t now, struct tally **ret_tally);
void tally_free(struct tally *tally);
DEFINE_CLEANUP(struct tally *, tally_free)

/* Counts a refusal by its code, if it is one of those.  Returns how many there were of the same account, action and reason
 * since the row began; 0: it is none. */
uint64_t tally_add(struct tally *tally, const char *account, const char *action, int code,
		   int64_t now);

/* All listed refusals of an account's requests for one quota. */
uint64_t tally_get_quota(struct tally *tally, const char *account, enum quota quota);

/* The rows of an account; NULL: of all. */
int tally_get_list(struct tally *tally, const char *account, struct tally_list *ret_list);
void tally_list_fini(struct tally_list *list);

/* An account has ended or begins.  A request that was already on its way at the end may still be counted after it, so
 * whoever comes under the same number forgets once more. */
void tally_forget(struct tally *tally, const char *account);

/* "throttled", or the quota's name. */
const char *tally_reason_name(enum quota reason);
