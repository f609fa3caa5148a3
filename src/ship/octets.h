/* Numbers in network order, wherever they lie. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint16_t load16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t load32(const uint8_t *bytes)
{
	return (uint32_t)load16(bytes) << 16 | load16(bytes + 2);
}

static inline void store16(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static inline void store32(uint8_t *bytes, uint32_t number)
{
	store16(bytes, number >> 16);
	store16(bytes + 2, number);
}

/* A checksum comes out of checksum_finish() in network order already. */
static inline void store_checksum(uint8_t *bytes, uint16_t checksum)
{
	memcpy(bytes, &checksum, sizeof(checksum));
}
