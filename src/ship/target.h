/* An appliance as the shipper sees it: an address, what is said about each packet to it, what fits on the way there,
 * how the way begins, and whether anybody is at its other end.
 *
 * The way is measured by whoever refreshes and read by the sending threads for each message, so it is kept in single
 * words that change whole; a thread that reads an old one sends as if the change came a moment later. */
#pragma once

#include "base/address.h"

#include <stdatomic.h>
#include <stdbool.h>

struct ship_route;

#define TARGET_ALIGNMENT 64

/* Room for what is said about each message: IP_TOS or IPV6_TCLASS, and IP_PKTINFO or IPV6_PKTINFO. */
#define TARGET_CONTROL_SIZE (CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo)))

/* Copies of one fleet go to many targets by turns, so what is looked at for each copy comes first, in one line of the cache. */
struct target {
	_Alignas(TARGET_ALIGNMENT)
		atomic_uint room; /* Bytes of a datagram's payload that fit on the path. */
	atomic_bool unreachable;  /* The next hop does not answer. */
	atomic_bool segmented;    /* UDP_SEGMENT serves well on this way. */
	atomic_bool
		incapable; /* The way's first device refused UDP_SEGMENT since it was last looked at. */
	bool usable;       /* False: its address is not of the source's family. */
	unsigned int port_first, port_count; /* Of the source ports; a power of two of them. */
	unsigned int seat; /* The first of as many, which are no other target's of its table. */
	struct address address;
	uint16_t port;
	uint8_t dscp;
	struct address source; /* Family 0: the kernel's choice. */
	struct sockaddr_storage socket;
	socklen_t socket_size;
	size_t control_size; /* 0: nothing is said. */
	_Alignas(struct cmsghdr) uint8_t control[TARGET_CONTROL_SIZE];
	unsigned int room_most; /* Whatever the path leaves. */
	atomic_bool asked; /* It was asked for when we last looked, and had not answered yet. */
};

/* Zeros for so many targets, to be freed with free(); NULL without memory. */
struct target *targets_new(size_t count);

/* Fills in where a route leads, and the most careful way: one datagram at a time, the smallest MTU that IPv6 allows. */
void target_init(struct target *target, unsigned int seat, const struct ship_route *route);

/* Lets no datagram's payload be longer than this. */
void target_limit_room(struct target *target, unsigned int room);

/* Whether a route's copies leave as this target's do. */
bool target_serves(const struct target *target, const struct ship_route *route);

/* Takes over what is known of the way to the same address. */
void target_copy_way(struct target *target, const struct target *known);
/* Only whether it leads anywhere. */
void target_copy_reach(struct target *target, const struct target *known);

/* Looks at route, device and path MTU.  What cannot be found out stays as it was; sending will tell. */
void target_refresh(struct target *target, uint32_t mark);

/* Looks whether the next hop answers, and goes on asking for it while it does not. */
void target_watch(struct target *target, uint32_t mark);

/* Looks at the path MTU only. */
void target_measure(struct target *target, uint32_t mark);

static inline unsigned int target_room(const struct target *target)
{
	return atomic_load_explicit(&target->room, memory_order_relaxed);
}

static inline bool target_is_reachable(const struct target *target)
{
	return !atomic_load_explicit(&target->unreachable, memory_order_relaxed);
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
