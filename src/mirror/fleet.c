// SPDX-License-Identifier: Apache-2.0
#include "mirror/fleet.h"

#include <stdlib.h>

void fleet_fini(struct fleet *fleet)
{
	free(fleet->members);
	*fleet = (struct fleet){};
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
