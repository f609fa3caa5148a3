// SPDX-License-Identifier: Apache-2.0
#include "ship/envelope.h"

#include "ship/ship.h"
#include "wire/geneve.h"
#include "wire/vxlan.h"

#include <arpa/inet.h>

#define TIME_WORDS 2

/* As they follow each other. */
struct geneve_envelope {
	struct geneve_header header;
	struct geneve_option option;
	uint8_t time[4 * TIME_WORDS];
};

_Static_assert(sizeof(struct geneve_envelope) == ENVELOPE_SIZE_MAX, "the largest envelope");

static void init_vxlan(struct envelope *envelope, uint32_t vni);
static void init_geneve(struct envelope *envelope, uint32_t vni);

void envelope_init(struct envelope *envelope, enum ship_format format, uint32_t vni)
{
	*envelope = (struct envelope){};
	if (format == SHIP_GENEVE)
		init_geneve(envelope, vni);
	else
		init_vxlan(envelope, vni);
}

static void init_vxlan(struct envelope *envelope, uint32_t vni)
{
	const struct vxlan_header header = {.flags = htonl(VXLAN_FLAG_VNI), .vni = htonl(vni << 8)};

	memcpy(envelope->bytes, &header, sizeof(header));
	envelope->size = sizeof(header);
}

static void init_geneve(struct envelope *envelope, uint32_t vni)
{
	const struct geneve_envelope geneve = {
		.header = {.option_words = 1 + TIME_WORDS,
			   .protocol = htons(GENEVE_PROTOCOL_ETHERNET),
			   .vni = htonl(vni << 8)},
		.option = {.class = htons(GENEVE_OPTION_CLASS),
			   .type = GENEVE_OPTION_CAPTURE_TIME,
			   .words = TIME_WORDS},
	};

	memcpy(envelope->bytes, &geneve, sizeof(geneve));
	envelope->size = sizeof(geneve);
	envelope->time_offset = offsetof(struct geneve_envelope, time);
}
