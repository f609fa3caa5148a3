// SPDX-License-Identifier: Apache-2.0
#include "ship/restraint.h"

#include "base/clock.h"
#include "base/count.h"

#define WINDOW_ALL    (5 * NSEC_PER_MSEC)
#define WINDOW_ASKING (5 * NSEC_PER_MSEC)
#define WINDOW_TRIAL  (10 * NSEC_PER_MSEC)
#define WINDOW_SOME   (100 * NSEC_PER_MSEC) /* Idle time is told in steps of 10 ms. */

/* Shares of a window that make a thread a suspect: less is either nothing that production would notice, or a thread
 * that has a core for itself. */
#define RUN_LEAST  0.25
#define WAIT_LEAST 0.1
#define BOTH_LEAST 0.7

/* So many windows in a row are occasion to ask: one suffices for some time after production wanted more. */
#define SUSPECTS_LEAST 2
#define WARY           (5 * NSEC_PER_SEC)

/* Production wants more if so much more is captured while nothing is shipped, and if shipping that would need so much of a
 * core. */
#define MORE_LEAST 1.5
#define NEED_LEAST 0.7

/* Shipping what no core could ship costs production for nothing: there a little more is enough, and so is that of all that
 * comes only one part in so many is shipped. */
#define NEED_HOPELESS  1.5
#define SHIPPED_HARDLY 2

/* And goes on to want it if so much more is still captured while little is shipped; so many short windows have to confirm it
 * first, since what comes in bursts may offer more in one. */
#define STILL_MORE 1.15
#define TRIALS     2

/* Of the time that CPUs have left so much can be used: the rest is gaps too short. */
#define IDLE_USABLE 0.75

/* Asked in vain, or held back soon again, waits twice as long the next time. */
#define ASK_INTERVAL      (50 * NSEC_PER_MSEC)
#define ASK_INTERVAL_MAX  (400 * NSEC_PER_MSEC)
#define HOLD_INTERVAL     (100 * NSEC_PER_MSEC)
#define HOLD_INTERVAL_MAX (3200 * NSEC_PER_MSEC)
#define CALM              NSEC_PER_SEC /* Without an occasion, after which both begin anew. */

/* How long a pause follows what was shipped in SOME. */
#define PAUSES_PER_RUN 32
#define PAUSE_LEAST    NSEC_PER_MSEC
#define PAUSE_MAX      (3 * NSEC_PER_MSEC) /* Copies that wait for it are not to get old. */

/* What passed in a window. */
struct window {
	double length;
	double run, wait, idle; /* As shares of it. */
	double offered, taken;  /* Bytes per nanosecond. */
};

static void all_end(struct restraint *restraint, const struct pulse *pulse);
static void asking_end(struct restraint *restraint, const struct pulse *pulse);
static void some_end(struct restraint *restraint, const struct pulse *pulse);
static struct window window_between(const struct pulse *begin, const struct pulse *end);
static bool window_is_suspect(const struct window *window);
static bool window_wants_more(const struct window *window, const struct restraint *restraint);
static bool occasion_is_ripe(const struct restraint *restraint, uint64_t now);
static void hold_begin(struct restraint *restraint, uint64_t now);
static void asked_in_vain(struct restraint *restraint, uint64_t now);

/* What the end of a window means, and how long the next one is. */
static const struct {
	void (*end)(struct restraint *restraint, const struct pulse *pulse);
	uint64_t length;
} phases[] = {
	[RESTRAINT_ALL] = {all_end, WINDOW_ALL},
	[RESTRAINT_ASKING] = {asking_end, WINDOW_ASKING},
	[RESTRAINT_SOME] = {some_end, WINDOW_SOME},
};

void restraint_init(struct restraint *restraint, const struct pulse *pulse)
{
	*restraint = (struct restraint){
		.begin = *pulse,
		.due = pulse->now + WINDOW_ALL,
		.ask_interval = ASK_INTERVAL,
		.hold_interval = HOLD_INTERVAL,
	};
}

void restraint_update(struct restraint *restraint, const struct pulse *pulse)
{
	if (pulse->now > restraint->begin.now)
		phases[restraint->phase].end(restraint, pulse);
	restraint->begin = *pulse;
	restraint->due = pulse->now +
			 (restraint->trials > 0 ? WINDOW_TRIAL : phases[restraint->phase].length);
}

uint64_t restraint_pause(uint64_t run)
{
	uint64_t pause = MAX(run * PAUSES_PER_RUN, PAUSE_LEAST);

	return MIN(pause, PAUSE_MAX);
}

static void all_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);

	if (!window_is_suspect(&window)) {
		restraint->suspects = 0;
		if (pulse->now > restraint->ask_due + CALM)
			restraint->ask_interval = ASK_INTERVAL;
		return;
	}
	if (restraint->suspects++ == 0)
		restraint->suspected = restraint->begin;
	if (!occasion_is_ripe(restraint, pulse->now))
		return;
	window = window_between(&restraint->suspected, pulse);
	restraint->rate = window.offered;
	restraint->shipped = window.taken;
	restraint->cost = window.taken > 0 ? window.run / window.taken : 0;
	restraint->suspects = 0;
	restraint->phase = RESTRAINT_ASKING;
}

static void asking_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);

	if (!window_wants_more(&window, restraint)) {
		asked_in_vain(restraint, pulse->now);
		return;
	}
	restraint->phase = RESTRAINT_SOME;
	restraint->trials = TRIALS;
}

/* A byte may have become cheaper than it was, but it is not dearer because few are shipped.  Where no more comes than when all
 * was shipped, and not more than a core can ship, production had what it wanted. */
static void some_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);
	double need;
	bool more;

	if (window.taken > 0)
		restraint->cost = MIN(restraint->cost, window.run / window.taken);
	need = window.offered * restraint->cost;
	more = need >= NEED_HOPELESS || window.offered >= restraint->rate * STILL_MORE;
	if (restraint->trials > 0) {
		if (!more)
			asked_in_vain(restraint, pulse->now);
		else if (--restraint->trials == 0)
			hold_begin(restraint, pulse->now);
		return;
	}
	if (more)
		restraint->wanted = pulse->now;
	if (more &&
	    (pulse->now < restraint->held_until || need > (window.idle + window.run) * IDLE_USABLE))
		return;
	restraint->phase = RESTRAINT_ALL;
	restraint->held_until = pulse->now;
	restraint->ask_due = pulse->now;
}

static struct window window_between(const struct pulse *begin, const struct pulse *end)
{
	double length = (double)(end->now - begin->now);

	return (struct window){
		.length = length,
		.run = (double)(end->run - begin->run) / length,
		.wait = (double)(end->wait - begin->wait) / length,
		.idle = (double)(end->idle - begin->idle) / length,
		.offered = (double)(end->offered - begin->offered) / length,
		.taken = (double)(end->taken - begin->taken) / length,
	};
}

static bool window_is_suspect(const struct window *window)
{
	return window->run >= RUN_LEAST && window->wait >= WAIT_LEAST &&
	       window->run + window->wait >= BOTH_LEAST;
}

static bool window_wants_more(const struct window *window, const struct restraint *restraint)
{
	double need = window->offered * restraint->cost;

	if (need >= NEED_HOPELESS)
		return window->offered >= restraint->rate * STILL_MORE ||
		       restraint->rate >= restraint->shipped * SHIPPED_HARDLY;
	return need >= NEED_LEAST && window->offered >= restraint->rate * MORE_LEAST;
}

static bool occasion_is_ripe(const struct restraint *restraint, uint64_t now)
{
	bool wary = restraint->wanted != 0 && now < restraint->wanted + WARY;

	return now >= restraint->ask_due && restraint->suspects >= (wary ? 1 : SUSPECTS_LEAST);
}

static void hold_begin(struct restraint *restraint, uint64_t now)
{
	if (now > restraint->held_until + CALM)
		restraint->hold_interval = HOLD_INTERVAL;
	else
		restraint->hold_interval = MIN(restraint->hold_interval * 2, HOLD_INTERVAL_MAX);
	restraint->held_until = now + restraint->hold_interval;
	restraint->wanted = now;
	restraint->ask_interval = ASK_INTERVAL;
}

static void asked_in_vain(struct restraint *restraint, uint64_t now)
{
	restraint->phase = RESTRAINT_ALL;
	restraint->trials = 0;
	restraint->ask_due = now + restraint->ask_interval;
	restraint->ask_interval = MIN(restraint->ask_interval * 2, ASK_INTERVAL_MAX);
}
