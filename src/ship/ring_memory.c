// SPDX-License-Identifier: Apache-2.0
#include "ship/ring_memory.h"

#include "base/cleanup.h"

#include <linux/bpf.h>
#include <sys/mman.h>

static size_t page_size(void);

void ring_memory_open(struct ring_memory *ret_ring)
{
	size_t page = page_size(), size = 2 * page + RING_MEMORY_SIZE;
	uint8_t *memory;

	ret_ring->file = memfd_create("ring", MFD_CLOEXEC);
	if (ret_ring->file < 0 || ftruncate(ret_ring->file, (off_t)size) < 0)
		abort();
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ret_ring->file, 0);
	if (memory == MAP_FAILED)
		abort();
	ret_ring->consumer = (unsigned long *)(void *)memory;
	ret_ring->producer = (unsigned long *)(void *)(memory + page);
	ret_ring->data = memory + 2 * page;
}

void ring_memory_close(struct ring_memory *ring)
{
	munmap(ring->consumer, 2 * page_size() + RING_MEMORY_SIZE);
	close(ring->file);
}

uint32_t *ring_memory_write(struct ring_memory *ring, const void *record, uint32_t size,
			    uint32_t flags)
{
	unsigned long position = *ring->producer;
	uint32_t *header = (uint32_t *)(void *)(ring->data + position % RING_MEMORY_SIZE);
	const uint8_t *bytes = record;

	*header = size | flags;
	for (uint32_t i = 0; i < size; i++)
		ring->data[(position + BPF_RINGBUF_HDR_SZ + i) % RING_MEMORY_SIZE] = bytes[i];
	*ring->producer = position + ((size + BPF_RINGBUF_HDR_SZ + 7) & ~7U);
	return header;
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}
