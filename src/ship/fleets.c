// SPDX-License-Identifier: Apache-2.0
/* The hard idea is who serves.  Healthy members get new flows, unless there are fewer of them than the fleet wants: then all
 * are taken for healthy, for copies to a sensor that may be dead are better than none.  Members of whom nothing is known yet
 * count as unhealthy here, but they keep their flows.  Who is draining gets no new flows and keeps the ones he has. */
#include "ship/fleets.h"

#include "base/clock.h"
#include "base/count.h"
#include "ship/ship.h"

#include <errno.h>
#include <string.h>

/* For a pass over all held flows.  Looking at a million places takes some milliseconds, so each report does its share. */
#define SWEEP_INTERVAL (10 * NSEC_PER_SEC)

static struct known_fleet *fleets_find_own(struct fleets *fleets, const char *id);
static int known_fleet_init(struct known_fleet *known, const struct fleet *given,
			    const struct known_fleet *previous, size_t flow_capacity,
			    struct flows_budget *budget);
static void known_fleet_fini(struct known_fleet *known);
static void known_fleet_sweep(struct known_fleet *known, uint64_t now);
static void known_fleet_take_count(struct known_fleet *known, const struct flows_count *count,
				   bool complete);
static int fleet_copy(const struct fleet *given, struct fleet *ret_fleet);
static bool fleet_equal(const struct fleet *left, const struct fleet *right);
static void members_recall(struct known_fleet *known, const struct known_fleet *previous);
static void member_recall(struct known_fleet *known, size_t index,
			  const struct known_fleet *previous, size_t before);
static uint16_t number_take(struct known_fleet *known, bool *used);
static ssize_t member_find(const struct fleet *fleet, const char *id, uint16_t port);
static int choice_make(struct known_fleet *known);
static bool member_is_healthy(const struct known_fleet *known, size_t index);
static bool healthy_suffice(const struct known_fleet *known);
static uint64_t member_name(const struct fleet_member *member);
static int fleet_compare(const void *a, const void *b);

void fleets_fini(struct fleets *fleets)
{
	for (size_t i = 0; i < fleets->count; i++)
		known_fleet_fini(&fleets->items[i]);
	free(fleets->items);
	*fleets = (struct fleets){};
}

int fleets_set(struct fleets *fleets, const struct fleet *given, size_t count, size_t flow_capacity)
{
	_cleanup_(fleets_fini) struct fleets next = {.budget = fleets->budget};
	struct fleets replaced = *fleets;

	next.items = calloc(count + 1, sizeof(*next.items));
	if (!next.items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int r = known_fleet_init(&next.items[next.count++], &given[i],
					 fleets_find(fleets, given[i].id), flow_capacity,
					 fleets->budget);

		if (r < 0)
			return r;
	}
	*fleets = next;
	next = replaced;
	return 0;
}

bool fleets_set_health(struct fleets *fleets, const char *fleet, const char *member, uint16_t port,
		       enum member_state state)
{
	struct known_fleet *known = fleets_find_own(fleets, fleet);
	ssize_t index = known ? member_find(&known->fleet, member, port) : -1;

	if (index < 0 || known->states[index] == state)
		return false;
	known->states[index] = state;
	choice_unref(TAKE_PTR(known->choice));
	return true;
}

int fleets_settle(struct fleets *fleets)
{
	for (size_t i = 0; i < fleets->count; i++) {
		int r = fleets->items[i].choice ? 0 : choice_make(&fleets->items[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

bool fleets_count_flows(struct fleets *fleets, const char *id, uint64_t now,
			struct ship_flows *ret_flows)
{
	struct known_fleet *known = fleets_find_own(fleets, id);

	if (!known)
		return false;
	known_fleet_sweep(known, now);
	*ret_flows = (struct ship_flows){
		.held = known->flow_count,
		.moved = atomic_load_explicit(&known->holding->moved, memory_order_relaxed),
		.evicted = atomic_load_explicit(&known->holding->evicted, memory_order_relaxed),
	};
	return true;
}

uint32_t fleets_count_held(const struct fleets *fleets, const char *fleet, const char *member,
			   uint16_t port)
{
	const struct known_fleet *known = fleets_find(fleets, fleet);
	ssize_t index = known ? member_find(&known->fleet, member, port) : -1;

	return index < 0 ? 0 : known->held[index];
}

const struct known_fleet *fleets_find(const struct fleets *fleets, const char *id)
{
	return fleets->count > 0 ? bsearch(id, fleets->items, fleets->count, sizeof(*fleets->items),
					   fleet_compare)
				 : NULL;
}

static struct known_fleet *fleets_find_own(struct fleets *fleets, const char *id)
{
	const struct known_fleet *found = fleets_find(fleets, id);

	return found ? &fleets->items[found - fleets->items] : NULL;
}

static int known_fleet_init(struct known_fleet *known, const struct fleet *given,
			    const struct known_fleet *previous, size_t flow_capacity,
			    struct flows_budget *budget)
{
	int r;

	r = fleet_copy(given, &known->fleet);
	if (r < 0)
		return r;
	known->numbers = calloc(given->member_count + 1, sizeof(*known->numbers));
	known->states = calloc(given->member_count + 1, sizeof(*known->states));
	known->held = calloc(given->member_count + 1, sizeof(*known->held));
	known->counted = calloc(given->member_count + 1, sizeof(*known->counted));
	if (!known->numbers || !known->states || !known->held || !known->counted)
		return -ENOMEM;
	if (previous)
		known->holding = holding_ref(previous->holding);
	else
		r = holding_new(flow_capacity, budget, &known->holding);
	if (r < 0)
		return r;
	members_recall(known, previous);
	if (previous) {
		known->counted_all = previous->counted_all;
		known->flow_count = previous->flow_count;
		known->swept = previous->swept;
	}
	if (previous && previous->choice && fleet_equal(given, &previous->fleet))
		known->choice = choice_ref(previous->choice);
	return 0;
}

static void known_fleet_fini(struct known_fleet *known)
{
	fleet_fini(&known->fleet);
	free(known->numbers);
	free(known->states);
	free(known->held);
	free(known->counted);
	holding_unref(known->holding);
	choice_unref(known->choice);
}

/* As much of a pass as time has gone by.  Whose flows are whose only the choice can say. */
static void known_fleet_sweep(struct known_fleet *known, uint64_t now)
{
	struct flows *flows = known->holding->flows;
	const uint64_t elapsed = MIN(now - known->swept, SWEEP_INTERVAL);
	const size_t places = flows_get_size(flows);
	struct flows_count count = {.counts = known->counted};
	bool complete;

	if (!known->choice)
		return;
	count.owners = known->choice->keepers;
	count.owner_limit = known->choice->number_limit;
	complete = flows_sweep(flows, (uint32_t)(now / NSEC_PER_SEC),
			       places * elapsed / SWEEP_INTERVAL + 1, &count);
	known->swept = now;
	known_fleet_take_count(known, &count, complete);
}

static void known_fleet_take_count(struct known_fleet *known, const struct flows_count *count,
				   bool complete)
{
	known->counted_all += count->all;
	if (!complete)
		return;
	known->flow_count = known->counted_all;
	known->counted_all = 0;
	memcpy(known->held, known->counted, known->fleet.member_count * sizeof(*known->held));
	memset(known->counted, 0, known->fleet.member_count * sizeof(*known->counted));
}

static int fleet_copy(const struct fleet *given, struct fleet *ret_fleet)
{
	struct fleet_member *members = calloc(given->member_count + 1, sizeof(*members));

	if (!members)
		return -ENOMEM;
	if (given->member_count > 0)
		memcpy(members, given->members, given->member_count * sizeof(*members));
	*ret_fleet = *given;
	ret_fleet->members = members;
	ret_fleet->member_capacity = given->member_count + 1;
	return 0;
}

static bool member_equal(const struct fleet_member *left, const struct fleet_member *right)
{
	return fleet_member_compare(left, right) == 0 && left->weight == right->weight &&
	       left->draining == right->draining && address_equal(&left->address, &right->address);
}

/* As far as it matters here. */
static bool fleet_equal(const struct fleet *left, const struct fleet *right)
{
	bool equal = left->stickiness == right->stickiness && left->rebalance == right->rebalance &&
		     left->tcp_idle == right->tcp_idle && left->other_idle == right->other_idle &&
		     left->healthy_count == right->healthy_count &&
		     left->healthy_percent == right->healthy_percent &&
		     left->check.protocol == right->check.protocol &&
		     left->member_count == right->member_count;

	for (size_t i = 0; equal && i < left->member_count; i++)
		equal = member_equal(&left->members[i], &right->members[i]);
	return equal;
}

/* What is known of members that were there, and numbers for the others.  Who had those before is forgotten. */
static void members_recall(struct known_fleet *known, const struct known_fleet *previous)
{
	bool used[CHOICE_NUMBERS_MAX] = {}, gone[CHOICE_NUMBERS_MAX] = {}, any_gone = false;

	known->next_number = previous ? previous->next_number : 0;
	for (size_t i = 0; previous && i < previous->fleet.member_count; i++)
		used[previous->numbers[i]] = true;
	for (size_t i = 0; i < known->fleet.member_count; i++) {
		const struct fleet_member *member = &known->fleet.members[i];
		ssize_t before = previous ? member_find(&previous->fleet, member->id, member->port)
					  : -1;

		if (before >= 0) {
			member_recall(known, i, previous, (size_t)before);
			continue;
		}
		known->numbers[i] = number_take(known, used);
		gone[known->numbers[i]] = known->next_number > CHOICE_NUMBERS_MAX;
		any_gone |= gone[known->numbers[i]];
	}
	if (any_gone)
		flows_forget(known->holding->flows, gone, CHOICE_NUMBERS_MAX);
}

static void member_recall(struct known_fleet *known, size_t index,
			  const struct known_fleet *previous, size_t before)
{
	known->numbers[index] = previous->numbers[before];
	known->states[index] = previous->states[before];
	known->held[index] = previous->held[before];
	known->counted[index] = previous->counted[before];
}

/* The number that rested longest. */
static uint16_t number_take(struct known_fleet *known, bool *used)
{
	uint32_t number = known->next_number;

	while (used[number % CHOICE_NUMBERS_MAX])
		number++;
	known->next_number = number + 1;
	used[number % CHOICE_NUMBERS_MAX] = true;
	return (uint16_t)(number % CHOICE_NUMBERS_MAX);
}

static int member_compare(const void *key, const void *item)
{
	return fleet_member_compare(key, item);
}

/* Its index, or -1. */
static ssize_t member_find(const struct fleet *fleet, const char *id, uint16_t port)
{
	struct fleet_member key = {.port = port};
	const struct fleet_member *found = NULL;

	(void)strncpy(key.id, id, sizeof(key.id) - 1);
	if (fleet->member_count > 0)
		found = bsearch(&key, fleet->members, fleet->member_count, sizeof(key),
				member_compare);
	return found ? found - fleet->members : -1;
}

static int choice_make(struct known_fleet *known)
{
	const struct fleet *fleet = &known->fleet;
	_cleanup_free_ struct choice_member *members =
		calloc(fleet->member_count + 1, sizeof(*members));
	bool suffice = healthy_suffice(known);

	if (!members)
		return -ENOMEM;
	for (size_t i = 0; i < fleet->member_count; i++) {
		const struct fleet_member *member = &fleet->members[i];
		bool failed = known->states[i] == MEMBER_UNHEALTHY && !member_is_healthy(known, i);

		members[i] = (struct choice_member){
			.name = member_name(member),
			.weight = member->weight,
			.number = known->numbers[i],
			.serves = !member->draining && (!suffice || member_is_healthy(known, i)),
			.keeps = !failed || !suffice || !fleet->rebalance,
		};
	}
	return choice_new(members, fleet->member_count, known->holding, &known->choice);
}

static bool member_is_healthy(const struct known_fleet *known, size_t index)
{
	return known->fleet.check.protocol == CHECK_NONE || known->states[index] == MEMBER_HEALTHY;
}

/* One is the least that any fleet wants. */
static bool healthy_suffice(const struct known_fleet *known)
{
	const struct fleet *fleet = &known->fleet;
	uint64_t healthy = 0, all = 0;

	for (size_t i = 0; i < fleet->member_count; i++) {
		all += !fleet->members[i].draining;
		healthy += !fleet->members[i].draining && member_is_healthy(known, i);
	}
	return healthy >= MAX(fleet->healthy_count, 1U) &&
	       healthy * 100 >= fleet->healthy_percent * all;
}

/* FNV-1a (Fowler, Noll, Vo), over what is the same on every host. */
static uint64_t member_name(const struct fleet_member *member)
{
	uint64_t name = 0xcbf29ce484222325ULL;

	for (const char *text = member->id; *text != '\0'; text++)
		name = (name ^ (uint8_t)*text) * 0x100000001b3ULL;
	name = (name ^ (uint8_t)(member->port >> 8)) * 0x100000001b3ULL;
	return (name ^ (uint8_t)member->port) * 0x100000001b3ULL;
}

_Static_assert(offsetof(struct known_fleet, fleet.id) == 0, "a fleet is found by its first member");

static int fleet_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}
