// SPDX-License-Identifier: Apache-2.0
/* Each list is a map of one element, made anew for every change; see wire/maps.h for why. */
#include "capture/source.h"

#include "base/cleanup.h"
#include "mirror/limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(MAP_SOURCE_SESSIONS == SOURCE_SESSIONS_MAX, "the kernel holds every source");

static bool list_encode(const struct capture_device *device, const struct plan *plan,
			const struct slots *slots, const struct filters *filters,
			struct map_source *ret_list);
static bool session_encode(const struct plan_session *session, const struct plan *plan,
			   const struct slots *slots, const struct filters *filters,
			   struct map_session *ret_session);
static int list_install(const struct tables *tables, const struct map_source *list);
static int lists_remove_others(const struct tables *tables, const struct map_source *lists,
			       size_t count);
static const struct map_source *list_find(const struct map_source *lists, size_t count,
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
	_cleanup_free_ struct map_source *lists = NULL;
	size_t count = 0;
	int r;

	lists = calloc(device_count + 1, sizeof(*lists));
	if (!lists)
		return -ENOMEM;
	for (size_t i = 0; i < device_count; i++) {
		struct map_source *list = &lists[count];
		const struct map_source *present;

		if (!list_encode(&devices[i], plan, slots, filters, list))
			continue;
		present = list_find(sources->lists, sources->count, list->ifindex);
		r = present && memcmp(present, list, sizeof(*list)) == 0
			    ? 0
			    : list_install(tables, list);
		if (r == 0)
			count++;
		else
			events->failed(events->context, devices[i].ifindex, -r);
	}
	qsort(lists, count, sizeof(*lists), list_compare);
	r = lists_remove_others(tables, lists, count);
	free(sources->lists);
	sources->lists = TAKE_PTR(lists);
	sources->count = count;
	return r;
}

/* Returns false when there is nothing to do for the device. */
static bool list_encode(const struct capture_device *device, const struct plan *plan,
			const struct slots *slots, const struct filters *filters,
			struct map_source *ret_list)
{
	const struct plan_session *sessions;
	size_t count;

	*ret_list = (struct map_source){
		.ifindex = (uint32_t)device->ifindex,
		.guest = device->orientation == ORIENTATION_GUEST,
	};
	sessions = plan_find_sessions(plan, &device->source, &count);
	for (size_t i = 0; i < count && ret_list->session_count < MAP_SOURCE_SESSIONS; i++)
		if (session_encode(&sessions[i], plan, slots, filters,
				   &ret_list->sessions[ret_list->session_count]))
			ret_list->session_count++;
	return ret_list->session_count > 0;
}

static bool session_encode(const struct plan_session *session, const struct plan *plan,
			   const struct slots *slots, const struct filters *filters,
			   struct map_session *ret_session)
{
	const struct capture_slot *slot = slots_find(slots, &session->id);
	const struct filter *filter = plan_find_filter(plan, &session->filter);
	uint32_t index;

	if (!slot || !filter || !filters_find(filters, &session->filter, &index))
		return false;
	*ret_session = (struct map_session){
		.slot = slot->slot,
		.generation = slot->generation,
		.filter = index,
		.packet_length = session->packet_length,
		.flags = filter->services & SERVICE_AMAZON_DNS ? MAP_SESSION_DNS : 0,
	};
	return true;
}

static int list_install(const struct tables *tables, const struct map_source *list)
{
	_cleanup_close_ int map = -1;
	uint32_t first = 0;

	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tmirror_source", sizeof(first), sizeof(*list), 1,
			     NULL);
	if (map < 0)
		return -errno;
	if (bpf_map_update_elem(map, &first, list, BPF_ANY) < 0)
		return -errno;
	return bpf_map_update_elem(tables->sources, &list->ifindex, &map, BPF_ANY) < 0 ? -errno : 0;
}

/* Asks the kernel, not our memory, what is there: it may be from an earlier agent.  A deletion while walking makes
 * the walk start over, which ends because each deletion makes the table smaller. */
static int lists_remove_others(const struct tables *tables, const struct map_source *lists,
			       size_t count)
{
	uint32_t key, *last = NULL, previous;

	while (bpf_map_get_next_key(tables->sources, last, &key) == 0) {
		previous = key;
		last = &previous;
		if (list_find(lists, count, key))
			continue;
		if (bpf_map_delete_elem(tables->sources, &key) < 0 && errno != ENOENT)
			return -errno;
		last = NULL;
	}
	return errno == ENOENT ? 0 : -errno;
}

static const struct map_source *list_find(const struct map_source *lists, size_t count,
					  uint32_t ifindex)
{
	struct map_source key = {.ifindex = ifindex};

	return count ? bsearch(&key, lists, count, sizeof(key), list_compare) : NULL;
}

static int list_compare(const void *a, const void *b)
{
	const struct map_source *left = a, *right = b;

	return (left->ifindex > right->ifindex) - (left->ifindex < right->ifindex);
}
