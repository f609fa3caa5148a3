// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_seats.h"

#include "base/array.h"
#include "base/refusal.h"
#include "settings/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 32766

/* A session that stays, and the number that it has at this moment. */
struct seat {
	struct object *wish;
	const char *number;
	char aside[8];
	bool waits;
};

struct seats {
	struct seat *items;
	size_t count, waiting;
	const struct present *present;
};

static int seats_make(struct seats *seats, const struct world *wishes);
static int seats_round(struct seats *seats, struct plan *plan);
static bool seat_is_free(const struct seats *seats, const struct seat *seat);
static int seat_set_aside(struct seats *seats, struct plan *plan);
static bool number_is_free(const struct seats *seats, const char *source, const char *number);
static bool same_seat(const struct object *a, const struct object *b);

static void seats_fini(struct seats *seats)
{
	free(seats->items);
}

int seats_check(const struct world *wishes, const struct present *present, struct refusal *why)
{
	const struct objects *sessions = &wishes->kinds[APPLY_SESSION];
	const struct objects *others = &present->others.kinds[APPLY_SESSION];

	for (size_t i = 0; i < sessions->count; i++) {
		const struct object *wish = sessions->items[i];

		for (size_t j = 0; j < i; j++)
			if (same_seat(wish, sessions->items[j]))
				return yaml_refuse(why, wish->node,
						   "session '%s' has number %s of this source, too",
						   sessions->items[j]->name,
						   wish->values[SESSION_NUMBER]);
		for (size_t j = 0; j < others->count; j++)
			if (same_seat(wish, others->items[j]))
				return yaml_refuse(why, wish->node,
						   "%s, which is not of this set, has number %s of "
						   "this source",
						   others->items[j]->id,
						   wish->values[SESSION_NUMBER]);
	}
	return 0;
}

/* Each round changes whom it can; if it can change nobody, some wait for each other in a circle, and one steps aside. */
int seats_change(struct plan *plan, const struct world *wishes, const struct present *present)
{
	_cleanup_(seats_fini) struct seats seats = {.present = present};
	int r = seats_make(&seats, wishes);

	while (r == 0 && seats.waiting > 0) {
		size_t before = seats.waiting;

		r = seats_round(&seats, plan);
		if (r == 0 && seats.waiting == before)
			r = seat_set_aside(&seats, plan);
	}
	return r;
}

static int seats_make(struct seats *seats, const struct world *wishes)
{
	const struct objects *sessions = &wishes->kinds[APPLY_SESSION];

	seats->items = calloc(sessions->count + 1, sizeof(*seats->items));
	if (!seats->items)
		return -ENOMEM;
	for (size_t i = 0; i < sessions->count; i++) {
		struct object *wish = sessions->items[i];
		const struct change change = {.wish = wish, .found = wish->match};
		struct seat *seat = &seats->items[seats->count];

		if (!wish->match)
			continue;
		seat->wish = wish;
		seat->number = wish->match->values[SESSION_NUMBER];
		for (size_t j = 0; j < object_kind(wish)->count; j++)
			seat->waits = seat->waits || change_has(&change, j);
		seats->waiting += seat->waits;
		seats->count++;
	}
	return 0;
}

static int seats_round(struct seats *seats, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < seats->count && r == 0; i++) {
		struct seat *seat = &seats->items[i];
		const struct change change = {
			.verb = CHANGE_MODIFY, .wish = seat->wish, .found = seat->wish->match};

		if (!seat->waits || !seat_is_free(seats, seat))
			continue;
		r = array_append(plan, items, count, capacity, change);
		seat->number = seat->wish->values[SESSION_NUMBER];
		seat->waits = false;
		seats->waiting--;
	}
	return r;
}

static bool seat_is_free(const struct seats *seats, const struct seat *seat)
{
	for (size_t i = 0; i < seats->count; i++) {
		const struct seat *other = &seats->items[i];

		if (other != seat &&
		    strcmp(other->number, seat->wish->values[SESSION_NUMBER]) == 0 &&
		    strcmp(other->wish->values[SESSION_SOURCE],
			   seat->wish->values[SESSION_SOURCE]) == 0)
			return false;
	}
	return true;
}

/* The first that waits gets a number that nobody has or wishes. */
static int seat_set_aside(struct seats *seats, struct plan *plan)
{
	struct seat *seat = seats->items;
	struct change change = {.verb = CHANGE_MODIFY, .aside = NUMBER_MAX};

	while (!seat->waits)
		seat++;
	for (; change.aside > 1; change.aside--) {
		(void)snprintf(seat->aside, sizeof(seat->aside), "%u", change.aside);
		if (number_is_free(seats, seat->wish->values[SESSION_SOURCE], seat->aside))
			break;
	}
	change.wish = seat->wish;
	change.found = seat->wish->match;
	seat->number = seat->aside;
	return array_append(plan, items, count, capacity, change);
}

static bool number_is_taken(const struct objects *sessions, const char *source, const char *number)
{
	for (size_t i = 0; i < sessions->count; i++)
		if (strcmp(sessions->items[i]->values[SESSION_SOURCE], source) == 0 &&
		    strcmp(sessions->items[i]->values[SESSION_NUMBER], number) == 0)
			return true;
	return false;
}

/* What is wished counts, too, and what was set aside before. */
static bool number_is_free(const struct seats *seats, const char *source, const char *number)
{
	for (size_t i = 0; i < seats->count; i++) {
		const struct seat *seat = &seats->items[i];

		if (strcmp(seat->wish->values[SESSION_SOURCE], source) != 0)
			continue;
		if (strcmp(seat->wish->values[SESSION_NUMBER], number) == 0 ||
		    (seat->number != number && strcmp(seat->number, number) == 0))
			return false;
	}
	return !number_is_taken(&seats->present->own.kinds[APPLY_SESSION], source, number) &&
	       !number_is_taken(&seats->present->others.kinds[APPLY_SESSION], source, number);
}

static bool same_seat(const struct object *a, const struct object *b)
{
	return strcmp(a->values[SESSION_SOURCE], b->values[SESSION_SOURCE]) == 0 &&
	       strcmp(a->values[SESSION_NUMBER], b->values[SESSION_NUMBER]) == 0;
}
