/* The parts of a fleet: a network load balancer with a listener, the target group with the appliances behind it, and the
 * mirror target in front.  Group and load balancer have the fleet's name; the others are known by them. */
#pragma once

#include "cli/arn.h"
#include "cli/endpoint.h"
#include "cli/ledger.h"

#define FLEET_WORD_SIZE 16

/* From the back to the front, as they are made. */
enum fleet_part {
	FLEET_GROUP,
	FLEET_BALANCER,
	FLEET_LISTENER,
	FLEET_TARGET,
	FLEET_PART_COUNT,
};

struct fleet {
	struct {
		char *id;  /* An ARN, or the target's id; NULL: it is not there. */
		bool made; /* By this command. */
	} parts[FLEET_PART_COUNT];
	/* The group's, if it is there. */
	char port[ENDPOINT_PORT_SIZE];
	char check_protocol[FLEET_WORD_SIZE], check_port[FLEET_WORD_SIZE];
};

void fleet_parts_fini(struct fleet *fleet);

/* What there is of it, without its listener, which comes and goes with the load balancer. */
int fleet_find(struct invocation *invocation, const char *name, struct fleet *ret_fleet);

/* Makes what is missing, by the command's word NAME and its options, and adds the appliances to what is there. */
int fleet_make(struct invocation *invocation, struct fleet *fleet);

/* Takes away what this command has made; what cannot be is said on standard error. */
void fleet_undo(struct invocation *invocation, struct fleet *fleet);

/* From the front to the back, so that one that is in use stays whole. */
int fleet_delete_parts(struct invocation *invocation, const struct fleet *fleet);
