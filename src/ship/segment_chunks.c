// SPDX-License-Identifier: Apache-2.0
#include "ship/segment_chunks.h"

#include "base/count.h"
#include "ship/octets.h"

#define CHUNK_HEADER_SIZE 4U

static uint32_t chunk_size(const uint8_t *chunk, uint32_t rest);
static uint32_t largest_chunk(const uint8_t *chunks, uint32_t size);
static uint32_t packets_filled(const uint8_t *chunks, uint32_t size, uint32_t limit);

uint32_t chunks_limit(const uint8_t *chunks, uint32_t size, uint32_t count)
{
	uint32_t low = largest_chunk(chunks, size), high = size;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (packets_filled(chunks, size, middle) <= count)
			high = middle;
		else
			low = middle + 1;
	}
	return packets_filled(chunks, size, low) == count ? low : 0;
}

uint32_t chunks_take(const uint8_t *chunks, uint32_t size, uint32_t limit)
{
	uint32_t taken = chunk_size(chunks, size);

	while (taken < size) {
		uint32_t next = chunk_size(chunks + taken, size - taken);

		if (taken + next > limit)
			break;
		taken += next;
	}
	return taken;
}

/* With its padding to words of four bytes.  What does not look like a chunk is one with all that follows. */
static uint32_t chunk_size(const uint8_t *chunk, uint32_t rest)
{
	uint32_t length = rest >= CHUNK_HEADER_SIZE ? load16(chunk + 2) : 0;

	return length >= CHUNK_HEADER_SIZE ? MIN((length + 3) & ~3U, rest) : rest;
}

static uint32_t largest_chunk(const uint8_t *chunks, uint32_t size)
{
	uint32_t largest = 0;

	for (uint32_t offset = 0, step; offset < size; offset += step) {
		step = chunk_size(chunks + offset, size - offset);
		largest = MAX(largest, step);
	}
	return largest;
}

static uint32_t packets_filled(const uint8_t *chunks, uint32_t size, uint32_t limit)
{
	uint32_t packets = 0;

	for (uint32_t offset = 0; offset < size; packets++)
		offset += chunks_take(chunks + offset, size - offset, limit);
	return packets;
}
