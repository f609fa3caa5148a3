/* A balancer is ELBv2's load balancer: what a mirror target names when copies are to go to several appliances.
 *
 * There is no box in the middle: agents choose the appliance themselves (fleet.h).  So a balancer is a name with
 * listeners (listener.h), and of its settings only those count that say who may delete it; the others are AWS's, and
 * accepted where they ask for nothing. */
#pragma once

#include "mirror/arn.h"
#include "mirror/id.h"

#include <stddef.h>
#include <stdint.h>

struct refusal;

#define BALANCER_NAME_SIZE 33
#define BALANCER_DNS_SIZE  256

enum balancer_type {
	BALANCER_NETWORK, /* Copies go to the member as they are. */
	BALANCER_GATEWAY, /* They go inside of GENEVE, through an endpoint. */
};

/* AWS's word, as in "network". */
const char *balancer_type_name(enum balancer_type type);
bool balancer_type_parse(const char *name, enum balancer_type *ret_type);

struct balancer {
	struct arn arn;
	struct account_id owner;
	enum balancer_type type;
	char name[BALANCER_NAME_SIZE];
	bool internal;                /* Scheme: shown, and nothing else. */
	struct resource_id interface; /* Whose address is the balancer's; gateways have none. */
	bool addressed;               /* That address was given by its user. */
	bool guarded;                 /* Against deletion. */
	bool cross_zone;              /* There is one zone. */
	int64_t created;              /* Milliseconds since the epoch. */
};

/* Gives it an ARN with random digits. */
void balancer_make_arn(struct balancer *balancer, const char *region);

/* Checks the name.  Returns 0 or REFUSED. */
int balancer_validate_name(const char *name, struct refusal *why);

/* As in "NAME-50dc6c495c0c9188.elb.REGION.amazonaws.com".  Nobody here resolves it. */
void balancer_format_dns(const struct balancer *balancer, const char *region,
			 char ret_name[static BALANCER_DNS_SIZE]);

/* Attributes: pairs of texts.  The one number 'index' of those that balancers of the type have; NULL: no more. */
const char *balancer_get_attribute(const struct balancer *balancer, size_t index,
				   const char **ret_value);

/* Refuses a key that the type does not have, and a value that nothing here could honour. */
int balancer_set_attribute(struct balancer *balancer, const char *key, const char *value,
			   struct refusal *why);
