/* Finding things by what they have. */
#pragma once

#include "cli/command.h"

/* A Describe action with one filter. */
struct lookup {
	const char *action, *set;
	const char *filter, *value; /* NULL: all there are. */
};

int lookup_start(struct invocation *invocation, const struct lookup *lookup,
		 struct tmirror_pages **ret_pages);

/* The subnet that interfaces are made in when nobody says which.  Returns 0, COMMAND_MISUSED if there are several, or
 * what the call returned. */
int lookup_subnet(struct invocation *invocation, char *ret_id, size_t id_size);

/* The one VPC that stands for the site.  Returns 0, or what the call returned. */
int lookup_vpc(struct invocation *invocation, char *ret_id, size_t id_size);
