/* The record of a request: one JSON object in CloudTrail's words, so that what reads CloudTrail reads these.
 *
 * No secret gets into one: parameters have none, which audit_test.c sees to for every action's row, and of answers the
 * elements that are secret are left out by their names. */
#pragma once

#include <stdbool.h>

struct draft;

/* Whether an action changes nothing, in CloudTrail's view, by its name. */
bool record_only_reads(const char *action);

/* Writes the record of a draft.  Returns 0 or -ENOMEM. */
int record_make(const struct draft *draft, const char *region, char **ret_record);
