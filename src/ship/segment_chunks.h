/* How the chunks of an SCTP super-packet are grouped into packets.
 *
 * A sender fills packets with whole chunks, in order, up to what the path holds.  A super-packet has all of the chunks but
 * not that number, only the number of packets; so the groups are found again as those of the smallest packets that
 * are no more than that many. */
#pragma once

#include <stdint.h>

/* Returns the most bytes that a packet's chunks take, or 0 when no way of filling leads to 'count' packets. */
uint32_t chunks_limit(const uint8_t *chunks, uint32_t size, uint32_t count);

/* Bytes of the chunks that go into the next packet: at least one chunk. */
uint32_t chunks_take(const uint8_t *chunks, uint32_t size, uint32_t limit);
