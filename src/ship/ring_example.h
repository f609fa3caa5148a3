/* A real BPF ring buffer that a test can write to: only programs may, so this loads one that copies what the test
 * laid into an array.  It keeps the capture program's side of the wake-up protocol: write, then look. */
#pragma once

#include "ship/frame_example.h"
#include "ship/ship.h"

struct ring_example {
	int ring, input, program;
	uint8_t *window; /* Of the input. */
	uint32_t size;
	uint64_t woken; /* How often the reader was woken. */
};

/* Needs CAP_BPF and CAP_NET_ADMIN. */
int ring_example_open(uint32_t size, struct ring_example *ret_ring);
void ring_example_close(struct ring_example *ring);

/* Writes a record.  Returns false when the ring is full. */
bool ring_example_write(struct ring_example *ring, const struct frame_example *frame);

struct ship_ring ring_example_get(struct ring_example *ring);
