/* Through which somebody looks at the packets that one session copies.
 *
 * Shipping never waits for it: a peephole takes a hundred packets a second at most, in the order in which they come, and while it is
 * shut, which is nearly always where much comes, a record costs it one comparison.  What it takes stays until it is collected, in
 * memory that it has from the beginning. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct capture_record;
struct peek_batch;
struct peephole;
struct resource_id;

/* Bytes that wait in one, with some for each packet. */
#define PEEPHOLE_ROOM (256 << 10)

/* 'snap_length' bytes of each packet are taken, at most PEEK_SNAP_MAX.  There is one reference. */
int peephole_new(uint16_t snap_length, struct peephole **ret_peephole);

/* For the thread that made it only. */
struct peephole *peephole_ref(struct peephole *peephole);
struct peephole *peephole_unref(struct peephole *peephole);
DEFINE_CLEANUP(struct peephole *, peephole_unref)

/* Shows it a record with its captured bytes, of which the session keeps 'packet_length' of each packet (0: all).  'epoch' makes a
 * time of capture one since 1970.  For any thread; never waits. */
void peephole_show(struct peephole *peephole, const struct capture_record *record,
		   const uint8_t *bytes, uint16_t packet_length, uint64_t epoch);

/* Moves what it took to a batch, under the session's id, as far as the batch has room.  What is left is there the next time, and so is all
 * of it while a shipping thread is just looking.  Returns 0 or -ENOMEM. */
int peephole_collect(struct peephole *peephole, const struct resource_id *session,
		     struct peek_batch *batch);
