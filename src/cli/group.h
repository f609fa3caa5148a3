/* Target groups by name, for the commands about them. */
#pragma once

#include "cli/arn.h"
#include "cli/output.h"

#define GROUP_WORD "GROUP"

extern const struct arn_kind group_kind;
extern const struct noun group_noun;

/* Finds the group that the command's first word names. */
int group_find(struct invocation *invocation, char **ret_arn);

/* Sets what --check says, which groups and fleets have alike. */
int group_fill_check(const struct invocation *invocation, struct tmirror_request *request);

/* Prints it with all that is known of it. */
int group_print(struct invocation *invocation, const char *arn);

/* What is registered with a group, and how it does. */
extern const struct columns member_columns;
int members_describe(struct invocation *invocation, const char *group,
		     struct tmirror_pages **ret_pages);
