/* What requests about listeners mean. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/listener.h"

struct listener_page {
	struct listener *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void listener_page_fini(struct listener_page *page);

/* NULL or not set: not given.  Gateways' listeners have neither protocol nor port. */
struct listener_wish {
	const char *balancer; /* ARN; only to create. */
	const char *protocol;
	struct optional_number port;
	const char *group; /* ARN of the one to forward to. */
	const struct tag *tags;
	size_t tag_count;
};

/* One that is there already and was asked for alike is given again. */
int control_create_listener(struct control *control, const struct caller *caller,
			    const struct listener_wish *wish, struct listener *ret_listener,
			    struct refusal *why);

int control_modify_listener(struct control *control, const struct caller *caller, const char *arn,
			    const struct listener_wish *wish, struct listener *ret_listener,
			    struct refusal *why);

/* All or nothing.  With no attributes it only reads. */
int control_modify_listener_attributes(struct control *control, const struct caller *caller,
				       const char *arn, const struct tag *attributes, size_t count,
				       struct listener *ret_listener, struct refusal *why);

int control_delete_listener(struct control *control, const struct caller *caller, const char *arn,
			    struct refusal *why);

/* Ids are ARNs.  'balancer' (may be NULL) restricts the answer to its own.  There are no filters. */
int control_describe_listeners(struct control *control, const struct caller *caller,
			       const char *balancer, const struct query *query,
			       struct listener_page *ret_page, struct refusal *why);
