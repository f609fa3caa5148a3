/* What requests about endpoints mean: the doors to a Gateway Load Balancer, and their connections as the owner of the
 * service sees them.
 *
 * An endpoint has an interface with an address of its own.  It is available at once, or when the service's owner has
 * accepted it; one that is deleted is gone at once. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "control/unsuccessful.h"
#include "mirror/endpoint.h"

struct endpoint_record {
	struct endpoint endpoint;
	char service[ENDPOINT_SERVICE_NAME_SIZE];
	struct resource_id vpc, subnet;
	struct arn balancer; /* Of a connection. */
	struct tags tags;
};

struct endpoint_page {
	struct endpoint_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void endpoint_record_fini(struct endpoint_record *record);
void endpoint_page_fini(struct endpoint_page *page);

struct endpoint_wish {
	const char *vpc;
	const char *service; /* Its name. */
	const char *const *subnets;
	size_t subnet_count;
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_endpoint(struct control *control, const struct caller *caller,
			    const struct endpoint_wish *wish, struct endpoint_record *ret_endpoint,
			    struct refusal *why);

/* Targets in front of them stay and dangle. */
int control_delete_endpoints(struct control *control, const struct caller *caller,
			     const char *const *endpoints, size_t count,
			     struct unsuccessful_list *ret_list, struct refusal *why);

/* Filters: ip-address-type, service-name, service-region, vpc-id, vpc-endpoint-id, vpc-endpoint-state, vpc-endpoint-type,
 * tag:<key>, tag-key. */
int control_describe_endpoints(struct control *control, const struct caller *caller,
			       const struct query *query, struct endpoint_page *ret_page,
			       struct refusal *why);

/* Those of whatever account that are connected to the caller's services.  Filters: ip-address-type, service-id,
 * vpc-endpoint-owner, vpc-endpoint-region, vpc-endpoint-state, vpc-endpoint-id.  There are no ids. */
int control_describe_connections(struct control *control, const struct caller *caller,
				 const struct query *query, struct endpoint_page *ret_page,
				 struct refusal *why);

struct connections_answer {
	const char *service;
	const char *const *endpoints;
	size_t count;
	bool accept;
};

/* Only what waits can be accepted; what is available, too, can be rejected. */
int control_answer_connections(struct control *control, const struct caller *caller,
			       const struct connections_answer *answer,
			       struct unsuccessful_list *ret_list, struct refusal *why);
