/* Counts of a batch, kept apart until the batch is over.
 *
 * Counters and rings both outlive a killed agent, and its successor ships again what was not given back.  Were each
 * copy counted as it is sent, those of an interrupted batch would be counted twice.  So a batch is counted
 * and given back in the same breath, at its end. */
#pragma once

#include "wire/counters.h"

#include <stdint.h>

struct tally {
	struct session_counters *batch; /* One per slot; zero between batches. */
	uint32_t *touched;              /* Slots of this batch. */
	uint8_t *is_touched;            /* By slot. */
	uint32_t touched_count;
};

/* Returns 0 or -ENOMEM; whatever was made is the caller's to finish. */
int tally_init(struct tally *tally, uint32_t slot_limit);
void tally_fini(struct tally *tally);

/* Where to count what this batch does to a slot, which is below the limit. */
static inline struct session_counters *tally_get(struct tally *tally, uint32_t slot)
{
	if (!tally->is_touched[slot]) {
		tally->is_touched[slot] = 1;
		tally->touched[tally->touched_count++] = slot;
	}
	return &tally->batch[slot];
}

/* Adds the batch to the counters that everybody sees, and begins a new one. */
void tally_commit(struct tally *tally, struct session_counters *counters);
