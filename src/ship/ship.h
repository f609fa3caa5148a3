/* From ring to appliance: threads that take captured records, cut super-packets into the packets of the wire, fill in
 * checksums that a NIC would have filled in, truncate, encapsulate and send.
 *
 * The threads run under SCHED_IDLE: production always goes first, and a ring that fills loses copies, never packets.
 * Records are released only after their copies were handed to the kernel, so a killed agent's successor ships
 * what is left. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"
#include "mirror/fleet.h"
#include "wire/counters.h"

#include <stddef.h>

struct fleet;
struct ship;
struct peephole;
struct refusal;
struct ring_head;

/* Of one CPU; wire/ring.h. */
struct ship_ring {
	int data;               /* To be mapped; borrowed. */
	int bell;               /* BPF_MAP_TYPE_RINGBUF; borrowed. */
	uint32_t size;          /* Bytes of its data area without the tail, a power of two. */
	struct ring_head *head; /* Shared with the program. */
};

struct ship_options {
	const struct ship_ring *rings;
	size_t ring_count;
	size_t thread_count; /* 0: one.  Several ship more, but a flow that several CPUs see may change order. */
	struct session_counters *counters; /* One per slot, written with relaxed atomic adds. */
	uint32_t slot_limit;
	uint32_t mark;        /* SO_MARK of everything sent. */
	uint16_t port_base;   /* First of SHIP_PORT_COUNT UDP source ports; 0 takes the default. */
	size_t flow_capacity; /* Flows that each fleet remembers at most; 0 takes the default. */
};

#define SHIP_PORT_COUNT 8
#define SHIP_PORT_BASE_DEFAULT \
	61440 /* Beyond Linux's ephemeral ports, within RFC 7348's 49152-65535. */

/* Flows that one fleet remembers at most, and all fleets together beyond the few that each begins with (balance/flows.h).  At eight
 * bytes for a place that is 9.2 MiB, with the places that it began with, and 64 MiB. */
#define SHIP_FLOWS_DEFAULT (1U << 20)
#define SHIP_FLOWS_BUDGET  (8U << 20)

enum ship_format {
	SHIP_VXLAN,
	SHIP_GENEVE, /* With the time of capture in an option (wire/geneve.h). */
};

/* A Gateway Load Balancer's endpoint, to whose address each copy is a VXLAN packet, in Geneve to an appliance. */
struct ship_gateway {
	uint64_t endpoint; /* 0: none. */
	uint64_t attachment;
	struct address address; /* IPv4, as the source's is. */
	struct address source;  /* Family 0: as this host's packets to the appliances have it. */
};

/* What becomes of the records of one slot. */
struct ship_route {
	uint32_t slot, generation;
	uint32_t vni;
	uint16_t packet_length; /* 0: whole packets. */
	bool reachable;         /* False: count LOSS_NO_TARGET. */
	struct address address;
	uint16_t port; /* UDP. */
	const char *
		fleet; /* The id of a fleet whose members stand in for address and port; NULL: none. */
	struct ship_gateway gateway; /* Only with a fleet. */
	enum ship_format format;
	uint8_t dscp;              /* 0 to 63. */
	struct address source;     /* Family 0: the kernel's choice. */
	struct peephole *peephole; /* Is shown what is captured; NULL: nobody looks. */
};

/* Takes the ports and maps the rings; 'options' and what it points to may go afterwards, but counters, heads
 * of rings and bells stay in use.  Until the first ship_apply() every record is an orphan, so apply before starting.
 * Returns 0, REFUSED (no block of free ports, no privilege to mark packets), or a fault. */
int ship_open(const struct ship_options *options, struct ship **ret_ship, struct refusal *why);

/* Replaces all routes at once; running threads see the old table or the new one.  Routes are copied.  Records of a
 * slot that is left out are counted as LOSS_SESSION_ENDED there until the slot has another owner.
 * This, ship_refresh(), ship_start() and all that speaks of fleets are for one thread.  Returns 0, SHIP_UNSETTLED when copies to a gateway lack a source address
 * that may come, so that it is worth trying again later; or a fault, which changes nothing. */
enum { SHIP_UNSETTLED = 1 };
int ship_apply(struct ship *ship, const struct ship_route *routes, size_t count);

/* The fleets that routes may name, from the next ship_apply() on; until then nothing changes.  They are sorted by id, and copied.
 * Flows stay with their members while these stay.  Returns 0 or a fault, which changes nothing. */
int ship_set_fleets(struct ship *ship, const struct fleet *fleets, size_t count);

/* What is known of a member's health; of the next ship_apply() on it counts.  Until the first word members serve only when nobody
 * is known to be healthy.  Returns whether that changes anything. */
bool ship_set_health(struct ship *ship, const char *fleet, const char *member, uint16_t port,
		     enum member_state state);

struct ship_flows {
	uint64_t held;    /* As of twenty seconds ago at most. */
	uint64_t moved;   /* Given to another member while they were alive. */
	uint64_t evicted; /* Forgotten while they were alive. */
};

/* To be asked at least once in an hour, for that is when flows that are over are swept out.  Returns false when the fleet is not
 * known. */
bool ship_count_flows(struct ship *ship, const char *fleet, struct ship_flows *ret_flows);

/* The flows that a member of a fleet holds; they were counted when all were. */
uint64_t ship_count_held(const struct ship *ship, const char *fleet, const char *member,
			 uint16_t port);

/* Looks again at routes and path MTUs of all appliances; call it when the host's links, addresses or routes
 * changed.  Cheap; the threads also do it themselves when a send says so, and every few seconds. */
void ship_refresh(struct ship *ship);

/* Starts the threads, with all signals blocked.  Returns 0 or a fault; those already started end with ship_free(). */
int ship_start(struct ship *ship);

/* Records that belonged to no session of which the shipper was ever told, in wire packets: captured for the owner of a
 * slot that has another owner by now, or not readable at all.  They are charged to nobody. */
uint64_t ship_get_orphans(const struct ship *ship);

/* The first of the SHIP_PORT_COUNT source ports that were free. */
uint16_t ship_get_port_base(const struct ship *ship);

/* Stops the threads; what is still in the rings stays there. */
struct ship *ship_free(struct ship *ship);
DEFINE_CLEANUP(struct ship *, ship_free)
