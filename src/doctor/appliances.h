/* Where this host's copies go, and how large they are on the way. */
#pragma once

#include "mirror/plan.h"

struct appliance {
	struct address address;
	uint16_t port;
	uint32_t length;               /* Of the longest packet to it, its IP header included. */
	char source[DEVICE_NAME_SIZE]; /* Whose packets those carry. */
	struct resource_id session;
};

struct appliances {
	struct appliance *items; /* Each address and port once. */
	size_t count, capacity;
};

void appliances_fini(struct appliances *appliances);
#define _cleanup_appliances_ _cleanup_(appliances_fini)

/* Returns 0 or -ENOMEM. */
int appliances_list(const struct plan *plan, struct appliances *ret_appliances);
