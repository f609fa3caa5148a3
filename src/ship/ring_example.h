/* A ring as the capture program fills it, bell included: only programs can ring one, so this loads one that does
 * nothing else. */
#pragma once

#include "ship/frame_example.h"
#include "ship/ring_memory.h"
#include "ship/ship.h"

struct ring_example {
	struct ring_memory memory;
	int bell, program;
	uint64_t woken; /* How often the reader was woken. */
};

/* Needs CAP_BPF and CAP_NET_ADMIN. */
int ring_example_open(uint32_t size, struct ring_example *ret_ring);
void ring_example_close(struct ring_example *ring);

/* Writes a record.  Returns false when the ring is full. */
bool ring_example_write(struct ring_example *ring, const struct frame_example *frame);

struct ship_ring ring_example_get(struct ring_example *ring);
