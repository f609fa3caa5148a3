// SPDX-License-Identifier: Apache-2.0
/* The order of a change.
 *
 * A packet may pass at any moment, so nothing may be named before it is there, and nothing may be given away
 * while it is still named: slots, then filters, then the lists of sessions that name both, then the devices; and
 * only then the slots and filters of what is gone. */
#include "capture/capture.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "base/refusal.h"
#include "capture/address_set.h"
#include "capture/admission.h"
#include "capture/attach.h"
#include "capture/device.h"
#include "capture/filter.h"
#include "capture/pins.h"
#include "capture/privilege.h"
#include "capture/slot.h"
#include "capture/source.h"
#include "capture/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct capture {
	struct pins pins;
	struct tables tables;
	struct attachments attachments;
	struct slots slots;
	struct filters filters;
	struct sources sources;
};

static int layout_open(struct capture *capture, const struct capture_options *options);
static int layout_remove(const char *layout);
static int layout_remove_found(void *context, const char *layout);
static int layout_remove_other(void *context, const char *layout);
static void counters_add(struct session_direction_counters *sum,
			 const struct map_counters *counters);
static void count_add(struct packet_count *sum, const struct packet_count *count);

int capture_open(const struct capture_options *options, struct capture **ret_capture,
		 struct refusal *why)
{
	_cleanup_(capture_freep) struct capture *capture = NULL;
	int r;

	r = privilege_check(why);
	if (r != 0)
		return r;
	capture = calloc(1, sizeof(*capture));
	if (!capture)
		return -ENOMEM;
	capture->pins = PINS_NONE;
	capture->attachments = ATTACHMENTS_NONE;
	r = pins_open(&capture->pins, options->directory, why);
	if (r != 0)
		return r;
	r = pins_each_layout(&capture->pins, layout_remove_other, &capture->pins);
	if (r == 0)
		r = layout_open(capture, options);
	if (r < 0)
		return privilege_explain(r, why);
	r = attachments_open(&capture->attachments, capture->pins.layout, options->attach,
			     &capture->tables, why);
	if (r == 0)
		r = slots_load(&capture->slots, &capture->tables);
	if (r == 0)
		r = filters_load(&capture->filters, &capture->tables);
	if (r != 0)
		return r;
	*ret_capture = TAKE_PTR(capture);
	return 0;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	attachments_close(&capture->attachments);
	filters_fini(&capture->filters);
	slots_fini(&capture->slots);
	tables_close(&capture->tables);
	pins_close(&capture->pins);
	free(capture);
}

int capture_detach(const char *directory, struct refusal *why)
{
	_cleanup_pins_ struct pins pins = PINS_NONE;
	int r;

	r = pins_open_existing(&pins, directory, why);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = pins_each_layout(&pins, layout_remove_found, NULL);
	if (rmdir(directory) < 0 && r == 0)
		r = -errno;
	return r;
}

int capture_apply(struct capture *capture, const struct plan *plan,
		  const struct capture_device *devices, size_t device_count,
		  const struct capture_events *events)
{
	struct tables *tables = &capture->tables;
	int faults[4], r;

	faults[0] = slots_assign(&capture->slots, tables, plan);
	events->ready(events->context);
	admissions_write(tables, plan, &capture->slots);
	faults[1] = address_sets_write(tables, plan);
	faults[2] = filters_write(&capture->filters, tables, plan);
	r = sources_write(&capture->sources, tables, plan, &capture->slots, &capture->filters,
			  devices, device_count, events);
	faults[3] = attachments_apply(&capture->attachments, tables, devices, device_count, plan,
				      events);
	if (r == 0)
		r = slots_release(&capture->slots, tables);
	if (r == 0)
		r = filters_release(&capture->filters, tables);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(faults); i++)
		r = faults[i];
	return r;
}

bool capture_is_behind(const struct capture *capture)
{
	return capture->attachments.behind;
}

void capture_guard(struct capture *capture, bool everything, uint64_t now,
		   const struct capture_events *events, uint64_t *ret_due)
{
	attachments_guard(&capture->attachments, &capture->tables, everything, now, events,
			  ret_due);
}

uint64_t capture_get_guard_interval(const struct capture *capture)
{
	return capture->attachments.way->interval;
}

void capture_suspect(struct capture *capture, int ifindex)
{
	struct attachment *attachment = attachments_find(&capture->attachments, ifindex);

	if (attachment)
		attachment->suspect = true;
}

int capture_watch_pins(const struct capture *capture, int inotify)
{
	return pins_watch_links(&capture->pins, inotify);
}

enum capture_place capture_get_place(const struct capture *capture, int ifindex)
{
	const struct attachment *attachment = attachments_find(&capture->attachments, ifindex);

	return attachment ? attachment->place : CAPTURE_FIRST;
}

const struct capture_slot *capture_get_slots(const struct capture *capture, size_t *ret_count)
{
	*ret_count = capture->slots.used_count;
	return capture->slots.used;
}

uint32_t capture_slot_limit(const struct capture *capture)
{
	(void)capture;
	return MAP_SLOT_LIMIT;
}

int capture_read_counters(const struct capture *capture, uint32_t slot,
			  struct session_counters *ret_counters)
{
	_cleanup_free_ struct map_counters *counters = NULL;
	struct session_counters sum = {};

	counters = calloc(capture->tables.cpu_count, sizeof(*counters));
	if (!counters)
		return -ENOMEM;
	for (uint32_t direction = 0; direction < DIRECTION_COUNT; direction++) {
		uint32_t index = slot * DIRECTION_COUNT + direction;

		if (bpf_map_lookup_elem(capture->tables.counters, &index, counters) < 0)
			return -errno;
		for (size_t cpu = 0; cpu < capture->tables.cpu_count; cpu++)
			counters_add(&sum.direction[direction], &counters[cpu]);
	}
	*ret_counters = sum;
	return 0;
}

struct session_counters *capture_get_ship_counters(const struct capture *capture)
{
	return capture->tables.ship_counters;
}

const struct capture_ring *capture_get_rings(const struct capture *capture, size_t *ret_count)
{
	*ret_count = capture->tables.cpu_count;
	return capture->tables.rings.list;
}

/* Pins of this layout that do not fit the host cannot be taken over; they are started anew. */
static int layout_open(struct capture *capture, const struct capture_options *options)
{
	int r;

	for (int attempt = 0; attempt < 2; attempt++) {
		r = pins_make_layout(&capture->pins);
		if (r == 0)
			r = tables_open(&capture->tables, capture->pins.layout, options->ring_size,
					options->mark);
		if (r != -ESTALE)
			return r;
		tables_close(&capture->tables);
		r = layout_remove(capture->pins.layout);
		if (r < 0)
			return r;
	}
	return -ESTALE;
}

static int layout_remove(const char *layout)
{
	int r = devices_remove_layout(layout);

	return r < 0 ? r : pins_remove_layout(layout);
}

static int layout_remove_found(void *context, const char *layout)
{
	(void)context;
	return layout_remove(layout);
}

static int layout_remove_other(void *context, const char *layout)
{
	const struct pins *pins = context;

	return strcmp(layout, pins->layout) == 0 ? 0 : layout_remove(layout);
}

static void counters_add(struct session_direction_counters *sum,
			 const struct map_counters *counters)
{
	count_add(&sum->accepted, &counters->accepted);
	count_add(&sum->lost[LOSS_RING_FULL], &counters->ring_full);
	count_add(&sum->lost[LOSS_MALFORMED], &counters->unreadable);
	count_add(&sum->lost[LOSS_SAMPLED_OUT], &counters->sampled_out);
	count_add(&sum->lost[LOSS_RATE_CAP], &counters->rate_cap);
	count_add(&sum->lost[LOSS_SHED], &counters->shed);
}

static void count_add(struct packet_count *sum, const struct packet_count *count)
{
	sum->packets += count->packets;
	sum->bytes += count->bytes;
}
