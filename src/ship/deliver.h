/* One record's way into the outbox: whose it is, where that goes, and which wire packets it makes.
 *
 * A fleet's flows lie scattered over megabytes.  So a record for a fleet waits for a few others while what is remembered of its flow
 * is on its way to the CPU; all records of a session wait alike, so they keep their order. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct capture_record;
struct fragments;
struct outbox;
struct routes;
struct session_direction_counters;
struct slot;
struct tally;

#define DELIVERY_WAITING_MAX 4 /* A power of two. */

struct waiting_record {
	const struct slot *slot;
	struct session_direction_counters *counters;
	const struct capture_record *record;
	uint64_t flow;
};

struct delivery {
	const struct routes *routes;
	struct tally *tally;
	atomic_ulong *orphans; /* Wire packets that are nobody's. */
	struct outbox *outbox;
	struct fragments *fragments; /* Of flows that go to fleets. */
	uint64_t longest;   /* Records of more bytes are given up, as if there had been no room. */
	uint64_t epoch;     /* What to add to a time of capture to make it one since 1970. */
	size_t begun, done; /* Records that ever waited, and those of them that do no longer. */
	struct waiting_record waiting[DELIVERY_WAITING_MAX];
};

/* Each of the record's wire packets ends up in the outbox, or is counted as lost, or as an orphan, some not before
 * deliver_rest().  The record has to stay until the outbox is flushed. */
void deliver_record(struct delivery *delivery, const void *data, uint32_t size);

/* Deals with records that still wait. */
void deliver_rest(struct delivery *delivery);
