// SPDX-License-Identifier: Apache-2.0
/* Remove what is no longer wished, create what is missing; safe to run at any moment, twice. */
#include "capture/attach.h"

#include "mirror/refusals.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#define PATH_SIZE 512

static int device_ensure(const struct attachments *attachments, const struct tables *tables,
			 uint32_t ifindex);
static int device_remove(const char *layout, int devices, uint32_t ifindex,
			 const struct map_device *device);
static const struct attach_way *device_way(const struct map_device *device);
static bool device_is_wanted(uint32_t ifindex, const struct capture_device *devices, size_t count,
			     const struct plan *plan);
static int devices_each(int devices, const struct capture_device *kept, size_t kept_count,
			const struct plan *plan, const char *layout,
			const struct capture_events *events);

int attachments_open(struct attachments *ret_attachments, const char *layout,
		     enum capture_attach wish, const struct tables *tables, struct refusal *why)
{
	bool tcx = wish != CAPTURE_ATTACH_CLSACT &&
		   tcx_is_available(tables->programs[DIRECTION_INGRESS]);

	if (wish == CAPTURE_ATTACH_TCX && !tcx)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "The kernel has no tcx, which came with Linux 6.6; attach by clsact");
	*ret_attachments = (struct attachments){
		.way = tcx ? &attach_tcx : &attach_clsact,
		.layout = layout,
	};
	return 0;
}

int attachments_apply(const struct attachments *attachments, const struct tables *tables,
		      const struct capture_device *devices, size_t device_count,
		      const struct plan *plan, const struct capture_events *events)
{
	int r;

	r = devices_each(tables->devices, devices, device_count, plan, attachments->layout, events);
	for (size_t i = 0; i < device_count; i++) {
		uint32_t ifindex = (uint32_t)devices[i].ifindex;
		int error;

		if (!device_is_wanted(ifindex, &devices[i], 1, plan))
			continue;
		error = device_ensure(attachments, tables, ifindex);
		if (error < 0)
			events->failed(events->context, devices[i].ifindex, -error);
	}
	return r;
}

int attachments_remove_layout(const char *layout)
{
	_cleanup_close_ int devices = -1;
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/devices", layout);
	devices = bpf_obj_get(path);
	if (devices < 0)
		return errno == ENOENT ? 0 : -errno;
	return devices_each(devices, NULL, 0, NULL, layout, NULL);
}

/* The map is written before the program is attached, so that no attachment is ever forgotten. */
static int device_ensure(const struct attachments *attachments, const struct tables *tables,
			 uint32_t ifindex)
{
	struct map_device device = {};
	uint32_t flags;
	int r = 0;

	if (bpf_map_lookup_elem(tables->devices, &ifindex, &device) == 0 &&
	    device_way(&device) != attachments->way)
		r = device_remove(attachments->layout, tables->devices, ifindex, &device);
	if (r < 0)
		return r;
	device.flags = (device.flags & MAP_DEVICE_QDISC_OURS) | attachments->way->flags;
	if (bpf_map_update_elem(tables->devices, &ifindex, &device, BPF_ANY) < 0)
		return -errno;
	flags = device.flags;
	for (enum direction way = 0; r == 0 && way < DIRECTION_COUNT; way++)
		r = attachments->way->ensure(attachments->layout, (int)ifindex, way,
					     tables->programs[way], &flags);
	if (flags == device.flags)
		return r;
	device.flags = flags;
	if (bpf_map_update_elem(tables->devices, &ifindex, &device, BPF_ANY) < 0 && r == 0)
		r = -errno;
	return r;
}

static int device_remove(const char *layout, int devices, uint32_t ifindex,
			 const struct map_device *device)
{
	int r = device_way(device)->remove(layout, (int)ifindex, device->flags);

	if (r < 0)
		return r;
	return bpf_map_delete_elem(devices, &ifindex) < 0 && errno != ENOENT ? -errno : 0;
}

static const struct attach_way *device_way(const struct map_device *device)
{
	return device->flags & MAP_DEVICE_CLSACT ? &attach_clsact : &attach_tcx;
}

static bool device_is_wanted(uint32_t ifindex, const struct capture_device *devices, size_t count,
			     const struct plan *plan)
{
	size_t session_count;

	for (size_t i = 0; i < count; i++)
		if ((uint32_t)devices[i].ifindex == ifindex &&
		    plan_find_sessions(plan, &devices[i].source, &session_count))
			return true;
	return false;
}

/* Removes every device but those that are kept.  Devices that fail stay in the map for the next sweep. */
static int devices_each(int devices, const struct capture_device *kept, size_t kept_count,
			const struct plan *plan, const char *layout,
			const struct capture_events *events)
{
	uint32_t key, next, *last = NULL;
	int result = 0;

	while (bpf_map_get_next_key(devices, last, &next) == 0) {
		struct map_device device;
		int r;

		key = next;
		last = &key;
		if (device_is_wanted(key, kept, kept_count, plan) ||
		    bpf_map_lookup_elem(devices, &key, &device) < 0)
			continue;
		r = device_remove(layout, devices, key, &device);
		if (r == 0)
			last = NULL; /* The walk starts over; the table is smaller now. */
		else if (events)
			events->failed(events->context, (int)key, -r);
		else if (result == 0)
			result = r;
	}
	return result;
}
