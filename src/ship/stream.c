// SPDX-License-Identifier: Apache-2.0
#include "ship/stream.h"

#include "base/count.h"

/* From taking the time to making the record visible the program needs well under a microsecond; an interrupt in between
 * takes a few tens. */
#define HOLD_BACK_NANOSECONDS 50000

/* A time so far ahead is none: what a ring holds is not taken on trust, and must not stop the stream. */
#define FUTURE_NANOSECONDS 1000000000

static void head_find(struct stream *stream, struct stream_ring *ring);
static struct stream_ring *oldest_find(struct stream *stream);

void stream_begin(struct stream *stream, uint64_t now)
{
	stream->horizon = now - HOLD_BACK_NANOSECONDS;
	stream->oldest = NULL;
	for (size_t i = 0; i < stream->count; i++)
		if (!stream->rings[i].head)
			head_find(stream, &stream->rings[i]);
}

bool stream_next(struct stream *stream, const struct capture_record **ret_record,
		 uint32_t *ret_size)
{
	struct stream_ring *ring = stream->oldest;

	if (!ring || !ring->head || ring->time >= stream->until)
		ring = oldest_find(stream);
	if (!ring)
		return false;
	*ret_record = ring->head;
	*ret_size = ring->head_size;
	ring_pass(&ring->ring);
	head_find(stream, ring);
	return true;
}

bool stream_has_more(const struct stream *stream)
{
	for (size_t i = 0; i < stream->count; i++)
		if (stream->rings[i].head || stream->rings[i].writing)
			return true;
	return false;
}

/* Whether the program is writing is asked before looking: what it finished before that is found then. */
static void head_find(struct stream *stream, struct stream_ring *ring)
{
	ring->writing = ring_is_spent(&ring->ring) && ring_is_writing(&ring->ring);
	if (!ring_peek(&ring->ring, &ring->head, &ring->head_size)) {
		ring->head = NULL;
		return;
	}
	ring->writing = false;
	ring->time = ring->head_size ? ring->head->timestamp : 0;
	if (ring->time > stream->horizon + FUTURE_NANOSECONDS)
		ring->time = 0;
}

/* NULL when there is none up to the horizon, or when an unfinished record may be older than all. */
static struct stream_ring *oldest_find(struct stream *stream)
{
	uint64_t time = stream->horizon + 1;

	stream->oldest = NULL;
	stream->until = time;
	for (size_t i = 0; i < stream->count; i++) {
		struct stream_ring *ring = &stream->rings[i];

		if (ring->writing)
			head_find(stream, ring);
		if (ring->writing)
			return stream->oldest = NULL;
		if (ring->head && ring->time < time) {
			stream->until = time;
			time = ring->time;
			stream->oldest = ring;
		} else if (ring->head) {
			stream->until = MIN(stream->until, ring->time);
		}
	}
	return stream->oldest;
}
