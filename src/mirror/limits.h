/* Quotas.  AWS's numbers are the defaults; an administrator can change each, for all accounts or for one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits {
	uint32_t sessions;              /* Per account. */
	uint32_t targets;               /* Per account. */
	uint32_t filters;               /* Per account. */
	uint32_t rules_per_filter;      /* Both directions together. */
	uint32_t sessions_per_source;   /* At most SOURCE_SESSIONS_MAX. */
	uint32_t sources_per_target;    /* On a network-interface target. */
	uint32_t registered_interfaces; /* Made by CreateNetworkInterface, per account. */
	uint32_t endpoint_services;     /* Per account. */
	uint32_t endpoints;             /* Per account. */
	uint32_t network_balancers;     /* Per account. */
	uint32_t gateway_balancers;     /* Per account. */
	uint32_t listeners_per_balancer;
	uint32_t target_groups;     /* Per account. */
	uint32_t members_per_group; /* At most FLEET_MEMBERS_MAX. */
	uint32_t selectors;         /* Per account, at most SELECTORS_MAX. */
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
		.endpoint_services = 20,       \
		.endpoints = 50,               \
		.network_balancers = 50,       \
		.gateway_balancers = 100,      \
		.listeners_per_balancer = 50,  \
		.target_groups = 3000,         \
		.members_per_group = 1000,     \
		.selectors = 50,               \
	})

/* What the data plane can hold at all. */
#define SOURCE_SESSIONS_MAX 32
#define FILTER_RULES_MAX    10000

/* Each of an account's selectors has a look at whatever comes and goes in it. */
#define SELECTORS_MAX 200

/* One of them, for whoever speaks of quotas by name. */
enum quota {
	QUOTA_SESSIONS,
	QUOTA_TARGETS,
	QUOTA_FILTERS,
	QUOTA_RULES_PER_FILTER,
	QUOTA_SESSIONS_PER_SOURCE,
	QUOTA_SOURCES_PER_TARGET,
	QUOTA_REGISTERED_INTERFACES,
	QUOTA_ENDPOINT_SERVICES,
	QUOTA_ENDPOINTS,
	QUOTA_NETWORK_BALANCERS,
	QUOTA_GATEWAY_BALANCERS,
	QUOTA_LISTENERS_PER_BALANCER,
	QUOTA_TARGET_GROUPS,
	QUOTA_MEMBERS_PER_GROUP,
	QUOTA_SELECTORS,
	QUOTA_COUNT
};

/* As in "rules-per-filter". */
const char *quota_name(enum quota quota);
bool quota_parse(const char *name, size_t length, enum quota *ret_quota);

/* What the data plane can hold, or UINT32_MAX. */
uint32_t quota_maximum(enum quota quota);

uint32_t limits_get(const struct limits *limits, enum quota quota);
void limits_set(struct limits *limits, enum quota quota, uint32_t number);
