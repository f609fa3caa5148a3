// SPDX-License-Identifier: Apache-2.0
#include "ship/train.h"

#include "base/count.h"
#include "ship/target.h"

#include <string.h>

#define CACHE_LINE 64
#define LOOK_AHEAD \
	2 /* Copies; what is further ahead would be out of the cache again before its turn. */

static inline bool run_takes(const struct train *train, const struct run *run, uint32_t size);
static inline void tail_prefetch(const struct copy *copy);
static inline void head_copy(uint8_t *ret_head, const uint8_t *head, uint32_t size);

struct run run_find(const struct train *train, unsigned int first)
{
	struct run run = {.copies = train->copies + first};
	unsigned int room = target_room(train->target);

	for (unsigned int i = first; i < train->count; i++) {
		struct copy *copy = &train->copies[i];
		uint32_t size = MIN(copy->head_size + copy->tail_size, room);

		if (run.count > 0 && !run_takes(train, &run, size))
			break;
		copy->size = size;
		run.size += size;
		run.count++;
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
		place += copy->size;
	}
}

/* Whether a copy of 'size' bytes can leave with those before it. */
static inline bool run_takes(const struct train *train, const struct run *run, uint32_t size)
{
	if (run->count == RUN_COPIES_MAX || run->size + size > RUN_SIZE_MAX)
		return false;
	return !train->segmented || (run->copies[run->count - 1].size == run->copies[0].size &&
				     size <= run->copies[0].size);
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
