// SPDX-License-Identifier: Apache-2.0
#include "ship/thread.h"

#include "base/clock.h"
#include "base/count.h"
#include "ship/deliver.h"
#include "ship/outbox.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>

#define BATCH_SIZE       (512 << 10) /* Bytes of a ring at most, still cached when they are sent. */
#define NAP_NANOSECONDS  150000
#define NAPS_MAX         8    /* In vain, before blocking. */
#define BLOCK_MAX        1000 /* Milliseconds; a wake-up that is lost for any reason costs no more. */
#define REFRESH_INTERVAL (5 * NSEC_PER_SEC)

/* What serving a ring came to. */
enum served {
	SERVED_NOTHING, /* It was empty. */
	SERVED_ALL,     /* It is empty now. */
	SERVED_BATCH,   /* There may be more. */
};

static int thread_send(void *context, unsigned int lane, struct mmsghdr *messages,
		       unsigned int count);
static void thread_measure(void *context, struct target *target);
static int poll_add(int poll, int descriptor);
static int thread_add_ring(struct thread *thread, const struct ship_ring *given);
static void *thread_run(void *argument);
static enum served rings_serve(struct thread *thread);
static enum served ring_serve(struct thread *thread, struct ring *ring);
static struct routes *routes_enter(struct thread *thread);
static void routes_leave(struct thread *thread);
static void routes_look_after(struct thread *thread);
static void nap(void);
static void thread_block(struct thread *thread);
static void wakeups_set(struct thread *thread, uint32_t wanted);

int thread_init(struct thread *thread, struct ship_common *common, unsigned int number,
		const struct ship_ring *rings, size_t ring_count, size_t stride)
{
	struct transmit transmit = {
		.context = common, .send = thread_send, .measure = thread_measure};
	int r;

	*thread = (struct thread){.common = common, .number = number};
	thread->poll = epoll_create1(EPOLL_CLOEXEC);
	if (thread->poll < 0)
		return -errno;
	thread->rings = calloc(ring_count, sizeof(*thread->rings));
	if (!thread->rings)
		return -ENOMEM;
	r = outbox_new(&transmit, &thread->outbox);
	if (r == 0)
		r = poll_add(thread->poll, common->stop_event);
	for (size_t i = number; r == 0 && i < ring_count; i += stride)
		r = thread_add_ring(thread, &rings[i]);
	return r;
}

void thread_fini(struct thread *thread)
{
	for (size_t i = 0; i < thread->ring_count; i++)
		ring_close(&thread->rings[i].ring);
	free(thread->rings);
	thread->outbox = outbox_free(thread->outbox);
	closep(&thread->poll);
	*thread = (struct thread){.poll = -1};
}

int thread_start(struct thread *thread)
{
	struct sched_param parameter = {};
	char name[16];
	int r;

	r = pthread_create(&thread->handle, NULL, thread_run, thread);
	if (r != 0)
		return -r;
	thread->running = true;
	(void)snprintf(name, sizeof(name), "ship/%u", thread->number);
	(void)pthread_setname_np(thread->handle, name);
	return -pthread_setschedparam(thread->handle, SCHED_IDLE, &parameter);
}

void thread_join(struct thread *thread)
{
	if (thread->running)
		(void)pthread_join(thread->handle, NULL);
	thread->running = false;
}

static int thread_send(void *context, unsigned int lane, struct mmsghdr *messages,
		       unsigned int count)
{
	const struct ship_common *common = context;

	return lanes_send(&common->lanes, lane, messages, count);
}

static void thread_measure(void *context, struct target *target)
{
	const struct ship_common *common = context;

	target_measure(target, common->mark);
}

static int poll_add(int poll, int descriptor)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

static int thread_add_ring(struct thread *thread, const struct ship_ring *given)
{
	struct thread_ring *ring = &thread->rings[thread->ring_count];
	int r;

	r = ring_open(given->descriptor, given->size, &ring->ring);
	if (r < 0)
		return r;
	ring->wakeup = given->wakeup;
	thread->ring_count++;
	return poll_add(thread->poll, given->descriptor);
}

static void *thread_run(void *argument)
{
	struct thread *thread = argument;
	unsigned int naps = 0;

	while (!atomic_load_explicit(&thread->common->stopping, memory_order_relaxed)) {
		enum served served = rings_serve(thread);

		routes_look_after(thread);
		if (served != SERVED_NOTHING)
			naps = 0;
		if (served == SERVED_BATCH)
			continue;
		if (naps++ < NAPS_MAX)
			nap();
		else
			thread_block(thread);
	}
	return NULL;
}

static enum served rings_serve(struct thread *thread)
{
	enum served most = SERVED_NOTHING;

	for (size_t i = 0; i < thread->ring_count; i++) {
		enum served served = ring_serve(thread, &thread->rings[i].ring);

		most = MAX(most, served);
	}
	return most;
}

/* Ships one batch of a ring.  Records are given back after their copies are in the kernel's hands. */
static enum served ring_serve(struct thread *thread, struct ring *ring)
{
	uint64_t batch = MIN(ring->size / 4, (uint64_t)BATCH_SIZE), held;
	struct delivery delivery = {
		.routes = routes_enter(thread),
		.counters = thread->common->counters,
		.orphans = &thread->common->orphans,
		.outbox = thread->outbox,
	};
	const void *record;
	uint32_t size;

	while (ring_held(ring) < batch && ring_next(ring, &record, &size))
		deliver_record(&delivery, record, size);
	outbox_flush(thread->outbox);
	routes_leave(thread);
	held = ring_held(ring);
	ring_release(ring);
	if (held == 0)
		return SERVED_NOTHING;
	return held < batch ? SERVED_ALL : SERVED_BATCH;
}

/* Announces the present table before using it; it cannot have been replaced and freed in between, because it is
 * still the present one after it was announced. */
static struct routes *routes_enter(struct thread *thread)
{
	struct routes *routes = atomic_load(&thread->common->routes);
	struct routes *announced;

	do {
		announced = routes;
		atomic_store(&thread->routes_in_use, announced);
		routes = atomic_load(&thread->common->routes);
	} while (routes != announced);
	return routes;
}

static void routes_leave(struct thread *thread)
{
	atomic_store(&thread->routes_in_use, NULL);
}

/* Routes, links and path MTUs change without anybody telling us. */
static void routes_look_after(struct thread *thread)
{
	uint64_t now;

	if (thread->number != 0)
		return;
	now = clock_monotonic();
	if (now < thread->refresh_due)
		return;
	thread->refresh_due = now + REFRESH_INTERVAL;
	routes_refresh(routes_enter(thread), thread->common->mark);
	routes_leave(thread);
}

static void nap(void)
{
	struct timespec duration = {.tv_nsec = NAP_NANOSECONDS};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, NULL);
}

/* Blocks until a ring has records or the threads are to stop. */
static void thread_block(struct thread *thread)
{
	struct epoll_event event;
	bool more = false;

	wakeups_set(thread, 1);
	for (size_t i = 0; i < thread->ring_count; i++)
		more |= ring_has_more(&thread->rings[i].ring);
	if (more)
		nap();
	else
		(void)epoll_wait(thread->poll, &event, 1, BLOCK_MAX);
	wakeups_set(thread, 0);
}

static void wakeups_set(struct thread *thread, uint32_t wanted)
{
	for (size_t i = 0; i < thread->ring_count; i++)
		__atomic_store_n(thread->rings[i].wakeup, wanted, __ATOMIC_RELAXED);
}
