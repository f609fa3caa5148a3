/* One record's way into the outbox: whose it is, where that goes, and which wire packets it makes. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct outbox;
struct routes;
struct tally;

struct delivery {
	const struct routes *routes;
	struct tally *tally;
	atomic_ulong *orphans; /* Wire packets that are nobody's. */
	struct outbox *outbox;
	uint64_t longest; /* Records of more bytes are given up, as if there had been no room. */
	uint64_t epoch;   /* What to add to a time of capture to make it one since 1970. */
};

/* Each of the record's wire packets ends up in the outbox, or is counted as lost, or as an orphan.  The record has
 * to stay until the outbox is flushed. */
void deliver_record(const struct delivery *delivery, const void *data, uint32_t size);
