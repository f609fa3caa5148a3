// SPDX-License-Identifier: Apache-2.0
#include "ship/thread.h"

#include "balance/fragments.h"
#include "base/clock.h"
#include "base/count.h"
#include "ship/deliver.h"
#include "ship/nap.h"
#include "ship/outbox.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>

#define BATCH_SIZE (4 << 20) /* Bytes at most: enough to fill the trains of all ports. */
#define BATCH_SIZE_SOME \
	(1 << 20) /* Of what gathered before the thread began to hold back, a little at a time. */
#define RING_FILLS 16    /* A nap ends when such a part of a ring is full. */
#define NAPS_MAX   2     /* In vain, before blocking. */
#define BLOCK_MAX  10000 /* Milliseconds; a wake-up that is lost for any reason costs no more. */

/* Each appliance is looked at every second, so many at a time; of many each is looked at less often. */
#define WATCH_INTERVAL NSEC_PER_SEC
#define WATCH_SLICE    16
#define WATCH_PAUSE    (16 * NSEC_PER_MSEC)

/* What serving the rings came to. */
enum served {
	SERVED_NOTHING, /* They were empty. */
	SERVED_ALL,     /* All that is old enough to be shipped is. */
	SERVED_BATCH,   /* There may be more. */
};

static int thread_send(void *context, unsigned int lane, struct mmsghdr *messages,
		       unsigned int count);
static void thread_measure(void *context, struct target *target);
static int poll_add(int poll, int descriptor);
static int thread_add_ring(struct thread *thread, const struct ship_ring *given);
static void *thread_run(void *argument);
static void thread_ship(struct thread *thread, unsigned int *naps);
static void thread_ship_some(struct thread *thread);
static enum served rings_serve(struct thread *thread, uint64_t most, uint64_t longest);
static void thread_nap(const struct thread *thread);
static bool rings_fill(const struct stream *stream);
static uint64_t clock_epoch(void);
static uint64_t batch_size(const struct stream *stream, uint64_t most);
static struct routes *routes_enter(struct thread *thread);
static void routes_leave(struct thread *thread);
static void routes_look_after(struct thread *thread, enum served served);
static void thread_block(struct thread *thread);
static int block_longest(const struct thread *thread);
static void bells_want(struct thread *thread, uint64_t wanted);

int thread_init(struct thread *thread, struct ship_common *common, unsigned int number,
		const struct ship_ring *rings, size_t ring_count, size_t stride)
{
	struct transmit transmit = {
		.context = common, .send = thread_send, .measure = thread_measure};
	int r;

	*thread = (struct thread){.common = common, .number = number, .stride = stride};
	pace_init(&thread->pace);
	thread->poll = epoll_create1(EPOLL_CLOEXEC);
	if (thread->poll < 0)
		return -errno;
	thread->stream.rings = calloc(ring_count, sizeof(*thread->stream.rings));
	thread->bells = calloc(ring_count, sizeof(*thread->bells));
	if (!thread->stream.rings || !thread->bells)
		return -ENOMEM;
	r = tally_init(&thread->tally, common->slot_limit);
	if (r == 0)
		r = outbox_new(&transmit, &thread->outbox);
	if (r == 0)
		r = fragments_new(&thread->fragments);
	if (r == 0)
		r = poll_add(thread->poll, common->stop_event);
	for (size_t i = number; r == 0 && i < ring_count; i += stride)
		r = thread_add_ring(thread, &rings[i]);
	return r;
}

void thread_fini(struct thread *thread)
{
	for (size_t i = 0; i < thread->stream.count; i++) {
		ring_close(&thread->stream.rings[i].ring);
		bell_close(&thread->bells[i]);
	}
	free(thread->stream.rings);
	free(thread->bells);
	thread->outbox = outbox_free(thread->outbox);
	fragments_free(thread->fragments);
	tally_fini(&thread->tally);
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
	struct stream *stream = &thread->stream;
	size_t number = stream->count;
	int r;

	r = ring_open(given->data, given->head, given->size, &stream->rings[number].ring);
	if (r < 0)
		return r;
	stream->count++;
	r = bell_open(given->bell, &thread->bells[number]);
	return r < 0 ? r : poll_add(thread->poll, given->bell);
}

static void *thread_run(void *argument)
{
	struct thread *thread = argument;
	const struct place_rings rings = {
		.heads = thread->common->heads,
		.count = thread->common->ring_count,
		.first = thread->number,
		.stride = thread->stride,
	};
	unsigned int naps = 0;

	thread->began = clock_monotonic();
	pace_begin(&thread->pace, &thread->stream, &rings);
	while (!atomic_load_explicit(&thread->common->stopping, memory_order_relaxed)) {
		switch (pace_look(&thread->pace, &thread->stream)) {
		case RESTRAINT_ALL:
			thread_ship(thread, &naps);
			break;
		case RESTRAINT_ASKING:
			pace_ask(&thread->pace);
			break;
		case RESTRAINT_SOME:
			thread_ship_some(thread);
			break;
		}
	}
	pace_end(&thread->pace, &thread->stream);
	return NULL;
}

static void thread_ship(struct thread *thread, unsigned int *naps)
{
	enum served served = rings_serve(thread, BATCH_SIZE, UINT64_MAX);

	routes_look_after(thread, served);
	if (served != SERVED_NOTHING)
		*naps = 0;
	if (served == SERVED_BATCH)
		return;
	if ((*naps)++ < NAPS_MAX)
		thread_nap(thread);
	else
		thread_block(thread);
}

static void thread_ship_some(struct thread *thread)
{
	uint64_t longest = pace_gather(&thread->pace, &thread->stream);

	routes_look_after(thread, rings_serve(thread, BATCH_SIZE_SOME, longest));
	pace_rest(&thread->pace);
}

/* Ships one batch of so many bytes at most, and gives up what is too long.  Records are counted and given back after their copies
 * are in the kernel's hands. */
static enum served rings_serve(struct thread *thread, uint64_t most, uint64_t longest)
{
	struct stream *stream = &thread->stream;
	struct delivery delivery = {
		.routes = routes_enter(thread),
		.tally = &thread->tally,
		.orphans = &thread->common->orphans,
		.outbox = thread->outbox,
		.fragments = thread->fragments,
		.longest = longest,
		.epoch = clock_epoch(),
	};
	enum served served = SERVED_NOTHING;
	uint64_t room = batch_size(stream, most);
	const struct capture_record *record;
	uint64_t now = clock_monotonic();
	uint32_t size;

	thread->gathered = now - thread->began;
	thread->began = now;
	thread->copies = 0;
	stream_begin(stream, now);
	while (room > 0 && stream_next(stream, &record, &size)) {
		thread->copies += record->segment_count;
		deliver_record(&delivery, record, size);
		if (size <= longest)
			room -= MIN(room, (uint64_t)size);
		served = SERVED_ALL;
	}
	deliver_rest(&delivery);
	thread->places = outbox_flush(thread->outbox);
	routes_leave(thread);
	tally_commit(&thread->tally, thread->common->counters);
	for (size_t i = 0; i < stream->count; i++)
		ring_release(&stream->rings[i].ring);
	if (room == 0)
		return SERVED_BATCH;
	return stream_has_more(stream) ? SERVED_ALL : served;
}

/* Ends early when so much comes at once that a ring fills. */
static void thread_nap(const struct thread *thread)
{
	uint64_t now = clock_monotonic();
	uint64_t end = now + nap_length(thread->gathered, thread->copies, thread->places);
	uint64_t slice = nap_slice(batch_size(&thread->stream, UINT64_MAX));

	do {
		clock_sleep(MIN(end - now, slice));
		now = clock_monotonic();
	} while (now < end && !rings_fill(&thread->stream));
}

static bool rings_fill(const struct stream *stream)
{
	for (size_t i = 0; i < stream->count; i++)
		if (ring_get_waiting(&stream->rings[i].ring) >
		    stream->rings[i].ring.size / RING_FILLS)
			return true;
	return false;
}

/* What to add to a monotonic time to make it nanoseconds since 1970. */
static uint64_t clock_epoch(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec - clock_monotonic();
}

/* A batch leaves half of the smallest ring to what comes meanwhile, even if all of it is from there. */
static uint64_t batch_size(const struct stream *stream, uint64_t most)
{
	uint64_t size = most;

	for (size_t i = 0; i < stream->count; i++)
		size = MIN(size, stream->rings[i].ring.size / 2);
	return size;
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

/* Routes, links, path MTUs and neighbours change without anybody telling us.  While nothing is shipped, only who is
 * missing is looked for. */
static void routes_look_after(struct thread *thread, enum served served)
{
	struct routes *routes;
	uint64_t now;
	bool over;

	if (thread->number != 0 || (served == SERVED_NOTHING && !thread->round.missed_some))
		return;
	now = clock_monotonic();
	if (now < thread->watch_due)
		return;
	routes = routes_enter(thread);
	over = round_go_on(&thread->round, routes, WATCH_SLICE, thread->common->mark);
	routes_leave(thread);
	thread->watch_due = now + (over ? WATCH_INTERVAL : WATCH_PAUSE);
}

/* Blocks until a ring has records or the threads are to stop. */
static void thread_block(struct thread *thread)
{
	const int longest = block_longest(thread);
	struct epoll_event event;
	bool more = false;

	bells_want(thread, 1);
	for (size_t i = 0; i < thread->stream.count; i++)
		more |= ring_has_more(&thread->stream.rings[i].ring);
	if (more)
		clock_sleep(nap_slice(batch_size(&thread->stream, UINT64_MAX)));
	else
		(void)epoll_wait(thread->poll, &event, 1, longest);
	bells_want(thread, 0);
	for (size_t i = 0; i < thread->stream.count; i++)
		bell_silence(&thread->bells[i]);
}

/* Milliseconds. */
static int block_longest(const struct thread *thread)
{
	const uint64_t now = clock_monotonic();

	if (thread->number != 0 || !thread->round.missed_some)
		return BLOCK_MAX;
	return thread->watch_due <= now ? 1 : (int)((thread->watch_due - now) / NSEC_PER_MSEC) + 1;
}

static void bells_want(struct thread *thread, uint64_t wanted)
{
	for (size_t i = 0; i < thread->stream.count; i++)
		__atomic_store_n(&thread->stream.rings[i].ring.head->wanted, wanted,
				 __ATOMIC_RELAXED);
}
