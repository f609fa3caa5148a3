// SPDX-License-Identifier: Apache-2.0
/* Slots.  The map is the truth; 'entries' mirrors it and 'used' is its index by session. */
#include "capture/slot.h"

#include "base/cleanup.h"
#include "base/random.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(((struct map_slot *)0)->session) == RESOURCE_ID_SIZE, "ids are kept whole");

static struct capture_slot slot_from_entry(const struct slots *slots, uint32_t slot);
static int slot_compare(const void *a, const void *b);
static int slot_take(struct slots *slots, const struct tables *tables,
		     const struct resource_id *session, struct capture_slot *ret_slot);
static int slot_find_free(const struct slots *slots, uint32_t *ret_slot);
static int slot_clear_counters(const struct tables *tables, uint32_t slot);
static void slots_set_aside(struct slots *slots, const struct capture_slot *kept, size_t count,
			    uint32_t *ret_ended, size_t *ret_ended_count);

int slots_load(struct slots *slots, const struct tables *tables)
{
	slots->used = calloc(MAP_SLOT_LIMIT, sizeof(*slots->used));
	slots->ended = calloc(MAP_SLOT_LIMIT, sizeof(*slots->ended));
	if (!slots->used || !slots->ended)
		return -ENOMEM;
	for (uint32_t slot = 0; slot < MAP_SLOT_LIMIT; slot++) {
		if (bpf_map_lookup_elem(tables->slots, &slot, &slots->entries[slot]) < 0)
			return -errno;
		slots->entries[slot].session[RESOURCE_ID_SIZE - 1] = '\0';
		if (slots->entries[slot].session[0])
			slots->used[slots->used_count++] = slot_from_entry(slots, slot);
	}
	qsort(slots->used, slots->used_count, sizeof(*slots->used), slot_compare);
	/* Which was given back last is not known: what lies in the rings for its owner is still to be counted there. */
	slots->next = (uint32_t)(random_number() % MAP_SLOT_LIMIT);
	return 0;
}

void slots_fini(struct slots *slots)
{
	free(slots->used);
	free(slots->ended);
	slots->used = NULL;
	slots->ended = NULL;
}

int slots_assign(struct slots *slots, const struct tables *tables, const struct plan *plan)
{
	_cleanup_free_ struct capture_slot *used = NULL;
	size_t count = 0;
	int result = 0;

	used = calloc(MAP_SLOT_LIMIT, sizeof(*used));
	if (!used)
		return -ENOMEM;
	for (size_t i = 0; i < plan->session_count; i++) {
		const struct resource_id *session = &plan->sessions[i].id;
		const struct capture_slot *present = slots_find(slots, session);
		int r = 0;

		if (count == MAP_SLOT_LIMIT)
			r = -ENOSPC;
		else if (present)
			used[count] = *present;
		else
			r = slot_take(slots, tables, session, &used[count]);
		if (r == 0)
			count++;
		else if (result == 0)
			result = r;
	}
	qsort(used, count, sizeof(*used), slot_compare);
	slots_set_aside(slots, used, count, slots->ended, &slots->ended_count);
	free(slots->used);
	slots->used = TAKE_PTR(used);
	slots->used_count = count;
	return result;
}

int slots_release(struct slots *slots, const struct tables *tables)
{
	while (slots->ended_count > 0) {
		uint32_t slot = slots->ended[slots->ended_count - 1];
		struct map_slot entry = {.generation = slots->entries[slot].generation};

		if (bpf_map_update_elem(tables->slots, &slot, &entry, BPF_ANY) < 0)
			return -errno;
		slots->entries[slot] = entry;
		slots->ended_count--;
	}
	return 0;
}

const struct capture_slot *slots_find(const struct slots *slots, const struct resource_id *session)
{
	struct capture_slot key = {.session = *session};

	return bsearch(&key, slots->used, slots->used_count, sizeof(key), slot_compare);
}

static struct capture_slot slot_from_entry(const struct slots *slots, uint32_t slot)
{
	const struct map_slot *entry = &slots->entries[slot];
	struct capture_slot result = {
		.slot = slot,
		.generation = entry->generation,
		.epoch = entry->epoch,
	};

	memcpy(result.session.text, entry->session, sizeof(result.session.text));
	return result;
}

static int slot_compare(const void *a, const void *b)
{
	const struct capture_slot *left = a, *right = b;

	return strcmp(left->session.text, right->session.text);
}

/* Counters are cleared before the slot gets its name: an agent that dies in between leaves a free slot. */
static int slot_take(struct slots *slots, const struct tables *tables,
		     const struct resource_id *session, struct capture_slot *ret_slot)
{
	struct map_slot entry = {};
	uint32_t slot;
	int r;

	r = slot_find_free(slots, &slot);
	if (r == 0)
		r = slot_clear_counters(tables, slot);
	if (r < 0)
		return r;
	memcpy(entry.session, session->text, sizeof(entry.session));
	entry.generation = slots->entries[slot].generation + 1;
	if (entry.generation == 0)
		entry.generation = 1;
	entry.epoch = random_number();
	if (bpf_map_update_elem(tables->slots, &slot, &entry, BPF_ANY) < 0)
		return -errno;
	slots->entries[slot] = entry;
	slots->next = slot + 1;
	*ret_slot = slot_from_entry(slots, slot);
	return 0;
}

/* Goes round, rather than take the first: a shipping thread that is kept waiting may still be counting for the last
 * owner, and is done long before it is the slot's turn again.  Returns 0 or -ENOSPC. */
static int slot_find_free(const struct slots *slots, uint32_t *ret_slot)
{
	for (uint32_t i = 0; i < MAP_SLOT_LIMIT; i++) {
		uint32_t slot = (slots->next + i) % MAP_SLOT_LIMIT;

		if (slots->entries[slot].session[0])
			continue;
		*ret_slot = slot;
		return 0;
	}
	return -ENOSPC;
}

static int slot_clear_counters(const struct tables *tables, uint32_t slot)
{
	_cleanup_free_ struct map_counters *zero = calloc(tables->cpu_count, sizeof(*zero));

	if (!zero)
		return -ENOMEM;
	for (uint32_t direction = 0; direction < DIRECTION_COUNT; direction++) {
		uint32_t index = slot * DIRECTION_COUNT + direction;

		if (bpf_map_update_elem(tables->counters, &index, zero, BPF_ANY) < 0)
			return -errno;
	}
	memset(&tables->ship_counters[slot], 0, sizeof(tables->ship_counters[slot]));
	memset(&tables->session_options[slot], 0, sizeof(tables->session_options[slot]));
	return 0;
}

/* Ended are all slots with a name that are not among the 'kept' ones. */
static void slots_set_aside(struct slots *slots, const struct capture_slot *kept, size_t count,
			    uint32_t *ret_ended, size_t *ret_ended_count)
{
	bool is_kept[MAP_SLOT_LIMIT] = {};

	for (size_t i = 0; i < count; i++)
		is_kept[kept[i].slot] = true;
	*ret_ended_count = 0;
	for (uint32_t slot = 0; slot < MAP_SLOT_LIMIT; slot++)
		if (slots->entries[slot].session[0] && !is_kept[slot])
			ret_ended[(*ret_ended_count)++] = slot;
}
