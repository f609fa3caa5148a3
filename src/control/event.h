/* What happened, as it is kept and found again.  The door tells (api/audit.h); nothing in the API changes or deletes any of it. */
#pragma once

#include "control/control.h"
#include "store/event.h"

/* What an account may look back on: as long as CloudTrail's event history, and so many of each kind (store/event.h). */
#define EVENT_DAYS 90
#define EVENT_ROOM 50000

/* How many rows one question goes through, and about how many bytes; then it answers with what it has, and where to go on. */
#define EVENT_SEARCH_MAX   5000
#define EVENT_SEARCH_BYTES (4 << 20)

/* What is asked for.  All of it must be true of an event. */
struct event_lookup {
	const char *account;
	int64_t begin, end; /* Milliseconds since the epoch, both included. */
	int64_t before;     /* Numbers below this. */
	const char *key;    /* Of CloudTrail's LookupAttributes; NULL: any event. */
	const char *value;
	size_t maximum;
};

/* By falling numbers. */
struct event_list {
	struct event *items;
	size_t count, capacity;
};

void event_list_fini(struct event_list *list);
#define _cleanup_event_list_ _cleanup_(event_list_fini)

/* Whether CloudTrail has an attribute of that name. */
bool event_key_valid(const char *key);
bool event_matches(const struct event *event, const struct event_lookup *lookup);

/* Appends a copy.  Returns 0 or -ENOMEM. */
int event_list_add(struct event_list *list, const struct event *event);

/* All or none.  In the store's log when it returns; on the disk once anything durable has followed. */
int control_add_events(struct control *control, const struct event *events, size_t count);

/* The number of the last one that was kept; 0: there is none. */
int control_get_last_event(struct control *control, int64_t *ret_number);

/* Raises the lookup's beginning to what its account may look back on: not beyond its own beginning, for its number may have been
 * another's. */
int control_bound_events(struct control *control, struct event_lookup *lookup);

/* Kept events, the newest first; one more than 'maximum' if there are more.  'ret_reached' is the number down to which it
 * looked: INT64_MIN if to the end. */
int control_find_events(struct control *control, const struct event_lookup *lookup,
			struct event_list *ret_list, int64_t *ret_reached);
