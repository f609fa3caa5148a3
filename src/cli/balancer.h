/* Load balancers by name, and what listens on them, for the commands about both. */
#pragma once

#include "cli/arn.h"
#include "cli/output.h"

#define BALANCER_WORD "BALANCER"

extern const struct arn_kind balancer_kind;

/* Finds the load balancer that the command's first word names. */
int balancer_find(struct invocation *invocation, char **ret_arn);

/* The listeners of a load balancer. */
extern const struct columns listener_columns;
int listeners_describe(struct invocation *invocation, const char *balancer,
		       struct tmirror_pages **ret_pages);
