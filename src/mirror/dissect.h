/* One line about a packet, for people:
 *
 *	VLAN 100 192.0.2.1:40000 > 192.0.2.2:443 TCP [SYN] seq 7 win 64240 length 0
 *	192.0.2.1 > 192.0.2.2 ICMP echo request id 9 seq 1 length 56
 *	[2001:db8::1]:5353 > [ff02::fb]:5353 UDP length 45
 *	ARP who has 192.0.2.2? tell 192.0.2.1
 *
 * Packets are what strangers send, and mostly cut: whatever the bytes are, there is a line, in ASCII, and it says "[cut]" where they
 * end before a header does and "[malformed]" where a header contradicts itself.  Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DISSECT_TEXT_SIZE 256

/* 'length' is the packet's on the wire, of which 'size' bytes are there, from the Ethernet header on. */
void dissect_packet(const uint8_t *bytes, size_t size, uint32_t length,
		    char ret_text[DISSECT_TEXT_SIZE]);
