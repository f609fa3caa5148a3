// SPDX-License-Identifier: Apache-2.0
#include "control/event.h"

#include "base/array.h"
#include "base/count.h"
#include "control/state.h"
#include "store/account.h"
#include "store/store.h"

#include <string.h>

#define USEC_PER_MSEC 1000
#define MSEC_PER_DAY  ((int64_t)24 * 60 * 60 * 1000)

typedef bool match_function(const struct event *event, const char *value);

static match_function match_id, match_name, match_read_only, match_username, match_resource_type,
	match_resource_name, match_source, match_access_key;
static bool match_resource(const struct event *event, const char *value, bool by_type);

/* CloudTrail's LookupAttributes. */
static const struct {
	const char *key;
	match_function *match;
} keys[] = {
	{"EventId", match_id},
	{"EventName", match_name},
	{"ReadOnly", match_read_only},
	{"Username", match_username},
	{"ResourceType", match_resource_type},
	{"ResourceName", match_resource_name},
	{"EventSource", match_source},
	{"AccessKeyId", match_access_key},
};

void event_list_fini(struct event_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		event_fini(&list->items[i]);
	free(list->items);
	*list = (struct event_list){};
}

bool event_key_valid(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].key, key) == 0)
			return true;
	return false;
}

bool event_matches(const struct event *event, const struct event_lookup *lookup)
{
	const int64_t time = event->number / USEC_PER_MSEC;

	if (strcmp(event->account.text, lookup->account) != 0 || event->number >= lookup->before ||
	    time < lookup->begin || time > lookup->end)
		return false;
	for (size_t i = 0; lookup->key && i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].key, lookup->key) == 0)
			return keys[i].match(event, lookup->value);
	return !lookup->key;
}

int event_list_add(struct event_list *list, const struct event *event)
{
	_cleanup_event_ struct event copy = *event;
	int r;

	copy.resources = event->resources ? strdup(event->resources) : NULL;
	copy.record = strdup(event->record);
	if (!copy.record || (event->resources && !copy.resources))
		return -ENOMEM;
	r = array_append(list, items, count, capacity, copy);
	if (r == 0)
		copy = (struct event){};
	return r;
}

int control_add_events(struct control *control, const struct event *events, size_t count)
{
	const int64_t period = EVENT_DAYS * MSEC_PER_DAY * USEC_PER_MSEC;
	int r;

	r = store_begin(control->store, STORE_NOTE);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = store_add_event(control->store, &events[i], EVENT_ROOM,
				    events[i].number - period);
	if (r == 0)
		return store_commit(control->store);
	store_rollback(control->store);
	return r;
}

int control_get_last_event(struct control *control, int64_t *ret_number)
{
	return store_get_last_event(control->store, ret_number);
}

int control_bound_events(struct control *control, struct event_lookup *lookup)
{
	struct stored_account account = {};
	int64_t oldest = control_now(control) - EVENT_DAYS * MSEC_PER_DAY;
	int r = store_get_account(control->store, lookup->account, &account);

	if (r < 0)
		return r;
	oldest = MAX(oldest, account.created);
	lookup->begin = MAX(lookup->begin, oldest);
	return 0;
}

int control_find_events(struct control *control, const struct event_lookup *lookup,
			struct event_list *ret_list, int64_t *ret_reached)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_event_list_ struct event_list list = {};
	int64_t reached = INT64_MIN;
	size_t bytes = 0;
	int r;

	r = store_select_events(control->store, lookup->account, lookup->before, &cursor);
	for (size_t row = 0; r == 0; row++) {
		_cleanup_event_ struct event event = {};

		r = store_next_event(cursor, &event);
		if (r != STORE_ROW || event.number / USEC_PER_MSEC < lookup->begin)
			break;
		bytes += strlen(event.record) + strlen(event.resources);
		r = event_matches(&event, lookup) ? event_list_add(&list, &event) : 0;
		if (list.count > lookup->maximum || row == EVENT_SEARCH_MAX ||
		    bytes > EVENT_SEARCH_BYTES) {
			reached = event.number;
			break;
		}
	}
	if (r < 0)
		return r;
	*ret_list = list;
	*ret_reached = reached;
	list = (struct event_list){};
	return 0;
}

static bool match_id(const struct event *event, const char *value)
{
	return strcmp(event->id, value) == 0;
}

static bool match_name(const struct event *event, const char *value)
{
	return strcmp(event->name, value) == 0;
}

static bool match_read_only(const struct event *event, const char *value)
{
	return strcmp(event->read_only ? "true" : "false", value) == 0;
}

static bool match_username(const struct event *event, const char *value)
{
	return strcmp(event->username, value) == 0;
}

static bool match_resource_type(const struct event *event, const char *value)
{
	return match_resource(event, value, true);
}

static bool match_resource_name(const struct event *event, const char *value)
{
	return match_resource(event, value, false);
}

static bool match_source(const struct event *event, const char *value)
{
	return strcmp(event->source, value) == 0;
}

static bool match_access_key(const struct event *event, const char *value)
{
	return strcmp(event->access_key, value) == 0;
}

/* Of any line "TYPE NAME". */
static bool match_resource(const struct event *event, const char *value, bool by_type)
{
	const char *line = event->resources ? event->resources : "";

	for (; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *part = by_type ? line : line + strcspn(line, " ") + 1;
		size_t length = strcspn(part, by_type ? " " : "\n");

		if (strlen(value) == length && strncmp(part, value, length) == 0)
			return true;
	}
	return false;
}
