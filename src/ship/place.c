// SPDX-License-Identifier: Apache-2.0
#include "ship/place.h"

#include "base/clock.h"

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
static void window_begin(struct place *place, const struct stream *stream,
			 const struct pulse *pulse);
static void brought_count(const struct place *place, const struct stream *stream,
			  uint64_t *ret_brought);
static void place_go(struct place *place, const cpu_set_t *set);

void place_open(struct place *place, size_t first, size_t stride, const struct stream *stream)
{
	*place = (struct place){.first = first, .stride = stride, .count = stream->count};
	if (sched_getaffinity(0, sizeof(place->allowed), &place->allowed) < 0)
		return;
	place->present = place->allowed;
	place->offered = calloc(2 * stream->count, sizeof(*place->offered));
}

void place_close(struct place *place)
{
	free(place->offered);
	place->offered = NULL;
}

void place_look(struct place *place, const struct stream *stream, const struct pulse *pulse)
{
	cpu_set_t set = place->allowed;

	if (!place->offered || pulse->now < place->begin.now + WINDOW)
		return;
	if (!CPU_EQUAL(&place->present, &place->allowed) && window_is_starved(place, pulse))
		place->free_until = pulse->now + FREEDOM;
	if (window_is_busy(place, pulse) && pulse->now >= place->free_until) {
		uint64_t *brought = place->offered + place->count;

		brought_count(place, stream, brought);
		place_avoid(place, brought, &set);
	}
	place_go(place, &set);
	window_begin(place, stream, pulse);
}

void place_avoid(const struct place *place, const uint64_t *brought, cpu_set_t *set)
{
	cpu_set_t left = *set;
	uint64_t total = 0;

	for (size_t i = 0; i < place->count; i++)
		total += brought[i];
	for (size_t i = 0; i < place->count; i++)
		if (brought[i] > 0 && brought[i] >= total / MUCH)
			CPU_CLR(place->first + i * place->stride, &left);
	if (CPU_COUNT(&left) > 0)
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

static void window_begin(struct place *place, const struct stream *stream,
			 const struct pulse *pulse)
{
	place->begin = *pulse;
	for (size_t i = 0; i < place->count; i++)
		place->offered[i] = ring_get_offered(&stream->rings[i].ring);
}

static void brought_count(const struct place *place, const struct stream *stream,
			  uint64_t *ret_brought)
{
	for (size_t i = 0; i < place->count; i++)
		ret_brought[i] = ring_get_offered(&stream->rings[i].ring) - place->offered[i];
}

/* Whoever has changed our CPUs meanwhile has said what is allowed from now on. */
static void place_go(struct place *place, const cpu_set_t *set)
{
	cpu_set_t actual;

	if (CPU_EQUAL(set, &place->present) || sched_getaffinity(0, sizeof(actual), &actual) < 0)
		return;
	if (!CPU_EQUAL(&actual, &place->present))
		place->allowed = place->present = actual;
	else if (sched_setaffinity(0, sizeof(*set), set) == 0)
		place->present = *set;
}
