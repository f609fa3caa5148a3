/* A ring for tests and measurements, in memory of our own, and the program's side of it.  States that a program passes
 * through too fast to be caught, and such as it never leaves, can be set up at leisure; ring_example.h adds a bell. */
#pragma once

#include "wire/ring.h"

#include <stdbool.h>
#include <stdint.h>

struct ring_memory {
	int file; /* To be mapped by the reader. */
	uint32_t size;
	uint8_t *data;
	struct ring_head *head;
};

/* Ends the process when memory is short. */
void ring_memory_open(uint32_t size, struct ring_memory *ret_ring);
void ring_memory_close(struct ring_memory *ring);

/* Appends a record with the bytes behind it.  Returns false when there is no room. */
bool ring_memory_write(struct ring_memory *ring, const struct capture_record *record);
