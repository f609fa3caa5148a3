// SPDX-License-Identifier: Apache-2.0
/* Hash tables used as sets: additions first, then what is no longer in the plan goes. */
#include "capture/address_set.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int resolvers_write(const struct tables *tables, const struct plan *plan);
static int appliances_write(const struct tables *tables, const struct plan *plan);
static int set_write(int map, const void *keys, size_t count, size_t key_size);
static bool set_has(const void *keys, size_t count, size_t key_size, const void *key);

int address_sets_write(const struct tables *tables, const struct plan *plan)
{
	int r = resolvers_write(tables, plan);

	return r < 0 ? r : appliances_write(tables, plan);
}

static int resolvers_write(const struct tables *tables, const struct plan *plan)
{
	_cleanup_free_ struct map_resolver *keys = NULL;

	keys = calloc(plan->resolver_count + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < plan->resolver_count; i++) {
		memcpy(&keys[i].address, plan->resolvers[i].bytes, sizeof(keys[i].address));
		keys[i].family = plan->resolvers[i].family;
	}
	return set_write(tables->resolvers, keys, plan->resolver_count, sizeof(*keys));
}

static int appliances_write(const struct tables *tables, const struct plan *plan)
{
	_cleanup_free_ struct map_appliance *keys = NULL;
	size_t count = 0;

	keys = calloc(plan->target_count + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < plan->target_count; i++) {
		const struct plan_target *target = &plan->targets[i];

		if (!target->reachable)
			continue;
		memcpy(&keys[count].address, target->address.bytes, sizeof(keys[count].address));
		keys[count].family = target->address.family;
		keys[count].port = htons(target->port);
		count++;
	}
	return set_write(tables->appliances, keys, count, sizeof(*keys));
}

#define KEY_SIZE_MAX 32

static int set_write(int map, const void *keys, size_t count, size_t key_size)
{
	uint8_t key[KEY_SIZE_MAX], previous[KEY_SIZE_MAX];
	const uint8_t *last = NULL, present = 1;

	for (size_t i = 0; i < count; i++)
		if (bpf_map_update_elem(map, (const uint8_t *)keys + i * key_size, &present,
					BPF_ANY) < 0)
			return -errno;
	while (bpf_map_get_next_key(map, last, key) == 0) {
		memcpy(previous, key, key_size);
		last = previous;
		if (set_has(keys, count, key_size, key))
			continue;
		if (bpf_map_delete_elem(map, key) < 0 && errno != ENOENT)
			return -errno;
		last = NULL; /* The walk starts over; the table is smaller now. */
	}
	return errno == ENOENT ? 0 : -errno;
}

static bool set_has(const void *keys, size_t count, size_t key_size, const void *key)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp((const uint8_t *)keys + i * key_size, key, key_size) == 0)
			return true;
	return false;
}
