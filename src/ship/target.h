/* An appliance as the shipper sees it: an address, what fits on the way there, and how the way begins.
 *
 * The way is measured by whoever refreshes and read by the sending threads for each message, so it is kept in single
 * words that change whole; a thread that reads an old one sends as if the change came a moment later. */
#pragma once

#include "base/address.h"

#include <stdatomic.h>
#include <stdbool.h>

struct target {
	struct address address;
	uint16_t port;
	struct sockaddr_storage socket;
	socklen_t socket_size;
	atomic_uint room;      /* Bytes of a copy that fit on the path, without encapsulation. */
	atomic_bool segmented; /* UDP_SEGMENT serves well on this way. */
	atomic_bool
		incapable; /* The way's first device refused UDP_SEGMENT since it was last looked at. */
};

/* Fills in the address and the most careful way: one datagram at a time, the smallest MTU that IPv6 allows. */
void target_init(struct target *target, const struct address *address, uint16_t port);

/* Takes over what is known of the way to the same address. */
void target_copy_way(struct target *target, const struct target *known);

/* Looks at route, device and path MTU.  What cannot be found out stays as it was; sending will tell. */
void target_refresh(struct target *target, uint32_t mark);

/* Looks at the path MTU only. */
void target_measure(struct target *target, uint32_t mark);

static inline unsigned int target_room(const struct target *target)
{
	return atomic_load_explicit(&target->room, memory_order_relaxed);
}

static inline bool target_is_segmented(const struct target *target)
{
	return atomic_load_explicit(&target->segmented, memory_order_relaxed) &&
	       !atomic_load_explicit(&target->incapable, memory_order_relaxed);
}

/* Sends datagram by datagram until the way is looked at again. */
static inline void target_refuse_segments(struct target *target)
{
	atomic_store_explicit(&target->incapable, true, memory_order_relaxed);
}
