// SPDX-License-Identifier: Apache-2.0
/* The thread alone changes the roster, and takes the lock to do so; others read it under the lock.  A new roster is handed over
 * whole, and the thread takes it when it comes round. */
#include "health/health.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "health/probe.h"
#include "health/rhythm.h"
#include "health/roster.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

struct health {
	uint64_t host; /* What makes the rhythm of this one differ from that of others. */
	int event;     /* There is news. */
	struct prober *prober;
	pthread_t thread;
	bool running;
	size_t turn; /* The member that may begin first, so that all have their turn when there is no room. */

	pthread_mutex_t lock;
	bool stopping;
	int fault;             /* Negative errno of a check that could not be made; 0: none. */
	struct roster *wanted; /* NULL: nothing new. */
	struct roster *roster;
};

static void *run(void *context);
static bool take_orders(struct health *health);
static uint64_t begin_checks(struct health *health);
static void begin_check(struct health *health, struct checked_member *member, uint64_t now);
static void end_checks(struct health *health);
static struct health_opinion form_opinion(const struct checked_member *member);

int health_new(uint32_t mark, struct health **ret_health)
{
	_cleanup_(health_freep) struct health *health = calloc(1, sizeof(*health));
	int r;

	if (!health)
		return -ENOMEM;
	(void)pthread_mutex_init(&health->lock, NULL);
	health->host = random_number();
	health->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (health->event < 0)
		return -errno;
	r = roster_new(NULL, 0, health->host, &health->roster);
	if (r == 0)
		r = prober_new(mark, &health->prober);
	if (r < 0)
		return r;
	*ret_health = TAKE_PTR(health);
	return 0;
}

void health_free(struct health *health)
{
	if (!health)
		return;
	if (health->running) {
		(void)pthread_mutex_lock(&health->lock);
		health->stopping = true;
		(void)pthread_mutex_unlock(&health->lock);
		prober_wake(health->prober);
		(void)pthread_join(health->thread, NULL);
	}
	roster_free(health->wanted);
	roster_free(health->roster);
	prober_free(health->prober);
	closep(&health->event);
	(void)pthread_mutex_destroy(&health->lock);
	free(health);
}

int health_start(struct health *health)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&health->thread, NULL, run, health);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	health->running = r == 0;
	return -r;
}

int health_set_fleets(struct health *health, const struct fleet *const *fleets, size_t count)
{
	struct roster *wanted, *replaced;
	int r = roster_new(fleets, count, health->host, &wanted);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&health->lock);
	replaced = health->wanted;
	health->wanted = wanted;
	(void)pthread_mutex_unlock(&health->lock);
	roster_free(replaced);
	prober_wake(health->prober);
	return 0;
}

int health_get_descriptor(const struct health *health)
{
	return health->event;
}

int health_take_news(struct health *health, health_visitor visit, void *context)
{
	uint64_t rung;
	int r = 0;

	(void)!read(health->event, &rung, sizeof(rung));
	(void)pthread_mutex_lock(&health->lock);
	for (size_t i = 0; i < health->roster->member_count; i++) {
		struct checked_member *member = &health->roster->members[i];
		struct health_opinion opinion = form_opinion(member);

		if (opinion.state == member->told)
			continue;
		member->told = opinion.state;
		visit(context, &opinion);
		r++;
	}
	if (r == 0)
		r = health->fault;
	health->fault = 0;
	(void)pthread_mutex_unlock(&health->lock);
	return r;
}

void health_visit(struct health *health, health_visitor visit, void *context)
{
	(void)pthread_mutex_lock(&health->lock);
	for (size_t i = 0; i < health->roster->member_count; i++) {
		struct health_opinion opinion = form_opinion(&health->roster->members[i]);

		visit(context, &opinion);
	}
	(void)pthread_mutex_unlock(&health->lock);
}

static void *run(void *context)
{
	struct health *health = context;

	while (take_orders(health)) {
		prober_wait(health->prober, begin_checks(health));
		end_checks(health);
	}
	return NULL;
}

/* Returns false when it is time to go. */
static bool take_orders(struct health *health)
{
	struct roster *replaced = NULL;
	bool stopping;

	(void)pthread_mutex_lock(&health->lock);
	stopping = health->stopping;
	if (health->wanted) {
		replaced = health->roster;
		health->roster = TAKE_PTR(health->wanted);
		roster_inherit(health->roster, replaced, clock_monotonic());
		/* Members without checks are healthy from now on. */
		(void)eventfd_write(health->event, 1);
	}
	(void)pthread_mutex_unlock(&health->lock);
	roster_free(replaced);
	return !stopping;
}

/* Returns when the next one is due; UINT64_MAX: not before one that is under way has ended. */
static uint64_t begin_checks(struct health *health)
{
	struct roster *roster = health->roster;
	uint64_t due = UINT64_MAX, now = clock_monotonic();
	size_t turn = health->turn;

	for (size_t i = 0; i < roster->member_count; i++) {
		struct checked_member *member = &roster->members[(turn + i) % roster->member_count];

		if (member->probe)
			continue;
		if (member->due <= now && prober_has_room(health->prober)) {
			begin_check(health, member, now);
			health->turn = (turn + i + 1) % roster->member_count;
		}
		if (!member->probe && member->due > now)
			due = MIN(due, member->due);
	}
	return due;
}

/* A check ends before the next one begins, so that a row of misses takes as many intervals at most. */
static void begin_check(struct health *health, struct checked_member *member, uint64_t now)
{
	const struct health_check *check = &member->fleet->fleet.check;
	uint64_t seconds = (uint64_t)MIN(check->timeout, check->interval);
	int r = probe_new(health->prober, check, member->member, now + seconds * NSEC_PER_SEC,
			  member, &member->probe);

	member->due = rhythm_next(member->phase, check->interval, now);
	if (r == 0)
		return;
	(void)pthread_mutex_lock(&health->lock);
	health->fault = r;
	(void)pthread_mutex_unlock(&health->lock);
}

static void end_checks(struct health *health)
{
	struct checked_member *member;
	enum finding finding;
	bool changed = false;

	while ((member = prober_take_ended(health->prober, &finding))) {
		(void)pthread_mutex_lock(&health->lock);
		changed |= roster_take(health->roster, member, finding, clock_monotonic());
		if (finding == FINDING_FAULT) {
			health->fault = -EAGAIN;
			changed = true;
		}
		(void)pthread_mutex_unlock(&health->lock);
		probe_free(TAKE_PTR(member->probe));
	}
	if (changed)
		(void)eventfd_write(health->event, 1);
}

static struct health_opinion form_opinion(const struct checked_member *member)
{
	enum member_state state = checked_member_state(member);

	return (struct health_opinion){
		.fleet = member->fleet->fleet.id,
		.member = member->member,
		.state = state,
		.reason = state == MEMBER_UNHEALTHY ? member->verdict.reason : MEMBER_NO_REASON,
	};
}
