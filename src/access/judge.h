/* What comes of all the policies that have a say in one question.  Pure.
 *
 * A denial by any of them is final.  Else the caller's policies must allow it, and so must the policy that narrows the
 * caller's session, if there is one.  A resource with a policy of its own (a role: its trust) must allow it, too; within
 * one account it can do so instead of the caller's policies, if it names the caller rather than the account. */
#pragma once

#include "access/policy.h"

struct access_policies {
	struct policy *const *identity; /* Of the user or role that asks. */
	size_t identity_count;
	const struct policy *session;  /* NULL: nothing narrows. */
	const struct policy *resource; /* NULL: it has none. */
	bool same_account;             /* The resource is of the caller's account. */
};

enum access_verdict {
	ACCESS_GRANTED,
	ACCESS_DENIED_BY_IDENTITY,
	ACCESS_DENIED_BY_SESSION,
	ACCESS_DENIED_BY_RESOURCE,
	ACCESS_SILENT_IDENTITY, /* It would have had to allow it. */
	ACCESS_SILENT_SESSION,
	ACCESS_SILENT_RESOURCE,
};

/* Returns an enum access_verdict, or -ENOMEM. */
int access_judge(const struct access_policies *policies, const struct access_question *question);

/* The end of the sentence that tells a caller of the verdict, as AWS has it; 'action' as in the question. */
struct text;
void access_append_reason(struct text *text, enum access_verdict verdict, const char *action);
