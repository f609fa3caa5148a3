/* What permissions are about: the things that a request names or makes, each with an ARN and with the condition keys that say
 * what it is like.
 *
 * The row of a parameter says what its value names, the row of an action what it makes; so there is nothing about
 * permissions in the actions' own code. */
#pragma once

#include "access/context.h"
#include "base/text.h"
#include "control/facts.h"
#include "control/principal.h"

struct call;

/* One of them, while a request is judged. */
struct resource {
	struct text arn;
	struct resource_facts facts;
	char vpc[IDENTITY_ARN_SIZE], subnet[IDENTITY_ARN_SIZE]; /* ARNs, or "". */
	char id[RESOURCE_ID_SIZE];                              /* Of an interface, or "". */
	struct principal *role; /* Its trust has a say; NULL if there is no such role. */
	const char
		*tag_key; /* What its service's condition keys of tags begin with; NULL: EC2's. */
};

void resource_fini(struct resource *resource);

struct resource_type {
	/* 'name' is as in the request; NULL for what is about to be made, or for what was left out.  Returns 0 or a
	 * fault: what is not there is judged by its ARN alone. */
	int (*describe)(const struct resource_type *type, const struct call *call, const char *name,
			struct resource *resource);
	enum resource_kind kind; /* Of EC2's. */
	const char *noun;        /* Of the others, as in ARNs. */
	bool is_caller;          /* If a request names none, it means the caller. */
	bool trusts;             /* Has a policy of its own. */
	bool within; /* Who may change what it is in may make one: only its tags are asked for. */
};

extern const struct resource_type interface_resource, subnet_resource, filter_resource,
	rule_resource, target_resource, session_resource, selector_resource;
extern const struct resource_type vpc_resource, endpoint_resource, endpoint_service_resource;
extern const struct resource_type any_resource;  /* By the id's prefix. */
extern const struct resource_type host_resource; /* Ours. */
extern const struct resource_type user_resource, user_or_caller_resource, role_resource;
extern const struct resource_type trusted_role_resource; /* By ARN, to be taken on. */
extern const struct resource_type balancer_resource, listener_resource, group_resource;
extern const struct resource_type arn_resource; /* Any of these three. */

/* Adds the keys of a described resource.  They borrow from it and from the call. */
int resource_add_keys(const struct resource *resource, struct access_context *context);
