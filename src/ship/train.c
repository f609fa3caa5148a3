// SPDX-License-Identifier: Apache-2.0
#include "ship/train.h"

#include "base/count.h"
#include "ship/target.h"

#include <string.h>

#define CACHE_LINE 64
#define LOOK_AHEAD \
	2 /* Copies; what is further ahead would be out of the cache again before its turn. */

static inline uint32_t copy_size(const struct copy *copy, unsigned int room);
static inline void tail_prefetch(const struct copy *copy);
static inline void head_copy(uint8_t *ret_head, const uint8_t *head, uint32_t size);

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

static inline uint32_t copy_size(const struct copy *copy, unsigned int room)
{
	return MIN(copy->head_size + copy->tail_size, room);
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
