/* An endpoint is the door to a Gateway Load Balancer in a consumer's network, where a mirror target stands; an endpoint
 * service is what offers the load balancer to those who want one.
 *
 * Both may be of different accounts: then the service says who may ask, and its owner may want to accept each. */
#pragma once

#include "mirror/arn.h"
#include "mirror/id.h"

#include <stdint.h>

#define ENDPOINT_SERVICE_NAME_SIZE 128
#define SERVICE_PRINCIPAL_SIZE     640

struct endpoint_service {
	struct resource_id id;
	struct account_id owner;
	struct arn balancer; /* A gateway load balancer's. */
	bool acceptance;     /* Endpoints wait until the owner accepts them. */
	int64_t created;
};

/* Who may make endpoints to a service, besides its own account. */
struct service_principal {
	struct resource_id service, id;         /* The latter "vpce-svc-perm-…". */
	char principal[SERVICE_PRINCIPAL_SIZE]; /* An ARN, or "*" for everybody. */
};

enum endpoint_state {
	ENDPOINT_PENDING_ACCEPTANCE,
	ENDPOINT_AVAILABLE,
	ENDPOINT_REJECTED,
};

/* As EC2 writes it, as in "pendingAcceptance". */
const char *endpoint_state_name(enum endpoint_state state);

struct endpoint {
	struct resource_id id;
	struct account_id owner;
	struct resource_id service, interface;
	uint64_t attachment; /* By which the appliances know it, besides its id; below 2^63. */
	enum endpoint_state state;
	int64_t created;
};

/* The number that the digits of its id are. */
uint64_t endpoint_get_number(const struct resource_id *id);

/* As in "com.amazonaws.vpce.us-east-1.vpce-svc-…". */
void endpoint_service_format_name(const struct resource_id *id, const char *region,
				  char ret_name[static ENDPOINT_SERVICE_NAME_SIZE]);
/* Returns false for what is no such name of this region. */
bool endpoint_service_parse_name(const char *name, const char *region, struct resource_id *ret_id);

enum principal_type {
	PRINCIPAL_ALL,     /* "*" */
	PRINCIPAL_ACCOUNT, /* arn:aws:iam::123456789012:root */
	PRINCIPAL_USER,    /* arn:aws:iam::123456789012:user/NAME */
	PRINCIPAL_ROLE,    /* arn:aws:iam::123456789012:role/NAME */
};

/* EC2's word, as in "Account". */
const char *principal_type_name(enum principal_type type);
/* Returns false for what is none of these. */
bool principal_type_find(const char *principal, enum principal_type *ret_type);

/* The principal that means everybody of an account. */
void principal_format_account(const char *account,
			      char ret_principal[static SERVICE_PRINCIPAL_SIZE]);
