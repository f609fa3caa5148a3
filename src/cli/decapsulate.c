// SPDX-License-Identifier: Apache-2.0
#include "cli/decapsulate.h"

#include "base/count.h"
#include "wire/geneve.h"
#include "wire/vxlan.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <string.h>

#define TUNNEL_HEADER_SIZE 8 /* Without Geneve's options. */
#define VLAN_TAG_SIZE      4
#define IPV4_LENGTH_OFFSET 2
#define IPV4_FRAGMENT_MASK 0x3fff /* More fragments, and where this one belongs. */
#define IPV6_LENGTH_OFFSET 4
#define IPV6_HEADER_SIZE   40

_Static_assert(sizeof(struct vxlan_header) == TUNNEL_HEADER_SIZE &&
		       sizeof(struct geneve_header) == TUNNEL_HEADER_SIZE,
	       "both begin alike");

static bool vxlan_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame);
static bool geneve_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame);
static bool packet_decapsulate(const uint8_t *packet, size_t size, struct frame *ret_frame);
static bool geneve_options_read(const uint8_t *options, size_t size, uint64_t *ret_timestamp);
static bool read_16(const struct frame *frame, size_t offset, uint16_t *ret_value);

bool tunnel_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame)
{
	struct geneve_header geneve;

	if (size < TUNNEL_HEADER_SIZE + ETH_HLEN)
		return false;
	memcpy(&geneve, datagram, sizeof(geneve));
	if ((geneve.protocol == htons(GENEVE_PROTOCOL_ETHERNET) ||
	     geneve.protocol == htons(GENEVE_PROTOCOL_IPV4)) &&
	    (geneve.option_words & GENEVE_VERSION_MASK) == 0)
		return geneve_decapsulate(datagram, size, ret_frame);
	return vxlan_decapsulate(datagram, size, ret_frame);
}

size_t frame_original_length(const struct frame *frame)
{
	size_t offset = offsetof(struct ethhdr, h_proto);
	size_t length = frame->length;
	uint16_t type, field;

	if (length > 0)
		return length;
	if (!read_16(frame, offset, &type))
		return frame->size;
	while (type == ETH_P_8021Q || type == ETH_P_8021AD) {
		offset += VLAN_TAG_SIZE;
		if (!read_16(frame, offset, &type))
			return frame->size;
	}
	offset += sizeof(type);
	if (type == ETH_P_IP && read_16(frame, offset + IPV4_LENGTH_OFFSET, &field))
		length = offset + field;
	else if (type == ETH_P_IPV6 && read_16(frame, offset + IPV6_LENGTH_OFFSET, &field))
		length = offset + IPV6_HEADER_SIZE + field;
	return length > frame->size ? length : frame->size;
}

static bool vxlan_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame)
{
	struct vxlan_header header;

	memcpy(&header, datagram, sizeof(header));
	if (!(ntohl(header.flags) & VXLAN_FLAG_VNI))
		return false;
	*ret_frame = (struct frame){
		.bytes = datagram + sizeof(header),
		.size = size - sizeof(header),
		.vni = ntohl(header.vni) >> 8,
	};
	return true;
}

static bool geneve_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame)
{
	struct geneve_header header;
	uint64_t timestamp = 0;
	size_t head_size;

	memcpy(&header, datagram, sizeof(header));
	head_size = sizeof(header) + (header.option_words & GENEVE_OPTION_WORDS_MASK) * 4U;
	if ((header.flags & GENEVE_FLAG_CONTROL) || size < head_size + ETH_HLEN)
		return false;
	if (!geneve_options_read(datagram + sizeof(header), head_size - sizeof(header), &timestamp))
		return false;
	if (header.protocol == htons(GENEVE_PROTOCOL_IPV4))
		return packet_decapsulate(datagram + head_size, size - head_size, ret_frame);
	*ret_frame = (struct frame){
		.bytes = datagram + head_size,
		.size = size - head_size,
		.vni = ntohl(header.vni) >> 8,
		.timestamp = timestamp,
	};
	return true;
}

/* A whole IPv4 packet with VXLAN in it, to whatever port. */
static bool packet_decapsulate(const uint8_t *packet, size_t size, struct frame *ret_frame)
{
	struct iphdr header;
	size_t head_size;

	if (size < sizeof(header))
		return false;
	memcpy(&header, packet, sizeof(header));
	head_size = header.ihl * 4U + sizeof(struct udphdr);
	size = MIN(size, (size_t)ntohs(header.tot_len));
	if (header.version != 4 || header.ihl < sizeof(header) / 4 ||
	    header.protocol != IPPROTO_UDP || (header.frag_off & htons(IPV4_FRAGMENT_MASK)) ||
	    size < head_size + TUNNEL_HEADER_SIZE + ETH_HLEN)
		return false;
	return vxlan_decapsulate(packet + head_size, size - head_size, ret_frame);
}

/* Returns false where an option is cut short, or one that has to be known is not. */
static bool geneve_options_read(const uint8_t *options, size_t size, uint64_t *ret_timestamp)
{
	for (size_t offset = 0, whole; offset < size; offset += whole) {
		struct geneve_option option;

		memcpy(&option, options + offset, sizeof(option));
		whole = sizeof(option) + (option.words & GENEVE_OPTION_LENGTH_MASK) * 4U;
		if (whole > size - offset)
			return false;
		if (option.class == htons(GENEVE_OPTION_CLASS) &&
		    option.type == GENEVE_OPTION_CAPTURE_TIME &&
		    whole == sizeof(option) + sizeof(*ret_timestamp)) {
			memcpy(ret_timestamp, options + offset + sizeof(option),
			       sizeof(*ret_timestamp));
			*ret_timestamp = be64toh(*ret_timestamp);
		} else if (option.type & GENEVE_OPTION_TYPE_CRITICAL) {
			return false;
		}
	}
	return true;
}

static bool read_16(const struct frame *frame, size_t offset, uint16_t *ret_value)
{
	if (offset + sizeof(*ret_value) > frame->size)
		return false;
	*ret_value = (uint16_t)(frame->bytes[offset] << 8 | frame->bytes[offset + 1]);
	return true;
}
