/* What requests about targets mean. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/target.h"

struct target_record {
	struct target target;
	struct tags tags;
};

struct target_page {
	struct target_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void target_record_fini(struct target_record *record);
void target_page_fini(struct target_page *page);

/* Exactly one of the first three. */
struct target_wish {
	const char *interface;     /* eni- */
	const char *load_balancer; /* ARN */
	const char *endpoint;      /* vpce- */
	const char *description;   /* NULL: none. */
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_target(struct control *control, const struct caller *caller,
			  const struct target_wish *wish, struct target_record *ret_target,
			  struct refusal *why);

/* Refused while a session uses it. */
int control_delete_target(struct control *control, const struct caller *caller, const char *target,
			  struct refusal *why);

/* Filters: description, network-interface-id, network-load-balancer-arn, owner-id, traffic-mirror-target-id,
 * tag:<key>, tag-key. */
int control_describe_targets(struct control *control, const struct caller *caller,
			     const struct query *query, struct target_page *ret_page,
			     struct refusal *why);
