/* A listener takes what comes to a balancer's port and forwards it to one group of members (group.h).
 *
 * Copies come by UDP, so only listeners that speak it count.  A gateway has one listener, for all protocols and ports. */
#pragma once

#include "mirror/balancer.h"

#define LISTENER_IDLE_KEY     "tcp.idle_timeout.seconds"
#define LISTENER_IDLE_MIN     60
#define LISTENER_IDLE_MAX     6000
#define LISTENER_IDLE_DEFAULT 350

enum listener_protocol {
	LISTENER_EVERYTHING, /* Of a gateway. */
	LISTENER_UDP,
	LISTENER_TCP_UDP,
};

/* AWS's word, as in "TCP_UDP"; "" of LISTENER_EVERYTHING. */
const char *listener_protocol_name(enum listener_protocol protocol);
bool listener_protocol_parse(const char *name, enum listener_protocol *ret_protocol);

struct listener {
	struct arn arn, balancer;
	struct account_id owner;
	enum listener_protocol protocol;
	uint16_t port;     /* 0: all. */
	struct arn group;  /* That it forwards to. */
	uint32_t tcp_idle; /* Seconds until an idle TCP flow is forgotten. */
	int64_t created;   /* Milliseconds since the epoch. */
};

/* Gives it an ARN with its balancer's digits and random ones of its own. */
void listener_make_arn(struct listener *listener, const char *region);

/* Its one attribute is LISTENER_IDLE_KEY. */
int listener_set_attribute(struct listener *listener, const char *key, const char *value,
			   struct refusal *why);
