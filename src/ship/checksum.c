// SPDX-License-Identifier: Apache-2.0
/* The one thing that makes this fast: words of 32 bits are added into lanes of 64, which cannot overflow before
 * 2^32 of them, so no carry is looked at inside the loop and the compiler is free to use vector registers. */
#include "ship/checksum.h"

#include <arpa/inet.h>
#include <string.h>

#define LANES 4

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

static inline uint64_t add_wrapping(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum + (sum < a);
}

static uint64_t add_blocks(uint64_t sum, const uint8_t *bytes, size_t blocks);

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t size)
{
	const uint8_t *next = bytes;
	size_t blocks = size / (2 * sizeof(lanes));
	uint64_t word;

	if (blocks > 0) {
		sum = add_blocks(sum, next, blocks);
		next += blocks * 2 * sizeof(lanes);
		size -= blocks * 2 * sizeof(lanes);
	}
	for (; size >= sizeof(word); next += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, next, sizeof(word));
		sum = add_wrapping(sum, word);
	}
	if (size > 0) {
		word = 0;
		memcpy(&word, next, size);
		sum = add_wrapping(sum, word);
	}
	return sum;
}

uint64_t checksum_add_number(uint64_t sum, uint32_t number)
{
	return add_wrapping(sum, htonl(number));
}

uint16_t checksum_finish(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

uint64_t pseudo_header_add(uint64_t sum, const uint8_t *network)
{
	return network[0] >> 4 == 4 ? checksum_add(sum, network + 12, 8)
				    : checksum_add(sum, network + 8, 32);
}

/* Sums whole blocks of 64 bytes. */
static uint64_t add_blocks(uint64_t sum, const uint8_t *bytes, size_t blocks)
{
	lanes first = {}, second = {};

	while (blocks-- > 0) {
		lanes words[2];

		memcpy(words, bytes, sizeof(words));
		first += (words[0] & UINT32_MAX) + (words[0] >> 32);
		second += (words[1] & UINT32_MAX) + (words[1] >> 32);
		bytes += sizeof(words);
	}
	first += second;
	for (unsigned int lane = 0; lane < LANES; lane++)
		sum = add_wrapping(sum, first[lane]);
	return sum;
}
