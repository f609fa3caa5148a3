/* Where the program runs: on both ways through every watched device, by tcx or by the clsact qdisc.
 *
 * The map 'devices' remembers what was attached, since of a classifier the kernel cannot say whose it is. */
#pragma once

#include "capture/capture.h"
#include "capture/tables.h"

/* One way of attaching. */
struct attach_way {
	enum capture_attach name;
	uint32_t flags; /* enum map_device_flags that tell this way in the map. */

	/* Makes 'program' see what passes the device in 'direction': attaches it, or puts it in the place of
	 * an earlier program without a gap, or does nothing if it is there already.  'ret_flags' may
	 * gain flags to be remembered. */
	int (*ensure)(const char *layout, int ifindex, enum direction direction, int program,
		      uint32_t *ret_flags);

	/* Takes our program away from both directions.  Neither a vanished device nor a program that somebody
	 * else took away is a fault. */
	int (*remove)(const char *layout, int ifindex, uint32_t flags);
};

extern const struct attach_way attach_tcx, attach_clsact;

/* Whether the kernel has tcx, found by asking it.  'program' is any loaded classifier. */
bool tcx_is_available(int program);

struct attachments {
	const struct attach_way *way;
	const char *layout; /* Borrowed. */
};

/* Chooses the way.  Returns 0, or REFUSED when the kernel does not have the one that was asked for. */
int attachments_open(struct attachments *ret_attachments, const char *layout,
		     enum capture_attach wish, const struct tables *tables, struct refusal *why);

/* Attaches to the devices that have a list of sessions and detaches from all others.  A device that fails is
 * reported; the rest is done.  Returns 0 or a fault that is no device's. */
int attachments_apply(const struct attachments *attachments, const struct tables *tables,
		      const struct capture_device *devices, size_t device_count,
		      const struct plan *plan, const struct capture_events *events);

/* Detaches from every device that the map pinned in a layout remembers, of whatever version. */
int attachments_remove_layout(const char *layout);
