// SPDX-License-Identifier: Apache-2.0
#include "ship/ring.h"

#include "base/count.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNED(position) ((position) & ~(uint64_t)7)

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
	ret_ring->end = ret_ring->position;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->data)
		munmap((void *)(uintptr_t)ring->data, mapping_size(ring->size));
	ring->data = NULL;
}

/* Positions that cannot be, further apart than the ring is long, are made to meet: the ring is taken to be empty. */
void ring_look(struct ring *ring)
{
	/* Pairs with the exchange that completes a record. */
	ring->end = ALIGNED(__atomic_load_n(&ring->head->produced, __ATOMIC_ACQUIRE));
	if (ring->end - ring->position > ring->size)
		ring->position = ring->end;
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

uint64_t ring_get_waiting(const struct ring *ring)
{
	uint64_t consumed = __atomic_load_n(&ring->head->consumed, __ATOMIC_RELAXED);

	return ALIGNED(__atomic_load_n(&ring->head->produced, __ATOMIC_RELAXED)) -
	       ALIGNED(consumed);
}

void ring_limit(struct ring *ring, size_t room)
{
	uint64_t withheld = ring->size - MIN(ring->size, (uint64_t)room);

	__atomic_store_n(&ring->head->withheld, withheld, __ATOMIC_RELAXED);
}

uint64_t ring_get_offered(const struct ring_head *head)
{
	return __atomic_load_n(&head->produced, __ATOMIC_RELAXED) +
	       __atomic_load_n(&head->refused, __ATOMIC_RELAXED);
}

static size_t mapping_size(uint64_t size)
{
	return size + RING_TAIL(size);
}
