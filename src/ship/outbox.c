// SPDX-License-Identifier: Apache-2.0
#include "ship/outbox.h"

#include "base/count.h"
#include "ship/counters.h"
#include "ship/lane.h"
#include "ship/target.h"
#include "ship/train.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PLACES   1024 /* Appliances, or as many ports of fewer, between two flushes. */
#define SEATS    4096 /* A power of two, and several times as many as there are places. */
#define NOT_LOST LOSS_REASON_COUNT

/* Enough for a batch of long packets that are cut from super-packets. */
#define HEADS_SIZE (256 << 10)

#define PAGE_SIZE      4096
#define HUGE_PAGE_SIZE (2UL << 20)

#define SEGMENT_CONTROL_SIZE CMSG_SPACE(sizeof(uint16_t))

struct outbox {
	struct transmit transmit;
	/* Places are taken one after the other as first copies come, so flows leave in the order in which they came as far as
	 * batches allow; a flush gives all of them back. */
	unsigned int place_count;
	unsigned int place_most; /* At a time, since the outbox was flushed. */
	struct train trains[PLACES];
	/* Which place an appliance's port has: that of its own seat, or of the next ones.  A seat is taken if its place is, and
	 * knows of it; so nothing needs to be cleared. */
	uint16_t seats[SEATS];
	uint32_t heads_size;
	/* What one call sends. */
	struct mmsghdr messages[RUN_COPIES_MAX];
	struct iovec pieces[RUN_COPIES_MAX];
	_Alignas(struct cmsghdr) uint8_t control[TARGET_CONTROL_SIZE + SEGMENT_CONTROL_SIZE];
	/* The kernel reads fastest from where a page begins. */
	_Alignas(PAGE_SIZE) uint8_t bytes[RUN_SIZE_MAX + COPY_HEAD_ROOM];
	uint8_t heads[HEADS_SIZE + COPY_HEAD_SIZE_MAX];
	struct copy *spare; /* Of the size of a train. */
	struct copy copies[PLACES + 1][TRAIN_COPIES_MAX];
};

/* Why a copy is lost, by what the kernel said; LOSS_SEND_ERROR for what is not listed.  A route of type "prohibit"
 * answers EACCES and one of type "blackhole" EINVAL, which a lone datagram meets for no other reason. */
static const struct {
	int error;
	enum loss_reason reason;
} error_reasons[] = {
	{ENETUNREACH, LOSS_NO_ROUTE},   {EHOSTUNREACH, LOSS_NO_ROUTE}, {ENETDOWN, LOSS_NO_ROUTE},
	{EADDRNOTAVAIL, LOSS_NO_ROUTE}, {EACCES, LOSS_NO_ROUTE},       {EINVAL, LOSS_NO_ROUTE},
	{ENOBUFS, LOSS_SEND_BUFFER},    {EAGAIN, LOSS_SEND_BUFFER},    {ENOMEM, LOSS_SEND_BUFFER},
};

static unsigned int seat_of(unsigned int lane, const struct target *target);
static _noinline_ struct train *train_prepare(struct outbox *outbox, unsigned int lane,
					      struct target *target);
static struct train *train_find(struct outbox *outbox, unsigned int lane,
				const struct target *target, unsigned int *ret_seat);
static struct train *train_take(struct outbox *outbox, unsigned int seat);
static void places_flush(struct outbox *outbox);
static bool may_segment(unsigned int lane, const struct target *target);
static void train_send(struct outbox *outbox, struct train *train, bool all);
static unsigned int messages_build(struct outbox *outbox, const struct train *train,
				   const struct run *run);
static struct msghdr message_to(struct target *target, struct iovec *piece);
static void message_segment(struct outbox *outbox, const struct target *target, uint32_t size);
static void run_send(struct outbox *outbox, const struct train *train, const struct run *run,
		     unsigned int count);
static void message_rescue(struct outbox *outbox, const struct train *train, const struct run *run,
			   unsigned int index, int error);
static void run_split(struct outbox *outbox, const struct train *train, const struct run *run,
		      int error);
static void copy_rescue(struct outbox *outbox, const struct train *train, struct copy *copy,
			uint8_t *bytes, int error);
static int copy_send(struct outbox *outbox, const struct train *train, struct copy *copy,
		     uint8_t *bytes);
static void copies_settle(const struct copy *copies, unsigned int count, enum loss_reason reason);
static enum loss_reason error_reason(int error);

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox)
{
	size_t size = (sizeof(struct outbox) + HUGE_PAGE_SIZE - 1) & ~(HUGE_PAGE_SIZE - 1);
	struct outbox *outbox = aligned_alloc(HUGE_PAGE_SIZE, size);

	if (!outbox)
		return -ENOMEM;
	/* Every copy looks in many places here.  Where there are no large pages, small ones will do. */
	(void)madvise(outbox, size, MADV_HUGEPAGE);
	/* The copies take memory as places are used. */
	memset(outbox, 0, offsetof(struct outbox, copies));
	outbox->transmit = *transmit;
	for (size_t i = 0; i < PLACES; i++)
		outbox->trains[i].copies = outbox->copies[i];
	outbox->spare = outbox->copies[PLACES];
	*ret_outbox = outbox;
	return 0;
}

struct outbox *outbox_free(struct outbox *outbox)
{
	free(outbox);
	return NULL;
}

struct copy *outbox_add(struct outbox *outbox, unsigned int lane, struct target *target)
{
	struct train *train = &outbox->trains[outbox->seats[seat_of(lane, target)]];

	if (train->target != target || train->lane != lane || train->count == 0 ||
	    train->count == TRAIN_COPIES_MAX)
		train = train_prepare(outbox, lane, target);
	return &train->copies[train->count++];
}

uint8_t *outbox_head_begin(struct outbox *outbox)
{
	if (outbox->heads_size > HEADS_SIZE) {
		places_flush(outbox);
		outbox->heads_size = 0;
	}
	return outbox->heads + outbox->heads_size;
}

void outbox_head_end(struct outbox *outbox, uint32_t size)
{
	outbox->heads_size += size;
}

unsigned int outbox_flush(struct outbox *outbox)
{
	unsigned int most;

	places_flush(outbox);
	most = outbox->place_most;
	outbox->place_most = 0;
	outbox->heads_size = 0;
	return most;
}

/* The port counts and not the lane: an appliance that is sent to in another manner from now on keeps its place, so
 * what went before leaves first. */
static unsigned int seat_of(unsigned int lane, const struct target *target)
{
	return (target->seat + (lane & (target->port_count - 1))) % SEATS;
}

/* The train that a copy joins, with room for it: begins it, or sends off what is in the way. */
static struct train *train_prepare(struct outbox *outbox, unsigned int lane, struct target *target)
{
	unsigned int seat;
	struct train *train;

	if (outbox->place_count == PLACES)
		places_flush(outbox);
	train = train_find(outbox, lane, target, &seat);
	if (!train)
		train = train_take(outbox, seat);
	else if (train->count > 0 && (train->lane != lane || train->count == TRAIN_COPIES_MAX))
		train_send(outbox, train, train->lane != lane);
	if (train->count > 0)
		return train;
	train->target = target;
	train->lane = lane;
	train->segmented = may_segment(lane, target);
	return train;
}

/* The train that has a place for this appliance's port, or NULL; 'ret_seat' is its seat, or the one to take. */
static struct train *train_find(struct outbox *outbox, unsigned int lane,
				const struct target *target, unsigned int *ret_seat)
{
	unsigned int seat = seat_of(lane, target);

	for (;; seat = (seat + 1) % SEATS) {
		unsigned int place = outbox->seats[seat];
		struct train *train = &outbox->trains[place];

		*ret_seat = seat;
		if (place >= outbox->place_count || train->seat != seat)
			return NULL;
		if (train->target == target &&
		    train->lane % SHIP_PORT_COUNT == lane % SHIP_PORT_COUNT)
			return train;
	}
}

/* The next free place, without copies, for who has this seat. */
static struct train *train_take(struct outbox *outbox, unsigned int seat)
{
	struct train *train = &outbox->trains[outbox->place_count];

	train->seat = (uint16_t)seat;
	outbox->seats[seat] = (uint16_t)outbox->place_count++;
	return train;
}

/* Sends all copies.  What heads were written stays, one of them perhaps of the copy that is about to be added. */
static void places_flush(struct outbox *outbox)
{
	for (unsigned int i = 0; i < outbox->place_count; i++)
		train_send(outbox, &outbox->trains[i], true);
	outbox->place_most = MAX(outbox->place_most, outbox->place_count);
	outbox->place_count = 0;
}

/* Whether a lane's copies to this appliance may share a message. */
static bool may_segment(unsigned int lane, const struct target *target)
{
	return lane / SHIP_PORT_COUNT != LANE_IPV4_PLAIN && target_is_segmented(target);
}

/* Sends a train's copies off: all of them, or those that no later one could leave with. */
static void train_send(struct outbox *outbox, struct train *train, bool all)
{
	unsigned int sent = 0;

	train_sort(train, &outbox->spare);
	while (sent < train->count) {
		struct run run = run_find(train, sent);

		if (!all && sent + run.count == train->count)
			break;
		run_gather(&run, outbox->bytes);
		run_send(outbox, train, &run, messages_build(outbox, train, &run));
		sent += run.count;
	}
	train->count -= sent;
	memmove(train->copies, train->copies + sent, train->count * sizeof(train->copies[0]));
}

/* Returns how many messages the run goes as. */
static unsigned int messages_build(struct outbox *outbox, const struct train *train,
				   const struct run *run)
{
	uint8_t *bytes = outbox->bytes;

	if (train->segmented) {
		outbox->pieces[0] = (struct iovec){bytes, run->size};
		outbox->messages[0].msg_hdr = message_to(train->target, &outbox->pieces[0]);
		if (run->count > 1)
			message_segment(outbox, train->target, run->copies[0].size);
		return 1;
	}
	for (unsigned int i = 0; i < run->count; i++) {
		outbox->pieces[i] = (struct iovec){bytes, run->copies[i].size};
		outbox->messages[i].msg_hdr = message_to(train->target, &outbox->pieces[i]);
		bytes += run->copies[i].size;
	}
	return run->count;
}

static struct msghdr message_to(struct target *target, struct iovec *piece)
{
	return (struct msghdr){
		.msg_name = &target->socket,
		.msg_namelen = target->socket_size,
		.msg_iov = piece,
		.msg_iovlen = 1,
		.msg_control = target->control_size > 0 ? target->control : NULL,
		.msg_controllen = target->control_size,
	};
}

/* Asks the kernel to cut the first message into datagrams of one size. */
static void message_segment(struct outbox *outbox, const struct target *target, uint32_t size)
{
	struct msghdr *message = &outbox->messages[0].msg_hdr;
	struct cmsghdr *control =
		(struct cmsghdr *)(void *)(outbox->control + target->control_size);
	uint16_t segment_size = (uint16_t)size;

	memcpy(outbox->control, target->control, target->control_size);
	*control = (struct cmsghdr){
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT,
		.cmsg_len = CMSG_LEN(sizeof(segment_size)),
	};
	memcpy(CMSG_DATA(control), &segment_size, sizeof(segment_size));
	message->msg_control = outbox->control;
	message->msg_controllen = target->control_size + SEGMENT_CONTROL_SIZE;
}

static void run_send(struct outbox *outbox, const struct train *train, const struct run *run,
		     unsigned int count)
{
	const struct transmit *transmit = &outbox->transmit;
	unsigned int per_message = train->segmented ? run->count : 1, done = 0;

	while (done < count) {
		int sent = transmit->send(transmit->context, train->lane, outbox->messages + done,
					  count - done);

		if (sent < 0) {
			message_rescue(outbox, train, run, done++, -sent);
			continue;
		}
		copies_settle(&run->copies[done], (unsigned int)sent * per_message, NOT_LOST);
		done += (unsigned int)sent;
	}
}

/* Deals with a message that the kernel refused: one copy of a run, or all of it. */
static void message_rescue(struct outbox *outbox, const struct train *train, const struct run *run,
			   unsigned int index, int error)
{
	const struct transmit *transmit = &outbox->transmit;
	unsigned int count = train->segmented ? run->count : 1;
	struct copy *copies = &run->copies[index];
	int sent;

	if (count == 1 && error == EMSGSIZE) {
		copy_rescue(outbox, train, copies, outbox->pieces[index].iov_base, error);
		return;
	}
	if (error_reason(error) != LOSS_SEND_BUFFER) {
		sent = transmit->send(transmit->context, train->lane, &outbox->messages[index], 1);
		error = sent < 0 ? -sent : 0;
	}
	if (count > 1 && (error == EINVAL || error == EIO || error == EMSGSIZE))
		run_split(outbox, train, run, error);
	else
		copies_settle(copies, count, error == 0 ? NOT_LOST : error_reason(error));
}

/* Sends the copies of a message that the kernel would not cut one by one. */
static void run_split(struct outbox *outbox, const struct train *train, const struct run *run,
		      int error)
{
	uint8_t *bytes = outbox->bytes;

	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, train->target);
	else
		target_refuse_segments(train->target);
	for (unsigned int i = 0; i < run->count; i++) {
		struct copy *copy = &run->copies[i];
		uint8_t *next = bytes + copy->size;

		error = copy_send(outbox, train, copy, bytes);
		if (error == 0 || error_reason(error) == LOSS_SEND_BUFFER)
			copies_settle(copy, 1, error ? LOSS_SEND_BUFFER : NOT_LOST);
		else
			copy_rescue(outbox, train, copy, bytes, error);
		bytes = next;
	}
}

/* Tries a copy that failed once more, and has done with it. */
static void copy_rescue(struct outbox *outbox, const struct train *train, struct copy *copy,
			uint8_t *bytes, int error)
{
	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, train->target);
	error = copy_send(outbox, train, copy, bytes);
	copies_settle(copy, 1, error == 0 ? NOT_LOST : error_reason(error));
}

/* Sends one copy, cut to what the path leaves of it now.  Returns 0 or a positive errno. */
static int copy_send(struct outbox *outbox, const struct train *train, struct copy *copy,
		     uint8_t *bytes)
{
	struct mmsghdr message = {};
	struct iovec piece;
	int sent;

	copy->size = MIN(copy->size, target_room(train->target));
	copy_fit(copy, bytes);
	piece = (struct iovec){bytes, copy->size};
	message.msg_hdr = message_to(train->target, &piece);
	sent = outbox->transmit.send(outbox->transmit.context, train->lane, &message, 1);
	return sent < 0 ? -sent : 0;
}

/* Counts copies as shipped or as lost.  Neighbours are mostly of one session, so each run of them is added at once. */
static void copies_settle(const struct copy *copies, unsigned int count, enum loss_reason reason)
{
	for (unsigned int i = 0; i < count;) {
		struct session_direction_counters *counters = copies[i].counters;
		struct packet_count all = {}, truncated = {};

		for (; i < count && copies[i].counters == counters; i++) {
			bool cut = copies[i].size < copies[i].head_size + copies[i].tail_size;

			all.packets++;
			all.bytes += copies[i].wire_length;
			truncated.packets += cut;
			truncated.bytes += cut ? copies[i].wire_length : 0;
		}
		if (reason != NOT_LOST) {
			packet_count_add(&counters->lost[reason], all.packets, all.bytes);
			continue;
		}
		if (truncated.packets > 0)
			packet_count_add(&counters->truncated, truncated.packets, truncated.bytes);
		packet_count_add(&counters->shipped, all.packets, all.bytes);
	}
}

static enum loss_reason error_reason(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(error_reasons); i++)
		if (error_reasons[i].error == error)
			return error_reasons[i].reason;
	return LOSS_SEND_ERROR;
}
