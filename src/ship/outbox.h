/* Copies on their way into the kernel: gathered into trains, sent, and accounted for.
 *
 * There is a place for each source port and appliance, where a train waits.  When it is full, what fills calls is sent
 * off; flushing sends off all.  So copies of a flow, which have one port, leave in order, and those of many flows
 * still fill their calls.
 *
 * Every copy that enters is counted once: as shipped, or as lost for a reason.  When a message fails, it is tried once
 * more, since an error may be the echo of an earlier datagram (ICMP); then its copies go one by one if the kernel
 * would not cut them, cut to a path that became narrower; and what still fails is lost.
 *
 * One outbox belongs to one thread.  The kernel comes in as struct transmit, so that its failures run in memory. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct outbox;
struct session_direction_counters;
struct target;

/* How copies leave. */
struct transmit {
	void *context;
	/* Sends without waiting.  Returns how many went, at least one, or the negative errno of the first. */
	int (*send)(void *context, unsigned int lane, struct mmsghdr *messages, unsigned int count);
	/* Looks at the path MTU to an appliance, because a datagram did not fit. */
	void (*measure)(void *context, struct target *target);
};

#define COPY_HEAD_SIZE_MAX 768
#define COPY_HEAD_ROOM     32 /* Bytes from a head's beginning on that can be read at least. */

/* A copy's bytes are its head, that is, encapsulation and rewritten headers, then its tail, which is as it was captured. */
struct copy {
	struct session_direction_counters *counters;
	const uint8_t *head, *tail;
	uint16_t head_size;
	uint16_t
		packet_offset; /* Where in the head an IPv4 packet begins that says how long it is; 0: nowhere. */
	uint32_t tail_size;
	uint32_t flow;        /* A hash: copies of one flow leave in their order. */
	uint32_t wire_length; /* For the counters. */
	uint32_t size;        /* Bytes that are sent: the outbox's. */
};

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox);
struct outbox *outbox_free(struct outbox *outbox);
DEFINE_CLEANUP(struct outbox *, outbox_free)

/* Adds a copy, which the caller fills in.  All that it points to must stay until the next flush. */
struct copy *outbox_add(struct outbox *outbox, unsigned int lane, struct target *target);

/* Room for a head of the largest size, which stays until the next flush once its size was told.  There may be a flush to
 * make room. */
uint8_t *outbox_head_begin(struct outbox *outbox);
void outbox_head_end(struct outbox *outbox, uint32_t size);

/* Sends all copies.  Returns how many places they had since the last flush, which is how many trains they parted into. */
unsigned int outbox_flush(struct outbox *outbox);
