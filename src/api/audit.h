/* What is remembered of requests.
 *
 * Each becomes an event with a record as CloudTrail writes it (api/record.h), which goes to whoever keeps the log.  What
 * changes something, and what hands out keys, is kept in the store as well, also if it was refused.  The rest happens a
 * thousand times as often and would be a write to the disk each: of what only reads, of what came too fast and of what
 * bears a wrong signature the newest are remembered here, in memory.  So nobody fills an account's history in the store
 * without its keys.
 *
 * Thread-safe. */
#pragma once

#include "base/cleanup.h"
#include "control/event.h"

struct audit;

#define AUDIT_ROOM 4096 /* Events remembered, of all accounts. */

/* 'last' is the largest number that was given so far. */
int audit_new(int64_t last, struct audit **ret_audit);
void audit_free(struct audit *audit);
DEFINE_CLEANUP(struct audit *, audit_free)

/* The number of what happens 'now', in milliseconds since the epoch. */
int64_t audit_number(struct audit *audit, int64_t now);

/* Takes a numbered event over, which is left empty. */
void audit_remember(struct audit *audit, struct event *event);

/* Adds copies of the remembered events that match; of these the newest, one more than the lookup's maximum. */
int audit_find(struct audit *audit, const struct event_lookup *lookup, struct event_list *list);

/* Puts a list in order: falling numbers. */
void audit_sort(struct event_list *list);
