/* What requests about the policies of users and roles mean. */
#pragma once

#include "access/identity.h"
#include "control/control.h"
#include "control/query.h"

#define POLICY_NAME_SIZE 129

/* Policies are few and short, so pages of them are of names only. */
struct policy_name {
	char text[POLICY_NAME_SIZE];
};

struct policy_page {
	struct policy_name *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void policy_page_fini(struct policy_page *page);

/* A policy by its name and its owner's. */
struct policy_locator {
	enum identity_kind kind; /* Of the owner. */
	const char *owner, *name;
};

/* Inserts or replaces.  Refuses what is no policy, and more than the owner may have. */
int control_put_policy(struct control *control, const struct caller *caller,
		       const struct policy_locator *locator, const char *document,
		       struct refusal *why);

/* The document is the caller's to free. */
int control_get_policy(struct control *control, const struct caller *caller,
		       const struct policy_locator *locator, char **ret_document,
		       struct refusal *why);
int control_delete_policy(struct control *control, const struct caller *caller,
			  const struct policy_locator *locator, struct refusal *why);
int control_describe_policies(struct control *control, const struct caller *caller,
			      enum identity_kind kind, const char *owner, const struct query *query,
			      struct policy_page *ret_page, struct refusal *why);
