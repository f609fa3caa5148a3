/* A fleet is what stands behind a load balancer's listener: the appliances of a target group, how one is chosen for a flow,
 * and how it is found out which of them serve.
 *
 * The balancing is done by each agent at the source, so this is all that a controller says of it; what the agents
 * find out comes back as reports of health. */
#pragma once

#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLEET_ID_SIZE        256 /* The target group's ARN. */
#define FLEET_MEMBER_ID_SIZE 64  /* An address, or i- and 17 digits. */
#define FLEET_MEMBERS_MAX    5000
#define FLEET_WEIGHT_MAX     1000
#define FLEET_IDLE_MAX       6000 /* Seconds. */

#define CHECK_PATH_SIZE    1025
#define CHECK_CODES_SIZE   64  /* As in "200-399" or "200,204". */
#define CHECK_INTERVAL_MAX 300 /* Seconds; so is a timeout's 120. */
#define CHECK_TIMEOUT_MAX  120
#define CHECK_COUNT_MAX    10

/* What of a packet tells its flow.  Direction never does. */
enum fleet_stickiness {
	FLEET_5_TUPLE, /* Addresses, protocol and ports. */
	FLEET_3_TUPLE, /* Addresses and protocol. */
	FLEET_2_TUPLE, /* Addresses. */
};

enum check_protocol {
	CHECK_TCP,
	CHECK_HTTP,
	CHECK_HTTPS,
	CHECK_UDP,  /* An extension: anything but ICMP's "port unreachable" is health. */
	CHECK_ICMP, /* An extension: an echo is answered. */
	CHECK_NONE, /* An extension: whoever is registered serves. */
};

/* In words, as in "5-tuple" and "https". */
const char *fleet_stickiness_name(enum fleet_stickiness stickiness);
const char *check_protocol_name(enum check_protocol protocol);

struct health_check {
	enum check_protocol protocol;
	char path[CHECK_PATH_SIZE];   /* HTTP and HTTPS. */
	char codes[CHECK_CODES_SIZE]; /* Statuses that are health. */
	uint16_t interval, timeout;   /* Seconds. */
	uint8_t healthy_threshold, unhealthy_threshold;
};

struct fleet_member {
	char id[FLEET_MEMBER_ID_SIZE];
	uint16_t port; /* UDP; with the id it is the member's name, on every host. */
	struct address address;
	uint16_t check_port;
	uint32_t weight; /* 1 to FLEET_WEIGHT_MAX. */
	bool draining;   /* Deregistered: keeps its flows while it is here, and gets no new ones. */
};

struct fleet {
	char id[FLEET_ID_SIZE];
	enum fleet_stickiness stickiness;
	bool rebalance;                /* Flows leave a member that is unhealthy. */
	uint32_t tcp_idle, other_idle; /* Seconds until a flow is forgotten. */
	uint32_t healthy_count,
		healthy_percent; /* With fewer members healthy all are taken for healthy. */
	struct health_check check;
	struct fleet_member *members; /* Sorted by id, then port. */
	size_t member_count, member_capacity;
};

void fleet_fini(struct fleet *fleet);

/* The order of members: by id, then port, which together are a member's name. */
int fleet_member_compare(const struct fleet_member *left, const struct fleet_member *right);
void fleet_sort(struct fleet *fleet);

enum member_state {
	MEMBER_INITIAL,
	MEMBER_HEALTHY,
	MEMBER_UNHEALTHY,
};

/* Why a member is not healthy: AWS's words without "Target.", as in "FailedHealthChecks". */
enum member_reason {
	MEMBER_NO_REASON,
	MEMBER_FAILED_HEALTH_CHECKS,
	MEMBER_TIMEOUT,
	MEMBER_RESPONSE_CODE_MISMATCH,
};

const char *member_state_name(enum member_state state);
const char *member_reason_name(enum member_reason reason);
