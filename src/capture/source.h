/* Sources in the kernel's tables: for each watched device, its sessions in order. */
#pragma once

#include "capture/capture.h"
#include "capture/filter.h"
#include "capture/slot.h"
#include "capture/tables.h"

struct source_list {
	struct map_source entry;
	bool crowded; /* Its place in the array belongs to another device. */
};

struct sources {
	struct source_list *lists; /* As written by this process, sorted by device. */
	size_t count;
	bool known; /* False until it is known that the kernel has no others. */
};

void sources_fini(struct sources *sources);

/* Writes the list of each device, as far as it changed, each at once, and takes away those of other devices.
 * Sessions that are paused or without slot or filter are left out.  A device whose list cannot be written is reported to 'failed';
 * the rest is done.  Returns 0, or a fault that is no device's. */
int sources_write(struct sources *sources, const struct tables *tables, const struct plan *plan,
		  const struct slots *slots, const struct filters *filters,
		  const struct capture_device *devices, size_t device_count,
		  const struct capture_events *events);
