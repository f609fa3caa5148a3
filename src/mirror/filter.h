/* A filter decides which packets of a source are copied: two lists of numbered rules, and network services.
 *
 * In each direction the rules are asked by ascending number; the first that matches decides.  No match, no copy. */
#pragma once

#include "base/address.h"
#include "mirror/id.h"
#include "mirror/source.h"
#include "wire/direction.h"

#include <stddef.h>

struct refusal;

enum rule_action { RULE_ACCEPT, RULE_REJECT };

enum network_service { SERVICE_AMAZON_DNS = 1 << 0 };

#define PROTOCOL_ANY    (-1)
#define RULE_NUMBER_MAX 32766
#define DSCP_MAX        63

struct port_range {
	bool set; /* False: any port, and also packets that have none. */
	uint16_t from, to;
};

/* TCP flags as the header has them (RFC 9293: CWR ECE URG ACK PSH RST SYN FIN, FIN lowest): those of 'mask' must be as in
 * 'value'.  No mask, any packet; else only TCP packets whose flags are there to be seen. */
struct tcp_flags_match {
	uint8_t mask, value;
};

/* The upper six bits of TOS or traffic class (RFC 2474). */
struct dscp_match {
	bool set;
	uint8_t value;
};

struct filter_rule {
	struct resource_id id;
	struct resource_id filter;
	enum direction direction;
	uint16_t number;
	enum rule_action action;
	int16_t protocol;                                  /* IANA number or PROTOCOL_ANY. */
	struct cidr source, destination;                   /* Of one family. */
	struct port_range source_ports, destination_ports; /* TCP and UDP only. */
	struct tcp_flags_match tcp_flags;                  /* Not AWS's; needs protocol TCP. */
	struct dscp_match dscp;                            /* Not AWS's. */
	char description[DESCRIPTION_SIZE];
};

struct filter {
	struct resource_id id;
	struct account_id owner;
	unsigned int services; /* Set of enum network_service. */
	char description[DESCRIPTION_SIZE];
	int64_t created;
	struct filter_rule *rules; /* Sorted by direction, then number. */
	size_t rule_count, rule_capacity;
};

void filter_fini(struct filter *filter);

/* Inserts a copy at its place.  Returns 0 or -ENOMEM. */
int filter_add_rule(struct filter *filter, const struct filter_rule *rule);

/* Orders rules by direction, then number, as they are asked. */
int filter_rule_compare(const struct filter_rule *a, const struct filter_rule *b);

const char *direction_name(enum direction direction);
bool direction_parse(const char *name, enum direction *ret_direction);
const char *rule_action_name(enum rule_action action);
bool rule_action_parse(const char *name, enum rule_action *ret_action);

/* Checks what a rule can know by itself: number, protocol, families, port ranges, TCP flags and their protocol, DSCP,
 * description.
 * Returns 0 or REFUSED. */
int filter_rule_validate(const struct filter_rule *rule, struct refusal *why);

/* What the rules look at.  Made from a packet by the kernel's parser and by wire/packet.h's twin for tests, or from
 * what a user typed for explain. */
struct packet_key {
	struct address source, destination;
	uint8_t protocol;
	bool has_ports; /* TCP or UDP, and not a later fragment. */
	uint16_t source_port, destination_port;
	uint8_t dscp;
	bool has_tcp_flags; /* TCP, not a later fragment, and the header reaches that far. */
	uint8_t tcp_flags;
};

/* The naive reference: asks one rule after the other.  Returns the deciding rule, or NULL. */
const struct filter_rule *filter_match(const struct filter *filter, enum direction direction,
				       const struct packet_key *key);

bool filter_rule_matches(const struct filter_rule *rule, const struct packet_key *key);
