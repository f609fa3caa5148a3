/* Policies in IAM's language: who may do what to what, and when.  Pure.
 *
 * A policy is a list of statements.  A statement applies to a request if its actions, its resources, its
 * principals (of a role's trust policy) and all its conditions do.  One that denies wins over any that allow, in whatever
 * policy they are; what nobody allows is denied. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct access_context;
struct policy;
struct refusal;

/* What IAM takes as a document, blanks included.  What an identity may have in all is less, and for control to judge. */
#define POLICY_SIZE_MAX 131072

enum policy_kind {
	POLICY_OF_IDENTITY, /* Of a user, a role or a session: resources, no principals. */
	POLICY_OF_TRUST,    /* Who may take on a role: principals, no resources. */
};

/* Returns 0, REFUSED (MalformedPolicyDocument) with the first thing that is wrong, or -ENOMEM. */
int policy_parse(const char *json, size_t size, enum policy_kind kind, struct policy **ret_policy,
		 struct refusal *why);
struct policy *policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy *, policy_free)

struct access_question {
	const char *action;   /* As in "ec2:CreateTrafficMirrorSession". */
	const char *resource; /* ARN, or "*".  Not asked of a trust policy. */
	const char *
		principal; /* ARN of who asks.  Asked of a trust policy only, as are the next two. */
	const char *role;  /* The role that the principal is a session of, or NULL. */
	const char *account; /* Of who asks, 12 digits. */
	const struct access_context *context;
};

enum policy_verdict { POLICY_SILENT, POLICY_ALLOWS, POLICY_DENIES };

/* Returns an enum policy_verdict, or -ENOMEM. */
int policy_judge(const struct policy *policy, const struct access_question *question);

/* The verdict of several: a denial of any, else a permission of any. */
int policies_judge(struct policy *const *policies, size_t count,
		   const struct access_question *question);
