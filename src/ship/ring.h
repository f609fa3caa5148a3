/* The reading end of a ring (wire/ring.h), which gives nothing back before it is told to.
 *
 * Records are read on and on, sent from where they lie, and released up to a position later, when their copies are in
 * the kernel's hands.
 *
 * A ring outlives the program that filled it, so nothing in it is taken on trust: whatever it holds, every record that
 * is handed out lies within the mapping.  Behind a record that cannot be one there is no telling where the next
 * begins, so what follows it is passed over with it. */
#pragma once

#include "base/cleanup.h"
#include "wire/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	const uint8_t *data; /* With the tail; NULL when closed. */
	struct ring_head *head;
	uint64_t size;     /* Of the data area without its tail, a power of two. */
	uint64_t position; /* Of the next record to be read; at least the consumer's position. */
	uint64_t next;     /* Of the one behind it, once that was looked at. */
};

/* Maps the data of 'descriptor', which may be closed afterwards; 'head' stays in use.  Returns 0, -EINVAL for an impossible
 * size, or a fault. */
int ring_open(int descriptor, struct ring_head *head, uint64_t size, struct ring *ret_ring);
void ring_close(struct ring *ring);
#define _cleanup_ring_ _cleanup_(ring_close)

/* Looks at the next record, which stays valid until it was passed and released.  Returns false when there is none
 * yet.  'ret_size' is 0 when what is there cannot be a record. */
bool ring_peek(struct ring *ring, const struct capture_record **ret_record, uint32_t *ret_size);

/* Passes the record that ring_peek() found. */
void ring_pass(struct ring *ring);

/* Gives everything passed so far back to the program. */
void ring_release(struct ring *ring);

/* Whether the program is about to add a record.  What it finished before is there when ring_peek() looks after this. */
bool ring_is_writing(const struct ring *ring);

/* Whether there is anything behind the present position.  A full barrier comes first: what the caller stored before
 * is visible to the program before this looks. */
bool ring_has_more(const struct ring *ring);
