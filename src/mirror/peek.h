/* A peek shows some of the packets that a session copies, to whoever may see them, while he looks.
 *
 * The controller wishes for packets of sessions, their host's agent answers with batches of them, and both forget them soon: they
 * are somebody's traffic.  Both travel as JSON, whose unknown keys a reader passes over. */
#pragma once

#include "mirror/id.h"
#include "wire/direction.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;

#define PEEK_SNAP_DEFAULT 128 /* Headers, and little of what they lead. */
#define PEEK_SNAP_MAX     9216 /* More than PACKET_LENGTH_MAX, for sessions that keep whole packets. */

/* Of a session, on its host; so many may also come at once after a pause. */
#define PEEK_PACKETS_PER_SECOND 100

#define PEEK_WISHES_MAX        32 /* Sessions of one host at a time. */
#define PEEK_BATCH_PACKETS_MAX 4096
#define PEEK_BATCH_SIZE_MAX    (512 << 10) /* Bytes of packets. */
#define PEEK_JSON_SIZE_MAX     (2 << 20)   /* Of such a batch, as it travels. */

struct peek_wish {
	struct resource_id session;
	uint16_t snap_length; /* Bytes of each packet, from its Ethernet header on. */
};

/* What a host is to tell; whatever it told before and is not among these is over. */
struct peek_wishes {
	struct peek_wish *items;
	size_t item_count, item_capacity;
};

/* Everything from the Ethernet header on, as the sensor gets it, but no more than the snap length. */
struct peek_bytes {
	uint8_t *data;
	uint16_t size;
};

struct peek_packet {
	struct resource_id session;
	uint64_t time; /* Of the capture, in nanoseconds since 1970. */
	enum direction direction;
	uint32_t length;  /* On the wire. */
	uint64_t skipped; /* Packets of the session that went by since the one before, unseen. */
	struct peek_bytes bytes;
};

struct peek_batch {
	struct peek_packet *packets;
	size_t packet_count, packet_capacity;
};

void peek_wishes_fini(struct peek_wishes *wishes);
bool peek_wishes_equal(const struct peek_wishes *left, const struct peek_wishes *right);

/* Nothing of a packet's bytes stays in memory. */
void peek_packet_fini(struct peek_packet *packet);
void peek_batch_fini(struct peek_batch *batch);

/* As text, the caller's to free; and back.  Writing returns 0 or -ENOMEM; reading 0, REFUSED with the reason, or -ENOMEM, and what
 * is read is finished by the caller in every case. */
int peek_wishes_encode(const struct peek_wishes *wishes, char **ret_json);
int peek_wishes_decode(const char *json, size_t size, struct peek_wishes *ret_wishes,
		       struct refusal *why);
int peek_batch_encode(const struct peek_batch *batch, char **ret_json);
int peek_batch_decode(const char *json, size_t size, struct peek_batch *ret_batch,
		      struct refusal *why);
