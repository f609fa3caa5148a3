/* Sources in the kernel's tables: for each watched device, its sessions in order.  The tables are the truth, so that it does
 * not matter which agent wrote them, or whether it was killed half-way. */
#pragma once

#include "capture/capture.h"
#include "capture/filter.h"
#include "capture/slot.h"
#include "capture/tables.h"

struct sources {
	bool settled; /* No program can be at work any more that found a list where none is now. */
};

/* Writes the list of each device, as far as it changed, each at once, and takes away those of other devices.
 * Sessions that are paused or without slot or filter are left out.  A device whose list cannot be written is reported to 'failed';
 * the rest is done.  Returns 0, or a fault that is no device's. */
int sources_write(struct sources *sources, const struct tables *tables, const struct plan *plan,
		  const struct slots *slots, const struct filters *filters,
		  const struct capture_device *devices, size_t device_count,
		  const struct capture_events *events);
