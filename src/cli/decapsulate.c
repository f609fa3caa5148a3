// SPDX-License-Identifier: Apache-2.0
#include "cli/decapsulate.h"

#include "wire/vxlan.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <string.h>

#define VLAN_TAG_SIZE      4
#define IPV4_LENGTH_OFFSET 2
#define IPV6_LENGTH_OFFSET 4
#define IPV6_HEADER_SIZE   40

static bool read_16(const struct frame *frame, size_t offset, uint16_t *ret_value);

bool vxlan_decapsulate(const uint8_t *datagram, size_t size, struct frame *ret_frame)
{
	struct vxlan_header header;

	if (size < sizeof(header) + ETH_HLEN)
		return false;
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

size_t frame_original_length(const struct frame *frame)
{
	size_t offset = offsetof(struct ethhdr, h_proto);
	size_t length = 0;
	uint16_t type, field;

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

static bool read_16(const struct frame *frame, size_t offset, uint16_t *ret_value)
{
	if (offset + sizeof(*ret_value) > frame->size)
		return false;
	*ret_value = (uint16_t)(frame->bytes[offset] << 8 | frame->bytes[offset + 1]);
	return true;
}
