/* Copies that wait to leave together: copies of one lane to one appliance.  Those of one flow are in the order in which they came.
 *
 *	waiting:     head       tail              each where it lies
 *	             +---+      +--------------+
 *	gathered:    | head  tail | head  tail | head  tail | ...      one behind the other
 *
 * They leave in runs, each of which is what one call takes:
 *
 *	segmented    one message, which the kernel cuts into datagrams again (UDP_SEGMENT): all copies have one size, but for
 *	             a shorter last one
 *	else         a message per copy, of any size
 *
 * The hard idea is that a copy's bytes are moved once, and late.  Until then only is noted where they are; each run is
 * gathered in the same memory, which so stays cached, and the kernel gets a single piece, since it takes many short
 * ones at a third of the speed (measured by ship_bench).  Pure. */
#pragma once

#include "ship/envelope.h"
#include "ship/outbox.h"

#include <stdbool.h>
#include <stdint.h>

#define RUN_COPIES_MAX 64    /* The kernel's UDP_MAX_SEGMENTS. */
#define RUN_SIZE_MAX   65507 /* The largest datagram, which a message is until it is cut. */

/* Several calls in a row find their socket in the cache. */
#define TRAIN_COPIES_MAX (4 * RUN_COPIES_MAX)

struct train {
	struct target *target;
	unsigned int lane;
	bool segmented;
	uint16_t seat; /* The outbox's. */
	unsigned int count;
	struct copy *copies;
};

/* Copies that leave in one call. */
struct run {
	struct copy *copies;
	unsigned int count;
	uint32_t size; /* Of all bytes. */
};

/* Brings copies of one size together, so that more of them leave in one call; copies of one flow keep their order.  'spare'
 * has room for as many and changes places with the train's. */
void train_sort(struct train *train, struct copy **spare);

/* Finds what leaves first of a train's copies from 'first' on, of which there has to be one, and cuts it to what the
 * path leaves of it. */
struct run run_find(const struct train *train, unsigned int first);

/* Copies a run's bytes one behind the other. */
void run_gather(const struct run *run, uint8_t ret_bytes[RUN_SIZE_MAX + COPY_HEAD_ROOM]);

/* Once it is known how much of a copy the path leaves: a packet within its head says so too. */
static inline void copy_fit(const struct copy *copy, uint8_t *bytes)
{
	if (copy->packet_offset > 0 && copy->size > copy->packet_offset)
		envelope_fit(bytes + copy->packet_offset, copy->size - copy->packet_offset);
}
