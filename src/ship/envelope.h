/* The header that a copy travels under: prepared once per session, completed for each copy.  Pure.
 *
 * To a gateway's appliance this is two headers with an IPv4 packet between them, which says how long it is; so that is filled in
 * last, when it is known how much of the copy the path leaves (envelope_fit). */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct address;
enum ship_format;

#define ENVELOPE_SIZE_MAX   76 /* A gateway's. */
#define ENVELOPE_SIZE_OTHER 20 /* All others' at most. */
#define ENVELOPE_ROOM \
	80 /* That can be read, so that a header is copied without looking how long it is. */

struct envelope {
	uint16_t size;
	uint16_t time_offset; /* Where the time of capture goes; 0: nowhere. */
	uint16_t
		packet_offset; /* Where an IPv4 packet begins that says how long it is; 0: nowhere. */
	uint8_t bytes[ENVELOPE_ROOM];
};

/* 'vni' has 24 bits. */
void envelope_init(struct envelope *envelope, enum ship_format format, uint32_t vni);

/* What a gateway's appliances get: the source's VXLAN packet to the endpoint, both of them IPv4 addresses. */
void envelope_init_gateway(struct envelope *envelope, uint64_t endpoint, uint64_t attachment,
			   const struct address *source, const struct address *destination,
			   uint16_t port, uint32_t vni);

/* Whether each copy has a header of its own. */
static inline bool envelope_varies(const struct envelope *envelope)
{
	return envelope->time_offset > 0 || envelope->packet_offset > 0;
}

/* Says in a gateway's header which flow its copy belongs to. */
void envelope_set_flow(uint64_t flow, uint8_t ret_header[ENVELOPE_SIZE_MAX]);

/* Writes the header of a copy that was captured at 'time', in nanoseconds since 1970, and belongs to 'flow'.  There has to be room
 * for the largest header. */
static inline void envelope_write(const struct envelope *envelope, uint64_t time, uint64_t flow,
				  uint8_t ret_header[ENVELOPE_SIZE_MAX])
{
	memcpy(ret_header, envelope->bytes, ENVELOPE_SIZE_OTHER);
	if (envelope->time_offset > 0) {
		time = htobe64(time);
		memcpy(ret_header + envelope->time_offset, &time, sizeof(time));
	}
	if (envelope->packet_offset > 0) {
		memcpy(ret_header + ENVELOPE_SIZE_OTHER, envelope->bytes + ENVELOPE_SIZE_OTHER,
		       ENVELOPE_SIZE_MAX - ENVELOPE_SIZE_OTHER);
		envelope_set_flow(flow, ret_header);
	}
}

/* Makes the IPv4 packet at a copy's 'packet' bytes end with it, after 'size' bytes. */
void envelope_fit(uint8_t *packet, uint32_t size);
