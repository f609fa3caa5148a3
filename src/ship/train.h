/* A run of copies that leaves in one call: copies of one lane to one appliance.
 *
 *	segmented   one message, which the kernel cuts into datagrams again (UDP_SEGMENT): all copies have one size, but for a
 *	            shorter last one, after which none may follow
 *	else        a message per copy, of any size
 *
 * A copy's bytes are its head, then its tail.  Heads and short tails are staged, that is, copied one behind the other, and
 * so make a single piece of memory; long tails stay where they lie, until the train leaves.  Pure.
 *
 * Each copy passes through here, so what is done for each is inline. */
#pragma once

#include "base/count.h"
#include "ship/outbox.h"
#include "ship/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#define TRAIN_COPIES_MAX  64    /* The kernel's UDP_MAX_SEGMENTS. */
#define TRAIN_SIZE_MAX    65507 /* The largest datagram, which a message is until it is cut. */
#define TRAIN_PIECES_MAX  (2 * TRAIN_COPIES_MAX)
#define TRAIN_STAGING     24576
#define TRAIN_COPY_PIECES 3 /* That one copy's bytes lie in, at most. */

/* Longer tails are better copied when the train leaves: one buffer for all trains stays in the cache, where 64 KiB for
 * each of them would not (measured by ship_bench). */
#define TRAIN_TAIL_STAGED_MAX 512

/* A copy that is aboard. */
struct passenger {
	struct session_direction_counters *counters;
	uint32_t wire_length;
	uint32_t size;          /* Bytes that are sent. */
	uint32_t whole;         /* Bytes that there were before the path's MTU. */
	uint32_t piece, offset; /* Where they begin. */
};

struct train {
	struct target *target;
	unsigned int lane;
	bool segmented;
	bool closed; /* By a shorter copy. */
	unsigned int count, piece_count;
	uint32_t segment_size; /* Of the first copy. */
	uint32_t size, staged;
	struct passenger passengers[TRAIN_COPIES_MAX];
	struct iovec pieces[TRAIN_PIECES_MAX];
	uint8_t staging[TRAIN_STAGING];
};

/* Copies all bytes one behind the other.  Returns how many there are. */
uint32_t train_gather(const struct train *train, uint8_t ret_bytes[TRAIN_SIZE_MAX]);

/* The first 'size' bytes of a copy that is aboard.  Returns how many pieces they are in. */
unsigned int train_get_copy(const struct train *train, unsigned int index, uint32_t size,
			    struct iovec ret_pieces[TRAIN_COPY_PIECES]);

/* Begins anew, without copies. */
static inline void train_begin(struct train *train, struct target *target, unsigned int lane,
			       bool segmented)
{
	train->target = target;
	train->lane = lane;
	train->segmented = segmented;
	train->closed = false;
	train->count = 0;
	train->piece_count = 0;
	train->size = 0;
	train->staged = 0;
}

/* What the path leaves of a copy. */
static inline uint32_t copy_fitting_size(const struct copy *copy)
{
	return MIN(copy->head_size + copy->tail_size, target_room(copy->target));
}

/* Whether a copy, of which 'size' bytes fit, can come aboard of a train that has some. */
static inline bool train_takes(const struct train *train, unsigned int lane,
			       const struct copy *copy, uint32_t size)
{
	if (train->target != copy->target || train->lane != lane || train->closed ||
	    train->count == TRAIN_COPIES_MAX ||
	    train->staged + copy->head_size + TRAIN_TAIL_STAGED_MAX > TRAIN_STAGING)
		return false;
	return !train->segmented ||
	       (size <= train->segment_size && train->size + size <= TRAIN_SIZE_MAX);
}

/* Copies bytes behind those that are staged. */
static inline void train_stage(struct train *train, const uint8_t *bytes, uint32_t size)
{
	memcpy(train->staging + train->staged, bytes, size);
	train->staged += size;
	train->pieces[train->piece_count - 1].iov_len += size;
}

static inline void train_add_piece(struct train *train, const uint8_t *bytes, uint32_t size)
{
	train->pieces[train->piece_count++] = (struct iovec){
		.iov_base = (void *)(uintptr_t)bytes,
		.iov_len = size,
	};
}

/* Whether what is staged next would lie right behind the bytes of the last piece. */
static inline bool train_is_contiguous(const struct train *train)
{
	const struct iovec *last = &train->pieces[train->piece_count - 1];

	return (const uint8_t *)last->iov_base + last->iov_len == train->staging + train->staged;
}

/* Copies a head, most of which are this short: a copy of constant size is a few instructions instead of a call. */
static inline void train_stage_head(struct train *train, const uint8_t *head, uint32_t size)
{
	if (size > COPY_HEAD_ROOM) {
		train_stage(train, head, size);
		return;
	}
	memcpy(train->staging + train->staged, head, COPY_HEAD_ROOM);
	train->staged += size;
	train->pieces[train->piece_count - 1].iov_len += size;
}

/* Takes 'size' bytes of a copy aboard.  Its head is copied, its tail may have to stay. */
static inline void train_board(struct train *train, const struct copy *copy, uint32_t size)
{
	struct passenger *passenger = &train->passengers[train->count];
	uint32_t head_size = MIN(copy->head_size, size), tail_size = size - head_size;

	if (train->count == 0 || !train->segmented || !train_is_contiguous(train))
		train_add_piece(train, train->staging + train->staged, 0);
	passenger->counters = copy->counters;
	passenger->wire_length = copy->wire_length;
	passenger->size = size;
	passenger->whole = copy->head_size + copy->tail_size;
	passenger->piece = train->piece_count - 1;
	passenger->offset = (uint32_t)train->pieces[passenger->piece].iov_len;
	train_stage_head(train, copy->head, head_size);
	if (tail_size <= TRAIN_TAIL_STAGED_MAX)
		train_stage(train, copy->tail, tail_size);
	else
		train_add_piece(train, copy->tail, tail_size);
	if (train->count == 0)
		train->segment_size = size;
	train->closed = size < train->segment_size && train->segmented;
	train->size += size;
	train->count++;
}
