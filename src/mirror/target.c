// SPDX-License-Identifier: Apache-2.0
#include "mirror/target.h"

static const char *const type_names[] = {
	[TARGET_NETWORK_INTERFACE] = "network-interface",
	[TARGET_NETWORK_LOAD_BALANCER] = "network-load-balancer",
	[TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT] = "gateway-load-balancer-endpoint",
};

const char *target_type_name(enum target_type type)
{
	return type_names[type];
}
