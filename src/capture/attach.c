// SPDX-License-Identifier: Apache-2.0
/* Remove what is no longer wished, create what is missing; safe to run at any moment, twice.
 *
 * Our place is ours by custom only: whoever has the privilege can take the program away or come before it, and the
 * kernel tells nobody.  So each device is looked at again and again, which costs a system call per direction, and what
 * is amiss is mended: at once, but with patience where somebody keeps undoing it.
 *
 * Attaching by tcx waits for a grace period of the kernel, per device and direction, and nobody can wait for several at
 * once: the lock of the network's configuration is held meanwhile.  A thousand devices take half a minute.  So it is
 * done in slices, between which the caller can attend to everything else. */
#include "capture/attach.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "capture/device.h"
#include "mirror/refusals.h"

#include <bpf/bpf.h>
#include <errno.h>

#define SLICE (50 * NSEC_PER_MSEC)

static int program_id(int program, uint32_t *ret_id);
static int attachments_list(const struct attachments *attachments,
			    const struct capture_device *devices, size_t device_count,
			    const struct plan *plan, struct attachments *ret_list);
static int attachment_compare(const void *a, const void *b);
static int attachments_go_on(struct attachments *attachments, const struct tables *tables,
			     const struct capture_events *events);
static bool attachments_begin(struct attachments *attachments, const struct tables *tables,
			      uint64_t deadline, const struct capture_events *events);
static int attachment_keep(const struct attachments *attachments, const struct tables *tables,
			   struct attachment *attachment, const uint64_t *now,
			   const struct capture_events *events);
static int attachment_look(const struct attachments *attachments,
			   const struct attachment *attachment);
static int attachment_take(const struct attachments *attachments, const struct tables *tables,
			   struct attachment *attachment);

int attachments_open(struct attachments *ret_attachments, const char *layout,
		     enum capture_attach wish, const struct tables *tables, struct refusal *why)
{
	struct attachments *attachments = ret_attachments;
	bool tcx = wish != CAPTURE_ATTACH_CLSACT &&
		   tcx_is_available(tables->programs[DIRECTION_INGRESS]);
	int r = 0;

	if (wish == CAPTURE_ATTACH_TCX && !tcx)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "The kernel has no tcx, which came with Linux 6.6; attach by clsact");
	*attachments = ATTACHMENTS_NONE;
	attachments->way = tcx ? &attach_tcx : &attach_clsact;
	attachments->layout = layout;
	for (enum direction way = 0; r == 0 && way < DIRECTION_COUNT; way++) {
		attachments->programs[way] = tables->programs[way];
		r = program_id(tables->programs[way], &attachments->program_ids[way]);
	}
	if (r == 0 && tcx)
		r = tcx_load_placeholder(&attachments->placeholder);
	return r;
}

void attachments_close(struct attachments *attachments)
{
	closep(&attachments->placeholder);
	free(attachments->items);
	*attachments = ATTACHMENTS_NONE;
}

int attachments_apply(struct attachments *attachments, const struct tables *tables,
		      const struct capture_device *devices, size_t device_count,
		      const struct plan *plan, const struct capture_events *events)
{
	struct attachments wanted = {};
	int r, error;

	r = attachments_list(attachments, devices, device_count, plan, &wanted);
	if (r < 0)
		return r;
	free(attachments->items);
	attachments->items = wanted.items;
	attachments->count = wanted.count;
	for (size_t i = 0; i < attachments->count; i++) {
		struct attachment *attachment = &attachments->items[i];

		if (!attachment->taken) {
			attachment->place = CAPTURE_AWAITED;
			continue;
		}
		error = attachment_keep(attachments, tables, attachment, NULL, events);
		if (error < 0)
			events->failed(events->context, attachment->ifindex, -error);
	}
	return attachments_go_on(attachments, tables, events);
}

/* A device that is gone is no fault here: whoever watches the links is about to say so. */
void attachments_guard(struct attachments *attachments, const struct tables *tables,
		       bool everything, uint64_t now, const struct capture_events *events,
		       uint64_t *ret_due)
{
	if (attachments->behind)
		(void)attachments_go_on(attachments, tables, events);
	*ret_due = attachments->behind ? now : UINT64_MAX;
	for (size_t i = 0; i < attachments->count; i++) {
		struct attachment *attachment = &attachments->items[i];
		bool waits = attachment->place != CAPTURE_FIRST && attachment->patience.next <= now;
		int error;

		if (attachment->place == CAPTURE_AWAITED)
			continue;
		if (everything || attachment->suspect || waits) {
			error = attachment_keep(attachments, tables, attachment, &now, events);
			if (error < 0 && error != -ENODEV)
				events->failed(events->context, attachment->ifindex, -error);
		}
		if (attachment->place != CAPTURE_FIRST)
			*ret_due = MIN(*ret_due, attachment->patience.next);
	}
}

struct attachment *attachments_find(const struct attachments *attachments, int ifindex)
{
	const struct attachment key = {.ifindex = ifindex};

	return attachments->count ? bsearch(&key, attachments->items, attachments->count,
					    sizeof(key), attachment_compare)
				  : NULL;
}

static int program_id(int program, uint32_t *ret_id)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return -errno;
	*ret_id = info.id;
	return 0;
}

/* The devices that are to be watched; what is known of those that are stays known. */
static int attachments_list(const struct attachments *attachments,
			    const struct capture_device *devices, size_t device_count,
			    const struct plan *plan, struct attachments *ret_list)
{
	struct attachment *items = calloc(device_count + 1, sizeof(*items));
	size_t count = 0, session_count;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < device_count; i++) {
		const struct attachment *known = attachments_find(attachments, devices[i].ifindex);

		if (plan_find_sessions(plan, &devices[i].source, &session_count))
			items[count++] = known ? *known
					       : (struct attachment){.ifindex = devices[i].ifindex};
	}
	qsort(items, count, sizeof(*items), attachment_compare);
	ret_list->items = items;
	ret_list->count = count;
	return 0;
}

static int attachment_compare(const void *a, const void *b)
{
	const struct attachment *left = a, *right = b;

	return (left->ifindex > right->ifindex) - (left->ifindex < right->ifindex);
}

/* Goes on with what was wished for last, for as long as a slice lasts. */
static int attachments_go_on(struct attachments *attachments, const struct tables *tables,
			     const struct capture_events *events)
{
	uint64_t deadline = clock_monotonic() + SLICE;
	bool behind = false;
	int r = devices_remove_others(tables->devices, attachments, attachments->layout, deadline,
				      events, &behind);

	attachments->behind = attachments_begin(attachments, tables, deadline, events) || behind;
	return r;
}

/* Attaches where that is awaited.  Who fails is no longer awaited, but tried again like one whose program was taken away.
 * At least one is tried, so that every slice gets on.  Returns whether some are left. */
static bool attachments_begin(struct attachments *attachments, const struct tables *tables,
			      uint64_t deadline, const struct capture_events *events)
{
	bool late = false;

	for (size_t i = 0; i < attachments->count; i++) {
		struct attachment *attachment = &attachments->items[i];
		int error;

		if (attachment->place != CAPTURE_AWAITED)
			continue;
		if (late)
			return true;
		error = attachment_keep(attachments, tables, attachment, NULL, events);
		if (error < 0) {
			attachment->place = CAPTURE_GONE;
			(void)patience_try(&attachment->patience, clock_monotonic());
			events->failed(events->context, attachment->ifindex, -error);
		}
		late = clock_monotonic() >= deadline;
	}
	return false;
}

/* Sees to it that our program is first on the device.  With 'now', not more often than patience allows. */
static int attachment_keep(const struct attachments *attachments, const struct tables *tables,
			   struct attachment *attachment, const uint64_t *now,
			   const struct capture_events *events)
{
	struct capture_disturbance disturbance = {.ifindex = attachment->ifindex};
	enum capture_place before = attachment->place;
	int found = CAPTURE_GONE, after;

	attachment->suspect = false;
	if (attachment->taken)
		found = attachment_look(attachments, attachment);
	if (found < 0)
		return found;
	if (found != CAPTURE_FIRST && (!now || patience_try(&attachment->patience, *now))) {
		found = attachment_take(attachments, tables, attachment);
		after = found < 0 ? found : attachment_look(attachments, attachment);
		if (after < 0)
			return after;
	} else {
		after = found;
	}
	attachment->place = (enum capture_place)after;
	disturbance.overtaken = found == CAPTURE_OVERTAKEN;
	disturbance.mended = after < found;
	if (events->disturbed && found != CAPTURE_FIRST &&
	    (disturbance.mended || attachment->place != before))
		events->disturbed(events->context, &disturbance);
	return 0;
}

/* Returns the worse place of both directions, or a fault. */
static int attachment_look(const struct attachments *attachments,
			   const struct attachment *attachment)
{
	int worst = CAPTURE_FIRST;

	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		int place = attachments->way->look(attachments, attachment, way);

		if (place < 0)
			return place;
		worst = MAX(worst, place);
	}
	return worst;
}

/* Returns the worse place that was found, or a fault.  The map is written before the program is attached, so that no
 * attachment is ever forgotten; what it had not known before was in no place that could have been lost. */
static int attachment_take(const struct attachments *attachments, const struct tables *tables,
			   struct attachment *attachment)
{
	uint32_t ifindex = (uint32_t)attachment->ifindex, flags;
	struct map_device device = {};
	int worst = CAPTURE_FIRST, r, known;

	known = device_remember(attachments, tables, ifindex, &device);
	if (known < 0)
		return known;
	flags = device.flags;
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		r = attachments->way->take(attachments, attachment, way, &flags);
		if (r < 0)
			break;
		worst = MAX(worst, r);
	}
	if (flags != device.flags) {
		device.flags = flags;
		if (bpf_map_update_elem(tables->devices, &ifindex, &device, BPF_ANY) < 0)
			r = -errno;
	}
	if (r < 0)
		return r;
	attachment->taken = true;
	return known ? worst : CAPTURE_FIRST;
}
