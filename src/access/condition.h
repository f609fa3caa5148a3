/* One condition of a statement: an operator, a key and the values that it may have (IAM's user guide, "Condition
 * operators").  Several values are alternatives; under a negated operator none of them may be it. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct access_context;
struct condition_operator;
struct refusal;

/* "ForAllValues:", "ForAnyValue:": how the values of a key that has several are asked. */
enum condition_quantifier { CONDITION_SINGLE, CONDITION_ALL, CONDITION_ANY };

struct condition {
	const struct condition_operator *row;
	enum condition_quantifier quantifier;
	bool if_exists; /* Holds for a key that is not there. */
	char *key;
	char **values;
	size_t value_count, value_capacity;
};

void condition_fini(struct condition *condition);

/* Reads an operator with its prefix and suffix, as in "ForAnyValue:StringLikeIfExists".  Returns 0 or REFUSED. */
int condition_parse_operator(const char *name, struct condition *ret_condition,
			     struct refusal *why);

/* Appends a copy.  Returns 0, REFUSED for one that the operator cannot compare with, or -ENOMEM. */
int condition_add_value(struct condition *condition, const char *value, struct refusal *why);

/* Returns 1 if it holds, 0 if not, or -ENOMEM.  A variable without a value makes the whole statement void, which
 * is reported as 0. */
int condition_holds(const struct condition *condition, const struct access_context *context);
