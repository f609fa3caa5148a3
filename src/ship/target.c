// SPDX-License-Identifier: Apache-2.0
/* The hard idea: when UDP_SEGMENT is wrong.
 *
 * With it, up to 64 copies cross the stack as one super-packet, which the last device cuts: real hardware as it sends,
 * or the kernel just before a device that cannot.  But a virtual device that can (veth, tap, bridge, lo) hands the
 * super-packet on whole, to a receiver on this host; a socket there gets datagrams, but a sensor that listens to the
 * device itself would see one packet of 64 KiB.  There we send datagram by datagram. */
#include "ship/target.h"

#include "base/cleanup.h"
#include "net/route.h"
#include "ship/encapsulate.h"

#include <netinet/in.h>
#include <unistd.h>

#define MTU_MINIMUM  1280 /* Of IPv6; a narrower IPv4 path is learned at the first refresh. */
#define UDP_SIZE     8
#define DATAGRAM_MAX 65507 /* Payload of the largest IPv4 datagram. */

static unsigned int room_of(const struct target *target, unsigned int mtu);
static bool way_is_segmented(const struct route *route);

void target_init(struct target *target, const struct address *address, uint16_t port)
{
	*target = (struct target){.address = *address, .port = port};
	target->socket_size = address_to_socket(address, port, &target->socket);
	atomic_init(&target->room, room_of(target, MTU_MINIMUM));
}

void target_copy_way(struct target *target, const struct target *known)
{
	atomic_store(&target->room, atomic_load(&known->room));
	atomic_store(&target->segmented, atomic_load(&known->segmented));
	atomic_store(&target->incapable, atomic_load(&known->incapable));
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

static unsigned int room_of(const struct target *target, unsigned int mtu)
{
	unsigned int headers = (target->address.family == 4 ? 20 : 40) + UDP_SIZE;
	unsigned int payload = mtu > headers ? mtu - headers : 0;

	if (payload > DATAGRAM_MAX)
		payload = DATAGRAM_MAX;
	/* The narrowest path that IPv4 allows has MTU 68, which always leaves something. */
	return payload > ENCAPSULATION_SIZE ? payload - ENCAPSULATION_SIZE : 1;
}

static bool way_is_segmented(const struct route *route)
{
	bool hardware = false, segments = true;

	if (device_is_hardware(route->ifindex, &hardware) == 0 && hardware)
		return true;
	return device_segments_udp(route->device, &segments) == 0 && !segments;
}
