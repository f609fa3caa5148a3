// SPDX-License-Identifier: Apache-2.0
/* A change of any number of sources, each in one step for passing packets, and one wait for all.
 *
 * Lists that change are written where no program looks.  Then the words are stored that lead to them.  After that, one
 * grace period of the kernel ends every run that may have found an old list, whose place is free from then on.
 *
 * Of the devices that share a place, the one with the lowest index has it and the others are crowded.  Crowded ones are
 * written first and what is left over is removed last, so that a device that moves is found at every moment. */
#include "capture/source.h"

#include "base/cleanup.h"
#include "capture/admission.h"
#include "mirror/limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(MAP_SOURCE_SESSIONS == SOURCE_SESSIONS_MAX, "the kernel holds every source");

/* What is wished for one device. */
struct source_list {
	struct map_source entry;
	uint32_t number; /* Where the entry is. */
	bool crowded;    /* Its place belongs to another device. */
};

static int sources_settle(struct sources *sources, const struct tables *tables);
static bool list_encode(const struct capture_device *device, const struct plan *plan,
			const struct slots *slots, const struct filters *filters,
			struct source_list *ret_list);
static bool session_encode(const struct plan_session *session, const struct plan *plan,
			   const struct slots *slots, const struct filters *filters,
			   struct map_session *ret_session);
static uint16_t session_flags(const struct plan_session *session, const struct filter *filter);
static int list_compare(const void *a, const void *b);
static void places_assign(struct source_list *lists, size_t count);
static size_t lists_store(struct sources *sources, const struct tables *tables,
			  struct source_list *lists, size_t count,
			  const struct capture_events *events);
static int lists_find_busy(const struct tables *tables, bool *ret_busy);
static int list_store(const struct tables *tables, struct source_list *list, bool *busy);
static bool list_find(const struct tables *tables, uint32_t ifindex, uint32_t *ret_number);
static int crowded_write(struct sources *sources, const struct tables *tables,
			 const struct source_list *list);
static int places_write(struct sources *sources, const struct tables *tables,
			const struct source_list *lists, size_t count);
static int crowded_remove_others(struct sources *sources, const struct tables *tables,
				 const struct source_list *lists, size_t count);

int sources_write(struct sources *sources, const struct tables *tables, const struct plan *plan,
		  const struct slots *slots, const struct filters *filters,
		  const struct capture_device *devices, size_t device_count,
		  const struct capture_events *events)
{
	_cleanup_free_ struct source_list *lists = NULL;
	size_t count = 0;
	int r;

	lists = calloc(device_count + 1, sizeof(*lists));
	if (!lists)
		return -ENOMEM;
	for (size_t i = 0; i < device_count; i++)
		if (list_encode(&devices[i], plan, slots, filters, &lists[count]))
			count++;
	qsort(lists, count, sizeof(*lists), list_compare);
	places_assign(lists, count);
	r = sources_settle(sources, tables);
	if (r < 0)
		return r;
	count = lists_store(sources, tables, lists, count, events);
	r = places_write(sources, tables, lists, count);
	if (r == 0)
		r = crowded_remove_others(sources, tables, lists, count);
	return r < 0 ? r : sources_settle(sources, tables);
}

static int sources_settle(struct sources *sources, const struct tables *tables)
{
	int r = sources->settled ? 0 : tables_wait(tables);

	if (r == 0)
		sources->settled = true;
	return r;
}

/* Returns false when there is nothing to do for the device. */
static bool list_encode(const struct capture_device *device, const struct plan *plan,
			const struct slots *slots, const struct filters *filters,
			struct source_list *ret_list)
{
	struct map_source *entry = &ret_list->entry;
	const struct plan_session *sessions;
	size_t count;

	*entry = (struct map_source){
		.ifindex = (uint32_t)device->ifindex,
		.guest = device->orientation == ORIENTATION_GUEST,
	};
	sessions = plan_find_sessions(plan, &device->source, &count);
	for (size_t i = 0; i < count && entry->session_count < MAP_SOURCE_SESSIONS; i++)
		if (session_encode(&sessions[i], plan, slots, filters,
				   &entry->sessions[entry->session_count]))
			entry->session_count++;
	return entry->session_count > 0;
}

static bool session_encode(const struct plan_session *session, const struct plan *plan,
			   const struct slots *slots, const struct filters *filters,
			   struct map_session *ret_session)
{
	const struct capture_slot *slot = slots_find(slots, &session->id);
	const struct filter *filter = plan_find_filter(plan, &session->filter);
	uint32_t index;

	if (session->options.paused || !slot || !filter ||
	    !filters_find(filters, &session->filter, &index))
		return false;
	*ret_session = (struct map_session){
		.slot = slot->slot,
		.generation = slot->generation,
		.filter = index,
		.packet_length = session->packet_length,
		.flags = session_flags(session, filter),
	};
	return true;
}

static uint16_t session_flags(const struct plan_session *session, const struct filter *filter)
{
	uint16_t flags = 0;

	if (filter->services & SERVICE_AMAZON_DNS)
		flags |= MAP_SESSION_DNS;
	if (admission_is_asked(&session->options))
		flags |= MAP_SESSION_ADMISSION;
	if (session->options.continues)
		flags |= MAP_SESSION_CONTINUES;
	return flags;
}

static int list_compare(const void *a, const void *b)
{
	const struct source_list *left = a, *right = b;

	return (left->entry.ifindex > right->entry.ifindex) -
	       (left->entry.ifindex < right->entry.ifindex);
}

static void places_assign(struct source_list *lists, size_t count)
{
	bool taken[MAP_SOURCE_PLACES] = {};

	for (size_t i = 0; i < count; i++) {
		bool *place = &taken[lists[i].entry.ifindex % MAP_SOURCE_PLACES];

		lists[i].crowded = *place;
		*place = true;
	}
}

/* Gives every list its number, writes those that changed, and leads to those that are crowded.  Those that fail are reported and left out; returns how many
 * remain. */
static size_t lists_store(struct sources *sources, const struct tables *tables,
			  struct source_list *lists, size_t count,
			  const struct capture_events *events)
{
	bool busy[MAP_SOURCE_LISTS] = {};
	int fault = lists_find_busy(tables, busy);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		int r = fault ? fault : list_store(tables, &lists[i], busy);

		if (r == 0 && lists[i].crowded)
			r = crowded_write(sources, tables, &lists[i]);
		if (r == 0)
			lists[kept++] = lists[i];
		else
			events->failed(events->context, (int)lists[i].entry.ifindex, -r);
	}
	return kept;
}

/* The lists that programs may find. */
static int lists_find_busy(const struct tables *tables, bool *ret_busy)
{
	uint32_t key, *last = NULL, number;

	for (uint32_t place = 0; place < MAP_SOURCE_PLACES; place++) {
		number = MAP_PLACE_LIST(tables->places[place]);
		if (number < MAP_SOURCE_LISTS)
			ret_busy[number] = true;
	}
	for (; bpf_map_get_next_key(tables->sources_crowded, last, &key) == 0; last = &key)
		if (bpf_map_lookup_elem(tables->sources_crowded, &key, &number) == 0 &&
		    number < MAP_SOURCE_LISTS)
			ret_busy[number] = true;
	return errno == ENOENT ? 0 : -errno;
}

static int list_store(const struct tables *tables, struct source_list *list, bool *busy)
{
	uint32_t number;

	if (list_find(tables, list->entry.ifindex, &list->number) &&
	    memcmp(&tables->lists[list->number], &list->entry, sizeof(list->entry)) == 0)
		return 0;
	for (number = 0; number < MAP_SOURCE_LISTS && busy[number]; number++)
		;
	if (number == MAP_SOURCE_LISTS)
		return -ENOSPC;
	busy[number] = true;
	list->number = number;
	tables->lists[number] = list->entry;
	return 0;
}

/* The list of a device at present, wherever it is. */
static bool list_find(const struct tables *tables, uint32_t ifindex, uint32_t *ret_number)
{
	uint64_t word = tables->places[ifindex % MAP_SOURCE_PLACES];
	uint32_t number = MAP_PLACE_LIST(word);

	if ((uint32_t)word != ifindex &&
	    bpf_map_lookup_elem(tables->sources_crowded, &ifindex, &number) < 0)
		return false;
	*ret_number = number;
	return number < MAP_SOURCE_LISTS;
}

static int crowded_write(struct sources *sources, const struct tables *tables,
			 const struct source_list *list)
{
	uint32_t present;

	if (bpf_map_lookup_elem(tables->sources_crowded, &list->entry.ifindex, &present) == 0 &&
	    present == list->number)
		return 0;
	sources->settled = false;
	if (bpf_map_update_elem(tables->sources_crowded, &list->entry.ifindex, &list->number,
				BPF_ANY) < 0)
		return -errno;
	return 0;
}

/* All places are compared, because an earlier agent may have left something. */
static int places_write(struct sources *sources, const struct tables *tables,
			const struct source_list *lists, size_t count)
{
	_cleanup_free_ uint64_t *words = calloc(MAP_SOURCE_PLACES, sizeof(*words));

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		words[lists[i].entry.ifindex % MAP_SOURCE_PLACES] |=
			lists[i].crowded ? MAP_PLACE_CROWDED
					 : MAP_PLACE_OF(lists[i].entry.ifindex, lists[i].number);
	for (uint32_t place = 0; place < MAP_SOURCE_PLACES; place++) {
		if (tables->places[place] == words[place])
			continue;
		sources->settled = false;
		__atomic_store_n(&tables->places[place], words[place], __ATOMIC_RELEASE);
	}
	return 0;
}

/* A deletion while walking makes the walk start over, which ends because each deletion makes the table smaller. */
static int crowded_remove_others(struct sources *sources, const struct tables *tables,
				 const struct source_list *lists, size_t count)
{
	uint32_t key, *last = NULL, previous;
	int table = tables->sources_crowded;

	while (bpf_map_get_next_key(table, last, &key) == 0) {
		struct source_list wanted = {.entry.ifindex = key};
		const struct source_list *list =
			count ? bsearch(&wanted, lists, count, sizeof(wanted), list_compare) : NULL;

		previous = key;
		last = &previous;
		if (list && list->crowded)
			continue;
		sources->settled = false;
		if (bpf_map_delete_elem(table, &key) < 0 && errno != ENOENT)
			return -errno;
		last = NULL;
	}
	return errno == ENOENT ? 0 : -errno;
}
