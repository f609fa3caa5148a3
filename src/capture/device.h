/* What is attached where, as the pinned map 'devices' remembers it beyond the process: by ifindex, how, and whether the
 * qdisc is ours. */
#pragma once

#include "capture/attach.h"

/* Notes that a device is about to be attached in our way; what is attached to it in another way is removed first.  Returns 1
 * if it was noted already, 0 if not, or a fault. */
int device_remember(const struct attachments *attachments, const struct tables *tables,
		    uint32_t ifindex, struct map_device *ret_device);

/* Detaches from every device but those that are kept, until the deadline.  Devices that fail stay in the map for the next
 * time; 'events' hears of them, or, if it is NULL, the first fault is returned. */
int devices_remove_others(int devices, const struct attachments *kept, const char *layout,
			  uint64_t deadline, const struct capture_events *events, bool *ret_behind);

/* Detaches from every device that the map pinned in a layout remembers, of whatever version. */
int devices_remove_layout(const char *layout);
