/* Which appliance each established flow is held to, so that it stays there when the fleet changes.
 *
 *	 63            28 27           16 15             0
 *	+----------------+---------------+----------------+
 *	| tag            | until         | appliance + 1  |    one word for a flow; 0: free
 *	+----------------+---------------+----------------+
 *
 * Eight words, a cache line, are a bucket.  The flow's hash says which bucket, and 36 bits more of it are its tag: two flows of
 * a bucket are taken for one with a chance of one in 10^10.  'until' is when the flow will have been idle for too long, in
 * units of four seconds, and wraps; it is written anew once in a unit.
 *
 * All threads share the table without a lock, since each word is whole by itself.  Two that hold the same flow at
 * once have the same answer from the same fleet.  The memory never grows: where a bucket is full, the flow that would be
 * over first makes room, and the caller counts that. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

#define FLOWS_UNKNOWN          UINT16_MAX
#define FLOWS_APPLIANCE_MAX    (UINT16_MAX - 1)
#define FLOWS_IDLE_MAX         6000U /* Seconds; the longest that AWS allows. */
#define FLOWS_CAPACITY_LEAST   1024U
#define FLOWS_CAPACITY_LARGEST (1U << 28)

struct flows;

enum flows_change {
	FLOWS_RENEWED,  /* The flow was there. */
	FLOWS_ADDED,    /* In a free place, or that of a flow that is over. */
	FLOWS_REPLACED, /* In the place of a flow that may still be alive. */
};

/* 'capacity', in flows, is rounded up to a power of two; a flow takes eight bytes.  Returns 0 or -ENOMEM; 'ret_flows' is the
 * caller's to free. */
int flows_new(size_t capacity, struct flows **ret_flows);
void flows_free(struct flows *flows);
DEFINE_CLEANUP(struct flows *, flows_free);

/* Gets the flow's bucket on its way to the CPU. */
void flows_prefetch(const struct flows *flows, uint64_t flow);

/* The appliance that the flow is held to, from now on for 'idle' seconds, or FLOWS_UNKNOWN.  'flow' is a hash of 64
 * bits, 'now' seconds by any steady clock, 'idle' 1 to FLOWS_IDLE_MAX. */
uint16_t flows_find(struct flows *flows, uint64_t flow, uint32_t now, uint32_t idle);

/* Holds the flow to an appliance, 0 to FLOWS_APPLIANCE_MAX, wherever it was held before. */
enum flows_change flows_hold(struct flows *flows, uint64_t flow, uint16_t appliance, uint32_t now,
			     uint32_t idle);

/* Lets go of all flows of an appliance: because it is gone, or its number will be another's. */
void flows_forget(struct flows *flows, uint16_t appliance);

/* Frees the places of flows that are over, and returns how many are not.  Looks at all of the table; to be done at least once
 * in an hour. */
size_t flows_sweep(struct flows *flows, uint32_t now);
