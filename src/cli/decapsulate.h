/* What is inside a VXLAN datagram.  Pure: every byte comes from a stranger. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
	const uint8_t *bytes; /* From the Ethernet header on. */
	size_t size;
	uint32_t vni;
};

/* Takes the payload of a UDP datagram apart; the frame points into it.  Returns false where it is no VXLAN (RFC 7348:
 * the I bit is set, all else is ignored) or holds no whole Ethernet header. */
bool vxlan_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame);

/* How long the frame was before it was cut: what its IP header says, if that is more than there is. */
size_t frame_original_length(const struct frame *frame);
