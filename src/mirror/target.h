/* A target is where copies go.  It never changes after creation; deleting what stands behind it leaves it dangling. */
#pragma once

#include "mirror/id.h"
#include "mirror/source.h"

#define LOCATOR_SIZE 256 /* An ARN. */

enum target_type {
	TARGET_NETWORK_INTERFACE,
	TARGET_NETWORK_LOAD_BALANCER,
	TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT,
};

/* EC2's word, as in "network-interface". */
const char *target_type_name(enum target_type type);

struct target {
	struct resource_id id;
	struct account_id owner;
	enum target_type type;
	char locator[LOCATOR_SIZE]; /* eni- id, load balancer ARN or vpce- id, by type. */
	char description[DESCRIPTION_SIZE];
	int64_t created;
};
