// SPDX-License-Identifier: Apache-2.0
#include "balance/choice.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

static uint16_t flow_place(const struct choice *choice, uint64_t flow, uint16_t held, uint32_t now,
			   uint32_t idle);
static struct choice *choice_alloc(const struct choice_member *members, size_t count);
static int maglev_make(const struct choice_member *members, size_t count,
		       struct maglev **ret_maglev);

int holding_new(size_t capacity, struct flows_budget *budget, struct holding **ret_holding)
{
	_cleanup_(holding_unrefp) struct holding *holding = calloc(1, sizeof(*holding));
	int r;

	if (!holding)
		return -ENOMEM;
	holding->references = 1;
	r = flows_new(capacity, budget, &holding->flows);
	if (r < 0)
		return r;
	*ret_holding = TAKE_PTR(holding);
	return 0;
}

struct holding *holding_ref(struct holding *holding)
{
	holding->references++;
	return holding;
}

void holding_unref(struct holding *holding)
{
	if (!holding || --holding->references > 0)
		return;
	flows_free(holding->flows);
	free(holding);
}

int choice_new(const struct choice_member *members, size_t count, struct holding *holding,
	       struct choice **ret_choice)
{
	_cleanup_(choice_unrefp) struct choice *choice = NULL;
	int r;

	for (size_t i = 0; i < count; i++)
		if (members[i].number >= CHOICE_NUMBERS_MAX)
			return -EINVAL;
	choice = choice_alloc(members, count);
	if (!choice)
		return -ENOMEM;
	r = maglev_make(members, count, &choice->maglev);
	if (r < 0)
		return r;
	choice->holding = holding_ref(holding);
	choice->flows = holding->flows;
	*ret_choice = TAKE_PTR(choice);
	return 0;
}

struct choice *choice_ref(struct choice *choice)
{
	choice->references++;
	return choice;
}

void choice_unref(struct choice *choice)
{
	if (!choice || --choice->references > 0)
		return;
	holding_unref(choice->holding);
	maglev_free(choice->maglev);
	free(choice->numbers);
	free(choice);
}

uint16_t choice_find(const struct choice *choice, uint64_t flow, uint32_t now, uint32_t idle)
{
	uint16_t held = flows_find(choice->flows, flow, now, idle);

	if (held < choice->number_limit && choice->keepers[held] != CHOICE_NOBODY)
		return choice->keepers[held];
	return flow_place(choice, flow, held, now, idle);
}

/* Gives a flow to the member whose turn it is.  'held' is who had it. */
static uint16_t flow_place(const struct choice *choice, uint64_t flow, uint16_t held, uint32_t now,
			   uint32_t idle)
{
	struct holding *holding = choice->holding;
	uint16_t index = maglev_find(choice->maglev, flow);
	enum flows_change change;

	if (index == MAGLEV_NOBODY)
		return CHOICE_NOBODY;
	change = flows_hold(choice->flows, flow, choice->numbers[index], now, idle);
	if (held != FLOWS_UNKNOWN)
		atomic_fetch_add_explicit(&holding->moved, 1, memory_order_relaxed);
	if (change == FLOWS_REPLACED)
		atomic_fetch_add_explicit(&holding->evicted, 1, memory_order_relaxed);
	return index;
}

/* All but the table. */
static struct choice *choice_alloc(const struct choice_member *members, size_t count)
{
	_cleanup_(choice_unrefp) struct choice *choice = NULL;
	uint16_t limit = 0;

	for (size_t i = 0; i < count; i++)
		limit = (uint16_t)MAX(limit, members[i].number + 1);
	choice = calloc(1, sizeof(*choice) + limit * sizeof(choice->keepers[0]));
	if (!choice)
		return NULL;
	choice->references = 1;
	choice->number_limit = limit;
	choice->numbers = calloc(count + 1, sizeof(*choice->numbers));
	if (!choice->numbers)
		return NULL;
	memset(choice->keepers, 0xff, limit * sizeof(choice->keepers[0]));
	for (size_t i = 0; i < count; i++) {
		choice->numbers[i] = members[i].number;
		if (members[i].keeps)
			choice->keepers[members[i].number] = (uint16_t)i;
	}
	return TAKE_PTR(choice);
}

static int maglev_make(const struct choice_member *members, size_t count,
		       struct maglev **ret_maglev)
{
	_cleanup_free_ struct maglev_member *list = calloc(count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		list[i] = (struct maglev_member){members[i].name, members[i].weight,
						 members[i].serves};
	return maglev_new(list, count, ret_maglev);
}
