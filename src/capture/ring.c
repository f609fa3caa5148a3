// SPDX-License-Identifier: Apache-2.0
/* Rings are memory that the kernel takes at once, tail included; a host with many CPUs gets smaller ones. */
#include "capture/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIN_PATH_SIZE 512
#define RINGS_SIZE \
	(64U << 20) /* Of all CPUs together, where each then has no less than the least. */
#define RING_SIZE_MIN (1U << 20)
#define RING_SIZE_MAX (32U << 20)

static uint32_t default_size(size_t count);
static int pinned_value_size(const char *pins, uint32_t *ret_value_size);
static uint32_t value_size(uint32_t size);
static int heads_share(struct rings *rings, int map);
static int ring_open(struct rings *rings, const struct ring_maps *maps, const char *pins,
		     uint32_t cpu, uint32_t size);
static int part_open(const char *pins, const char *name, uint32_t cpu, enum bpf_map_type type,
		     uint32_t size, int *ret_descriptor);
static int part_make(enum bpf_map_type type, uint32_t size);

int rings_choose_size(const char *pins, uint32_t wanted, size_t count, uint32_t *ret_size)
{
	uint32_t present, size = wanted ? wanted : default_size(count);

	if (pinned_value_size(pins, &present) == 0)
		for (uint32_t power = RING_SIZE_LEAST; power <= 1U << 30; power *= 2)
			if (value_size(power) == present)
				size = power;
	if (size < RING_SIZE_LEAST || size > 1U << 30 || (size & (size - 1)) != 0)
		return -EINVAL;
	*ret_size = size;
	return 0;
}

int rings_open(struct rings *ret_rings, const struct ring_maps *maps, const char *pins,
	       uint32_t size, size_t count)
{
	int r;

	ret_rings->list = calloc(count, sizeof(*ret_rings->list));
	if (!ret_rings->list)
		return -ENOMEM;
	ret_rings->count = count;
	for (size_t i = 0; i < count; i++)
		ret_rings->list[i] = (struct capture_ring){.data = -1, .bell = -1};
	r = heads_share(ret_rings, maps->heads);
	for (uint32_t cpu = 0; r == 0 && cpu < count; cpu++)
		r = ring_open(ret_rings, maps, pins, cpu, size);
	return r;
}

void rings_close(struct rings *rings)
{
	for (size_t i = 0; i < rings->count; i++) {
		closep(&rings->list[i].data);
		closep(&rings->list[i].bell);
	}
	free(rings->list);
	if (rings->heads)
		munmap(rings->heads, rings->count * sizeof(*rings->heads));
	*rings = (struct rings){};
}

static uint32_t default_size(size_t count)
{
	uint32_t size = RING_SIZE_MAX;

	while (size > RING_SIZE_MIN && size * count > RINGS_SIZE)
		size /= 2;
	return size;
}

static int pinned_value_size(const char *pins, uint32_t *ret_value_size)
{
	_cleanup_close_ int ring = -1;
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info);
	char path[PIN_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/ring-0", pins);
	ring = bpf_obj_get(path);
	if (ring < 0 || bpf_obj_get_info_by_fd(ring, &info, &size) < 0)
		return -errno;
	*ret_value_size = info.value_size;
	return 0;
}

static uint32_t value_size(uint32_t size)
{
	return size + RING_TAIL(size);
}

static int heads_share(struct rings *rings, int map)
{
	void *memory = mmap(NULL, rings->count * sizeof(*rings->heads), PROT_READ | PROT_WRITE,
			    MAP_SHARED, map, 0);

	if (memory == MAP_FAILED)
		return -errno;
	rings->heads = memory;
	return 0;
}

/* 'busy' is cleared in case a kernel ended a run half-way: nobody else would, and the ring would be full for ever. */
static int ring_open(struct rings *rings, const struct ring_maps *maps, const char *pins,
		     uint32_t cpu, uint32_t size)
{
	struct capture_ring *ring = &rings->list[cpu];
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	int r;

	ring->size = size;
	ring->head = &rings->heads[cpu];
	__atomic_store_n(&ring->head->busy, 0, __ATOMIC_RELEASE);
	r = part_open(pins, "ring", cpu, BPF_MAP_TYPE_ARRAY, value_size(size), &ring->data);
	if (r == 0)
		r = part_open(pins, "bell", cpu, BPF_MAP_TYPE_RINGBUF, page, &ring->bell);
	if (r < 0)
		return r;
	if (bpf_map_update_elem(maps->data, &cpu, &ring->data, BPF_ANY) < 0 ||
	    bpf_map_update_elem(maps->bells, &cpu, &ring->bell, BPF_ANY) < 0)
		return -errno;
	return 0;
}

/* 'size' is that of the only element of an array, or of a ring buffer. */
static int part_open(const char *pins, const char *name, uint32_t cpu, enum bpf_map_type type,
		     uint32_t size, int *ret_descriptor)
{
	_cleanup_close_ int part = -1;
	struct bpf_map_info info = {};
	uint32_t info_size = sizeof(info);
	char path[PIN_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s-%u", pins, name, cpu);
	part = bpf_obj_get(path);
	if (part < 0) {
		part = part_make(type, size);
		if (part < 0 || bpf_obj_pin(part, path) < 0)
			return -errno;
	}
	if (bpf_obj_get_info_by_fd(part, &info, &info_size) < 0)
		return -errno;
	if (info.type != type ||
	    (type == BPF_MAP_TYPE_ARRAY ? info.value_size : info.max_entries) != size)
		return -ESTALE;
	*ret_descriptor = TAKE_FD(part);
	return 0;
}

static int part_make(enum bpf_map_type type, uint32_t size)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	if (type == BPF_MAP_TYPE_RINGBUF)
		return bpf_map_create(type, "tmirror_bell", 0, 0, size, NULL);
	return bpf_map_create(type, "tmirror_ring", sizeof(uint32_t), size, 1, &options);
}
