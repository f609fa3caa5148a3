/* Several rings as one stream of records, in the order of capture.
 *
 * The packets of one flow may be seen on several CPUs, each of which writes to a ring of its own.  So the rings of a
 * thread are merged by the time of capture.  A record becomes visible a little after its time was taken; for so long,
 * and a margin, the newest records are held back: what comes later then is later in time, too. */
#pragma once

#include "ship/ring.h"

#include <stddef.h>

struct stream_ring {
	struct ring ring;
	const struct capture_record *head; /* The record that is next; NULL when none is known. */
	uint32_t head_size;
	uint64_t time; /* Of the head. */
	bool writing; /* There is no head yet, but a record being written that may be older than any other. */
};

/* Rings are the caller's, opened and closed by him. */
struct stream {
	struct stream_ring *rings;
	size_t count;
	uint64_t horizon;           /* Records younger than this wait for the next round. */
	struct stream_ring *oldest; /* Has all records before 'until'; NULL: to be found out. */
	uint64_t until;
};

/* Begins a round: looks at all rings.  'now' is CLOCK_MONOTONIC in nanoseconds. */
void stream_begin(struct stream *stream, uint64_t now);

/* Passes to the oldest record, which stays valid until its ring is released.  Returns false when this round has no
 * more. */
bool stream_next(struct stream *stream, const struct capture_record **ret_record,
		 uint32_t *ret_size);

/* Whether anything is in a ring that stream_next() did not pass: too young, or not finished. */
bool stream_has_more(const struct stream *stream);
