// SPDX-License-Identifier: Apache-2.0
/* Time is compared in a circle of 4,096 units: a moment less than half of it ahead, 8,192 seconds, is the future.  No flow may
 * be idle for so long, and a sweep comes before one that is over could seem alive again. */
#include "balance/flows.h"

#include "base/count.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#define BUCKET_WORDS 8
#define TAG_MASK     (~0ULL << 28)
#define UNTIL_SHIFT  16
#define UNTIL_MASK   0xfffU
#define UNIT_SECONDS 4

struct flows {
	uint64_t bucket_mask;
	uint64_t words[] __attribute__((aligned(64)));
};

static size_t flows_size(size_t count);
static size_t words_count(const struct flows *flows);
static size_t bucket_find(const struct flows *flows, uint64_t flow);
static uint64_t *word_find(uint64_t *bucket, uint64_t flow);
static uint64_t *word_choose(uint64_t *bucket, uint32_t now, enum flows_change *ret_change);
static uint64_t word_load(const uint64_t *word);
static void word_store(uint64_t *word, uint64_t value);
static void word_clear(uint64_t *word, uint64_t present);
static uint64_t word_make(uint64_t flow, uint16_t appliance, uint32_t until);
static uint32_t until_make(uint32_t now, uint32_t idle);
static uint32_t until_left(uint64_t word, uint32_t now);

int flows_new(size_t capacity, struct flows **ret_flows)
{
	size_t size = FLOWS_CAPACITY_LEAST;
	struct flows *flows;

	while (size < MIN(capacity, FLOWS_CAPACITY_LARGEST))
		size *= 2;
	/* Zeros that take no memory until they are written to. */
	flows = mmap(NULL, flows_size(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	if (flows == MAP_FAILED)
		return -ENOMEM;
	/* Flows are anywhere in it: with small pages each would miss the CPU's table of those. */
	(void)madvise(flows, flows_size(size), MADV_HUGEPAGE);
	flows->bucket_mask = size / BUCKET_WORDS - 1;
	*ret_flows = flows;
	return 0;
}

void flows_free(struct flows *flows)
{
	if (flows)
		(void)munmap(flows, flows_size(words_count(flows)));
}

void flows_prefetch(const struct flows *flows, uint64_t flow)
{
	__builtin_prefetch(&flows->words[bucket_find(flows, flow)]);
}

uint16_t flows_find(struct flows *flows, uint64_t flow, uint32_t now, uint32_t idle)
{
	uint64_t *word = word_find(&flows->words[bucket_find(flows, flow)], flow);
	uint64_t present = word ? word_load(word) : 0;
	uint32_t until = until_make(now, idle);

	if (!present || !until_left(present, now))
		return FLOWS_UNKNOWN;
	if ((present >> UNTIL_SHIFT & UNTIL_MASK) != until)
		word_store(word, word_make(flow, (uint16_t)(present - 1), until));
	return (uint16_t)(present - 1);
}

enum flows_change flows_hold(struct flows *flows, uint64_t flow, uint16_t appliance, uint32_t now,
			     uint32_t idle)
{
	uint64_t *bucket = &flows->words[bucket_find(flows, flow)];
	enum flows_change change = FLOWS_RENEWED;
	uint64_t *word = word_find(bucket, flow);

	if (!word)
		word = word_choose(bucket, now, &change);
	word_store(word, word_make(flow, appliance, until_make(now, idle)));
	return change;
}

void flows_forget(struct flows *flows, uint16_t appliance)
{
	for (size_t i = 0; i < words_count(flows); i++) {
		uint64_t present = word_load(&flows->words[i]);

		if (present && (uint16_t)(present - 1) == appliance)
			word_clear(&flows->words[i], present);
	}
}

size_t flows_sweep(struct flows *flows, uint32_t now)
{
	size_t alive = 0;

	for (size_t i = 0; i < words_count(flows); i++) {
		uint64_t present = word_load(&flows->words[i]);

		if (until_left(present, now))
			alive++;
		else if (present)
			word_clear(&flows->words[i], present);
	}
	return alive;
}

static size_t flows_size(size_t count)
{
	return sizeof(struct flows) + count * sizeof(uint64_t);
}

static size_t words_count(const struct flows *flows)
{
	return (flows->bucket_mask + 1) * BUCKET_WORDS;
}

/* The index of its first word. */
static size_t bucket_find(const struct flows *flows, uint64_t flow)
{
	return (flow & flows->bucket_mask) * BUCKET_WORDS;
}

static uint64_t *word_find(uint64_t *bucket, uint64_t flow)
{
	for (size_t i = 0; i < BUCKET_WORDS; i++) {
		uint64_t present = word_load(&bucket[i]);

		if (present && !((present ^ flow) & TAG_MASK))
			return &bucket[i];
	}
	return NULL;
}

/* A free word, else that of the flow that is over or will be first. */
static uint64_t *word_choose(uint64_t *bucket, uint32_t now, enum flows_change *ret_change)
{
	uint32_t least = UINT32_MAX;
	uint64_t *word = bucket;

	for (size_t i = 0; i < BUCKET_WORDS; i++) {
		uint32_t left = until_left(word_load(&bucket[i]), now);

		if (left < least) {
			least = left;
			word = &bucket[i];
		}
	}
	*ret_change = least ? FLOWS_REPLACED : FLOWS_ADDED;
	return word;
}

static uint64_t word_load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void word_store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* Not what another thread put there meanwhile. */
static void word_clear(uint64_t *word, uint64_t present)
{
	__atomic_compare_exchange_n(word, &present, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static uint64_t word_make(uint64_t flow, uint16_t appliance, uint32_t until)
{
	return (flow & TAG_MASK) | (uint64_t)until << UNTIL_SHIFT | (uint16_t)(appliance + 1);
}

/* One unit more, since the present one has begun: a flow is held for at least as long as was asked. */
static uint32_t until_make(uint32_t now, uint32_t idle)
{
	return (now / UNIT_SECONDS + (idle + UNIT_SECONDS - 1) / UNIT_SECONDS + 1) & UNTIL_MASK;
}

/* Units until the flow is over; 0 when it is, or there is none. */
static uint32_t until_left(uint64_t word, uint32_t now)
{
	uint32_t left = ((uint32_t)(word >> UNTIL_SHIFT) - now / UNIT_SECONDS) & UNTIL_MASK;

	return word && left <= UNTIL_MASK / 2 ? left : 0;
}
