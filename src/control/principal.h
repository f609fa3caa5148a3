/* Who asks, with what policies say of him: a user or a role.
 *
 * Every request is judged by them, so they are read and parsed once and then kept, a bounded number of them, until
 * something of IAM changes. */
#pragma once

#include "access/identity.h"
#include "control/control.h"

struct policy;

/* Shared by those who ask and the place where it is kept; both under the door's lock. */
struct principal {
	unsigned int references;
	struct identity identity;
	char arn[IDENTITY_ARN_SIZE];
	struct policy **policies;
	size_t policy_count, policy_capacity;
	struct policy *trust; /* Of a role: who may take it on; else NULL. */
};

struct principal *principal_unref(struct principal *principal);
DEFINE_CLEANUP(struct principal *, principal_unref)

/* Refuses with REFUSE_CREDENTIALS_INVALID an id ("AIDA…", "AROA…") that is nobody's any more. */
int principal_find(struct control *control, const char *id, struct principal **ret_principal,
		   struct refusal *why);

/* The role of an ARN, of whichever account; NULL if there is none, which is nobody's business who may not take it on. */
int principal_find_role(struct control *control, const char *arn, struct principal **ret_principal);

/* The ARN of a user or a role.  Returns 0, or STORE_MISSING when there is none of that name. */
int principal_format_arn(struct control *control, const struct account_id *account,
			 enum identity_kind kind, const char *name,
			 char ret_arn[IDENTITY_ARN_SIZE]);

/* Whoever changes users, roles or their policies says so. */
void principals_forget(struct control *control);
