/* One statement of a policy, as policy.c holds it. */
#pragma once

#include "access/condition.h"
#include "access/policy.h"

#include <jansson.h>

struct string_list {
	char **items;
	size_t count, capacity;
};

struct statement {
	bool allows;
	bool not_actions, not_resources, not_principals; /* The list says what it is not about. */
	struct string_list actions, resources;
	struct string_list principals; /* "*", an account's number or an ARN. */
	struct condition *conditions;
	size_t condition_count, condition_capacity;
};

void statement_fini(struct statement *statement);

/* Into a zeroed statement, which may be left half filled.  Returns 0, REFUSED or -ENOMEM. */
int statement_parse(json_t *json, enum policy_kind kind, struct statement *ret_statement,
		    struct refusal *why);

/* Returns 1 if the statement is about the question, 0 if not, or -ENOMEM. */
int statement_applies(const struct statement *statement, enum policy_kind kind,
		      const struct access_question *question);
