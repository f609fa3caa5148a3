// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_plan.h"

#include "base/array.h"
#include "base/count.h"
#include "base/refusal.h"
#include "cli/apply_seats.h"
#include "settings/yaml_tree.h"

#include <string.h>

typedef int stage_function(struct plan *plan, const struct world *wishes,
			   const struct present *present, enum apply_kind kind);

static int match(struct world *wishes, struct world *own, enum apply_kind kind);
static void pair(struct object *wish, struct object *found);
static void rules_renumber(const struct objects *there, const struct objects *wished);
static int targets_check(const struct world *wishes, const struct present *present,
			 struct refusal *why);
static stage_function kind_create, kind_modify, sessions_modify, kind_delete;
static bool is_kept(const struct present *present, const struct object *found);
static bool differs(const struct change *change);

static const struct {
	stage_function *add;
	enum apply_kind kind;
} stages[] = {
	{kind_create, APPLY_FILTER},    {kind_modify, APPLY_FILTER},
	{kind_create, APPLY_RULE},      {kind_modify, APPLY_RULE},
	{kind_delete, APPLY_RULE},      {kind_create, APPLY_APPLIANCE},
	{kind_modify, APPLY_APPLIANCE}, {kind_create, APPLY_TARGET},
	{kind_modify, APPLY_TARGET},    {kind_delete, APPLY_SELECTOR},
	{kind_delete, APPLY_SESSION},   {sessions_modify, APPLY_SESSION},
	{kind_create, APPLY_SESSION},   {kind_modify, APPLY_SELECTOR},
	{kind_create, APPLY_SELECTOR},  {kind_delete, APPLY_TARGET},
	{kind_delete, APPLY_FILTER},    {kind_delete, APPLY_APPLIANCE},
};

void apply_plan_fini(struct plan *plan)
{
	free(plan->items);
	*plan = (struct plan){};
}

int apply_plan_make(struct world *wishes, struct present *present, struct plan *ret_plan,
		    struct refusal *why)
{
	_cleanup_plan_ struct plan plan = {};
	int r = 0;

	for (enum apply_kind kind = 0; kind < APPLY_KIND_COUNT && r == 0; kind++)
		r = match(wishes, &present->own, kind);
	if (r == 0)
		r = targets_check(wishes, present, why);
	if (r == 0)
		r = seats_check(wishes, present, why);
	for (size_t i = 0; i < ARRAY_SIZE(stages) && r == 0; i++)
		r = stages[i].add(&plan, wishes, present, stages[i].kind);
	if (r != 0)
		return r;
	*ret_plan = plan;
	plan = (struct plan){};
	return 0;
}

bool change_has(const struct change *change, size_t field)
{
	const struct object *wish = change->wish, *found = change->found;
	const char *value = object_value(wish, field);

	if (change->aside != 0)
		return field == SESSION_NUMBER;
	return (!object_kind(wish)->fields[field].fixed || wish->kind == APPLY_RULE) && value &&
	       strcmp(value, found->values[field]) != 0;
}

bool change_renames(const struct change *change)
{
	const char *before = change->found->name;

	return object_kind(change->wish)->renamed &&
	       (!before || strcmp(change->wish->name, before) != 0);
}

/* Kinds in their order, so that what an object leans on has its id. */
static int match(struct world *wishes, struct world *own, enum apply_kind kind)
{
	struct objects *there = &own->kinds[kind], *wished = &wishes->kinds[kind];
	int r = 0;

	for (size_t i = 0; i < there->count && r == 0; i++)
		r = object_identify(there->items[i]);
	if (r == 0)
		objects_sort(there);
	for (size_t i = 0; i < wished->count && r == 0; i++) {
		struct object *wish = wished->items[i], *found;

		r = object_identify(wish);
		found = r == 0 ? objects_find(there, wish->identity) : NULL;
		if (found && !found->match)
			pair(wish, found);
	}
	if (kind == APPLY_RULE && r == 0)
		rules_renumber(there, wished);
	return r;
}

static void pair(struct object *wish, struct object *found)
{
	wish->match = found;
	found->match = wish;
	memcpy(wish->id, found->id, sizeof(wish->id));
}

/* A rule that goes becomes one that comes: so a filter that is full can be changed, and none of its rules is missing or there
 * twice for a moment.  The number of neither is the other's, for then they would be a pair already. */
static void rules_renumber(const struct objects *there, const struct objects *wished)
{
	for (size_t i = 0; i < wished->count; i++) {
		struct object *wish = wished->items[i];

		for (size_t j = 0; j < there->count && !wish->match; j++) {
			struct object *found = there->items[j];

			if (!found->match && found->owner == wish->owner->match &&
			    strcmp(found->values[RULE_DIRECTION], wish->values[RULE_DIRECTION]) ==
				    0)
				pair(wish, found);
		}
	}
}

static int target_check(const struct object *target, const struct object *other, bool own,
			struct refusal *why)
{
	for (size_t i = 0; i < object_kind(target)->count; i++) {
		const char *value = object_value(target, i), *taken = object_value(other, i);

		if (!value || !taken || *value == '\0' || strcmp(value, taken) != 0)
			continue;
		if (own)
			return yaml_refuse(why, target->node, "target '%s' has this place, %s, too",
					   other->name, value);
		return yaml_refuse(why, target->node,
				   "%s has a target that is not of this set, %s; say that one's id "
				   "in the sessions",
				   value, other->id);
	}
	return 0;
}

/* There is one target in front of a thing. */
static int targets_check(const struct world *wishes, const struct present *present,
			 struct refusal *why)
{
	const struct objects *targets = &wishes->kinds[APPLY_TARGET];
	const struct objects *others = &present->others.kinds[APPLY_TARGET];
	int r = 0;

	for (size_t i = 0; i < targets->count && r == 0; i++) {
		for (size_t j = 0; j < others->count && r == 0 && !targets->items[i]->match; j++)
			r = target_check(targets->items[i], others->items[j], false, why);
		for (size_t j = 0; j < i && r == 0; j++)
			r = target_check(targets->items[i], targets->items[j], true, why);
	}
	return r;
}

static int kind_create(struct plan *plan, const struct world *wishes,
		       const struct present *present _unused_, enum apply_kind kind)
{
	const struct objects *objects = &wishes->kinds[kind];
	int r = 0;

	for (size_t i = 0; i < objects->count && r == 0; i++) {
		const struct change change = {.verb = CHANGE_CREATE, .wish = objects->items[i]};

		if (!change.wish->match)
			r = array_append(plan, items, count, capacity, change);
	}
	return r;
}

static int kind_modify(struct plan *plan, const struct world *wishes,
		       const struct present *present _unused_, enum apply_kind kind)
{
	const struct objects *objects = &wishes->kinds[kind];
	int r = 0;

	for (size_t i = 0; i < objects->count && r == 0; i++) {
		struct object *wish = objects->items[i];
		const struct change change = {
			.verb = CHANGE_MODIFY, .wish = wish, .found = wish->match};

		if (wish->match && differs(&change))
			r = array_append(plan, items, count, capacity, change);
	}
	return r;
}

static int sessions_modify(struct plan *plan, const struct world *wishes,
			   const struct present *present, enum apply_kind kind _unused_)
{
	return seats_change(plan, wishes, present);
}

static bool differs(const struct change *change)
{
	for (size_t i = 0; i < object_kind(change->wish)->count; i++)
		if (change_has(change, i))
			return true;
	return change_renames(change);
}

static int kind_delete(struct plan *plan, const struct world *wishes _unused_,
		       const struct present *present, enum apply_kind kind)
{
	const struct objects *objects = &present->own.kinds[kind];
	int r = 0;

	for (size_t i = 0; i < objects->count && r == 0; i++) {
		const struct change change = {.verb = CHANGE_DELETE, .found = objects->items[i]};

		if (!change.found->match && !is_kept(present, change.found))
			r = array_append(plan, items, count, capacity, change);
	}
	return r;
}

/* A filter takes its rules along; an appliance may have been found by others in the meantime. */
static bool is_kept(const struct present *present, const struct object *found)
{
	const struct objects *others = &present->others.kinds[APPLY_TARGET];

	if (found->kind == APPLY_RULE)
		return !found->owner->match;
	for (size_t i = 0; i < others->count && found->kind == APPLY_APPLIANCE; i++)
		if (strcmp(others->items[i]->values[TARGET_INTERFACE], found->id) == 0)
			return true;
	return false;
}
