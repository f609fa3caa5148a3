/* Which way the kernel would send a packet, and what kind of device that way begins with.
 *
 * Everything is asked over rtnetlink in the caller's own network namespace; sysfs would show the namespace it was
 * mounted in. */
#pragma once

#include "base/address.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

enum { ROUTE_MISSING = 1 };

struct route {
	int ifindex;
	char device[IF_NAMESIZE];
	struct address
		source; /* What the kernel would write as source; family 0 if it does not say. */
	struct address next_hop; /* The gateway's, of either family, or else the destination's. */
	bool neighbourly;        /* The next hop is a single other host. */
};

/* The route of a packet that carries 'mark'.  Returns 0, ROUTE_MISSING, or a fault. */
int route_lookup(const struct address *destination, uint32_t mark, struct route *ret_route);

/* The device that the default route of a family goes by: what packets take for which there is no better route.  Returns 0,
 * ROUTE_MISSING, or a fault. */
int route_find_default(uint8_t family, int *ret_ifindex);

/* Whether all that leaves through a device goes out through real hardware: the device has a bus behind it, or is a
 * VLAN on such a device, or a bridge, bond or team of nothing but such devices.  Returns 0 or a fault. */
int device_is_hardware(int ifindex, bool *ret_hardware);

/* Whether a device takes datagrams of UDP_SEGMENT whole (its feature "tx-udp-segmentation"); otherwise the kernel cuts
 * them before the device sees them.  Returns 0 or a fault. */
int device_segments_udp(const char *device, bool *ret_segments);
