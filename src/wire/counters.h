/* What became of a session's copies.
 *
 * One copy is one packet of the wire: a super-packet of 45 segments is 45 copies.  For every session and
 * direction, at rest:  accepted = shipped + the sum of lost[].  A copy cut to fit the path is shipped, and counted
 * once more under truncated.  Bytes are those of the original frame, before truncation.
 *
 * LOSS_UNREACHABLE is by the kernel's table of neighbours, looked at every second while copies are shipped: it begins when the
 * next hop has not answered for a second, or failed, and ends at most a second after it answers.  It does not see an
 * appliance that vanished behind a router, nor one whose address the kernel still trusts (some 30 s); nor the copies
 * that the kernel took while it was asking for the address, of which it keeps the last and drops the others: those
 * count as shipped.  That no socket listens is no loss, for an appliance may look at its device only.
 *
 * The kernel writes 'accepted' and what was lost before the ring (LOSS_RING_FULL, LOSS_SAMPLED_OUT, LOSS_RATE_CAP,
 * LOSS_SHED and some of LOSS_MALFORMED), the shipping threads the rest; and LOSS_RING_FULL, too, of what was in a ring when
 * they began to hold back (ship/restraint.h) and would have found no room in it from then on. */
#pragma once

#include "wire/direction.h"

#include <linux/types.h>

enum loss_reason {
	LOSS_RING_FULL,     /* The ring had no room: shipping does not keep up. */
	LOSS_SESSION_ENDED, /* Captured, but the session was deleted before it was shipped. */
	LOSS_NO_TARGET,     /* Nothing stands behind the target. */
	LOSS_NO_ROUTE,      /* The host has no route to the appliance. */
	LOSS_SEND_BUFFER,   /* The socket or device queue was full. */
	LOSS_SEND_ERROR,    /* Sending failed otherwise. */
	LOSS_MALFORMED,     /* A super-packet that cannot be cut into wire packets. */
	LOSS_SAMPLED_OUT,   /* Left out by the session's sampling. */
	LOSS_RATE_CAP,      /* Beyond the session's cap of bits or packets per second. */
	LOSS_SHED, /* The ring was filling, and what was left is for sessions of a higher priority. */
	LOSS_UNREACHABLE, /* The appliance, or the router towards it, does not answer (below). */
	LOSS_REASON_COUNT,
};

struct packet_count {
	__u64 packets;
	__u64 bytes;
};

struct session_direction_counters {
	struct packet_count accepted;
	struct packet_count shipped;
	struct packet_count truncated; /* Cut because the path to the appliance is too narrow. */
	struct packet_count lost[LOSS_REASON_COUNT];
};

struct session_counters {
	struct session_direction_counters direction[DIRECTION_COUNT];
};

_Static_assert(sizeof(struct session_direction_counters) == 16 * (3 + LOSS_REASON_COUNT),
	       "counters have no holes");
