/* VXLAN, RFC 7348 section 5. */
#pragma once

#include <linux/types.h>

#define VXLAN_PORT     4789
#define VXLAN_FLAG_VNI 0x08000000u /* The I bit, in the first word in host order. */

struct vxlan_header {
	__be32 flags;
	__be32 vni; /* In the upper 24 bits. */
};

_Static_assert(sizeof(struct vxlan_header) == 8, "RFC 7348");
