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
#include <string.h>

#define APPLIANCES_MAX 4 /* That have places of their own; further ones share them. */
#define PLACES         (APPLIANCES_MAX * SHIP_PORT_COUNT)
#define NOT_LOST       LOSS_REASON_COUNT

#define SEGMENT_CONTROL_SIZE CMSG_SPACE(sizeof(uint16_t))

struct outbox {
	struct transmit transmit;
	/* Places in the order in which their first train began, so that flows leave in the order in which they came as far as
	 * batches allow. */
	uint16_t order[PLACES];
	bool listed[PLACES];
	unsigned int order_count;
	/* What one call sends. */
	struct mmsghdr messages[TRAIN_COPIES_MAX];
	_Alignas(struct cmsghdr) uint8_t control[TARGET_CONTROL_SIZE + SEGMENT_CONTROL_SIZE];
	struct iovec gathered;
	_Alignas(64) uint8_t bytes[TRAIN_SIZE_MAX];
	struct train trains[PLACES];
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

static unsigned int place_of(unsigned int lane, const struct target *target);
static bool may_segment(unsigned int lane, const struct target *target);
static void place_list(struct outbox *outbox, unsigned int place);
static void place_clear(struct outbox *outbox, unsigned int place);
static unsigned int messages_build(struct outbox *outbox, struct train *train);
static void message_build(struct outbox *outbox, struct train *train, struct msghdr *message);
static struct msghdr message_to(struct target *target, struct iovec *pieces, size_t count);
static void message_segment(struct outbox *outbox, const struct train *train,
			    struct msghdr *message);
static void messages_send(struct outbox *outbox, struct train *train, unsigned int count);
static void message_rescue(struct outbox *outbox, struct train *train, unsigned int index,
			   int error);
static void message_split(struct outbox *outbox, struct train *train, int error);
static void copy_rescue(struct outbox *outbox, struct train *train, unsigned int index, int error);
static int copy_send(struct outbox *outbox, struct train *train, unsigned int index);
static void copies_settle(const struct train *train, unsigned int first, unsigned int count,
			  enum loss_reason reason);
static enum loss_reason error_reason(int error);

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return -ENOMEM;
	outbox->transmit = *transmit;
	*ret_outbox = outbox;
	return 0;
}

struct outbox *outbox_free(struct outbox *outbox)
{
	free(outbox);
	return NULL;
}

void outbox_add(struct outbox *outbox, unsigned int lane, const struct copy *copy)
{
	unsigned int place = place_of(lane, copy->target);
	struct train *train = &outbox->trains[place];
	uint32_t size = copy_fitting_size(copy);

	if (train->count > 0 && !train_takes(train, lane, copy, size))
		place_clear(outbox, place);
	if (train->count == 0) {
		train_begin(train, copy->target, lane, may_segment(lane, copy->target));
		place_list(outbox, place);
	}
	train_board(train, copy, size);
}

void outbox_flush(struct outbox *outbox)
{
	for (unsigned int i = 0; i < outbox->order_count; i++) {
		unsigned int place = outbox->order[i];

		outbox->listed[place] = false;
		if (outbox->trains[place].count > 0)
			place_clear(outbox, place);
	}
	outbox->order_count = 0;
}

/* The port counts and not the lane: an appliance that is sent to in another manner from now on keeps its places, so
 * what went before leaves first. */
static unsigned int place_of(unsigned int lane, const struct target *target)
{
	return target->number % APPLIANCES_MAX * SHIP_PORT_COUNT + lane % SHIP_PORT_COUNT;
}

/* Whether a lane's copies to this appliance may share a message. */
static bool may_segment(unsigned int lane, const struct target *target)
{
	return lane / SHIP_PORT_COUNT != LANE_IPV4_PLAIN && target_is_segmented(target);
}

static void place_list(struct outbox *outbox, unsigned int place)
{
	if (outbox->listed[place])
		return;
	outbox->listed[place] = true;
	outbox->order[outbox->order_count++] = (uint16_t)place;
}

/* Sends a place's train off. */
static void place_clear(struct outbox *outbox, unsigned int place)
{
	struct train *train = &outbox->trains[place];

	messages_send(outbox, train, messages_build(outbox, train));
	train->count = 0;
}

/* Returns how many messages the train goes as. */
static unsigned int messages_build(struct outbox *outbox, struct train *train)
{
	if (train->segmented) {
		message_build(outbox, train, &outbox->messages[0].msg_hdr);
		return 1;
	}
	for (unsigned int i = 0; i < train->count; i++) {
		uint32_t first = train->passengers[i].piece;
		uint32_t end = i + 1 < train->count ? train->passengers[i + 1].piece
						    : train->piece_count;

		outbox->messages[i].msg_hdr =
			message_to(train->target, &train->pieces[first], end - first);
	}
	return train->count;
}

/* One message of all copies.  The kernel takes many short pieces at a third of the speed of one long one, so they are put
 * together here. */
static void message_build(struct outbox *outbox, struct train *train, struct msghdr *message)
{
	if (train->piece_count > 1) {
		outbox->gathered = (struct iovec){
			.iov_base = outbox->bytes,
			.iov_len = train_gather(train, outbox->bytes),
		};
		*message = message_to(train->target, &outbox->gathered, 1);
	} else {
		*message = message_to(train->target, train->pieces, 1);
	}
	if (train->count > 1)
		message_segment(outbox, train, message);
}

static struct msghdr message_to(struct target *target, struct iovec *pieces, size_t count)
{
	return (struct msghdr){
		.msg_name = &target->socket,
		.msg_namelen = target->socket_size,
		.msg_iov = pieces,
		.msg_iovlen = count,
		.msg_control = target->control_size > 0 ? target->control : NULL,
		.msg_controllen = target->control_size,
	};
}

/* Asks the kernel to cut the message into datagrams of one size. */
static void message_segment(struct outbox *outbox, const struct train *train,
			    struct msghdr *message)
{
	size_t before = message->msg_controllen;
	struct cmsghdr *control = (struct cmsghdr *)(void *)(outbox->control + before);
	uint16_t size = (uint16_t)train->segment_size;

	memcpy(outbox->control, train->target->control, before);
	*control = (struct cmsghdr){
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT,
		.cmsg_len = CMSG_LEN(sizeof(size)),
	};
	memcpy(CMSG_DATA(control), &size, sizeof(size));
	message->msg_control = outbox->control;
	message->msg_controllen = before + SEGMENT_CONTROL_SIZE;
}

static void messages_send(struct outbox *outbox, struct train *train, unsigned int count)
{
	const struct transmit *transmit = &outbox->transmit;
	unsigned int per_message = train->segmented ? train->count : 1, done = 0;

	while (done < count) {
		int sent = transmit->send(transmit->context, train->lane, outbox->messages + done,
					  count - done);

		if (sent < 0) {
			message_rescue(outbox, train, done++, -sent);
			continue;
		}
		copies_settle(train, done, (unsigned int)sent * per_message, NOT_LOST);
		done += (unsigned int)sent;
	}
}

/* Deals with a message that the kernel refused: one copy of a train, or all of it. */
static void message_rescue(struct outbox *outbox, struct train *train, unsigned int index,
			   int error)
{
	const struct transmit *transmit = &outbox->transmit;
	unsigned int count = train->segmented ? train->count : 1;
	int sent;

	if (count == 1 && error == EMSGSIZE) {
		copy_rescue(outbox, train, index, error);
		return;
	}
	if (error_reason(error) != LOSS_SEND_BUFFER) {
		sent = transmit->send(transmit->context, train->lane, &outbox->messages[index], 1);
		error = sent < 0 ? -sent : 0;
	}
	if (count > 1 && (error == EINVAL || error == EIO || error == EMSGSIZE))
		message_split(outbox, train, error);
	else
		copies_settle(train, index, count, error == 0 ? NOT_LOST : error_reason(error));
}

/* Sends the copies of a message that the kernel would not cut one by one. */
static void message_split(struct outbox *outbox, struct train *train, int error)
{
	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, train->target);
	else
		target_refuse_segments(train->target);
	for (unsigned int i = 0; i < train->count; i++) {
		error = copy_send(outbox, train, i);
		if (error == 0 || error_reason(error) == LOSS_SEND_BUFFER)
			copies_settle(train, i, 1, error ? LOSS_SEND_BUFFER : NOT_LOST);
		else
			copy_rescue(outbox, train, i, error);
	}
}

/* Tries a copy that failed once more, and has done with it. */
static void copy_rescue(struct outbox *outbox, struct train *train, unsigned int index, int error)
{
	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, train->target);
	error = copy_send(outbox, train, index);
	copies_settle(train, index, 1, error == 0 ? NOT_LOST : error_reason(error));
}

/* Sends one copy, cut to what the path leaves of it now.  Returns 0 or a positive errno. */
static int copy_send(struct outbox *outbox, struct train *train, unsigned int index)
{
	struct passenger *passenger = &train->passengers[index];
	struct iovec pieces[TRAIN_COPY_PIECES];
	struct mmsghdr message = {};
	int sent;

	passenger->size = MIN(passenger->size, target_room(train->target));
	message.msg_hdr = message_to(train->target, pieces,
				     train_get_copy(train, index, passenger->size, pieces));
	sent = outbox->transmit.send(outbox->transmit.context, train->lane, &message, 1);
	return sent < 0 ? -sent : 0;
}

/* Counts copies as shipped or as lost.  Neighbours are mostly of one session, so each run of them is added at once. */
static void copies_settle(const struct train *train, unsigned int first, unsigned int count,
			  enum loss_reason reason)
{
	unsigned int end = first + count;

	for (unsigned int i = first; i < end;) {
		struct session_direction_counters *counters = train->passengers[i].counters;
		struct packet_count all = {}, truncated = {};

		for (; i < end && train->passengers[i].counters == counters; i++) {
			const struct passenger *passenger = &train->passengers[i];
			bool cut = passenger->size < passenger->whole;

			all.packets++;
			all.bytes += passenger->wire_length;
			truncated.packets += cut;
			truncated.bytes += cut ? passenger->wire_length : 0;
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
