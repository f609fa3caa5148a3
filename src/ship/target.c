// SPDX-License-Identifier: Apache-2.0
/* The hard idea: when UDP_SEGMENT is wrong.
 *
 * With it, up to 64 copies cross the stack as one super-packet, which the last device cuts: real hardware as it sends,
 * or the kernel just before a device that cannot.  But a virtual device that can (veth, tap, bridge, lo) hands the
 * super-packet on whole, to a receiver on this host; a socket there gets datagrams, but a sensor that listens to the
 * device itself would see one packet of 64 KiB.  There we send datagram by datagram. */
#include "ship/target.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "net/neighbour.h"
#include "net/route.h"
#include "ship/ship.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MTU_MINIMUM  1280 /* Of IPv6; a narrower IPv4 path is learned at the first refresh. */
#define UDP_SIZE     8
#define DATAGRAM_MAX 65507U /* Payload of the largest IPv4 datagram. */

static void control_add_class(struct target *target);
static void control_add_source(struct target *target);
static void control_add(struct target *target, int level, int type, const void *value, size_t size);
static unsigned int room_of(const struct target *target, unsigned int mtu);
static bool way_is_segmented(const struct route *route);

struct target *targets_new(size_t count)
{
	struct target *targets = aligned_alloc(TARGET_ALIGNMENT, count * sizeof(*targets));

	if (targets)
		memset(targets, 0, count * sizeof(*targets));
	return targets;
}

void target_init(struct target *target, unsigned int seat, const struct ship_route *route)
{
	*target = (struct target){
		.port_count = SHIP_PORT_COUNT,
		.seat = seat,
		.room_most = DATAGRAM_MAX,
		.address = route->address,
		.port = route->port,
		.dscp = route->dscp,
		.source = route->source,
		.usable = route->source.family == 0 ||
			  route->source.family == route->address.family,
	};
	target->socket_size = address_to_socket(&route->address, route->port, &target->socket);
	control_add_class(target);
	control_add_source(target);
	atomic_init(&target->room, room_of(target, MTU_MINIMUM));
}

void target_limit_room(struct target *target, unsigned int room)
{
	target->room_most = MIN(room, DATAGRAM_MAX);
	atomic_store(&target->room, MIN(atomic_load(&target->room), target->room_most));
}

bool target_serves(const struct target *target, const struct ship_route *route)
{
	return target->port == route->port && target->dscp == route->dscp &&
	       address_equal(&target->address, &route->address) &&
	       address_equal(&target->source, &route->source);
}

void target_copy_way(struct target *target, const struct target *known)
{
	atomic_store(&target->room, atomic_load(&known->room));
	atomic_store(&target->segmented, atomic_load(&known->segmented));
	atomic_store(&target->incapable, atomic_load(&known->incapable));
	target_copy_reach(target, known);
}

void target_copy_reach(struct target *target, const struct target *known)
{
	atomic_store(&target->unreachable, atomic_load(&known->unreachable));
	atomic_store(&target->asked, atomic_load(&known->asked));
}

void target_refresh(struct target *target, uint32_t mark)
{
	struct route route;

	if (route_lookup(&target->address, mark, &route) == 0) {
		atomic_store(&target->segmented, way_is_segmented(&route));
		atomic_store(&target->incapable, false);
	}
	target_measure(target, mark);
}

/* The kernel takes copies for a neighbour whose address it does not know, keeps some, and drops them in silence when nobody
 * answers.  So we look ourselves.  Being asked for is no failure yet: every conversation begins so; but who was asked a second
 * ago should have answered.  Nothing is sent to who failed, so nothing would make the kernel ask again, but we do. */
void target_watch(struct target *target, uint32_t mark)
{
	bool was_asked = atomic_load(&target->asked), was_lost = atomic_load(&target->unreachable);
	enum neighbour neighbour;
	struct route route;
	bool lost;

	if (route_lookup(&target->address, mark, &route) != 0 || !route.neighbourly ||
	    neighbour_lookup(route.ifindex, &route.next_hop, &neighbour) < 0) {
		atomic_store(&target->unreachable, false);
		return;
	}
	lost = neighbour == NEIGHBOUR_FAILED || (neighbour == NEIGHBOUR_ASKED && was_asked) ||
	       (neighbour != NEIGHBOUR_KNOWN && was_lost);
	if (lost && neighbour != NEIGHBOUR_ASKED &&
	    neighbour_ask(route.ifindex, &route.next_hop) < 0)
		lost = false; /* Then copies have to ask. */
	atomic_store(&target->asked, neighbour == NEIGHBOUR_ASKED);
	atomic_store(&target->unreachable, lost);
}

/* A connected socket knows the MTU of its route, including what ICMP taught. */
void target_measure(struct target *target, uint32_t mark)
{
	bool ipv4 = target->address.family == 4;
	_cleanup_close_ int probe = -1;
	int mtu = 0, discover = ipv4 ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO;
	socklen_t size = sizeof(mtu);

	probe = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe < 0 ||
	    (mark != 0 && setsockopt(probe, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0) ||
	    setsockopt(probe, ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
		       ipv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &discover,
		       sizeof(discover)) < 0 ||
	    connect(probe, (const struct sockaddr *)&target->socket, target->socket_size) < 0 ||
	    getsockopt(probe, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_MTU : IPV6_MTU, &mtu,
		       &size) < 0)
		return;
	atomic_store(&target->room, room_of(target, (unsigned int)mtu));
}

/* Routes with the default class say nothing. */
static void control_add_class(struct target *target)
{
	int class = target->dscp << 2; /* The lower two bits are ECN's. */

	if (target->dscp == 0)
		return;
	if (target->address.family == 4)
		control_add(target, IPPROTO_IP, IP_TOS, &class, sizeof(class));
	else
		control_add(target, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
}

/* An address of the other family can be nobody's choice. */
static void control_add_source(struct target *target)
{
	struct in_pktinfo ipv4 = {};
	struct in6_pktinfo ipv6 = {};

	if (target->source.family == 0 || target->source.family != target->address.family)
		return;
	if (target->source.family == 4) {
		memcpy(&ipv4.ipi_spec_dst, target->source.bytes, sizeof(ipv4.ipi_spec_dst));
		control_add(target, IPPROTO_IP, IP_PKTINFO, &ipv4, sizeof(ipv4));
	} else {
		memcpy(&ipv6.ipi6_addr, target->source.bytes, sizeof(ipv6.ipi6_addr));
		control_add(target, IPPROTO_IPV6, IPV6_PKTINFO, &ipv6, sizeof(ipv6));
	}
}

static void control_add(struct target *target, int level, int type, const void *value, size_t size)
{
	struct cmsghdr *control =
		(struct cmsghdr *)(void *)(target->control + target->control_size);

	*control = (struct cmsghdr){
		.cmsg_level = level,
		.cmsg_type = type,
		.cmsg_len = CMSG_LEN(size),
	};
	memcpy(CMSG_DATA(control), value, size);
	target->control_size += CMSG_SPACE(size);
}

static unsigned int room_of(const struct target *target, unsigned int mtu)
{
	unsigned int headers = (target->address.family == 4 ? 20 : 40) + UDP_SIZE;
	/* The narrowest path that IPv4 allows has MTU 68, which always leaves something. */
	unsigned int payload = mtu > headers ? mtu - headers : 1;

	return MIN(payload, target->room_most);
}

static bool way_is_segmented(const struct route *route)
{
	bool hardware = false, segments = true;

	if (device_is_hardware(route->ifindex, &hardware) == 0 && hardware)
		return true;
	return device_segments_udp(route->device, &segments) == 0 && !segments;
}
