// SPDX-License-Identifier: Apache-2.0
#include "ship/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORD_FLAGS (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)

static const uint32_t *header_at(const struct ring *ring);
static uint64_t page_size(void);
static uint64_t mapping_size(uint64_t size);
static int map_part(const struct ring *ring, uint64_t at, uint64_t size, int protection,
		    int descriptor, uint64_t offset);

int ring_open(int descriptor, uint64_t size, struct ring *ret_ring)
{
	_cleanup_ring_ struct ring ring = {.size = size};
	uint64_t page = page_size();
	void *reserved;
	int r;

	if (size < page || (size & (size - 1)) != 0)
		return -EINVAL;
	reserved = mmap(NULL, mapping_size(size), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (reserved == MAP_FAILED)
		return -errno;
	ring.mapping = reserved;
	r = map_part(&ring, 0, page, PROT_READ | PROT_WRITE, descriptor, 0);
	if (r == 0)
		r = map_part(&ring, page, page + size, PROT_READ, descriptor, page);
	if (r == 0)
		r = map_part(&ring, 2 * page + size, size, PROT_READ, descriptor, 2 * page);
	if (r < 0)
		return r;
	ring.consumer = reserved;
	ring.producer = (const unsigned long *)(const void *)(ring.mapping + page);
	ring.data = ring.mapping + 2 * page;
	ring.position = __atomic_load_n(ring.consumer, __ATOMIC_RELAXED);
	*ret_ring = ring;
	ring.mapping = NULL;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->mapping)
		munmap(ring->mapping, mapping_size(ring->size));
	ring->mapping = NULL;
}

bool ring_peek(struct ring *ring, const void **ret_record, uint32_t *ret_size)
{
	uint64_t producer = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	for (; ring->position < producer; ring_pass(ring)) {
		const uint32_t *header = header_at(ring);
		/* Pairs with the exchange that commits the record. */
		uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);

		if (length & BPF_RINGBUF_BUSY_BIT)
			return false;
		if (length & BPF_RINGBUF_DISCARD_BIT)
			continue;
		*ret_record = (const uint8_t *)header + BPF_RINGBUF_HDR_SZ;
		*ret_size = length;
		return true;
	}
	return false;
}

void ring_pass(struct ring *ring)
{
	uint32_t length = *header_at(ring) & ~RECORD_FLAGS;

	ring->position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
}

void ring_release(struct ring *ring)
{
	__atomic_store_n(ring->consumer, (unsigned long)ring->position, __ATOMIC_RELEASE);
}

bool ring_has_more(const struct ring *ring)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) != ring->position;
}

/* Of the record at the present position. */
static const uint32_t *header_at(const struct ring *ring)
{
	return (const uint32_t *)(const void *)(ring->data + (ring->position & (ring->size - 1)));
}

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t mapping_size(uint64_t size)
{
	return 2 * page_size() + 2 * size;
}

static int map_part(const struct ring *ring, uint64_t at, uint64_t size, int protection,
		    int descriptor, uint64_t offset)
{
	void *part = mmap(ring->mapping + at, size, protection, MAP_SHARED | MAP_FIXED, descriptor,
			  (off_t)offset);

	return part == MAP_FAILED ? -errno : 0;
}
