/* A ring: how records (wire/capture.h) get from the program on one CPU to the shipper.
 *
 *	 0                                 size               size + tail
 *	+---------------------------------+------------------+
 *	| records, round and round        | the end of the   |    the only element of an array map
 *	|                                 | last one         |
 *	+---------------------------------+------------------+
 *
 * Positions count bytes and never wrap, and are multiples of 8.  A record begins at its position modulo 'size' and is
 * always in one piece: the tail is as long as the longest record.  It takes the room of its header and
 * 'captured_length' bytes, rounded up.
 *
 * One CPU writes and one thread reads, so the two positions are all they need: what lies between 'consumed'
 * and 'produced' is the reader's, the rest the writer's.  The writer moves 'produced' when a record is complete, the
 * reader moves 'consumed' when it has done with it.
 *
 * Restraint.  While the reader holds back for production's sake it withholds most of the ring: 'withheld' bytes count as
 * taken, and what finds no room is refused before it costs anything.  What was refused is summed up, so that the
 * reader knows what it would have to ship.
 *
 * Sleep and wake-up.  Waking the reader at each record would cost more than the copy.  The reader therefore sets
 * 'wanted' before it sleeps, and the first record after that rings its bell.  No wake-up is lost:
 *
 *	writer                                  reader
 *	move 'produced', full barrier           wanted = 1
 *	look at 'wanted'; ring if it is set     full barrier
 *	                                        look at 'produced'; sleep if it has not moved
 *
 * Were the reader to sleep and the writer not to ring, each would have looked before the other wrote, which the
 * barriers exclude.  The bell is a BPF ring buffer that never holds anything but records that were discarded: the one thing
 * a program can wake a sleeper with. */
#pragma once

#include "wire/capture.h"

#include <linux/types.h>

/* Record and bytes of the longest packet, a super-packet of "BIG TCP" with its link header. */
#define RING_RECORD_MAX (524288u + 4096u)

#define RING_SIZE_LEAST 65536u

/* A small ring has no room for the longest packets, so it needs no tail for them. */
#define RING_TAIL(size) ((size) < RING_RECORD_MAX ? (size) : RING_RECORD_MAX)

/* The room that a record of so many captured bytes takes. */
#define RING_ROOM(captured_length) \
	(((captured_length) + sizeof(struct capture_record) + 7) & ~(__u64)7)

/* Two cache lines, each written by one side; but the writer takes back 'wanted'. */
struct ring_head {
	__u64 consumed;
	__u64 wanted;
	__u64 withheld; /* At most the size. */
	__u64 reserved[5];

	__u64 produced;
	/* 1 while a record is being written.  Keeps a run that interrupts another on the same CPU, where a kernel allows
	 * it, from writing to the same place; and tells the reader that a record older than others may be on its way. */
	__u64 busy;
	__u64 refused; /* Bytes of records that found no room, in the ring or in their session's share of it if it has no cap. */
	__u64 reserved_too[5];
};

_Static_assert(sizeof(struct ring_head) == 128, "two cache lines");
