/* What requests about endpoint services mean: how a Gateway Load Balancer is offered, and to whom.
 *
 * A service is available as soon as it is made; there is one zone, so one load balancer stands behind it. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "control/unsuccessful.h"
#include "mirror/endpoint.h"

struct endpoint_service_record {
	struct endpoint_service service;
	char name[ENDPOINT_SERVICE_NAME_SIZE];
	struct tags tags;
};

struct endpoint_service_page {
	struct endpoint_service_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void endpoint_service_record_fini(struct endpoint_service_record *record);
void endpoint_service_page_fini(struct endpoint_service_page *page);

struct endpoint_service_wish {
	const char *const *balancers; /* ARNs of Gateway Load Balancers, of which there is one. */
	size_t balancer_count;
	bool acceptance;
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_endpoint_service(struct control *control, const struct caller *caller,
				    const struct endpoint_service_wish *wish,
				    struct endpoint_service_record *ret_service,
				    struct refusal *why);

struct endpoint_service_change {
	struct optional_number acceptance; /* 0 or 1. */
	const char *const *add,
		*const *remove; /* Load balancers: one for the one that is there, or none. */
	size_t add_count, remove_count;
};

/* Endpoints that wait for acceptance go on waiting when it is not required any more.  While endpoints are connected, the
 * load balancer stays. */
int control_modify_endpoint_service(struct control *control, const struct caller *caller,
				    const char *service,
				    const struct endpoint_service_change *change,
				    struct refusal *why);

/* Not one to which endpoints are connected. */
int control_delete_endpoint_services(struct control *control, const struct caller *caller,
				     const char *const *services, size_t count,
				     struct unsuccessful_list *ret_list, struct refusal *why);

/* The caller's own.  Filters: service-name, service-id, service-state, supported-ip-address-types, tag:<key>, tag-key. */
int control_describe_endpoint_services(struct control *control, const struct caller *caller,
				       const struct query *query,
				       struct endpoint_service_page *ret_page, struct refusal *why);

/* Those that the caller may make endpoints to.  Ids are names.  Filters: owner, service-name, service-region, service-type,
 * supported-ip-address-types, tag:<key>, tag-key; tags are for their owner. */
int control_describe_offered_services(struct control *control, const struct caller *caller,
				      const struct query *query,
				      struct endpoint_service_page *ret_page, struct refusal *why);

struct service_principal_page {
	struct service_principal *items;
	size_t count, capacity;
	char *next_token;
};

void service_principal_page_fini(struct service_principal_page *page);

struct service_principals_change {
	const char *service;
	const char *const *add, *const *remove;
	size_t add_count, remove_count;
};

/* 'ret_added' has those that were none before.  Who is removed and was none is no error. */
int control_modify_service_principals(struct control *control, const struct caller *caller,
				      const struct service_principals_change *change,
				      struct service_principal_page *ret_added,
				      struct refusal *why);

/* Filters: principal, principal-type.  There are no ids. */
int control_describe_service_principals(struct control *control, const struct caller *caller,
					const char *service, const struct query *query,
					struct service_principal_page *ret_page,
					struct refusal *why);
