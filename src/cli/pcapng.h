/* Capture files as Wireshark reads them (draft-ietf-opsawg-pcapng), little of it:
 *
 *	+----------------+-----------------------+------------------------+-----
 *	| Section Header | Interface Description | Enhanced Packet Block  | …
 *	+----------------+-----------------------+------------------------+-----
 *
 * One interface, Ethernet, with nanoseconds.  Blocks are in the byte order of this machine, as the format wants. */
#pragma once

#include "base/text.h"

#include <stdint.h>

struct frame;

/* The first two blocks; 'application' goes into the section's header. */
void pcapng_append_start(struct text *buffer, const char *application);

/* 'timestamp' is nanoseconds since 1970. */
void pcapng_append_packet(struct text *buffer, const struct frame *frame, uint64_t timestamp);
