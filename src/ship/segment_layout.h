/* Where the headers of a super-packet lie, and what of them each wire packet repeats.
 *
 *	plain:    Ethernet  IP              TCP or UDP or SCTP | payload
 *	tunnel:   Ethernet  IP  UDP VXLAN Ethernet  IP  TCP ... | payload      (or GRE, or nothing between the two IP)
 *	                    ^   ^                   ^   ^        ^
 *	               network  transport  inner_network  inner_transport  held
 *
 * All offsets are of the wire packet, from its first byte and without a tag that was held aside. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct capture_record;

struct segment_layout {
	uint32_t network, transport;
	uint32_t inner_network, inner_transport; /* The same as the outer ones without a tunnel. */
	uint32_t held;                           /* Bytes of the capture before the payload. */
	uint32_t length;                         /* Of the headers of each wire packet. */
	uint8_t protocol;                        /* Of the innermost transport. */
	bool has_jumbo_option; /* The kernel's own hop-by-hop header, which no wire packet has. */
};

/* Returns 0, or SEGMENT_MALFORMED when there is room for doubt: a header that is not whole, reaches into the next, or cannot
 * be repeated. */
int segment_layout_read(const struct capture_record *record, const uint8_t *bytes,
			struct segment_layout *ret_layout);

/* Bytes before the payload, as held and as repeated, by the kernel program's reckoning (offload_headers()), sound or
 * not. */
void segment_layout_measure(const struct capture_record *record, const uint8_t *bytes,
			    uint32_t *ret_held, uint32_t *ret_length);
