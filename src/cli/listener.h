/* A UDP socket that takes datagrams in batches, each with the time at which the kernel got it.
 *
 * The kernel may hand over a train of datagrams as one (UDP_GRO), which saves most of the work where much arrives; they
 * are taken apart again here. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listener;
struct refusal;

struct datagram {
	const uint8_t *bytes;
	size_t size;
	uint64_t timestamp; /* Nanoseconds since 1970. */
};

/* 'address' may be of family 0: any, IPv4 and IPv6.  Returns 0, REFUSED with the reason, or a fault. */
int listener_open(const struct address *address, uint16_t port, struct listener **ret_listener,
		  struct refusal *why);
void listener_free(struct listener *listener);
DEFINE_CLEANUP(struct listener *, listener_free)

/* To be polled. */
int listener_descriptor(const struct listener *listener);

/* Takes what is there, without waiting; nothing is no fault.  Ends the batch before. */
int listener_receive(struct listener *listener);

/* The next datagram of the batch; valid until the batch ends.  Returns false after the last. */
bool listener_next(struct listener *listener, struct datagram *ret_datagram);

/* What the kernel dropped because its buffer was full; it counts a train as one. */
uint64_t listener_dropped(const struct listener *listener);
