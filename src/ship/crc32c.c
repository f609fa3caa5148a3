// SPDX-License-Identifier: Apache-2.0
/* Four bits at a time, by a table of sixteen words: SCTP is rare, and most of it has its checksum already. */
#include "ship/crc32c.h"

/* The polynomial 0x1edc6f41, bits reversed, for each value of four bits. */
static const uint32_t remainders[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c_add(uint32_t crc, const void *bytes, size_t size)
{
	const uint8_t *next = bytes;

	for (; size > 0; next++, size--) {
		crc ^= *next;
		crc = crc >> 4 ^ remainders[crc & 15];
		crc = crc >> 4 ^ remainders[crc & 15];
	}
	return crc;
}

/* The lowest byte goes first: SCTP numbers the bits of a byte in the order in which they were once sent. */
void crc32c_store(uint8_t place[4], uint32_t crc)
{
	crc = ~crc;
	for (unsigned int i = 0; i < 4; i++)
		place[i] = (uint8_t)(crc >> 8 * i);
}
