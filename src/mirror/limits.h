/* Quotas.  AWS's numbers are the defaults; an administrator can raise each. */
#pragma once

#include <stdint.h>

struct limits {
	uint32_t sessions;              /* Per account. */
	uint32_t targets;               /* Per account. */
	uint32_t filters;               /* Per account. */
	uint32_t rules_per_filter;      /* Both directions together. */
	uint32_t sessions_per_source;   /* At most SOURCE_SESSIONS_MAX. */
	uint32_t sources_per_target;    /* On a network-interface target. */
	uint32_t registered_interfaces; /* Made by CreateNetworkInterface, per account. */
};

#define LIMITS_DEFAULT                         \
	((struct limits){                      \
		.sessions = 10000,             \
		.targets = 10000,              \
		.filters = 10000,              \
		.rules_per_filter = 10,        \
		.sessions_per_source = 3,      \
		.sources_per_target = 10,      \
		.registered_interfaces = 5000, \
	})

/* What the data plane can hold at all. */
#define SOURCE_SESSIONS_MAX 32
#define FILTER_RULES_MAX    10000
