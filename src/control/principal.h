/* Who asks, as IAM has them: an account's root, a user, a role or a host, with the policies that are theirs.
 *
 * A request is judged by them each time, so they are read and parsed once and then kept, a bounded number of them, until
 * something of IAM changes. */
#pragma once

#include "control/control.h"

struct policy;

#define PRINCIPAL_NAME_SIZE 65

enum principal_kind {
	PRINCIPAL_ROOT, /* May do everything in its account; has no policies. */
	PRINCIPAL_USER,
	PRINCIPAL_ROLE,
};

struct principal {
	char id[PRINCIPAL_ID_SIZE]; /* "AIDA…" of a user, "AROA…" of a role, the account of a root. */
	enum principal_kind kind;
	struct account_id account;
	char name[PRINCIPAL_NAME_SIZE]; /* "" of a root. */
	char arn[PRINCIPAL_SIZE];       /* As in "arn:aws:iam::123456789012:role/team/reader". */
	struct policy **policies;
	size_t policy_count, policy_capacity;
	struct policy *trust;    /* Of a role: who may take it on; else NULL. */
	int64_t session_seconds; /* Of a role: the longest that somebody may. */
};

/* Borrowed until the next call of control.  Refuses with REFUSE_CREDENTIALS_INVALID an id that is nobody's any more. */
int principal_find(struct control *control, const char *id, const struct principal **ret_principal,
		   struct refusal *why);

/* The role of an ARN, whatever its account.  Refuses with REFUSE_NOT_PERMITTED one that is not there: that is nobody's
 * business who may not take it on. */
int principal_find_role(struct control *control, const char *arn,
			const struct principal **ret_principal, struct refusal *why);

/* Whoever changes users, roles or their policies says so. */
void principals_forget(struct control *control);
