// SPDX-License-Identifier: Apache-2.0
#include "ship/encapsulate.h"

#include "wire/vxlan.h"

#include <arpa/inet.h>
#include <string.h>

_Static_assert(sizeof(struct vxlan_header) == ENCAPSULATION_SIZE, "senders reserve this much");

void encapsulate_vxlan(uint32_t vni, uint8_t ret_header[ENCAPSULATION_SIZE])
{
	struct vxlan_header header = {
		.flags = htonl(VXLAN_FLAG_VNI),
		.vni = htonl(vni << 8),
	};

	memcpy(ret_header, &header, sizeof(header));
}
