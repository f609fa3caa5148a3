// SPDX-License-Identifier: Apache-2.0
#include "capture/device.h"

#include "base/array.h"
#include "base/clock.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#define PATH_SIZE 512

struct index_list {
	uint32_t *items;
	size_t count, capacity;
};

static int device_remove(const char *layout, int devices, uint32_t ifindex,
			 const struct map_device *device);
static const struct attach_way *device_way(const struct map_device *device);

int device_remember(const struct attachments *attachments, const struct tables *tables,
		    uint32_t ifindex, struct map_device *ret_device)
{
	struct map_device device = {};
	int known = bpf_map_lookup_elem(tables->devices, &ifindex, &device) == 0, r;

	if (known && device_way(&device) != attachments->way) {
		r = device_remove(attachments->layout, tables->devices, ifindex, &device);
		if (r < 0)
			return r;
		known = 0;
	}
	device.flags = (device.flags & MAP_DEVICE_QDISC_OURS) | attachments->way->flags;
	if (bpf_map_update_elem(tables->devices, &ifindex, &device, BPF_ANY) < 0)
		return -errno;
	*ret_device = device;
	return known;
}

/* They are listed first, since a deletion would make a walk start over. */
int devices_remove_others(int devices, const struct attachments *kept, const char *layout,
			  uint64_t deadline, const struct capture_events *events, bool *ret_behind)
{
	struct index_list others = {};
	uint32_t key, next, *last = NULL;
	int result = 0;
	size_t i;

	while (result == 0 && bpf_map_get_next_key(devices, last, &next) == 0) {
		key = next;
		last = &key;
		if (!attachments_find(kept, (int)key))
			result = array_append(&others, items, count, capacity, key);
	}
	for (i = 0; i < others.count && clock_monotonic() < deadline; i++) {
		struct map_device device;
		int r = 0;

		if (bpf_map_lookup_elem(devices, &others.items[i], &device) == 0)
			r = device_remove(layout, devices, others.items[i], &device);
		if (r < 0 && events)
			events->failed(events->context, (int)others.items[i], -r);
		else if (r < 0 && result == 0)
			result = r;
	}
	*ret_behind = i < others.count;
	free(others.items);
	return result;
}

int devices_remove_layout(const char *layout)
{
	const struct attachments none = ATTACHMENTS_NONE;
	_cleanup_close_ int devices = -1;
	bool behind;
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/devices", layout);
	devices = bpf_obj_get(path);
	if (devices < 0)
		return errno == ENOENT ? 0 : -errno;
	return devices_remove_others(devices, &none, layout, UINT64_MAX, NULL, &behind);
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
