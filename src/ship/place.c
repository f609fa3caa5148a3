// SPDX-License-Identifier: Apache-2.0
#include "ship/place.h"

#include "base/clock.h"
#include "ship/ring.h"

#include <stdlib.h>

#define WINDOW (40 * NSEC_PER_MSEC)

/* Shares of a window: less work is done anywhere, and whoever waits more is better off anywhere. */
#define BUSY_LEAST    0.25
#define STARVED_LEAST 0.6

/* For how long that is tried. */
#define FREEDOM NSEC_PER_SEC

#define MUCH 4 /* A CPU that brings one part in so many is avoided. */

static bool window_is_busy(const struct place *place, const struct pulse *pulse);
static bool window_is_starved(const struct place *place, const struct pulse *pulse);
static void window_begin(struct place *place, const struct pulse *pulse);
static void brought_count(const struct place *place, uint64_t *ret_brought);
static bool allowed_look(struct place *place);
static void place_go(struct place *place, const cpu_set_t *set);

void place_open(struct place *place, pid_t unmoved, const struct place_rings *rings)
{
	*place = (struct place){.rings = *rings, .unmoved = unmoved};
	if (sched_getaffinity(unmoved, sizeof(place->allowed), &place->allowed) < 0 ||
	    sched_getaffinity(0, sizeof(place->present), &place->present) < 0)
		return;
	place->offered = calloc(2 * rings->count, sizeof(*place->offered));
}

void place_close(struct place *place)
{
	free(place->offered);
	place->offered = NULL;
}

void place_look(struct place *place, const struct pulse *pulse)
{
	cpu_set_t set;

	if (!place->offered || pulse->now < place->begin.now + WINDOW)
		return;
	if (!allowed_look(place)) {
		place_close(place);
		return;
	}
	set = place->allowed;
	if (!CPU_EQUAL(&place->present, &place->allowed) && window_is_starved(place, pulse))
		place->free_until = pulse->now + FREEDOM;
	if (window_is_busy(place, pulse) && pulse->now >= place->free_until) {
		uint64_t *brought = place->offered + place->rings.count;

		brought_count(place, brought);
		place_avoid(&place->rings, brought, &set);
	}
	place_go(place, &set);
	window_begin(place, pulse);
}

void place_avoid(const struct place_rings *rings, const uint64_t *brought, cpu_set_t *set)
{
	cpu_set_t calm = *set, left = *set;
	uint64_t total = 0;

	for (size_t i = 0; i < rings->count; i++)
		total += brought[i];
	for (size_t i = 0; i < rings->count; i++) {
		if (brought[i] == 0 || brought[i] < total / MUCH)
			continue;
		CPU_CLR(i, &calm);
		if (i % rings->stride == rings->first)
			CPU_CLR(i, &left);
	}
	if (CPU_COUNT(&calm) > 0)
		*set = left;
}

static bool window_is_busy(const struct place *place, const struct pulse *pulse)
{
	uint64_t wanted = pulse->run - place->begin.run + pulse->wait - place->begin.wait;

	return (double)wanted >= BUSY_LEAST * (double)(pulse->now - place->begin.now);
}

static bool window_is_starved(const struct place *place, const struct pulse *pulse)
{
	uint64_t waited = pulse->wait - place->begin.wait;

	return (double)waited >= STARVED_LEAST * (double)(pulse->now - place->begin.now);
}

static void window_begin(struct place *place, const struct pulse *pulse)
{
	place->begin = *pulse;
	for (size_t i = 0; i < place->rings.count; i++)
		place->offered[i] = ring_get_offered(place->rings.heads[i]);
}

static void brought_count(const struct place *place, uint64_t *ret_brought)
{
	for (size_t i = 0; i < place->rings.count; i++)
		ret_brought[i] = ring_get_offered(place->rings.heads[i]) - place->offered[i];
}

/* What others took away, or gave.  Returns false when somebody has moved this thread alone.  Where nothing is left of what we chose,
 * the kernel chooses. */
static bool allowed_look(struct place *place)
{
	cpu_set_t actual, left;

	if (sched_getaffinity(place->unmoved, sizeof(place->allowed), &place->allowed) < 0 ||
	    sched_getaffinity(0, sizeof(actual), &actual) < 0)
		return false;
	CPU_AND(&left, &place->present, &place->allowed);
	if (!CPU_EQUAL(&actual, &place->present) && !CPU_EQUAL(&actual, &place->allowed) &&
	    !CPU_EQUAL(&actual, &left) && CPU_COUNT(&left) > 0)
		return false;
	place->present = actual;
	return true;
}

static void place_go(struct place *place, const cpu_set_t *set)
{
	if (!CPU_EQUAL(set, &place->present) && sched_setaffinity(0, sizeof(*set), set) == 0)
		place->present = *set;
}
