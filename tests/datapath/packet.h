/* Frames for tests, put together header by header:
 *
 *	packet_ethernet(&packet, ETH_P_IP);
 *	packet_ipv4(&packet, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
 *	packet_ports(&packet, 1000, 53);
 *	packet_payload(&packet, 100);
 *	packet_finish(&packet);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_SIZE_MAX (1 << 17)

struct packet {
	uint8_t bytes[PACKET_SIZE_MAX];
	size_t size;
	size_t network, transport; /* Offsets; 0: none yet. */
	uint8_t family;
	uint8_t protocol;  /* Of the transport header. */
	bool placeholder;  /* Leave the folded pseudo-header sum in place of the checksum. */
	bool bad_checksum; /* Neither right nor a placeholder. */
};

void packet_start(struct packet *packet);
void packet_append(struct packet *packet, const void *bytes, size_t size);
void packet_ethernet(struct packet *packet, uint16_t type);

/* An inline tag after what is there; the type before it becomes 'tag_type'. */
void packet_tag(struct packet *packet, uint16_t tag_type, uint16_t id);

void packet_ipv4(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol);
/* Header length in words and the fragment field in host order. */
void packet_ipv4_options(struct packet *packet, unsigned int words, uint16_t fragment);
void packet_ipv6(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol);

/* An extension header of 'units' times 8 bytes (4 bytes for AH), put after what is there; the header before it
 * must have named 'kind' already. */
void packet_extension(struct packet *packet, uint8_t kind, uint8_t next, unsigned int units);
void packet_fragment_v6(struct packet *packet, uint8_t next, uint16_t offset_and_more);

/* A TCP or UDP header, by the protocol named last. */
void packet_ports(struct packet *packet, uint16_t source, uint16_t destination);
void packet_payload(struct packet *packet, size_t size);

/* Fills in lengths and checksums. */
void packet_finish(struct packet *packet);

/* The common case, complete. */
void packet_make(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol, uint16_t source_port, uint16_t destination_port, size_t payload);
