// SPDX-License-Identifier: Apache-2.0
#include "api/audit.h"

#include "base/count.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define USEC_PER_MSEC 1000

struct audit {
	pthread_mutex_t lock;
	int64_t last;
	struct event ring[AUDIT_ROOM];
	size_t next; /* The oldest, which makes room. */
};

static int compare_pointers(const void *a, const void *b);
static int compare_events(const void *a, const void *b);

int audit_new(int64_t last, struct audit **ret_audit)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return -ENOMEM;
	pthread_mutex_init(&audit->lock, NULL);
	audit->last = last;
	*ret_audit = audit;
	return 0;
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	for (size_t i = 0; i < AUDIT_ROOM; i++)
		event_fini(&audit->ring[i]);
	pthread_mutex_destroy(&audit->lock);
	free(audit);
}

int64_t audit_number(struct audit *audit, int64_t now)
{
	int64_t number;

	pthread_mutex_lock(&audit->lock);
	number = audit->last = MAX(audit->last + 1, now * USEC_PER_MSEC);
	pthread_mutex_unlock(&audit->lock);
	return number;
}

void audit_remember(struct audit *audit, struct event *event)
{
	struct event oldest;

	pthread_mutex_lock(&audit->lock);
	oldest = audit->ring[audit->next];
	audit->ring[audit->next] = *event;
	audit->next = (audit->next + 1) % AUDIT_ROOM;
	pthread_mutex_unlock(&audit->lock);
	*event = (struct event){};
	event_fini(&oldest);
}

int audit_find(struct audit *audit, const struct event_lookup *lookup, struct event_list *list)
{
	const struct event **found = calloc(AUDIT_ROOM, sizeof(*found));
	size_t count = 0;
	int r = 0;

	if (!found)
		return -ENOMEM;
	pthread_mutex_lock(&audit->lock);
	for (size_t i = 0; i < AUDIT_ROOM; i++)
		if (event_matches(&audit->ring[i], lookup))
			found[count++] = &audit->ring[i];
	qsort(found, count, sizeof(const struct event *), compare_pointers);
	for (size_t i = 0; r == 0 && i < MIN(count, lookup->maximum + 1); i++)
		r = event_list_add(list, found[i]);
	pthread_mutex_unlock(&audit->lock);
	free(found);
	return r;
}

void audit_sort(struct event_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), compare_events);
}

static int compare_pointers(const void *a, const void *b)
{
	return compare_events(*(const struct event *const *)a, *(const struct event *const *)b);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *first = a, *second = b;

	return (first->number < second->number) - (first->number > second->number);
}
