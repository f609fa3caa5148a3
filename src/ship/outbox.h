/* Copies on their way into the kernel: gathered into trains, sent, and accounted for.
 *
 * There is a place for each source port and appliance, which holds one train.  A copy that the train does not take sends
 * it off and begins the next; flushing sends off all of them.  So copies of a flow, which have one port, leave
 * in order, and those of many flows still fill their trains.
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
#define COPY_HEAD_ROOM     32 /* Bytes behind a head's beginning that can be read at least. */

struct copy {
	struct target *target;
	struct session_direction_counters *counters;
	const uint8_t *head,
		*tail; /* Encapsulation and rewritten headers; what is left as it was. */
	uint32_t head_size, tail_size;
	uint32_t wire_length; /* For the counters. */
};

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox);
struct outbox *outbox_free(struct outbox *outbox);
DEFINE_CLEANUP(struct outbox *, outbox_free)

/* Takes a copy.  Its head, which is not empty, is copied; its tail, counters and target must stay until the next flush. */
void outbox_add(struct outbox *outbox, unsigned int lane, const struct copy *copy);

/* Sends all copies. */
void outbox_flush(struct outbox *outbox);
