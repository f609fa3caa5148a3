/* Wire packets in one piece, for tests of the segmenter. */
#pragma once

#include "ship/frame_example.h"
#include "ship/segment.h"

#include <stdbool.h>
#include <stdint.h>

struct wire_example {
	uint8_t bytes[FRAME_EXAMPLE_SIZE];
	uint32_t size, wire_length;
};

/* Returns false when there is none left. */
bool wire_example_next(struct segmenter *segmenter, struct wire_example *ret_packet);

/* Cuts each beginning of a frame's capture, in memory that ends there, and looks whether all bytes of its wire packets
 * are from there.  'packet_too': the packet is said to be no longer either. */
bool short_captures_stay_within(const struct frame_example *frame, bool packet_too);

/* Whether the checksum of TCP or UDP is right for 'length' bytes from the transport header on. */
bool transport_sum_is_right(const uint8_t *network, const uint8_t *transport, uint32_t length,
			    uint8_t protocol);

/* Whether an IPv4 header adds up, and states 'length' bytes; of IPv6 the latter. */
bool network_is_right(const uint8_t *network, uint32_t length);
