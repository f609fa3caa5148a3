/* One change: said in a line, said in JSON, done. */
#pragma once

#include "cli/apply_plan.h"

#include <jansson.h>

/* As in "~ session web1 number: 1 → 2, filter: web → dns". */
void step_write(const struct change *change, const struct present *present, struct text *ret_text);

/* A new reference, or NULL without memory. */
json_t *step_to_json(const struct change *change, const struct present *present);

/* Returns 0 or what a call returned.  What was made knows its id from then on. */
int step_do(struct invocation *invocation, const char *set, const struct change *change);
