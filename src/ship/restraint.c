// SPDX-License-Identifier: Apache-2.0
#include "ship/restraint.h"

#include "base/clock.h"
#include "base/count.h"

#define WINDOW_ALL    (5 * NSEC_PER_MSEC)
#define WINDOW_ASKING (5 * NSEC_PER_MSEC)
#define WINDOW_SOME   (100 * NSEC_PER_MSEC) /* Idle time is told in steps of 10 ms. */

/* Shares of a window that make a thread a suspect: less is either nothing that production would notice, or a thread
 * that has a core for itself. */
#define RUN_LEAST  0.25
#define WAIT_LEAST 0.1
#define BOTH_LEAST 0.7

#define RUN_NOTHING 0.05 /* What comes after a window with less is something new. */

/* By so much a byte may get dearer from one window to the next. */
#define COST_GROWTH 1.25

/* What production offers of late is what it did for so long: a moment in which something else held it up says little. */
#define LATE (50 * NSEC_PER_MSEC)

/* So many windows in a row are occasion to ask: one suffices for some time after production wanted more. */
#define SUSPECTS_LEAST 2
#define WARY           (5 * NSEC_PER_SEC)

/* It suffices too where so much more is offered than taken.  Then the window is perhaps the first of a transfer, which had
 * only begun, so that less makes it a suspect. */
#define BEHIND_LEAST      1.25
#define BOTH_LEAST_BEHIND 0.45

/* Production wants more if so much more is captured while nothing is shipped, and if shipping that would need so much of a
 * core.  So many windows in a row have to say so, since what comes in bursts may offer more in one. */
#define MORE_LEAST    1.5
#define NEED_LEAST    0.5
#define ANSWERS_LEAST 3

/* After a single suspect window, in the middle of which a transfer may have begun, shipping has to need more. */
#define NEED_LEAST_SINGLE 0.7

/* Where the thread is behind, so that copies are lost all the same, less is enough; and so it is to go on. */
#define STILL_MORE 1.15

/* And what no core could ship costs production for nothing, be it more or not. */
#define NEED_HOPELESS 1.5

/* What a core could ship alone is tried again after each hold, whatever else the CPUs do. */
#define NEED_MODEST 1.0

/* Of the time that CPUs have left so much can be used: the rest is gaps too short. */
#define IDLE_USABLE 0.75

/* Asked in vain, or held back soon again, waits twice as long the next time. */
#define ASK_INTERVAL      (50 * NSEC_PER_MSEC)
#define ASK_INTERVAL_MAX  (400 * NSEC_PER_MSEC)
#define HOLD_INTERVAL     (100 * NSEC_PER_MSEC)
#define HOLD_INTERVAL_MAX (3200 * NSEC_PER_MSEC)
#define CALM              NSEC_PER_SEC /* Without an occasion, after which both begin anew. */

/* How long a pause follows what was shipped in SOME: copies that wait for it are not to get old. */
#define PAUSES_PER_RUN 12
#define PAUSE_LEAST    (800 * NSEC_PER_USEC)
#define PAUSE_MAX      (3 * NSEC_PER_MSEC)

/* What passed in a window. */
struct window {
	double length;
	double run, wait, idle; /* As shares of it. */
	double offered, taken;  /* Bytes per nanosecond. */
};

static void all_end(struct restraint *restraint, const struct pulse *pulse);
static void cost_learn(struct restraint *restraint, const struct window *window);
static void usual_learn(struct restraint *restraint, const struct window *window);
static void asking_end(struct restraint *restraint, const struct pulse *pulse);
static void some_end(struct restraint *restraint, const struct pulse *pulse);
static struct window window_between(const struct pulse *begin, const struct pulse *end);
static bool window_is_suspect(const struct window *window);
static bool window_is_behind(const struct window *window);
static bool window_wants_more(const struct window *window, const struct restraint *restraint);
static bool occasion_is_ripe(const struct restraint *restraint, const struct pulse *pulse);
static void hold_begin(struct restraint *restraint, uint64_t now);
static void asking_begin_anew(struct restraint *restraint, uint64_t now);
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
	restraint->due = pulse->now + phases[restraint->phase].length;
}

uint64_t restraint_pause(uint64_t run)
{
	uint64_t pause = MAX(run * PAUSES_PER_RUN, PAUSE_LEAST);

	return MIN(pause, PAUSE_MAX);
}

static void all_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);

	cost_learn(restraint, &window);
	usual_learn(restraint, &window);
	if (!window_is_suspect(&window)) {
		restraint->suspects = 0;
		if (window.run < RUN_NOTHING || pulse->now > restraint->ask_due + CALM)
			asking_begin_anew(restraint, pulse->now);
		return;
	}
	if (restraint->suspects++ == 0)
		restraint->suspected = restraint->begin;
	if (!occasion_is_ripe(restraint, pulse))
		return;
	window = window_between(&restraint->suspected, pulse);
	restraint->rate = MAX(window.offered, restraint->usual);
	restraint->shipped = window.taken;
	restraint->answers = 0;
	restraint->phase = RESTRAINT_ASKING;
}

/* A byte is dear where caches are cold or little is shipped at a time.  So what it costs is the least of late. */
static void cost_learn(struct restraint *restraint, const struct window *window)
{
	double cost;

	if (window->run < RUN_LEAST || window->taken <= 0)
		return;
	cost = window->run / window->taken;
	if (restraint->cost > 0)
		cost = MIN(cost, restraint->cost * COST_GROWTH);
	restraint->cost = cost;
}

/* An average in which what is long ago counts less and less. */
static void usual_learn(struct restraint *restraint, const struct window *window)
{
	double weight = window->length / (window->length + LATE);

	restraint->usual += (window->offered - restraint->usual) * weight;
}

static void asking_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);

	if (!window_wants_more(&window, restraint))
		asked_in_vain(restraint, pulse->now);
	else if (++restraint->answers == ANSWERS_LEAST)
		hold_begin(restraint, pulse->now);
}

/* Where no more comes than when all was shipped, and not more than a core can ship, production had what it wanted; but what comes
 * near it has another window to show that it only took a while.  What a byte costs is as it was when many were shipped. */
static void some_end(struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->begin, pulse);
	double need = window.offered * restraint->cost;
	bool more = need >= NEED_HOPELESS || window.offered >= restraint->rate * STILL_MORE;
	double left = (window.idle + window.run) * IDLE_USABLE;

	if (more) {
		restraint->wanted = pulse->now;
		restraint->doubts = 0;
		if (pulse->now < restraint->held_until || (need > left && need >= NEED_MODEST))
			return;
	} else if (need >= NEED_LEAST && restraint->doubts++ == 0) {
		return;
	}
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
	double both = window_is_behind(window) ? BOTH_LEAST_BEHIND : BOTH_LEAST;

	return window->run >= RUN_LEAST && window->wait >= WAIT_LEAST &&
	       window->run + window->wait >= both;
}

static bool window_is_behind(const struct window *window)
{
	return window->offered >= window->taken * BEHIND_LEAST;
}

static bool window_wants_more(const struct window *window, const struct restraint *restraint)
{
	double need = window->offered * restraint->cost;
	double least = restraint->suspects > 1 ? NEED_LEAST : NEED_LEAST_SINGLE;
	bool lossy = restraint->rate >= restraint->shipped * BEHIND_LEAST;

	if (need < least)
		return false;
	if (window->offered >= restraint->rate * (lossy ? STILL_MORE : MORE_LEAST))
		return true;
	return need >= NEED_HOPELESS && lossy && restraint->suspects >= SUSPECTS_LEAST;
}

/* 'pulse' ends a suspect window. */
static bool occasion_is_ripe(const struct restraint *restraint, const struct pulse *pulse)
{
	struct window window = window_between(&restraint->suspected, pulse);
	bool wary = restraint->wanted != 0 && pulse->now < restraint->wanted + WARY;
	unsigned int least = wary || window_is_behind(&window) ? 1 : SUSPECTS_LEAST;

	return pulse->now >= restraint->ask_due && restraint->suspects >= least;
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
	restraint->suspects = restraint->doubts = 0;
	restraint->phase = RESTRAINT_SOME;
}

static void asking_begin_anew(struct restraint *restraint, uint64_t now)
{
	restraint->ask_due = MIN(restraint->ask_due, now);
	restraint->ask_interval = ASK_INTERVAL;
}

static void asked_in_vain(struct restraint *restraint, uint64_t now)
{
	restraint->phase = RESTRAINT_ALL;
	restraint->suspects = 0;
	restraint->ask_due = now + restraint->ask_interval;
	restraint->ask_interval = MIN(restraint->ask_interval * 2, ASK_INTERVAL_MAX);
}
