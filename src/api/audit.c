// SPDX-License-Identifier: Apache-2.0
#include "api/audit.h"

#include "api/record.h"
#include "base/count.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define USEC_PER_MSEC 1000
#define PAUSE_MSEC    10 /* Between transactions while much is changed. */

struct audit {
	struct control *control;
	pthread_mutex_t lock; /* Around the ring and the last number. */
	int64_t last;
	struct draft ring[AUDIT_ROOM];
	size_t first, count; /* The oldest, which makes room. */
	size_t size;         /* Of all that are in it. */
	/* Under the door's lock: */
	struct event waiting[AUDIT_BATCH];
	size_t waiting_count;
	int64_t kept; /* When the store was last written to. */
};

static int64_t take_number(struct audit *audit, int64_t now);
static void forget_oldest(struct audit *audit, struct draft *ret_draft);
static int add_remembered(struct audit *audit, const struct draft *draft, struct event_list *list);
static int compare_drafts(const void *a, const void *b);
static int compare_events(const void *a, const void *b);

int audit_new(struct control *control, struct audit **ret_audit)
{
	_cleanup_(audit_freep) struct audit *audit = calloc(1, sizeof(*audit));
	int r;

	if (!audit)
		return -ENOMEM;
	pthread_mutex_init(&audit->lock, NULL);
	audit->control = control;
	r = control_get_last_event(control, &audit->last);
	if (r < 0)
		return r;
	*ret_audit = TAKE_PTR(audit);
	return 0;
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	(void)audit_keep(audit);
	for (size_t i = 0; i < AUDIT_ROOM; i++)
		draft_fini(&audit->ring[i]);
	for (size_t i = 0; i < audit->waiting_count; i++)
		event_fini(&audit->waiting[i]);
	pthread_mutex_destroy(&audit->lock);
	free(audit);
}

/* One place for one: what had to go for it is freed outside of the lock. */
void audit_remember(struct audit *audit, struct draft *draft)
{
	_cleanup_draft_ struct draft oldest = {};

	if (draft->size > AUDIT_SIZE_MAX / 16)
		draft_forget_request(draft);
	pthread_mutex_lock(&audit->lock);
	if (audit->count == AUDIT_ROOM)
		forget_oldest(audit, &oldest);
	while (audit->count > 0 && audit->size + draft->size > AUDIT_SIZE_MAX) {
		draft_fini(&oldest);
		forget_oldest(audit, &oldest);
	}
	draft->event.number = take_number(audit, draft->time);
	audit->ring[(audit->first + audit->count++) % AUDIT_ROOM] = *draft;
	audit->size += draft->size;
	pthread_mutex_unlock(&audit->lock);
	*draft = (struct draft){};
}

int audit_keep_event(struct audit *audit, struct event *event, int64_t now)
{
	pthread_mutex_lock(&audit->lock);
	event->number = take_number(audit, now);
	pthread_mutex_unlock(&audit->lock);
	if (audit->waiting_count == AUDIT_BATCH) {
		event_fini(&audit->waiting[0]);
		memmove(&audit->waiting[0], &audit->waiting[1],
			(AUDIT_BATCH - 1) * sizeof(audit->waiting[0]));
		audit->waiting_count--;
	}
	audit->waiting[audit->waiting_count++] = *event;
	*event = (struct event){};
	if (audit->waiting_count < AUDIT_BATCH && now >= audit->kept &&
	    now - audit->kept < PAUSE_MSEC)
		return 0;
	audit->kept = now;
	return audit_keep(audit);
}

int audit_keep(struct audit *audit)
{
	int r;

	if (audit->waiting_count == 0)
		return 0;
	r = control_add_events(audit->control, audit->waiting, audit->waiting_count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < audit->waiting_count; i++)
		event_fini(&audit->waiting[i]);
	audit->waiting_count = 0;
	return 0;
}

int audit_find(struct audit *audit, const struct event_lookup *lookup, struct event_list *list)
{
	const struct draft **found = calloc(AUDIT_ROOM, sizeof(*found));
	size_t count = 0;
	int r = 0;

	if (!found)
		return -ENOMEM;
	pthread_mutex_lock(&audit->lock);
	for (size_t i = 0; i < audit->count; i++) {
		const struct draft *draft = &audit->ring[(audit->first + i) % AUDIT_ROOM];

		if (event_matches(&draft->event, lookup))
			found[count++] = draft;
	}
	qsort(found, count, sizeof(const struct draft *), compare_drafts);
	for (size_t i = 0; r == 0 && i < MIN(count, lookup->maximum + 1); i++)
		r = add_remembered(audit, found[i], list);
	pthread_mutex_unlock(&audit->lock);
	free(found);
	return r;
}

void audit_sort(struct event_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), compare_events);
}

/* Under the lock, like the rest. */
static int64_t take_number(struct audit *audit, int64_t now)
{
	audit->last = MAX(audit->last + 1, now * USEC_PER_MSEC);
	return audit->last;
}

static void forget_oldest(struct audit *audit, struct draft *ret_draft)
{
	*ret_draft = audit->ring[audit->first];
	audit->ring[audit->first] = (struct draft){};
	audit->first = (audit->first + 1) % AUDIT_ROOM;
	audit->count--;
	audit->size -= ret_draft->size;
}

static int add_remembered(struct audit *audit, const struct draft *draft, struct event_list *list)
{
	_cleanup_free_ char *record = NULL;
	struct event event = draft->event;
	int r = record_make(draft, control_get_region(audit->control), &record);

	event.record = record;
	return r == 0 ? event_list_add(list, &event) : r;
}

static int compare_drafts(const void *a, const void *b)
{
	const struct draft *const *first = a, *const *second = b;

	return compare_events(&(*first)->event, &(*second)->event);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *first = a, *second = b;

	return (first->number < second->number) - (first->number > second->number);
}
