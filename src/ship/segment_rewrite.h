/* Makes the copied headers of a super-packet those of one of its wire packets, from the innermost outwards, because
 * the checksum of a tunnel covers what it wraps.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct segmenter;

/* A wire packet in the making. */
struct wire_packet {
	uint8_t *header; /* Shifted by a tag that was put in, so that the layout's offsets fit. */
	const uint8_t *payload;
	uint32_t payload_size;
};

void segment_rewrite(const struct segmenter *segmenter, const struct wire_packet *packet);
