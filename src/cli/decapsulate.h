/* What is inside a VXLAN or Geneve datagram.  Pure: every byte comes from a stranger.
 *
 * The two are told apart by themselves, since either may come to any port: where Geneve says that it carries Ethernet,
 * VXLAN has zeros.  Where it says IPv4 it comes from a Gateway Load Balancer, and the source's VXLAN packet is inside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
	const uint8_t *bytes; /* From the Ethernet header on. */
	size_t size;
	uint32_t vni;
	size_t length;      /* On the wire; 0: not known, but what its IP header says. */
	uint64_t timestamp; /* Of the capture, in nanoseconds since 1970; 0: it does not say. */
};

/* Takes the payload of a UDP datagram apart; the frame points into it.  Returns false where it is neither VXLAN (RFC 7348:
 * the I bit is set, all else is ignored) nor Geneve (RFC 8926, without critical options that nobody knows) around a frame or around
 * VXLAN over UDP over IPv4, or holds no whole Ethernet header. */
bool tunnel_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame);

/* How long the frame was before it was cut: what is known, or what its IP header says, if that is more than there is. */
size_t frame_original_length(const struct frame *frame);
