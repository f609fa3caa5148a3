// SPDX-License-Identifier: Apache-2.0
#include "mirror/limits.h"

#include "base/count.h"
#include "mirror/fleet.h"

#include <string.h>

static const struct {
	const char *name;
	size_t offset;
	uint32_t maximum;
} rows[] = {
	[QUOTA_SESSIONS] = {"sessions", offsetof(struct limits, sessions), UINT32_MAX},
	[QUOTA_TARGETS] = {"targets", offsetof(struct limits, targets), UINT32_MAX},
	[QUOTA_FILTERS] = {"filters", offsetof(struct limits, filters), UINT32_MAX},
	[QUOTA_RULES_PER_FILTER] = {"rules-per-filter", offsetof(struct limits, rules_per_filter),
				    FILTER_RULES_MAX},
	[QUOTA_SESSIONS_PER_SOURCE] = {"sessions-per-source",
				       offsetof(struct limits, sessions_per_source),
				       SOURCE_SESSIONS_MAX},
	[QUOTA_SOURCES_PER_TARGET] = {"sources-per-target",
				      offsetof(struct limits, sources_per_target), UINT32_MAX},
	[QUOTA_REGISTERED_INTERFACES] = {"registered-interfaces",
					 offsetof(struct limits, registered_interfaces),
					 UINT32_MAX},
	[QUOTA_ENDPOINT_SERVICES] = {"endpoint-services",
				     offsetof(struct limits, endpoint_services), UINT32_MAX},
	[QUOTA_ENDPOINTS] = {"endpoints", offsetof(struct limits, endpoints), UINT32_MAX},
	[QUOTA_NETWORK_BALANCERS] = {"network-load-balancers",
				     offsetof(struct limits, network_balancers), UINT32_MAX},
	[QUOTA_GATEWAY_BALANCERS] = {"gateway-load-balancers",
				     offsetof(struct limits, gateway_balancers), UINT32_MAX},
	[QUOTA_LISTENERS_PER_BALANCER] = {"listeners-per-load-balancer",
					  offsetof(struct limits, listeners_per_balancer),
					  UINT32_MAX},
	[QUOTA_TARGET_GROUPS] = {"target-groups", offsetof(struct limits, target_groups),
				 UINT32_MAX},
	[QUOTA_MEMBERS_PER_GROUP] = {"targets-per-target-group",
				     offsetof(struct limits, members_per_group), FLEET_MEMBERS_MAX},
	[QUOTA_SELECTORS] = {"selectors", offsetof(struct limits, selectors), SELECTORS_MAX},
};

_Static_assert(ARRAY_SIZE(rows) == QUOTA_COUNT, "every quota has a row");

const char *quota_name(enum quota quota)
{
	return rows[quota].name;
}

bool quota_parse(const char *name, size_t length, enum quota *ret_quota)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) != length || memcmp(rows[i].name, name, length) != 0)
			continue;
		*ret_quota = (enum quota)i;
		return true;
	}
	return false;
}

uint32_t quota_maximum(enum quota quota)
{
	return rows[quota].maximum;
}

uint32_t limits_get(const struct limits *limits, enum quota quota)
{
	uint32_t number;

	memcpy(&number, (const char *)limits + rows[quota].offset, sizeof(number));
	return number;
}

void limits_set(struct limits *limits, enum quota quota, uint32_t number)
{
	memcpy((char *)limits + rows[quota].offset, &number, sizeof(number));
}
