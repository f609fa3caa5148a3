/* A shipping thread: empties its rings, naps while traffic flows, sleeps when there is none.
 *
 * Threads run under SCHED_IDLE, so production always goes first.  A thread that has emptied its rings naps for a moment
 * and looks again, which costs production nothing and lets copies gather into large batches.  After some naps in vain
 * it asks to be woken, looks once more, and blocks; wire/ring.h proves that it misses nothing.
 *
 * Where that is not enough, ship/place.h says where to run and ship/restraint.h when to hold back. */
#pragma once

#include "base/cleanup.h"
#include "ship/bell.h"
#include "ship/lane.h"
#include "ship/pace.h"
#include "ship/round.h"
#include "ship/routes.h"
#include "ship/stream.h"
#include "ship/tally.h"

#include <pthread.h>
#include <stdatomic.h>

struct fragments;
struct outbox;

/* What all threads share. */
struct ship_common {
	struct lanes lanes;
	const struct ring_head **heads; /* Of all rings. */
	size_t ring_count;
	_Atomic(struct routes *) routes;
	struct session_counters *counters; /* One per slot. */
	uint32_t slot_limit;
	uint32_t mark;
	atomic_ulong orphans;
	atomic_bool stopping;
	int stop_event; /* Readable once the threads are to end. */
};

struct thread {
	struct ship_common *common;
	unsigned int number;
	size_t stride; /* From one of its rings to the next. */
	pthread_t handle;
	bool running;
	int poll; /* epoll over stop_event and bells. */
	struct outbox *outbox;
	struct fragments *fragments;
	struct tally tally;
	_Atomic(struct routes *) routes_in_use; /* The hazard pointer; NULL between batches. */
	uint64_t watch_due;                     /* Only thread 0 looks after the routes. */
	struct round round;
	struct stream stream;
	struct bell *bells; /* Of each ring of the stream. */
	struct pace pace;
	/* The last batch. */
	uint64_t began, gathered; /* Monotonic nanoseconds, and since the one before began. */
	uint64_t copies;
	unsigned int places; /* Of the outbox, that they had. */
};

/* Prepares a thread that serves every 'stride'th of the rings, from 'number' on. */
int thread_init(struct thread *thread, struct ship_common *common, unsigned int number,
		const struct ship_ring *rings, size_t ring_count, size_t stride);
void thread_fini(struct thread *thread);

int thread_start(struct thread *thread);

/* Waits for a running thread to notice that all are to stop. */
void thread_join(struct thread *thread);
