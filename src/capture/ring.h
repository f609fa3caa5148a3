/* The rings of all CPUs: data, heads and bells (wire/ring.h). */
#pragma once

#include "capture/capture.h"
#include "wire/ring.h"

#include <stddef.h>

struct rings {
	struct capture_ring *list; /* One per possible CPU; the descriptors are owned. */
	size_t count;
	struct ring_head *heads; /* Memory shared with the map. */
};

/* The size that all rings have: that of the pinned ones, else 'wanted', or by the number of CPUs when that is 0.  Returns
 * 0, or -EINVAL for an impossible size. */
int rings_choose_size(const char *pins, uint32_t wanted, size_t count, uint32_t *ret_size);

/* The outer maps and the map of heads, as descriptors. */
struct ring_maps {
	int data, heads, bells;
};

/* Makes the rings, or takes over those pinned in 'pins' with whatever they still hold, and puts them into their maps.
 * 'ret_rings' is zeroed by the caller and closed by it in every case.  Returns 0, -ESTALE when a pinned ring has
 * another size, or another fault. */
int rings_open(struct rings *ret_rings, const struct ring_maps *maps, const char *pins,
	       uint32_t size, size_t count);
void rings_close(struct rings *rings);
