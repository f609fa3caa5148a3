/* What load balancing knows by ARN, people know by name. */
#pragma once

#include "cli/command.h"

/* Where a name is looked up: a Describe action, the list of names it takes, and what it answers with. */
struct arn_kind {
	const char *describe; /* "elasticloadbalancing:DescribeTargetGroups" */
	const char *names;    /* "Names.member" */
	const char *set;      /* "DescribeTargetGroupsResult/TargetGroups" */
	const char *element;  /* "TargetGroupArn" */
	bool extended;        /* What is beyond AWS's elements is asked for, too. */
};

/* An ARN is handed back as it is; of a name that two things have, neither is, for one is as likely as the other to be
 * the wrong one.  The text is the caller's to free. */
int arn_find(struct invocation *invocation, const struct arn_kind *kind, const char *name,
	     char **ret_arn);

/* Walks through what has the name, which may be two load balancers. */
int arn_look_up(struct invocation *invocation, const struct arn_kind *kind, const char *name,
		struct tmirror_pages **ret_pages);

/* Does what --tag KEY=VALUE and --untag KEY ask for. */
int arn_change_tags(struct invocation *invocation, const char *arn);

/* Sets LIST.member.N.Key and .Value from the options of that name. */
int arn_fill_pairs(const struct invocation *invocation, const char *option, const char *list,
		   struct tmirror_request *request);
