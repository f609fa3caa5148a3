/* What requests about load balancers mean. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/balancer.h"

struct balancer_record {
	struct balancer balancer;
	struct address address; /* Of its interface; none of a gateway's. */
};

struct balancer_page {
	struct balancer_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void balancer_page_fini(struct balancer_page *page);

/* NULL: not given. */
struct balancer_wish {
	const char *name;
	const char *type; /* AWS takes "application" for none, which there is not here. */
	const char *scheme;
	const char *const *subnets;
	size_t subnet_count;
	const char *address;       /* In that subnet, of an internal one. */
	const char *const *groups; /* Security groups, of which there are none here. */
	size_t group_count;
	const struct tag *tags;
	size_t tag_count;
};

/* One of that name with the same settings is given again; one with others is in the way. */
int control_create_balancer(struct control *control, const struct caller *caller,
			    const struct balancer_wish *wish, struct balancer_record *ret_balancer,
			    struct refusal *why);

/* Its listeners and its interface go with it; mirror targets in front of it stay and dangle.  What is not there is no
 * error. */
int control_delete_balancer(struct control *control, const struct caller *caller, const char *arn,
			    struct refusal *why);

int control_get_balancer(struct control *control, const struct caller *caller, const char *arn,
			 struct balancer_record *ret_balancer, struct refusal *why);

/* Ids are ARNs.  There are no filters. */
int control_describe_balancers(struct control *control, const struct caller *caller,
			       const struct query *query, struct balancer_page *ret_page,
			       struct refusal *why);

/* By their names, each of which must be one's. */
int control_find_balancers(struct control *control, const struct caller *caller,
			   const char *const *names, size_t count, struct balancer_page *ret_page,
			   struct refusal *why);

/* All or nothing. */
int control_modify_balancer(struct control *control, const struct caller *caller, const char *arn,
			    const struct tag *attributes, size_t count,
			    struct balancer_record *ret_balancer, struct refusal *why);

/* What a balancer is in and behind never changes: these refuse all but what it has, and change nothing. */
int control_set_subnets(struct control *control, const struct caller *caller, const char *arn,
			const char *const *subnets, size_t count, const char *address,
			struct balancer_record *ret_balancer, struct refusal *why);
int control_set_groups(struct control *control, const struct caller *caller, const char *arn,
		       const char *const *groups, size_t count, struct refusal *why);
