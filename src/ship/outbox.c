// SPDX-License-Identifier: Apache-2.0
#include "ship/outbox.h"

#include "base/count.h"
#include "ship/counters.h"
#include "ship/encapsulate.h"
#include "ship/lane.h"
#include "ship/target.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#define COPIES_MAX       1024
#define HEADS_SIZE       (256 << 10)
#define MESSAGES_MAX     64    /* Per sendmmsg(2). */
#define PIECES_MAX       512   /* Of all messages of one call. */
#define SEGMENTS_MAX     64    /* Per message; the kernel's UDP_MAX_SEGMENTS. */
#define MESSAGE_SIZE_MAX 65507 /* The largest datagram, which a message is until it is cut. */
#define TAIL_INLINE_MAX \
	192 /* A shorter tail is moved to its head: copying costs less than a piece. */
#define LANE_END UINT16_MAX
#define NOT_LOST LOSS_REASON_COUNT

/* A copy in its lane's queue. */
struct queued {
	struct copy copy;
	uint32_t sent_size; /* What the path leaves of it, encapsulation included. */
	uint16_t next;      /* Index, or LANE_END. */
};

struct lane_queue {
	uint16_t first, last;
};

/* A run of copies that goes as one. */
struct message {
	uint16_t first, count; /* Copies, along 'next'. */
	uint32_t segment_size, size;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
};

struct outbox {
	struct transmit transmit;
	unsigned int copy_count, busy_count;
	size_t heads_used;
	struct queued copies[COPIES_MAX];
	struct lane_queue lanes[LANE_COUNT];
	uint16_t busy[LANE_COUNT]; /* Lanes that have copies. */
	/* What one call sends. */
	struct message messages[MESSAGES_MAX];
	struct mmsghdr headers[MESSAGES_MAX];
	struct iovec pieces[PIECES_MAX];
	unsigned int piece_count;
	uint8_t heads[HEADS_SIZE];
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

static void lane_flush(struct outbox *outbox, unsigned int lane);
static uint16_t message_build(struct outbox *outbox, unsigned int lane, unsigned int index,
			      uint16_t first);
static bool may_segment(unsigned int lane, const struct target *target);
static void message_begin(struct outbox *outbox, struct message *message, struct msghdr *header,
			  uint16_t first);
static uint32_t fitting_size(const struct copy *copy);
static void copy_attach(struct outbox *outbox, struct message *message, struct msghdr *header,
			struct queued *queued, uint32_t size);
static void piece_add(struct outbox *outbox, struct msghdr *header, const uint8_t *bytes,
		      uint32_t size);
static bool message_takes(const struct outbox *outbox, const struct message *message,
			  const struct copy *copy, uint32_t size);
static void message_segment(struct message *message, struct msghdr *header);
static void messages_send(struct outbox *outbox, unsigned int lane, unsigned int count);
static void message_rescue(struct outbox *outbox, unsigned int lane, unsigned int index, int error);
static void copy_rescue(struct outbox *outbox, unsigned int lane, struct queued *queued, int error);
static int copy_send(struct outbox *outbox, unsigned int lane, struct queued *queued);
static void copies_settle(struct outbox *outbox, uint16_t first, unsigned int count,
			  enum loss_reason reason);
static bool copy_is_truncated(const struct queued *queued);
static enum loss_reason error_reason(int error);
static void message_split(struct outbox *outbox, unsigned int lane, const struct message *message,
			  int error);

uint8_t *outbox_reserve(struct outbox *outbox)
{
	if (outbox->copy_count == COPIES_MAX ||
	    outbox->heads_used + OUTBOX_HEAD_SIZE_MAX > HEADS_SIZE)
		outbox_flush(outbox);
	return outbox->heads + outbox->heads_used;
}

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return -ENOMEM;
	outbox->transmit = *transmit;
	for (unsigned int lane = 0; lane < LANE_COUNT; lane++)
		outbox->lanes[lane].first = LANE_END;
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
	struct lane_queue *queue = &outbox->lanes[lane];
	uint16_t index = (uint16_t)outbox->copy_count++;
	struct queued *queued = &outbox->copies[index];

	queued->copy = *copy;
	queued->next = LANE_END;
	outbox->heads_used += copy->head_size;
	if (copy->tail_size <= TAIL_INLINE_MAX) {
		memcpy(outbox->heads + outbox->heads_used, copy->tail, copy->tail_size);
		outbox->heads_used += copy->tail_size;
		queued->copy.head_size += copy->tail_size;
		queued->copy.tail_size = 0;
	}
	if (queue->first == LANE_END) {
		queue->first = index;
		outbox->busy[outbox->busy_count++] = (uint16_t)lane;
	} else {
		outbox->copies[queue->last].next = index;
	}
	queue->last = index;
}

void outbox_flush(struct outbox *outbox)
{
	for (unsigned int i = 0; i < outbox->busy_count; i++)
		lane_flush(outbox, outbox->busy[i]);
	outbox->busy_count = 0;
	outbox->copy_count = 0;
	outbox->heads_used = 0;
}

static void lane_flush(struct outbox *outbox, unsigned int lane)
{
	uint16_t next = outbox->lanes[lane].first;

	while (next != LANE_END) {
		unsigned int count = 0;

		outbox->piece_count = 0;
		while (next != LANE_END && count < MESSAGES_MAX &&
		       outbox->piece_count + 2 <= PIECES_MAX)
			next = message_build(outbox, lane, count++, next);
		messages_send(outbox, lane, count);
	}
	outbox->lanes[lane].first = LANE_END;
}

/* Builds a message of the copies from 'first' on.  Returns the first copy that is not in it. */
static uint16_t message_build(struct outbox *outbox, unsigned int lane, unsigned int index,
			      uint16_t first)
{
	struct message *message = &outbox->messages[index];
	struct msghdr *header = &outbox->headers[index].msg_hdr;
	bool open = may_segment(lane, outbox->copies[first].copy.target);
	uint16_t next;

	message_begin(outbox, message, header, first);
	for (next = outbox->copies[first].next; open && next != LANE_END;) {
		struct queued *queued = &outbox->copies[next];
		uint32_t size = fitting_size(&queued->copy);

		if (!message_takes(outbox, message, &queued->copy, size))
			break;
		copy_attach(outbox, message, header, queued, size);
		next = queued->next;
		open = size == message->segment_size;
	}
	if (message->count > 1)
		message_segment(message, header);
	return next;
}

/* Whether a lane's copies to this appliance may share a message. */
static bool may_segment(unsigned int lane, const struct target *target)
{
	return lane / SHIP_PORT_COUNT != LANE_IPV4_PLAIN && target_is_segmented(target);
}

static void message_begin(struct outbox *outbox, struct message *message, struct msghdr *header,
			  uint16_t first)
{
	struct queued *queued = &outbox->copies[first];

	*message = (struct message){
		.first = first,
		.segment_size = fitting_size(&queued->copy),
	};
	*header = (struct msghdr){
		.msg_name = &queued->copy.target->socket,
		.msg_namelen = queued->copy.target->socket_size,
		.msg_iov = &outbox->pieces[outbox->piece_count],
	};
	copy_attach(outbox, message, header, queued, message->segment_size);
}

/* What the path leaves of a copy. */
static uint32_t fitting_size(const struct copy *copy)
{
	uint32_t size = copy->head_size + copy->tail_size;

	return MIN(size, target_room(copy->target) + ENCAPSULATION_SIZE);
}

static void copy_attach(struct outbox *outbox, struct message *message, struct msghdr *header,
			struct queued *queued, uint32_t size)
{
	const struct copy *copy = &queued->copy;
	uint32_t head_size = MIN(copy->head_size, size);

	piece_add(outbox, header, copy->head, head_size);
	piece_add(outbox, header, copy->tail, size - head_size);
	queued->sent_size = size;
	message->size += size;
	message->count++;
}

/* Adds bytes to the message being built, to its last piece if they lie right behind that. */
static void piece_add(struct outbox *outbox, struct msghdr *header, const uint8_t *bytes,
		      uint32_t size)
{
	if (size == 0)
		return;
	if (header->msg_iovlen > 0) {
		struct iovec *last = &header->msg_iov[header->msg_iovlen - 1];

		if ((const uint8_t *)last->iov_base + last->iov_len == bytes) {
			last->iov_len += size;
			return;
		}
	}
	outbox->pieces[outbox->piece_count++] = (struct iovec){
		.iov_base = (void *)(uintptr_t)bytes,
		.iov_len = size,
	};
	header->msg_iovlen++;
}

/* Whether a copy of this size can be one more of the run. */
static bool message_takes(const struct outbox *outbox, const struct message *message,
			  const struct copy *copy, uint32_t size)
{
	return copy->target == outbox->copies[message->first].copy.target &&
	       size <= message->segment_size && message->count < SEGMENTS_MAX &&
	       message->size + size <= MESSAGE_SIZE_MAX && outbox->piece_count + 2 <= PIECES_MAX;
}

/* Asks the kernel to cut the message into datagrams of one size. */
static void message_segment(struct message *message, struct msghdr *header)
{
	struct cmsghdr *control = (struct cmsghdr *)(void *)message->control;
	uint16_t size = (uint16_t)message->segment_size;

	control->cmsg_level = SOL_UDP;
	control->cmsg_type = UDP_SEGMENT;
	control->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(control), &size, sizeof(size));
	header->msg_control = message->control;
	header->msg_controllen = sizeof(message->control);
}

static void messages_send(struct outbox *outbox, unsigned int lane, unsigned int count)
{
	const struct transmit *transmit = &outbox->transmit;
	unsigned int done = 0;

	while (done < count) {
		int sent = transmit->send(transmit->context, lane, outbox->headers + done,
					  count - done);

		if (sent < 0) {
			message_rescue(outbox, lane, done++, -sent);
			continue;
		}
		for (unsigned int end = done + (unsigned int)sent; done < end; done++)
			copies_settle(outbox, outbox->messages[done].first,
				      outbox->messages[done].count, NOT_LOST);
	}
}

/* Deals with a message that the kernel refused. */
static void message_rescue(struct outbox *outbox, unsigned int lane, unsigned int index, int error)
{
	const struct transmit *transmit = &outbox->transmit;
	const struct message *message = &outbox->messages[index];
	struct queued *first = &outbox->copies[message->first];
	int sent;

	if (message->count == 1 && error == EMSGSIZE) {
		copy_rescue(outbox, lane, first, error);
		return;
	}
	if (error_reason(error) != LOSS_SEND_BUFFER) {
		sent = transmit->send(transmit->context, lane, &outbox->headers[index], 1);
		error = sent < 0 ? -sent : 0;
	}
	if (message->count > 1 && (error == EINVAL || error == EIO || error == EMSGSIZE))
		message_split(outbox, lane, message, error);
	else
		copies_settle(outbox, message->first, message->count,
			      error == 0 ? NOT_LOST : error_reason(error));
}

/* Tries a copy that failed once more, and has done with it. */
static void copy_rescue(struct outbox *outbox, unsigned int lane, struct queued *queued, int error)
{
	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, queued->copy.target);
	error = copy_send(outbox, lane, queued);
	copies_settle(outbox, (uint16_t)(queued - outbox->copies), 1,
		      error == 0 ? NOT_LOST : error_reason(error));
}

/* Sends one copy, cut to what the path leaves of it now.  Returns 0 or a positive errno. */
static int copy_send(struct outbox *outbox, unsigned int lane, struct queued *queued)
{
	const struct copy *copy = &queued->copy;
	uint32_t size = fitting_size(copy), head_size = MIN(copy->head_size, size);
	struct iovec pieces[] = {
		{.iov_base = (void *)(uintptr_t)copy->head, .iov_len = head_size},
		{.iov_base = (void *)(uintptr_t)copy->tail, .iov_len = size - head_size},
	};
	struct mmsghdr header = {
		.msg_hdr = {.msg_name = &copy->target->socket,
			    .msg_namelen = copy->target->socket_size,
			    .msg_iov = pieces,
			    .msg_iovlen = ARRAY_SIZE(pieces)},
	};
	int sent = outbox->transmit.send(outbox->transmit.context, lane, &header, 1);

	queued->sent_size = size;
	return sent < 0 ? -sent : 0;
}

/* Counts copies, from 'first' along the queue, as shipped or as lost.  Neighbours are mostly of one session, so
 * each run of them is added at once. */
static void copies_settle(struct outbox *outbox, uint16_t first, unsigned int count,
			  enum loss_reason reason)
{
	while (count > 0) {
		struct session_direction_counters *counters = outbox->copies[first].copy.counters;
		struct packet_count all = {}, truncated = {};

		for (; count > 0 && outbox->copies[first].copy.counters == counters; count--) {
			const struct queued *queued = &outbox->copies[first];

			all.packets++;
			all.bytes += queued->copy.wire_length;
			if (copy_is_truncated(queued)) {
				truncated.packets++;
				truncated.bytes += queued->copy.wire_length;
			}
			if (count > 1)
				first = queued->next;
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

static bool copy_is_truncated(const struct queued *queued)
{
	return queued->sent_size < queued->copy.head_size + queued->copy.tail_size;
}

static enum loss_reason error_reason(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(error_reasons); i++)
		if (error_reasons[i].error == error)
			return error_reasons[i].reason;
	return LOSS_SEND_ERROR;
}

/* Sends the copies of a message that the kernel would not cut one by one. */
static void message_split(struct outbox *outbox, unsigned int lane, const struct message *message,
			  int error)
{
	struct target *target = outbox->copies[message->first].copy.target;
	uint16_t next = message->first;

	if (error == EMSGSIZE)
		outbox->transmit.measure(outbox->transmit.context, target);
	else
		target_refuse_segments(target);
	for (unsigned int i = 0; i < message->count; i++) {
		struct queued *queued = &outbox->copies[next];

		error = copy_send(outbox, lane, queued);
		if (error == 0 || error_reason(error) == LOSS_SEND_BUFFER)
			copies_settle(outbox, next, 1, error ? LOSS_SEND_BUFFER : NOT_LOST);
		else
			copy_rescue(outbox, lane, queued, error);
		next = queued->next;
	}
}
