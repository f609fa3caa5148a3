/* What is remembered of requests.
 *
 * Each becomes an event with a record as CloudTrail writes it (api/record.h).  What changes something, and what hands out
 * keys, is kept in the store, also if it was refused.  The rest happens a thousand times as often and would be a write to the
 * disk each: of what only reads, of what came too fast and of what bears a wrong signature the newest are remembered here,
 * in memory.  So nobody fills an account's history in the store without its keys.
 *
 * What is kept is written at once while little happens; of many changes in a moment one transaction takes all that the last
 * one left, and the last of them are written by whoever calls audit_keep() next, which somebody has to do every second.
 *
 * Thread-safe, but for audit_keep…() and what it keeps, which are under the door's lock, like the store. */
#pragma once

#include "api/draft.h"
#include "base/cleanup.h"

struct audit;

#define AUDIT_ROOM     4096               /* Events remembered, of all accounts… */
#define AUDIT_SIZE_MAX ((size_t)32 << 20) /* …and what they may take. */
#define AUDIT_BATCH    64                 /* Events that wait for the next transaction. */

int audit_new(struct control *control, struct audit **ret_audit);
void audit_free(struct audit *audit);
DEFINE_CLEANUP(struct audit *, audit_free)

/* Takes a draft over, which is left empty. */
void audit_remember(struct audit *audit, struct draft *draft);

/* Takes an event over for the store.  Returns 0, or why what waits could not be written; it goes on waiting while there is
 * room, and then is lost, the oldest first. */
int audit_keep_event(struct audit *audit, struct event *event, int64_t now);

/* Writes what waits. */
int audit_keep(struct audit *audit);

/* Adds the remembered events that match; of these the newest, one more than the lookup's maximum. */
int audit_find(struct audit *audit, const struct event_lookup *lookup, struct event_list *list);

/* Puts a list in order: falling numbers. */
void audit_sort(struct event_list *list);
