/* The record of a request: one JSON object in CloudTrail's words, so that what reads CloudTrail reads these.
 *
 * No secret gets into one: parameters have none, which audit_test.c sees to for every action's row, and of answers the
 * elements that are secret are left out by their names. */
#pragma once

#include "control/event.h"

struct action;
struct call;
struct error_name;
struct visit;

/* Whether an action changes nothing, in CloudTrail's view, by its name. */
bool record_only_reads(const char *action);

/* Notes what the request asks for, once that is known. */
int record_note_request(struct visit *visit, const struct call *call);

/* Makes the event of an answered request at the time 'now'; 'error' is NULL if it succeeded.  Returns 0 or -ENOMEM. */
int record_make(const struct visit *visit, const struct error_name *error, const char *message,
		int64_t now, struct event *ret_event);
