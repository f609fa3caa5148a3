// SPDX-License-Identifier: Apache-2.0
#include "ship/ring.h"

#include "base/count.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNED(position) ((position) & ~(uint64_t)7)

static uint64_t bytes_left(struct ring *ring);
static size_t mapping_size(uint64_t size);

int ring_open(int descriptor, struct ring_head *head, uint64_t size, struct ring *ret_ring)
{
	void *data;

	if (size < RING_SIZE_LEAST || (size & (size - 1)) != 0)
		return -EINVAL;
	data = mmap(NULL, mapping_size(size), PROT_READ, MAP_SHARED, descriptor, 0);
	if (data == MAP_FAILED)
		return -errno;
	*ret_ring = (struct ring){
		.data = data,
		.head = head,
		.size = size,
		.position = ALIGNED(__atomic_load_n(&head->consumed, __ATOMIC_RELAXED)),
	};
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->data)
		munmap((void *)(uintptr_t)ring->data, mapping_size(ring->size));
	ring->data = NULL;
}

bool ring_peek(struct ring *ring, const struct capture_record **ret_record, uint32_t *ret_size)
{
	const struct capture_record *record;
	uint64_t left = bytes_left(ring), room;

	if (left == 0)
		return false;
	record = (const struct capture_record *)(const void *)(ring->data +
							       (ring->position & (ring->size - 1)));
	room = RING_ROOM((uint64_t)record->captured_length);
	if (room > MIN(left, (uint64_t)RING_TAIL(ring->size))) {
		ring->next = ring->position + left;
		room = 0;
	} else {
		ring->next = ring->position + room;
	}
	*ret_record = record;
	*ret_size = (uint32_t)room;
	return true;
}

void ring_pass(struct ring *ring)
{
	ring->position = ring->next;
}

void ring_release(struct ring *ring)
{
	__atomic_store_n(&ring->head->consumed, ring->position, __ATOMIC_RELEASE);
}

bool ring_is_writing(const struct ring *ring)
{
	return __atomic_load_n(&ring->head->busy, __ATOMIC_ACQUIRE) != 0;
}

bool ring_has_more(const struct ring *ring)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ALIGNED(__atomic_load_n(&ring->head->produced, __ATOMIC_ACQUIRE)) != ring->position;
}

/* Positions that cannot be, further apart than the ring is long, are made to meet: the ring is taken to be empty. */
static uint64_t bytes_left(struct ring *ring)
{
	/* Pairs with the exchange that completes a record. */
	uint64_t produced = ALIGNED(__atomic_load_n(&ring->head->produced, __ATOMIC_ACQUIRE));

	if (produced - ring->position > ring->size)
		ring->position = produced;
	return produced - ring->position;
}

static size_t mapping_size(uint64_t size)
{
	return size + RING_TAIL(size);
}
