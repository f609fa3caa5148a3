/* A fleet as the sessions see it that send to it in one manner: each member a target, with a share of the source ports.
 *
 * A single appliance has a train for each port.  The ports are shared out so that the trains of all members together are as
 * many, and so as long; in a fleet of more members than ports each has one port and one train.  A member's ports stay the
 * same while the number of members does not change by much. */
#pragma once

#include "balance/choice.h"
#include "base/cleanup.h"
#include "mirror/fleet.h"
#include "ship/target.h"

#include <stddef.h>

struct known_fleet;
struct ship_route;

struct way {
	struct choice *choice;
	enum fleet_stickiness stickiness;
	/* Seconds; the same where a flow may be of several protocols, lest one cut short what another holds. */
	uint32_t tcp_idle, other_idle;
	uint8_t dscp;
	bool gateway;
	struct address source;
	struct target *targets;
	size_t count;
	const struct way *
		leader; /* Another of the same table to the same targets, which is looked at instead; else NULL. */
	bool source_asked;
	struct address near; /* What way_find_source() found. */
};

/* 'seat' is that of the first of its targets, and counted on.  Members that 'previous' (may be NULL) knows keep what was
 * measured, others are looked at now.  Returns 0 or -ENOMEM; 'ret_way' is finished by the caller in every case. */
int way_init(struct way *ret_way, const struct known_fleet *known, const struct ship_route *route,
	     uint32_t mark, const struct way *previous, unsigned int *seat);
void way_fini(struct way *way);

/* The IPv4 address that this host has on the way to the members, or, while that leads nowhere, to the endpoint; family 0: none.  Asks
 * the kernel once. */
struct address way_find_source(struct way *way, const struct address *endpoint, uint32_t mark);

/* Whether the targets of a route's way are this one's, but for what is said about each copy. */
bool way_leads(const struct way *way, const struct holding *holding,
	       const struct ship_route *route);

/* Whether a route's copies leave as this way's do. */
bool way_serves(const struct way *way, const struct holding *holding,
		const struct ship_route *route);
