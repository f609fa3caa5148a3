/* What network interfaces this host has, as the kernel tells it over rtnetlink.
 *
 * Only devices that carry Ethernet frames are listed; the loopback device is not (its frames never were on a wire, and
 * each would be seen twice). */
#pragma once

#include "base/cleanup.h"
#include "mirror/report.h"

struct inventory_device {
	int ifindex;
	struct report_interface interface;
};

struct inventory {
	struct inventory_device *devices; /* By name. */
	size_t count, capacity;
};

void inventory_fini(struct inventory *inventory);

/* Asks the kernel for everything.  Returns 0 or a fault; on a fault the output is untouched. */
int inventory_read(struct inventory *ret_inventory);

/* True when both list the same devices with the same properties (a report would say the same). */
bool inventory_equal(const struct inventory *a, const struct inventory *b);

const struct inventory_device *inventory_find(const struct inventory *inventory,
					      const char *device);
