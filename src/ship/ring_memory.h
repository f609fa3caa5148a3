/* A ring for tests that is a file in memory, laid out as the kernel lays out its own: nothing but the mapping is asked of
 * a descriptor, so states that a program passes through too fast to be caught (a record half written, a discarded one,
 * one across the end) can be set up at leisure.  ring_example.h has a real one. */
#pragma once

#include <stdint.h>

#define RING_MEMORY_SIZE 8192

/* The kernel's side of it. */
struct ring_memory {
	int file;
	unsigned long *consumer, *producer;
	uint8_t *data;
};

/* Both end the test that calls them when memory is short. */
void ring_memory_open(struct ring_memory *ret_ring);
void ring_memory_close(struct ring_memory *ring);

/* Appends a record; 'flags' go into its header.  Returns the header's place. */
uint32_t *ring_memory_write(struct ring_memory *ring, const void *record, uint32_t size,
			    uint32_t flags);
