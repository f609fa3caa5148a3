/* The reading end of a BPF_MAP_TYPE_RINGBUF that gives nothing back before it is told to.
 *
 *	offset 0      one page    consumer position    ours to write
 *	+ 1 page      one page    producer position    the kernel's
 *	+ 2 pages     size        data                 the kernel's, mapped twice in a row here
 *
 * Positions count bytes and never wrap; a record is found at its position modulo size, and since the data is mapped
 * twice, no record is ever in two pieces.  Each begins with 8 bytes: its length with two flag bits, and the
 * kernel's own.  libbpf's reader releases each record as soon as its callback returns; ours reads on and releases
 * everything up to a position later, when the copies were sent from where they lie. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct ring {
	uint8_t *mapping;        /* All of the above; NULL when closed. */
	unsigned long *consumer; /* Positions have the kernel's type. */
	const unsigned long *producer;
	const uint8_t *data;
	uint64_t size;     /* Of the data area, a power of two. */
	uint64_t position; /* Of the next record to be read; at least the consumer position. */
};

/* Maps the ring of 'descriptor', which may be closed afterwards. */
int ring_open(int descriptor, uint64_t size, struct ring *ret_ring);
void ring_close(struct ring *ring);
#define _cleanup_ring_ _cleanup_(ring_close)

/* Looks at the next record, which stays valid until it was passed and released.  Returns false when there is none
 * yet; a record that a program is still writing holds back those behind it. */
bool ring_peek(struct ring *ring, const void **ret_record, uint32_t *ret_size);

/* Passes the record that ring_peek() found. */
void ring_pass(struct ring *ring);

/* Gives everything passed so far back to the kernel. */
void ring_release(struct ring *ring);

/* Whether the kernel has reserved anything behind the present position, written or not.  A full barrier comes
 * first: what the caller stored before is visible to the program before this looks. */
bool ring_has_more(const struct ring *ring);
