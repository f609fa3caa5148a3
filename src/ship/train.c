// SPDX-License-Identifier: Apache-2.0
#include "ship/train.h"

#include "base/count.h"
#include "ship/target.h"

#include <string.h>

#define CACHE_LINE 64
#define LOOK_AHEAD \
	2 /* Copies; what is further ahead would be out of the cache again before its turn. */

/* Flows are told apart by some bits of their hash: taking two for one keeps an order that nobody needs. */
#define FLOW_MARKS 64 /* A power of two. */
/* Of the latest runs, a copy may join one.  Packets mostly have a few sizes. */
#define RUNS_OPEN 8

static bool train_is_even(const struct train *train);
static unsigned int runs_part(const struct train *train, uint8_t ret_runs[TRAIN_COPIES_MAX]);
static inline uint32_t copy_whole_size(const struct copy *copy);
static inline uint32_t copy_size(const struct copy *copy, unsigned int room);
static inline void tail_prefetch(const struct copy *copy);
static inline void head_copy(uint8_t *ret_head, const uint8_t *head, uint32_t size);

void train_sort(struct train *train, struct copy **spare)
{
	uint8_t runs[TRAIN_COPIES_MAX];
	uint16_t places[TRAIN_COPIES_MAX + 1] = {};
	struct copy *sorted = *spare;
	unsigned int count;

	if (!train->segmented || train_is_even(train))
		return;
	count = runs_part(train, runs);
	for (unsigned int i = 0; i < train->count; i++)
		places[runs[i] + 1]++;
	for (unsigned int run = 1; run < count; run++)
		places[run] = (uint16_t)(places[run] + places[run - 1]);
	for (unsigned int i = 0; i < train->count; i++)
		sorted[places[runs[i]]++] = train->copies[i];
	*spare = train->copies;
	train->copies = sorted;
}

struct run run_find(const struct train *train, unsigned int first)
{
	struct run run = {.copies = train->copies + first};
	unsigned int room = target_room(train->target);
	unsigned int most = MIN(train->count - first, (unsigned int)RUN_COPIES_MAX);
	uint32_t longest = RUN_SIZE_MAX;

	if (train->segmented)
		longest = copy_size(&run.copies[0], room);
	for (uint32_t size = longest; run.count < most && (size == longest || !train->segmented);
	     run.count++) {
		struct copy *copy = &run.copies[run.count];

		size = copy_size(copy, room);
		if (size > longest || run.size + size > RUN_SIZE_MAX)
			break;
		copy->size = size;
		run.size += size;
	}
	return run;
}

void run_gather(const struct run *run, uint8_t ret_bytes[RUN_SIZE_MAX + COPY_HEAD_ROOM])
{
	uint8_t *place = ret_bytes;

	for (unsigned int i = 0; i < run->count; i++) {
		const struct copy *copy = &run->copies[i];
		uint32_t head_size = MIN(copy->head_size, copy->size);

		if (i + LOOK_AHEAD < run->count)
			tail_prefetch(copy + LOOK_AHEAD);
		head_copy(place, copy->head, head_size);
		memcpy(place + head_size, copy->tail, copy->size - head_size);
		copy_fit(copy, place);
		place += copy->size;
	}
}

static bool train_is_even(const struct train *train)
{
	for (unsigned int i = 1; i < train->count; i++)
		if (copy_whole_size(&train->copies[i]) != copy_whole_size(&train->copies[0]))
			return false;
	return true;
}

/* Says for each copy which run it goes to: to the latest of its size that is not before the one which its flow has
 * come to, or to a new one.  Returns how many there are. */
static unsigned int runs_part(const struct train *train, uint8_t ret_runs[TRAIN_COPIES_MAX])
{
	uint32_t sizes[TRAIN_COPIES_MAX];
	uint16_t reached[FLOW_MARKS] = {};
	unsigned int count = 0;

	for (unsigned int i = 0; i < train->count; i++) {
		const struct copy *copy = &train->copies[i];
		uint16_t *earliest = &reached[copy->flow >> 16 & (FLOW_MARKS - 1)];
		unsigned int last =
			MAX((unsigned int)*earliest, count > RUNS_OPEN ? count - RUNS_OPEN : 0);
		unsigned int run = count;

		while (run > last && sizes[run - 1] != copy_whole_size(copy))
			run--;
		if (run > last)
			run--;
		else
			sizes[run = count++] = copy_whole_size(copy);
		*earliest = (uint16_t)run;
		ret_runs[i] = (uint8_t)run;
	}
	return count;
}

static inline uint32_t copy_whole_size(const struct copy *copy)
{
	return copy->head_size + copy->tail_size;
}

static inline uint32_t copy_size(const struct copy *copy, unsigned int room)
{
	return MIN(copy_whole_size(copy), room);
}

/* A tail was looked at long ago, if at all, and is not looked at again. */
static inline void tail_prefetch(const struct copy *copy)
{
	for (uint32_t i = 0; i < copy->tail_size; i += CACHE_LINE)
		__builtin_prefetch(copy->tail + i, 0, 0);
}

/* Most heads are short, and a copy of constant size is a few instructions instead of a call. */
static inline void head_copy(uint8_t *ret_head, const uint8_t *head, uint32_t size)
{
	if (size <= COPY_HEAD_ROOM)
		memcpy(ret_head, head, COPY_HEAD_ROOM);
	else
		memcpy(ret_head, head, size);
}
