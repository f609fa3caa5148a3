/* What a table of flows (flows.h, which draws it) holds of one flow: a word, that threads read and replace whole.  Private to balance/.
 *
 * Time is compared in a circle of 4,096 units: a moment less than half of it ahead, 8,192 seconds, is the future.  No flow may
 * be idle for so long, and a sweep comes before one that is over could seem alive again; but for a word that a thread wrote while its
 * level was given back, which nobody sweeps until the table grows again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WORD_TAG_MASK     (~0ULL << 28)
#define WORD_UNTIL_SHIFT  16
#define WORD_UNTIL_MASK   0xfffU
#define WORD_UNIT_SECONDS 4

static inline uint64_t word_load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* Unless another thread has put something else there meanwhile. */
static inline bool word_replace(uint64_t *word, uint64_t present, uint64_t value)
{
	return __atomic_compare_exchange_n(word, &present, value, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}

static inline uint64_t word_make(uint64_t flow, uint16_t appliance, uint32_t until)
{
	return (flow & WORD_TAG_MASK) | (uint64_t)until << WORD_UNTIL_SHIFT |
	       (uint16_t)(appliance + 1);
}

static inline uint16_t word_appliance(uint64_t word)
{
	return (uint16_t)(word - 1);
}

static inline bool word_is_of(uint64_t word, uint64_t flow)
{
	return word && !((word ^ flow) & WORD_TAG_MASK);
}

/* One unit more, since the present one has begun: a flow is held for at least as long as was asked. */
static inline uint32_t until_make(uint32_t now, uint32_t idle)
{
	return (now / WORD_UNIT_SECONDS + (idle + WORD_UNIT_SECONDS - 1) / WORD_UNIT_SECONDS + 1) &
	       WORD_UNTIL_MASK;
}

/* Units until the flow is over; 0 when it is, or there is none. */
static inline uint32_t until_left(uint64_t word, uint32_t now)
{
	uint32_t left = ((uint32_t)(word >> WORD_UNTIL_SHIFT) - now / WORD_UNIT_SECONDS) &
			WORD_UNTIL_MASK;

	return word && left <= WORD_UNTIL_MASK / 2 ? left : 0;
}
