// SPDX-License-Identifier: Apache-2.0
/* Frames for tests. */
#include "packet.h"

#include "base/address.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

#define TCP_HEADER_SIZE 20
#define UDP_HEADER_SIZE 8
#define TAG_SIZE        4

static void put_16(struct packet *packet, size_t offset, uint16_t value)
{
	packet->bytes[offset] = (uint8_t)(value >> 8);
	packet->bytes[offset + 1] = (uint8_t)value;
}

static struct address address_of(const char *text)
{
	struct address address;

	if (!address_parse(text, &address))
		abort();
	return address;
}

void packet_start(struct packet *packet)
{
	memset(packet, 0, sizeof(*packet));
}

void packet_append(struct packet *packet, const void *bytes, size_t size)
{
	if (size > sizeof(packet->bytes) - packet->size)
		abort();
	memcpy(packet->bytes + packet->size, bytes, size);
	packet->size += size;
}

void packet_ethernet(struct packet *packet, uint16_t type)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

	packet_start(packet);
	packet_append(packet, addresses, sizeof(addresses));
	packet->size += 2;
	put_16(packet, 12, type);
}

void packet_tag(struct packet *packet, uint16_t tag_type, uint16_t id)
{
	size_t type = packet->size - 2;
	uint8_t before[2] = {packet->bytes[type], packet->bytes[type + 1]};

	put_16(packet, type, tag_type);
	packet->size += TAG_SIZE;
	put_16(packet, type + 2, id);
	memcpy(packet->bytes + type + 4, before, sizeof(before));
}

void packet_ipv4(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol)
{
	struct address from = address_of(source), to = address_of(destination);
	uint8_t header[20] = {[0] = 0x45, [8] = 64, [9] = protocol};

	memcpy(header + 12, from.bytes, 4);
	memcpy(header + 16, to.bytes, 4);
	packet->network = packet->size;
	packet->family = 4;
	packet->protocol = protocol;
	packet_append(packet, header, sizeof(header));
}

void packet_ipv4_options(struct packet *packet, unsigned int words, uint16_t fragment)
{
	static const uint8_t options[40] = {[0 ... 39] = 1}; /* No operation. */

	packet->bytes[packet->network] = (uint8_t)(0x40 | words);
	put_16(packet, packet->network + 6, fragment);
	packet_append(packet, options, words * 4 - 20);
}

void packet_ipv6(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol)
{
	struct address from = address_of(source), to = address_of(destination);
	uint8_t header[40] = {[0] = 0x60, [6] = protocol, [7] = 64};

	memcpy(header + 8, from.bytes, 16);
	memcpy(header + 24, to.bytes, 16);
	packet->network = packet->size;
	packet->family = 6;
	packet->protocol = protocol;
	packet_append(packet, header, sizeof(header));
}

void packet_extension(struct packet *packet, uint8_t kind, uint8_t next, unsigned int units)
{
	uint8_t header[2048] = {next};
	size_t size = kind == IPPROTO_AH ? units * 4 : units * 8;

	header[1] = (uint8_t)(kind == IPPROTO_AH ? units - 2 : units - 1);
	packet_append(packet, header, size);
	packet->protocol = next;
}

void packet_fragment_v6(struct packet *packet, uint8_t next, uint16_t offset_and_more)
{
	uint8_t header[8] = {next, 0, (uint8_t)(offset_and_more >> 8), (uint8_t)offset_and_more};

	packet_append(packet, header, sizeof(header));
	packet->protocol = next;
}

void packet_ports(struct packet *packet, uint16_t source, uint16_t destination)
{
	uint8_t header[TCP_HEADER_SIZE] = {[12] = 5 << 4};

	packet->transport = packet->size;
	packet_append(packet, header,
		      packet->protocol == IPPROTO_TCP ? TCP_HEADER_SIZE : UDP_HEADER_SIZE);
	put_16(packet, packet->transport, source);
	put_16(packet, packet->transport + 2, destination);
}

void packet_payload(struct packet *packet, size_t size)
{
	if (size > sizeof(packet->bytes) - packet->size)
		abort();
	for (size_t i = 0; i < size; i++)
		packet->bytes[packet->size++] = (uint8_t)i;
}

static uint64_t sum_16(const uint8_t *bytes, size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	return sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint64_t pseudo_sum(const struct packet *packet)
{
	size_t addresses = packet->family == 4 ? 12 : 8;
	size_t size = packet->family == 4 ? 8 : 32;

	return sum_16(packet->bytes + packet->network + addresses, size) + packet->protocol +
	       (packet->size - packet->transport);
}

static void checksum_finish(struct packet *packet)
{
	size_t field = packet->transport + (packet->protocol == IPPROTO_TCP ? 16 : 6);
	uint64_t sum = pseudo_sum(packet);

	put_16(packet, field, 0);
	if (packet->placeholder) {
		put_16(packet, field, fold(sum));
		return;
	}
	sum += sum_16(packet->bytes + packet->transport, packet->size - packet->transport);
	put_16(packet, field, (uint16_t)(~fold(sum) + packet->bad_checksum));
}

void packet_finish(struct packet *packet)
{
	size_t length = packet->size - packet->network;
	size_t header = (packet->bytes[packet->network] & 15u) * 4;

	if (packet->protocol == IPPROTO_UDP && packet->transport)
		put_16(packet, packet->transport + 4, (uint16_t)(packet->size - packet->transport));
	if (packet->family == 4) {
		put_16(packet, packet->network + 2, (uint16_t)length);
		put_16(packet, packet->network + 10,
		       (uint16_t)~fold(sum_16(packet->bytes + packet->network, header)));
	} else {
		put_16(packet, packet->network + 4, (uint16_t)(length - 40));
	}
	if (packet->transport)
		checksum_finish(packet);
}

void packet_make(struct packet *packet, const char *source, const char *destination,
		 uint8_t protocol, uint16_t source_port, uint16_t destination_port, size_t payload)
{
	if (address_of(source).family == 4) {
		packet_ethernet(packet, ETH_P_IP);
		packet_ipv4(packet, source, destination, protocol);
	} else {
		packet_ethernet(packet, ETH_P_IPV6);
		packet_ipv6(packet, source, destination, protocol);
	}
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		packet_ports(packet, source_port, destination_port);
	packet_payload(packet, payload);
	packet_finish(packet);
}
