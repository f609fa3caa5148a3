/* A group is ELBv2's target group: the appliances that a listener forwards to, and how they are checked.
 *
 * "Target" is the mirror's own word here, so what is registered with a group is called a member.  Plain values: control/
 * makes a fleet (fleet.h) of them, which is what agents see. */
#pragma once

#include "mirror/arn.h"
#include "mirror/fleet.h"
#include "mirror/id.h"

struct refusal;

#define GROUP_NAME_SIZE      33
#define GROUP_ATTRIBUTE_SIZE 40

enum group_protocol {
	GROUP_UDP,
	GROUP_TCP_UDP,
	GROUP_GENEVE, /* Behind a Gateway Load Balancer. */
};

/* AWS's words, as in "TCP_UDP". */
const char *group_protocol_name(enum group_protocol protocol);
bool group_protocol_parse(const char *name, enum group_protocol *ret_protocol);

enum group_type {
	GROUP_OF_INSTANCES, /* Members are known by i- ids, and go by their primary interface's address. */
	GROUP_OF_ADDRESSES,
};

/* AWS's words, as in "instance". */
const char *group_type_name(enum group_type type);
bool group_type_parse(const char *name, enum group_type *ret_type);

/* As AWS writes them, as in "HTTPS"; of our own "ICMP" and "NONE". */
const char *group_check_name(enum check_protocol protocol);
bool group_check_parse(const char *name, enum check_protocol *ret_protocol);

/* What can be set by key and value: rows of group_attributes.c. */
enum group_attribute {
	GROUP_DEREGISTRATION_DELAY,
	GROUP_CONNECTION_TERMINATION, /* Of members that are deregistered. */
	GROUP_PRESERVE_CLIENT_IP,
	GROUP_PROXY_PROTOCOL,
	GROUP_STICKINESS,
	GROUP_STICKINESS_TYPE,
	GROUP_CROSS_ZONE,
	GROUP_DNS_COUNT,
	GROUP_DNS_PERCENTAGE,
	GROUP_ROUTING_COUNT,
	GROUP_ROUTING_PERCENTAGE,
	GROUP_UNHEALTHY_TERMINATION,
	GROUP_UNHEALTHY_DRAINING,
	GROUP_FAILOVER_DEREGISTRATION,
	GROUP_FAILOVER_UNHEALTHY,
	GROUP_ATTRIBUTE_COUNT
};

struct group {
	struct arn arn;
	struct account_id owner;
	char name[GROUP_NAME_SIZE];
	enum group_protocol protocol;
	enum group_type type;
	uint16_t port;  /* Of members that name none. */
	uint8_t family; /* Of the members' addresses: 4 or 6. */
	struct health_check check;
	uint16_t check_port; /* 0: the member's own. */
	/* Empty: the default. */
	char attributes[GROUP_ATTRIBUTE_COUNT][GROUP_ATTRIBUTE_SIZE];
	int64_t created; /* Milliseconds since the epoch. */
};

/* A new one, from owner, name and random digits. */
void group_make_arn(struct group *group, const char *region);

/* Fills in the check that AWS's clients get when they ask for nothing but its protocol. */
void group_check_init(enum group_protocol protocol, enum check_protocol check,
		      struct health_check *ret_check, uint16_t *ret_port);

/* Checks what a group can know by itself.  Returns 0, or a refusal naming the parameter in 'why'. */
int group_validate(const struct group *group, struct refusal *why);

/* Whether both were asked for alike: all but ARN, owner, attributes and time. */
bool group_is_like(const struct group *group, const struct group *other);

/* Whether they are numbers from 200 to 599 and ranges of them, with commas between them. */
bool group_codes_valid(const char *codes);

/* Attributes.  NULL: no key, or no group of the protocol has it. */
const char *group_attribute_key(enum group_attribute attribute, enum group_protocol protocol);
bool group_attribute_parse(const char *key, enum group_attribute *ret_attribute);
/* What is set, else the default of the group's protocol. */
const char *group_get_attribute(const struct group *group, enum group_attribute attribute);
/* Refuses what the group's protocol does not have, what is no value of it, and what nothing here could honour. */
int group_set_attribute(struct group *group, enum group_attribute attribute, const char *value,
			struct refusal *why);
/* What several attributes say together; asked once all are set. */
int group_check_attributes(const struct group *group, struct refusal *why);

/* What the attributes mean. */
uint32_t group_get_delay(const struct group *group); /* Of deregistration, in seconds. */
/* Whether flows end when a member's delay is over; else they stay with it while they live. */
bool group_ends_flows(const struct group *group);
void group_fill_fleet(const struct group *group,
		      struct fleet *ret_fleet); /* All but the members. */

struct member {
	struct arn group;
	char id[FLEET_MEMBER_ID_SIZE]; /* An address in its usual spelling, or an i- id. */
	uint16_t port;
	uint32_t weight;
	bool any_zone;      /* Registered for all zones at once. */
	int64_t registered; /* Milliseconds since the epoch. */
	int64_t drained;    /* When the delay of its deregistration is over; 0: it is registered. */
};

/* What can be a member's address: unicast, and no loopback or link-local one. */
bool member_address_valid(const struct address *address);
