/* The header that a copy travels under: prepared once per session, completed for each copy.  Pure. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum ship_format;

#define ENVELOPE_SIZE_MAX 20 /* Geneve with one option. */
#define ENVELOPE_ROOM \
	32 /* That can be read, so that a header is copied without looking how long it is. */

struct envelope {
	uint32_t size;
	uint32_t time_offset; /* Where the time of capture goes; 0: nowhere. */
	uint8_t bytes[ENVELOPE_ROOM];
};

/* 'vni' has 24 bits. */
void envelope_init(struct envelope *envelope, enum ship_format format, uint32_t vni);

/* Writes the header of a copy that was captured at 'time', in nanoseconds since 1970.  There has to be room for the
 * largest header. */
static inline void envelope_write(const struct envelope *envelope, uint64_t time,
				  uint8_t ret_header[ENVELOPE_SIZE_MAX])
{
	memcpy(ret_header, envelope->bytes, ENVELOPE_SIZE_MAX);
	if (envelope->time_offset > 0) {
		time = htobe64(time);
		memcpy(ret_header + envelope->time_offset, &time, sizeof(time));
	}
}
