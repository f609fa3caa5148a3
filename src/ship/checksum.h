/* The Internet checksum, RFC 1071.  Pure.
 *
 * A sum is kept in the machine's byte order, 64 bits wide and with carries wrapped around, until it is finished: ones'
 * complement sums may be folded late and come out in network order when stored as they are. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Adds bytes to a running sum.  What went before must have been of even size. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t size);

/* Adds one 16-bit or 32-bit number, given in host order, as its bytes in network order would count. */
uint64_t checksum_add_number(uint64_t sum, uint32_t number);

/* The complement, to be stored in a header without further conversion. */
uint16_t checksum_finish(uint64_t sum);

/* Adds the addresses of an IP header of either version, as the pseudo-header of TCP and UDP has them. */
uint64_t pseudo_header_add(uint64_t sum, const uint8_t *network);

/* UDP says "no checksum" with zero, so a sum that happens to be zero is sent as its other form. */
static inline uint16_t udp_checksum(uint16_t checksum)
{
	return checksum == 0 ? UINT16_MAX : checksum;
}
