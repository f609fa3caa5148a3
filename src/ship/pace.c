// SPDX-License-Identifier: Apache-2.0
#include "ship/pace.h"

#include "base/clock.h"
#include "base/count.h"

#include <unistd.h>

#define GATHERING_NANOSECONDS 150000

/* Of each ring while the thread holds back.  A record takes half of what is left at most, so short ones, as packets of a wire are,
 * always have a chance.  What is long is let in just before it is shipped, so that it is fresh, and that seldom: a super-packet's
 * copies are one piece of work in the kernel, which production waits behind. */
#define ROOM_SHORT (4 << 10)
#define ROOM_LONG  (144 << 10)
#define LONG_EVERY 16 /* Shipments. */

static bool rings_are_stale(const struct stream *stream);
static struct pulse pulse_take(const struct pace *pace, const struct stream *stream);
static void rings_limit(struct stream *stream, size_t room);

void pace_init(struct pace *pace)
{
	*pace = (struct pace){.vitals = VITALS_NONE};
}

void pace_begin(struct pace *pace, struct stream *stream, const struct place_rings *rings)
{
	struct pulse pulse;

	vitals_open(&pace->vitals);
	place_open(&pace->place, getpid(), rings);
	pulse = pulse_take(pace, stream);
	restraint_init(&pace->restraint, &pulse);
	rings_limit(stream, SIZE_MAX);
}

void pace_end(struct pace *pace, struct stream *stream)
{
	rings_limit(stream, SIZE_MAX);
	place_close(&pace->place);
	vitals_close(&pace->vitals);
}

enum restraint_phase pace_look(struct pace *pace, struct stream *stream)
{
	enum restraint_phase before = pace->restraint.phase;
	struct pulse pulse;

	if (!restraint_is_due(&pace->restraint, clock_monotonic()))
		return before;
	pulse = pulse_take(pace, stream);
	place_look(&pace->place, &pulse);
	restraint_update(&pace->restraint, &pulse);
	if (pace->restraint.phase != before && pace->restraint.phase == RESTRAINT_ALL)
		rings_limit(stream, SIZE_MAX);
	return pace->restraint.phase;
}

void pace_ask(const struct pace *pace)
{
	uint64_t now = clock_monotonic();

	if (now < pace->restraint.due)
		clock_sleep(pace->restraint.due - now);
}

uint64_t pace_gather(struct pace *pace, struct stream *stream)
{
	bool stale = rings_are_stale(stream);

	if (!stale && pace->shipments++ % LONG_EVERY == 0) {
		rings_limit(stream, ROOM_LONG);
		clock_sleep(GATHERING_NANOSECONDS);
	}
	rings_limit(stream, ROOM_SHORT);
	pace->begun = vitals_read_run();
	return stale ? ROOM_SHORT / 2 : UINT64_MAX;
}

void pace_rest(const struct pace *pace)
{
	clock_sleep(restraint_pause(vitals_read_run() - pace->begun));
}

/* Whether they hold what came before the thread held back. */
static bool rings_are_stale(const struct stream *stream)
{
	for (size_t i = 0; i < stream->count; i++)
		if (ring_get_waiting(&stream->rings[i].ring) > ROOM_LONG)
			return true;
	return false;
}

/* Only RESTRAINT_SOME looks at idle time, which the kernel adds up over all CPUs each time it is asked. */
static struct pulse pulse_take(const struct pace *pace, const struct stream *stream)
{
	struct pulse pulse = {
		.now = clock_monotonic(),
		.run = vitals_read_run(),
		.wait = vitals_read_wait(&pace->vitals),
	};

	if (pace->restraint.phase != RESTRAINT_ALL)
		pulse.idle = vitals_read_idle(&pace->vitals);
	for (size_t i = 0; i < stream->count; i++) {
		pulse.offered += ring_get_offered(stream->rings[i].ring.head);
		pulse.taken += stream->rings[i].ring.position;
	}
	return pulse;
}

static void rings_limit(struct stream *stream, size_t room)
{
	for (size_t i = 0; i < stream->count; i++)
		ring_limit(&stream->rings[i].ring, room);
}
