// SPDX-License-Identifier: Apache-2.0
#include "ship/pace.h"

#include "base/clock.h"

#define GATHERING_NANOSECONDS 150000

/* Of each ring while the thread holds back: during its pauses, when what is small is taken in, and just before it ships, for
 * one super-packet besides.  So small packets get through, and long ones are as fresh as ever. */
#define ROOM_PAUSING   (8 << 10)
#define ROOM_GATHERING (144 << 10)

static struct pulse pulse_take(const struct pace *pace, const struct stream *stream);
static void rings_limit(struct stream *stream, size_t room);

void pace_init(struct pace *pace)
{
	*pace = (struct pace){.vitals = VITALS_NONE};
}

void pace_begin(struct pace *pace, struct stream *stream, size_t first, size_t stride)
{
	struct pulse pulse;

	vitals_open(&pace->vitals);
	place_open(&pace->place, first, stride, stream);
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
	place_look(&pace->place, stream, &pulse);
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

void pace_gather(struct pace *pace, struct stream *stream)
{
	rings_limit(stream, ROOM_GATHERING);
	clock_sleep(GATHERING_NANOSECONDS);
	rings_limit(stream, ROOM_PAUSING);
	pace->begun = vitals_read_run();
}

void pace_rest(const struct pace *pace)
{
	clock_sleep(restraint_pause(vitals_read_run() - pace->begun));
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
		pulse.offered += ring_get_offered(&stream->rings[i].ring);
		pulse.taken += stream->rings[i].ring.position;
	}
	return pulse;
}

static void rings_limit(struct stream *stream, size_t room)
{
	for (size_t i = 0; i < stream->count; i++)
		ring_limit(&stream->rings[i].ring, room);
}
