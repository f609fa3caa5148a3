/* A UDP socket that takes datagrams in batches, each with the time at which the kernel got it. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct listener;
struct refusal;

#define LISTENER_BATCH 64

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

/* What is there, without waiting; valid until the next call.  Returns 0 or a fault; no datagrams is not one. */
int listener_receive(struct listener *listener, const struct datagram **ret_datagrams,
		     size_t *ret_count);

/* Datagrams that the kernel dropped because its buffer was full. */
uint64_t listener_dropped(const struct listener *listener);
