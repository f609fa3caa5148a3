/* The UDP sockets that copies leave by.
 *
 * A lane is one socket: one of the source ports, in one manner of sending.  A flow always takes the same port, so an
 * appliance can spread flows over its queues (RFC 7348, section 5) and the copies of one flow stay in order.
 *
 *	lane = manner * SHIP_PORT_COUNT + port
 *
 * IPv4 has two manners because a socket that sends without checksums may not use UDP_SEGMENT.
 *
 * No lane ever receives: a filter drops all input, and the port is only held so that nobody else speaks from it. */
#pragma once

#include "base/cleanup.h"
#include "ship/ship.h"

#include <sys/socket.h>

struct refusal;

enum lane_manner {
	LANE_IPV4_SEGMENTED, /* One call hands over many datagrams; each has a checksum. */
	LANE_IPV4_PLAIN,     /* A datagram at a time, without a checksum, as RFC 7348 recommends. */
	LANE_IPV6,           /* Both; the checksum is mandatory. */
	LANE_MANNER_COUNT,
};

#define LANE_COUNT (LANE_MANNER_COUNT * SHIP_PORT_COUNT)

static inline unsigned int lane_number(enum lane_manner manner, uint32_t hash)
{
	return manner * SHIP_PORT_COUNT + hash % SHIP_PORT_COUNT;
}

struct lanes {
	int sockets[LANE_COUNT]; /* -1: the host lacks the address family. */
	uint16_t port_base;      /* As it was found. */
};

/* Binds all lanes to the first block of SHIP_PORT_COUNT free ports at or after 'port_base' (0: the default).  Ports are
 * shared with another shipper of the same user, so that a new agent starts before the old one ends.
 * Returns 0, REFUSED, or a fault. */
int lanes_open(uint16_t port_base, uint32_t mark, struct lanes *ret_lanes, struct refusal *why);
void lanes_close(struct lanes *lanes);
#define _cleanup_lanes_ _cleanup_(lanes_close)

/* Sends without waiting.  Returns how many messages went, at least one, or the negative errno of the first. */
int lanes_send(const struct lanes *lanes, unsigned int lane, struct mmsghdr *messages,
	       unsigned int count);
