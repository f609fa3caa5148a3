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
#include "base/count.h"
#include "wire/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_LOOK_AHEAD 4 /* Records. */

struct ring {
	const uint8_t *data; /* With the tail; NULL when closed. */
	struct ring_head *head;
	uint64_t size;     /* Of the data area without its tail, a power of two. */
	uint64_t position; /* Of the next record to be read; at least the consumer's position. */
	uint64_t next;     /* Of the one behind it, once that was looked at. */
	uint64_t end;      /* Where records end, when it was last looked at. */
};

/* Maps the data of 'descriptor', which may be closed afterwards; 'head' stays in use.  Returns 0, -EINVAL for an impossible
 * size, or a fault. */
int ring_open(int descriptor, struct ring_head *head, uint64_t size, struct ring *ret_ring);
void ring_close(struct ring *ring);

/* Looks at the next record, which stays valid until it was passed and released.  Returns false when there is none
 * yet.  'ret_size' is 0 when what is there cannot be a record. */
static inline bool ring_peek(struct ring *ring, const struct capture_record **ret_record,
			     uint32_t *ret_size);

/* Passes the record that ring_peek() found. */
static inline void ring_pass(struct ring *ring)
{
	ring->position = ring->next;
}

/* Whether all that was seen is passed, so that ring_peek() is going to look anew. */
static inline bool ring_is_spent(const struct ring *ring)
{
	return ring->position == ring->end;
}

/* Looks how far the program has come; ring_peek() does so when needed. */
void ring_look(struct ring *ring);

/* Gives everything passed so far back to the program. */
void ring_release(struct ring *ring);

/* Whether the program is about to add a record.  What it finished before is there when ring_peek() looks after this. */
bool ring_is_writing(const struct ring *ring);

/* Whether there is anything behind the present position.  A full barrier comes first: what the caller stored before
 * is visible to the program before this looks. */
bool ring_has_more(const struct ring *ring);

/* Bytes of records that are not released. */
uint64_t ring_get_waiting(const struct ring *ring);

/* Lets the program have no more than so many bytes of the ring waiting here; SIZE_MAX lets it have all. */
void ring_limit(struct ring *ring, size_t room);

/* Bytes of all records that the program wrote, or found no room for. */
uint64_t ring_get_offered(const struct ring_head *head);

static inline const uint8_t *ring_at(const struct ring *ring, uint64_t position)
{
	return ring->data + (position & (ring->size - 1));
}

/* Asks the cache for a record's header and what is mostly read of its packet. */
static inline void ring_prefetch(const struct ring *ring, uint64_t position)
{
	__builtin_prefetch(ring_at(ring, position));
	__builtin_prefetch(ring_at(ring, position) + 64);
}

/* Records are mostly of one size for a while, so it is known where those to come will be, and nothing is lost where it
 * is not. */
static inline bool ring_peek(struct ring *ring, const struct capture_record **ret_record,
			     uint32_t *ret_size)
{
	const struct capture_record *record;
	uint64_t left, room;

	if (ring_is_spent(ring))
		ring_look(ring);
	left = ring->end - ring->position;
	if (left == 0)
		return false;
	record = (const struct capture_record *)(const void *)ring_at(ring, ring->position);
	room = RING_ROOM((uint64_t)record->captured_length);
	ring->next = ring->position + room;
	ring_prefetch(ring, ring->position + RING_LOOK_AHEAD * room);
	if (room > left || room > RING_RECORD_MAX) {
		ring->next = ring->end;
		room = 0;
	}
	*ret_record = record;
	*ret_size = (uint32_t)room;
	return true;
}
