// SPDX-License-Identifier: Apache-2.0
#include "ship/envelope.h"

#include "base/address.h"
#include "ship/checksum.h"
#include "ship/octets.h"
#include "ship/ship.h"
#include "wire/geneve.h"
#include "wire/vxlan.h"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <linux/udp.h>

#define TIME_WORDS 2

/* As they follow each other. */
struct geneve_envelope {
	struct geneve_header header;
	struct geneve_option option;
	uint8_t time[4 * TIME_WORDS];
};

/* As they follow each other, too. */
struct gateway_envelope {
	struct geneve_gateway geneve;
	struct iphdr ipv4;
	struct udphdr udp;
	struct vxlan_header vxlan;
};

_Static_assert(sizeof(struct geneve_envelope) <= ENVELOPE_SIZE_OTHER &&
		       sizeof(struct gateway_envelope) == ENVELOPE_SIZE_MAX,
	       "the largest envelopes");

#define GATEWAY_TIME_TO_LIVE 64
/* Linux's own VXLAN takes its source ports from here on, by RFC 7348. */
#define GATEWAY_PORT_BASE 49152U
#define GATEWAY_PORT_MASK 0x3fffU

static void init_vxlan(struct envelope *envelope, uint32_t vni);
static void init_geneve(struct envelope *envelope, uint32_t vni);
static struct vxlan_header vxlan_make(uint32_t vni);
static struct geneve_gateway gateway_make(uint64_t endpoint, uint64_t attachment);
static struct geneve_option option_make(uint8_t type, size_t size);

void envelope_init(struct envelope *envelope, enum ship_format format, uint32_t vni)
{
	*envelope = (struct envelope){};
	if (format == SHIP_GENEVE)
		init_geneve(envelope, vni);
	else
		init_vxlan(envelope, vni);
}

/* The identification stays zero: a packet that may not be fragmented needs none (RFC 6864, section 4.1). */
void envelope_init_gateway(struct envelope *envelope, uint64_t endpoint, uint64_t attachment,
			   const struct address *source, const struct address *destination,
			   uint16_t port, uint32_t vni)
{
	struct gateway_envelope gateway = {
		.geneve = gateway_make(endpoint, attachment),
		.ipv4 = {.version = 4,
			 .ihl = sizeof(gateway.ipv4) / 4,
			 .frag_off = htons(0x4000), /* DF */
			 .ttl = GATEWAY_TIME_TO_LIVE,
			 .protocol = IPPROTO_UDP},
		.udp.dest = htons(port),
		.vxlan = vxlan_make(vni),
	};

	memcpy(&gateway.ipv4.saddr, source->bytes, sizeof(gateway.ipv4.saddr));
	memcpy(&gateway.ipv4.daddr, destination->bytes, sizeof(gateway.ipv4.daddr));
	*envelope = (struct envelope){
		.size = sizeof(gateway),
		.packet_offset = offsetof(struct gateway_envelope, ipv4),
	};
	memcpy(envelope->bytes, &gateway, sizeof(gateway));
}

void envelope_set_flow(uint64_t flow, uint8_t ret_header[ENVELOPE_SIZE_MAX])
{
	uint32_t port = GATEWAY_PORT_BASE + (uint32_t)(flow >> 32 & GATEWAY_PORT_MASK);

	store32(ret_header + offsetof(struct gateway_envelope, geneve.cookie), (uint32_t)flow);
	store16(ret_header + offsetof(struct gateway_envelope, udp.source), port);
}

/* What is cut off even within these headers nobody will take for a packet. */
void envelope_fit(uint8_t *packet, uint32_t size)
{
	struct iphdr ipv4;
	struct udphdr udp;

	if (size < sizeof(ipv4) + sizeof(udp))
		return;
	memcpy(&ipv4, packet, sizeof(ipv4));
	ipv4.tot_len = htons((uint16_t)size);
	ipv4.check = 0;
	ipv4.check = checksum_finish(checksum_add(0, &ipv4, sizeof(ipv4)));
	memcpy(packet, &ipv4, sizeof(ipv4));
	store16(packet + sizeof(ipv4) + offsetof(struct udphdr, len),
		size - (uint32_t)sizeof(ipv4));
}

static void init_vxlan(struct envelope *envelope, uint32_t vni)
{
	const struct vxlan_header header = vxlan_make(vni);

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

static struct vxlan_header vxlan_make(uint32_t vni)
{
	return (struct vxlan_header){.flags = htonl(VXLAN_FLAG_VNI), .vni = htonl(vni << 8)};
}

static struct geneve_gateway gateway_make(uint64_t endpoint, uint64_t attachment)
{
	struct geneve_gateway gateway = {
		.header = {.option_words = (sizeof(gateway) - sizeof(gateway.header)) / 4,
			   .protocol = htons(GENEVE_PROTOCOL_IPV4)},
		.endpoint_option = option_make(GENEVE_GATEWAY_ENDPOINT, sizeof(gateway.endpoint)),
		.attachment_option =
			option_make(GENEVE_GATEWAY_ATTACHMENT, sizeof(gateway.attachment)),
		.cookie_option = option_make(GENEVE_GATEWAY_COOKIE, sizeof(gateway.cookie)),
	};

	endpoint = htobe64(endpoint);
	attachment = htobe64(attachment);
	memcpy(gateway.endpoint, &endpoint, sizeof(endpoint));
	memcpy(gateway.attachment, &attachment, sizeof(attachment));
	return gateway;
}

static struct geneve_option option_make(uint8_t type, size_t size)
{
	return (struct geneve_option){
		.class = htons(GENEVE_GATEWAY_CLASS), .type = type, .words = (uint8_t)(size / 4)};
}
