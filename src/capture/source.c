// SPDX-License-Identifier: Apache-2.0
/* Each list is a map of one element, made anew for every change; see wire/maps.h for why.
 *
 * Of the devices that share a place in the array, the one with the lowest index has it and the others are crowded.
 * Crowded lists are written first and what is left over is removed last, so that a device that moves is found at
 * every moment. */
#include "capture/source.h"

#include "base/cleanup.h"
#include "capture/admission.h"
#include "mirror/limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(MAP_SOURCE_SESSIONS == SOURCE_SESSIONS_MAX, "the kernel holds every source");

static bool list_encode(const struct capture_device *device, const struct plan *plan,
			const struct slots *slots, const struct filters *filters,
			struct source_list *ret_list);
static bool session_encode(const struct plan_session *session, const struct plan *plan,
			   const struct slots *slots, const struct filters *filters,
			   struct map_session *ret_session);
static uint16_t session_flags(const struct plan_session *session, const struct filter *filter);
static void places_assign(struct source_list *lists, size_t count);
static size_t lists_install(const struct sources *sources, const struct tables *tables,
			    struct source_list *lists, size_t count, bool crowded,
			    const struct capture_events *events);
static int list_install(const struct tables *tables, const struct source_list *list);
static int places_remove_others(const struct sources *sources, const struct tables *tables,
				const struct source_list *lists, size_t count);
static int crowded_remove_others(const struct tables *tables, const struct source_list *lists,
				 size_t count);
static const struct source_list *list_find(const struct source_list *lists, size_t count,
					   uint32_t ifindex);
static int list_compare(const void *a, const void *b);

void sources_fini(struct sources *sources)
{
	free(sources->lists);
	*sources = (struct sources){};
}

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
	count = lists_install(sources, tables, lists, count, true, events);
	count = lists_install(sources, tables, lists, count, false, events);
	r = places_remove_others(sources, tables, lists, count);
	if (r == 0)
		r = crowded_remove_others(tables, lists, count);
	free(sources->lists);
	sources->lists = TAKE_PTR(lists);
	sources->count = count;
	sources->known = r == 0;
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

static void places_assign(struct source_list *lists, size_t count)
{
	bool taken[MAP_SOURCE_PLACES] = {};

	for (size_t i = 0; i < count; i++) {
		bool *place = &taken[lists[i].entry.ifindex % MAP_SOURCE_PLACES];

		lists[i].crowded = *place;
		*place = true;
	}
}

/* Writes those that are crowded, or those that are not, as far as they changed.  Those that fail are reported and left
 * out; returns how many lists remain. */
static size_t lists_install(const struct sources *sources, const struct tables *tables,
			    struct source_list *lists, size_t count, bool crowded,
			    const struct capture_events *events)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		const struct source_list *list = &lists[i], *present;
		int r = 0;

		present = list_find(sources->lists, sources->count, list->entry.ifindex);
		if (list->crowded == crowded &&
		    (!present || present->crowded != crowded ||
		     memcmp(&present->entry, &list->entry, sizeof(list->entry)) != 0))
			r = list_install(tables, list);
		if (r == 0)
			lists[kept++] = *list;
		else
			events->failed(events->context, (int)list->entry.ifindex, -r);
	}
	return kept;
}

static int list_install(const struct tables *tables, const struct source_list *list)
{
	uint32_t place = list->entry.ifindex % MAP_SOURCE_PLACES, first = 0;
	_cleanup_close_ int map = -1;
	int r;

	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tmirror_source", sizeof(first),
			     sizeof(list->entry), 1, NULL);
	if (map < 0)
		return -errno;
	if (bpf_map_update_elem(map, &first, &list->entry, BPF_ANY) < 0)
		return -errno;
	if (list->crowded)
		r = bpf_map_update_elem(tables->sources_crowded, &list->entry.ifindex, &map,
					BPF_ANY);
	else
		r = bpf_map_update_elem(tables->sources, &place, &map, BPF_ANY);
	return r < 0 ? -errno : 0;
}

/* Looks at every place once, because an earlier agent may have left something; then at those that were taken. */
static int places_remove_others(const struct sources *sources, const struct tables *tables,
				const struct source_list *lists, size_t count)
{
	bool suspect[MAP_SOURCE_PLACES];
	uint32_t id;

	memset(suspect, !sources->known, sizeof(suspect));
	for (size_t i = 0; i < sources->count; i++)
		suspect[sources->lists[i].entry.ifindex % MAP_SOURCE_PLACES] = true;
	for (size_t i = 0; i < count; i++)
		suspect[lists[i].entry.ifindex % MAP_SOURCE_PLACES] = false;
	for (uint32_t place = 0; place < MAP_SOURCE_PLACES; place++) {
		if (!suspect[place] || bpf_map_lookup_elem(tables->sources, &place, &id) < 0)
			continue;
		if (bpf_map_delete_elem(tables->sources, &place) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* Asks the kernel, not our memory, what is there.  A deletion while walking makes the walk start over, which ends
 * because each deletion makes the table smaller. */
static int crowded_remove_others(const struct tables *tables, const struct source_list *lists,
				 size_t count)
{
	uint32_t key, *last = NULL, previous;
	int table = tables->sources_crowded;

	while (bpf_map_get_next_key(table, last, &key) == 0) {
		const struct source_list *list = list_find(lists, count, key);

		previous = key;
		last = &previous;
		if (list && list->crowded)
			continue;
		if (bpf_map_delete_elem(table, &key) < 0 && errno != ENOENT)
			return -errno;
		last = NULL;
	}
	return errno == ENOENT ? 0 : -errno;
}

static const struct source_list *list_find(const struct source_list *lists, size_t count,
					   uint32_t ifindex)
{
	struct source_list key = {.entry.ifindex = ifindex};

	return count ? bsearch(&key, lists, count, sizeof(key), list_compare) : NULL;
}

static int list_compare(const void *a, const void *b)
{
	const struct source_list *left = a, *right = b;

	return (left->entry.ifindex > right->entry.ifindex) -
	       (left->entry.ifindex < right->entry.ifindex);
}
