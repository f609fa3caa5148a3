// SPDX-License-Identifier: Apache-2.0
#include "ship/ring_memory.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void ring_memory_open(uint32_t size, struct ring_memory *ret_ring)
{
	size_t whole = size + RING_TAIL(size);
	void *data;

	*ret_ring = (struct ring_memory){.file = memfd_create("ring", MFD_CLOEXEC), .size = size};
	if (ret_ring->file < 0 || ftruncate(ret_ring->file, (off_t)whole) < 0)
		abort();
	data = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED, ret_ring->file, 0);
	ret_ring->head = calloc(1, sizeof(*ret_ring->head));
	if (data == MAP_FAILED || !ret_ring->head)
		abort();
	ret_ring->data = data;
}

void ring_memory_close(struct ring_memory *ring)
{
	munmap(ring->data, ring->size + RING_TAIL(ring->size));
	free(ring->head);
	closep(&ring->file);
}

bool ring_memory_write(struct ring_memory *ring, const struct capture_record *record)
{
	struct ring_head *head = ring->head;
	uint64_t room = RING_ROOM((uint64_t)record->captured_length);
	uint64_t end = head->produced + room;

	if (end - __atomic_load_n(&head->consumed, __ATOMIC_ACQUIRE) > ring->size)
		return false;
	memcpy(ring->data + (head->produced & (ring->size - 1)), record,
	       sizeof(*record) + record->captured_length);
	(void)__atomic_exchange_n(&head->produced, end, __ATOMIC_SEQ_CST);
	return true;
}
