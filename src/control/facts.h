/* What is known of an object that a request names, as far as permissions can depend on it. */
#pragma once

#include "control/control.h"
#include "mirror/endpoint.h"

struct resource_facts {
	struct account_id owner; /* The caller's account of what is not there. */
	struct tags tags;
	struct resource_id vpc, subnet; /* Of an interface and a subnet. */
	char zone[REGION_NAME_SIZE + 1];
	struct resource_id filter;                /* Of a rule: the one that it is of. */
	char service[ENDPOINT_SERVICE_NAME_SIZE]; /* Of an endpoint: to which it leads, */
	struct account_id service_owner;          /* and whose that is. */
};

void resource_facts_fini(struct resource_facts *facts);

/* What is not there, or somebody else's, has no facts: that alone is no refusal.  Returns 0 or a fault. */
int control_get_facts(struct control *control, const struct caller *caller, enum resource_kind kind,
		      const char *id, struct resource_facts *ret_facts);

/* The same of an object of load balancing. */
int control_get_arn_facts(struct control *control, const struct caller *caller, const char *arn,
			  struct resource_facts *ret_facts);

/* Of what the caller is about to make. */
void control_get_facts_of_new(struct control *control, const struct caller *caller,
			      enum resource_kind kind, struct resource_facts *ret_facts);
