// SPDX-License-Identifier: Apache-2.0
#include "mirror/fleet.h"

#include <stdlib.h>
#include <string.h>

static int member_compare(const void *a, const void *b);

void fleet_fini(struct fleet *fleet)
{
	free(fleet->members);
	*fleet = (struct fleet){};
}

int fleet_member_compare(const struct fleet_member *left, const struct fleet_member *right)
{
	int order = strcmp(left->id, right->id);

	return order != 0 ? order : (int)left->port - (int)right->port;
}

/* qsort() wants a valid pointer even for no elements. */
void fleet_sort(struct fleet *fleet)
{
	if (fleet->member_count > 1)
		qsort(fleet->members, fleet->member_count, sizeof(*fleet->members), member_compare);
}

const char *fleet_stickiness_name(enum fleet_stickiness stickiness)
{
	static const char *const names[] = {
		[FLEET_5_TUPLE] = "5-tuple",
		[FLEET_3_TUPLE] = "3-tuple",
		[FLEET_2_TUPLE] = "2-tuple",
	};

	return names[stickiness];
}

const char *check_protocol_name(enum check_protocol protocol)
{
	static const char *const names[] = {
		[CHECK_TCP] = "tcp", [CHECK_HTTP] = "http", [CHECK_HTTPS] = "https",
		[CHECK_UDP] = "udp", [CHECK_ICMP] = "icmp", [CHECK_NONE] = "none",
	};

	return names[protocol];
}

const char *member_state_name(enum member_state state)
{
	static const char *const names[] = {
		[MEMBER_INITIAL] = "initial",
		[MEMBER_HEALTHY] = "healthy",
		[MEMBER_UNHEALTHY] = "unhealthy",
	};

	return names[state];
}

const char *member_reason_name(enum member_reason reason)
{
	static const char *const names[] = {
		[MEMBER_NO_REASON] = "",
		[MEMBER_FAILED_HEALTH_CHECKS] = "FailedHealthChecks",
		[MEMBER_TIMEOUT] = "Timeout",
		[MEMBER_RESPONSE_CODE_MISMATCH] = "ResponseCodeMismatch",
	};

	return names[reason];
}

static int member_compare(const void *a, const void *b)
{
	return fleet_member_compare(a, b);
}
