// SPDX-License-Identifier: Apache-2.0
/* A host takes so many fleets, and so many members of all of them together.  Tenants share a host, so the smallest
 * fleets go first: whoever makes a large one leaves none of the others out. */
#include "control/plan_fleets.h"

#include "base/array.h"
#include "base/text.h"
#include "control/fleet.h"
#include "control/state.h"
#include "store/member.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void fold(struct wanted_fleets *wanted);
static int count_members(struct control *control, struct wanted_fleets *wanted);
static int add_fleet(struct control *control, const struct wanted_fleet *wanted, struct plan *plan);
static void crowd_out(struct plan *plan);
static int group_compare(const void *a, const void *b);
static int size_compare(const void *a, const void *b);

void wanted_fleets_fini(struct wanted_fleets *wanted)
{
	free(wanted->items);
}

int wanted_fleets_add(struct wanted_fleets *wanted, const char *group, uint32_t tcp_idle)
{
	struct wanted_fleet fleet = {.tcp_idle = tcp_idle};

	(void)string_copy(fleet.group, sizeof(fleet.group), group);
	return array_append(wanted, items, count, capacity, fleet);
}

int plan_add_fleets(struct control *control, struct wanted_fleets *wanted, struct plan *plan)
{
	int64_t members = 0;
	int r;

	if (wanted->count == 0)
		return 0;
	fold(wanted);
	r = count_members(control, wanted);
	if (r < 0)
		return r;
	qsort(wanted->items, wanted->count, sizeof(*wanted->items), size_compare);
	for (size_t i = 0; r == 0 && i < wanted->count && i < PLAN_FLEETS_MAX; i++) {
		members += wanted->items[i].members;
		if (members > PLAN_MEMBERS_MAX)
			break; /* Those that follow are no smaller. */
		r = add_fleet(control, &wanted->items[i], plan);
	}
	if (r == 0)
		crowd_out(plan);
	return r;
}

/* Listeners of one group may differ in how long they remember a flow: the longest counts. */
static void fold(struct wanted_fleets *wanted)
{
	size_t kept = 0;

	qsort(wanted->items, wanted->count, sizeof(*wanted->items), group_compare);
	for (size_t i = 1; i < wanted->count; i++) {
		const struct wanted_fleet *next = &wanted->items[i];
		struct wanted_fleet *last = &wanted->items[kept];

		if (group_compare(last, next) != 0)
			wanted->items[++kept] = *next;
		else if (last->tcp_idle < next->tcp_idle)
			last->tcp_idle = next->tcp_idle;
	}
	wanted->count = kept + 1;
}

static int count_members(struct control *control, struct wanted_fleets *wanted)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		r = store_count_members(control->store, wanted->items[i].group,
					&wanted->items[i].members);
	return r;
}

static int add_fleet(struct control *control, const struct wanted_fleet *wanted, struct plan *plan)
{
	struct fleet fleet = {};
	int r = fleet_compute(control, wanted->group, wanted->tcp_idle, &fleet);

	if (r != 0)
		return r == STORE_MISSING ? -EBADMSG : r;
	r = array_append(plan, fleets, fleet_count, fleet_capacity, fleet);
	if (r < 0)
		fleet_fini(&fleet);
	return r;
}

static void crowd_out(struct plan *plan)
{
	plan_sort(plan);
	for (size_t i = 0; i < plan->session_count; i++) {
		struct plan_session *session = &plan->sessions[i];

		if (session->fleet[0] == '\0' || plan_find_fleet(plan, session->fleet))
			continue;
		session->fleet[0] = '\0';
		session->crowded_out = true;
	}
}

static int group_compare(const void *a, const void *b)
{
	const struct wanted_fleet *left = a, *right = b;

	return strcmp(left->group, right->group);
}

static int size_compare(const void *a, const void *b)
{
	const struct wanted_fleet *left = a, *right = b;

	if (left->members != right->members)
		return left->members < right->members ? -1 : 1;
	return strcmp(left->group, right->group);
}
