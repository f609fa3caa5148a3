// SPDX-License-Identifier: Apache-2.0
/* Hash tables used as sets: additions first, so that nobody is missing meanwhile; then what is no longer in the plan goes. */
#include "capture/address_set.h"

#include "base/array.h"
#include "base/cleanup.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct key_list {
	struct map_appliance *items;
	size_t count, capacity;
};

static int resolvers_write(const struct tables *tables, const struct plan *plan);
static int appliances_write(const struct tables *tables, const struct plan *plan);
static int appliance_add(void *context, const struct address *address, uint16_t port);
static void ports_write(const struct tables *tables, const struct map_appliance *keys, size_t count,
			bool add);
static int set_write(int map, void *keys, size_t count, size_t key_size);
static int set_add(int map, const uint8_t *keys, size_t count, size_t key_size);
static int set_remove_others(int map, const uint8_t *keys, size_t count, size_t key_size);
static bool set_has(const void *keys, size_t count, size_t key_size, const void *key);
static int key_compare(const void *a, const void *b, void *key_size);

_Static_assert(PLAN_RESOLVERS_MAX * 2 <= MAP_RESOLVER_LIMIT, "old and new ones fit");
_Static_assert((PLAN_TARGETS_MAX + PLAN_SESSIONS_MAX + PLAN_MEMBERS_MAX) * 2 <= MAP_APPLIANCE_LIMIT,
	       "old and new ones fit");

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
	struct key_list list = {};
	_cleanup_free_ struct map_appliance *keys = NULL;
	int r = plan_visit_appliances(plan, appliance_add, &list);

	keys = list.items;
	if (r < 0)
		return r;
	ports_write(tables, keys, list.count, true);
	r = set_write(tables->appliances, keys, list.count, sizeof(*keys));
	if (r == 0)
		ports_write(tables, keys, list.count, false);
	return r;
}

static int appliance_add(void *context, const struct address *address, uint16_t port)
{
	struct map_appliance key = {.family = address->family, .port = htons(port)};
	struct key_list *list = context;

	memcpy(&key.address, address->bytes, sizeof(key.address));
	return array_append(list, items, count, capacity, key);
}

/* Bits that are needed are there before their appliances, others go after them. */
static void ports_write(const struct tables *tables, const struct map_appliance *keys, size_t count,
			bool add)
{
	uint64_t words[MAP_PORT_WORDS] = {};

	for (size_t i = 0; i < count; i++) {
		uint16_t port = ntohs(keys[i].port);

		words[MAP_PORT_WORD(port)] |= MAP_PORT_BIT(port);
	}
	for (size_t i = 0; i < MAP_PORT_WORDS; i++)
		__atomic_store_n(&tables->appliance_ports[i],
				 words[i] | (add ? tables->appliance_ports[i] : 0),
				 __ATOMIC_RELEASE);
}

#define KEY_SIZE_MAX 32

/* Where there is no room for what is new, what is old has to make it. */
static int set_write(int map, void *keys, size_t count, size_t key_size)
{
	int added, removed;

	if (count > 1) /* There may be no keys to point to. */
		qsort_r(keys, count, key_size, key_compare, &key_size);
	added = set_add(map, keys, count, key_size);
	removed = set_remove_others(map, keys, count, key_size);
	if (added < 0)
		added = set_add(map, keys, count, key_size);
	return added < 0 ? added : removed;
}

static int set_add(int map, const uint8_t *keys, size_t count, size_t key_size)
{
	const uint8_t present = 1;

	for (size_t i = 0; i < count; i++)
		if (bpf_map_update_elem(map, keys + i * key_size, &present, BPF_ANY) < 0)
			return -errno;
	return 0;
}

/* The walk goes from key to key, and would start over from one that is gone: so each is asked for the next one first. */
static int set_remove_others(int map, const uint8_t *keys, size_t count, size_t key_size)
{
	uint8_t key[KEY_SIZE_MAX], next[KEY_SIZE_MAX] = {};
	int end = bpf_map_get_next_key(map, NULL, key);

	while (end == 0) {
		end = bpf_map_get_next_key(map, key, next);
		if (!set_has(keys, count, key_size, key) && bpf_map_delete_elem(map, key) < 0 &&
		    errno != ENOENT)
			return -errno;
		memcpy(key, next, key_size);
	}
	return end == -ENOENT ? 0 : end;
}

/* Keys are sorted. */
static bool set_has(const void *keys, size_t count, size_t key_size, const void *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp((const uint8_t *)keys + middle * key_size, key, key_size);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int key_compare(const void *a, const void *b, void *key_size)
{
	return memcmp(a, b, *(const size_t *)key_size);
}
