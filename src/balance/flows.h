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
 * once have the same answer from the same fleet.
 *
 * A table begins small, and becomes eight times as large when a bucket is full, as far as its capacity and the host's budget
 * go; from then on the flow that would be over first makes room, and the caller counts that.  It becomes smaller
 * again when few are left. */
#pragma once

#include "base/cleanup.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOWS_UNKNOWN          UINT16_MAX
#define FLOWS_APPLIANCE_MAX    (UINT16_MAX - 1)
#define FLOWS_IDLE_MAX         6000U /* Seconds; the longest that AWS allows. */
#define FLOWS_CAPACITY_LEAST   2048U
#define FLOWS_CAPACITY_LARGEST (1U << 28)

struct flows;

enum flows_change {
	FLOWS_RENEWED,  /* The flow was there. */
	FLOWS_ADDED,    /* In a free place, or that of a flow that is over. */
	FLOWS_REPLACED, /* In the place of a flow that may still be alive. */
};

/* What the tables of a host may grow by, together: places that are left. */
struct flows_budget {
	atomic_size_t left;
};

/* 'capacity', in flows, is rounded up to a power of two; a place takes eight bytes, once it is there.  'budget' outlives the table; NULL:
 * nothing but the capacity bounds it.  Returns 0 or -ENOMEM; 'ret_flows' is the caller's to free. */
int flows_new(size_t capacity, struct flows_budget *budget, struct flows **ret_flows);
void flows_free(struct flows *flows);
DEFINE_CLEANUP(struct flows *, flows_free);

/* Gets the flow's bucket on its way to the CPU. */
void flows_prefetch(struct flows *flows, uint64_t flow);

/* The appliance that the flow is held to, from now on for 'idle' seconds, or FLOWS_UNKNOWN.  'flow' is a hash of 64
 * bits, 'now' seconds by any steady clock, 'idle' 1 to FLOWS_IDLE_MAX. */
uint16_t flows_find(struct flows *flows, uint64_t flow, uint32_t now, uint32_t idle);

/* Holds the flow to an appliance, 0 to FLOWS_APPLIANCE_MAX, wherever it was held before. */
enum flows_change flows_hold(struct flows *flows, uint64_t flow, uint16_t appliance, uint32_t now,
			     uint32_t idle);

/* Lets go of all flows of the appliances that 'gone' is true of, below 'limit': because they are gone, or their numbers will be
 * others'.  Looks at all of the table, once for all. */
void flows_forget(struct flows *flows, const bool *gone, size_t limit);

/* How many flows have room without growing. */
size_t flows_get_size(const struct flows *flows);

/* Flows that are alive, counted as a sweep comes by. */
struct flows_count {
	size_t all;
	const uint16_t *owners; /* By appliance: whose count it is; FLOWS_UNKNOWN: nobody's. */
	size_t owner_limit;
	uint32_t *counts; /* By owner. */
};

/* Frees the places of flows that are over, among the next 'places' ones, and counts the others.  Returns whether that was the last of a
 * pass over all of the table, of which there must be one at least once in an hour. */
bool flows_sweep(struct flows *flows, uint32_t now, size_t places, struct flows_count *count);
