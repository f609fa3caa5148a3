// SPDX-License-Identifier: Apache-2.0
/* The way to each appliance: is there a route, does the next hop answer, do copies fit. */
#include "doctor/appliances.h"
#include "doctor/checks.h"
#include "net/neighbour.h"
#include "net/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHECK     "paths"
#define PATHS_MAX 200 /* A fleet's members; what ails one mostly ails all. */

static bool check_route(struct doctor *doctor, const struct appliance *appliance,
			const char *address, struct route *ret_route);
static bool check_neighbour(struct doctor *doctor, const struct route *route, const char *address);
static bool check_mtu(struct doctor *doctor, const struct appliance *appliance, const char *address,
		      const struct route *route);
static int path_mtu(const struct address *address, uint16_t port);

void check_paths(struct doctor *doctor)
{
	_cleanup_appliances_ struct appliances appliances = {};

	if (!doctor->plan)
		return;
	if (appliances_list(doctor->plan, &appliances) < 0) {
		doctor->failed = true;
		return;
	}
	for (size_t i = 0; i < appliances.count && i < PATHS_MAX; i++) {
		const struct appliance *appliance = &appliances.items[i];
		char address[ADDRESS_TEXT_SIZE];
		struct route route;
		bool good;

		address_format(&appliance->address, address);
		if (!check_route(doctor, appliance, address, &route))
			continue;
		good = check_neighbour(doctor, &route, address);
		good &= check_mtu(doctor, appliance, address, &route);
		if (good)
			doctor_say(doctor, VERDICT_OK, CHECK,
				   "%s is reached through %s, and copies of %s fit", address,
				   route.device, appliance->source);
	}
	if (appliances.count > PATHS_MAX)
		doctor_say(doctor, VERDICT_UNSEEN, CHECK, "%zu more appliances were not looked at",
			   appliances.count - PATHS_MAX);
}

static bool check_route(struct doctor *doctor, const struct appliance *appliance,
			const char *address, struct route *ret_route)
{
	int r = route_lookup(&appliance->address, 0, ret_route);

	if (r == 0)
		return true;
	if (r < 0) {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK, "cannot ask for the route to %s: %s",
			   address, strerrordesc_np(-r));
		return false;
	}
	doctor_say(doctor, VERDICT_PROBLEM, CHECK, "there is no route to the appliance %s",
		   address);
	doctor_mend(doctor, "ip route add %s/%d via GATEWAY", address,
		    appliance->address.family == 4 ? 32 : 128);
	return false;
}

static bool check_neighbour(struct doctor *doctor, const struct route *route, const char *address)
{
	enum neighbour neighbour;
	char hop[ADDRESS_TEXT_SIZE];

	if (!route->neighbourly ||
	    neighbour_lookup(route->ifindex, &route->next_hop, &neighbour) < 0 ||
	    neighbour != NEIGHBOUR_FAILED)
		return true;
	address_format(&route->next_hop, hop);
	doctor_say(doctor, VERDICT_PROBLEM, CHECK,
		   "the next hop %s on the way to %s does not answer on %s; once it is up, ask it "
		   "again",
		   hop, address, route->device);
	doctor_mend(doctor, "ping -c 1 %s", hop);
	return false;
}

/* What does not fit is cut to what the path takes, and counted. */
static bool check_mtu(struct doctor *doctor, const struct appliance *appliance, const char *address,
		      const struct route *route)
{
	int mtu = path_mtu(&appliance->address, appliance->port);

	if (mtu < 0) {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK, "cannot ask for the MTU to %s: %s",
			   address, strerrordesc_np(-mtu));
		return false;
	}
	if ((uint32_t)mtu >= appliance->length)
		return true;
	doctor_say(
		doctor, VERDICT_WARNING, "mtu",
		"copies of %s need %u bytes on the way to %s, which takes %d; longer ones are cut",
		appliance->source, appliance->length, address, mtu);
	doctor_mend(doctor, "ip link set dev %s mtu %u", route->device, appliance->length);
	return false;
}

static int path_mtu(const struct address *address, uint16_t port)
{
	const bool ipv4 = address->family == 4;
	_cleanup_close_ int descriptor =
		socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage peer;
	socklen_t size = address_to_socket(address, port, &peer), mtu_size;
	int mtu;

	mtu_size = sizeof(mtu);
	if (descriptor < 0 || connect(descriptor, (const struct sockaddr *)&peer, size) < 0 ||
	    getsockopt(descriptor, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_MTU : IPV6_MTU, &mtu,
		       &mtu_size) < 0)
		return -errno;
	return mtu;
}
