/* Copies on their way into the kernel: gathered, grouped into few calls, sent, and accounted for.
 *
 * Each copy is two pieces: encapsulation and rewritten headers, which lie in the outbox's own memory, and the rest,
 * which still lies in the ring.  Copies of one lane form a queue.  Flushing turns a queue into messages; a
 * message is a run of copies to one appliance, of one size but for a shorter last, which UDP_SEGMENT cuts
 * apart again, or else a single copy; and as many messages as possible go into one sendmmsg(2).
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

struct copy {
	struct target *target;
	struct session_direction_counters *counters;
	const uint8_t *head, *tail; /* 'head' lies where outbox_reserve() said. */
	uint32_t head_size, tail_size;
	uint32_t wire_length; /* For the counters. */
};

int outbox_new(const struct transmit *transmit, struct outbox **ret_outbox);
struct outbox *outbox_free(struct outbox *outbox);
DEFINE_CLEANUP(struct outbox *, outbox_free)

/* Room for the head of one more copy; flushes when there is none.  Valid until the next call of any kind. */
#define OUTBOX_HEAD_SIZE_MAX 768
uint8_t *outbox_reserve(struct outbox *outbox);

/* Takes a copy whose head was written where outbox_reserve() said.  Its tail must stay until the next flush. */
void outbox_add(struct outbox *outbox, unsigned int lane, const struct copy *copy);

/* Sends all copies. */
void outbox_flush(struct outbox *outbox);
