/* The fields of a rule, from a request into a rule.  Private to control/. */
#pragma once

#include "control/filter.h"

/* Refuses where something is missing that every rule has. */
int rule_fields_require(const struct rule_fields *fields, struct refusal *why);

/* Brings what is given into the rule, and asks of the whole of it whether it holds. */
int rule_fields_take(const struct rule_fields *fields, struct filter_rule *rule,
		     struct refusal *why);
