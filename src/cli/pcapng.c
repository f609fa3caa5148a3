// SPDX-License-Identifier: Apache-2.0
#include "cli/pcapng.h"

#include "cli/decapsulate.h"

#include <string.h>

#define BLOCK_SECTION   0x0a0d0d0aU
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET    6

#define BYTE_ORDER_MAGIC   0x1a2b3c4dU
#define LINK_TYPE_ETHERNET 1

#define OPTION_END                0
#define OPTION_APPLICATION        4 /* Of a section. */
#define OPTION_TIME_RESOLUTION    9 /* Of an interface. */
#define RESOLUTION_OF_NANOSECONDS 9 /* Ten to the power of minus this. */

/* Around every block; the total length stands once more at its end. */
struct block {
	uint32_t type;
	uint32_t total_length;
};

struct section_header {
	uint32_t magic;
	uint16_t major, minor;
	int64_t length; /* -1: not known. */
} __attribute__((packed));

struct interface_description {
	uint16_t link_type, reserved;
	uint32_t snap_length; /* 0: no limit. */
};

struct enhanced_packet {
	uint32_t interface;
	uint32_t timestamp_high, timestamp_low;
	uint32_t captured_length, original_length;
};

struct option {
	uint16_t code, length;
};

static size_t block_begin(struct text *buffer, uint32_t type);
static void block_end(struct text *buffer, size_t start);
static void append_padded(struct text *buffer, const void *bytes, size_t size);
static void append_option(struct text *buffer, uint16_t code, const void *value, size_t size);

void pcapng_append_start(struct text *buffer, const char *application)
{
	static const uint8_t resolution = RESOLUTION_OF_NANOSECONDS;
	struct section_header section = {
		.magic = BYTE_ORDER_MAGIC,
		.major = 1,
		.length = -1,
	};
	struct interface_description interface = {.link_type = LINK_TYPE_ETHERNET};
	size_t start;

	start = block_begin(buffer, BLOCK_SECTION);
	append_padded(buffer, &section, sizeof(section));
	append_option(buffer, OPTION_APPLICATION, application, strlen(application));
	append_option(buffer, OPTION_END, NULL, 0);
	block_end(buffer, start);

	start = block_begin(buffer, BLOCK_INTERFACE);
	append_padded(buffer, &interface, sizeof(interface));
	append_option(buffer, OPTION_TIME_RESOLUTION, &resolution, sizeof(resolution));
	append_option(buffer, OPTION_END, NULL, 0);
	block_end(buffer, start);
}

void pcapng_append_packet(struct text *buffer, const struct frame *frame, uint64_t timestamp)
{
	struct enhanced_packet packet = {
		.timestamp_high = (uint32_t)(timestamp >> 32),
		.timestamp_low = (uint32_t)timestamp,
		.captured_length = (uint32_t)frame->size,
		.original_length = (uint32_t)frame_original_length(frame),
	};
	size_t start = block_begin(buffer, BLOCK_PACKET);

	append_padded(buffer, &packet, sizeof(packet));
	append_padded(buffer, frame->bytes, frame->size);
	block_end(buffer, start);
}

static size_t block_begin(struct text *buffer, uint32_t type)
{
	struct block block = {.type = type};
	size_t start = buffer->length;

	text_append_bytes(buffer, &block, sizeof(block));
	return start;
}

/* Now the length is known, at both ends. */
static void block_end(struct text *buffer, size_t start)
{
	uint32_t total = (uint32_t)(buffer->length - start + sizeof(total));

	text_append_bytes(buffer, &total, sizeof(total));
	if (!buffer->failed)
		memcpy(buffer->data + start + offsetof(struct block, total_length), &total,
		       sizeof(total));
}

static void append_padded(struct text *buffer, const void *bytes, size_t size)
{
	static const uint8_t zeros[4];

	text_append_bytes(buffer, bytes, size);
	text_append_bytes(buffer, zeros, -size & 3);
}

static void append_option(struct text *buffer, uint16_t code, const void *value, size_t size)
{
	struct option option = {.code = code, .length = (uint16_t)size};

	text_append_bytes(buffer, &option, sizeof(option));
	append_padded(buffer, value, size);
}
