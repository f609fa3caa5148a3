/* What a record will be made of, once somebody wants to read it.
 *
 * Of a thousand requests that only read nobody ever wants more than a few, so the fields of a request are kept as they came
 * and the record is written when it is looked for: that costs a request a tenth. */
#pragma once

#include "api/form.h"
#include "api/parameter.h"
#include "base/text.h"
#include "control/credential.h"
#include "control/event.h"

struct action;
struct error_name;
struct service;
struct visit;

struct draft {
	struct event event; /* All but the record. */
	const struct service *service;
	const struct action
		*row;         /* NULL: what was asked for was refused before it was understood. */
	struct caller caller; /* Without account: the signature was wrong. */
	char request_id[UUID_TEXT_SIZE];
	struct address peer;
	int64_t time;
	const char *error; /* NULL: it was done. */
	unsigned int status;
	char *message, *agent;
	struct form form; /* The arguments borrow from it. */
	struct arguments arguments;
	struct text answer; /* As JSON; only of what changes something or hands out keys. */
	size_t size;        /* Of all of it, about. */
};

void draft_fini(struct draft *draft);
#define _cleanup_draft_ _cleanup_(draft_fini)

/* Takes over what the visit asked for.  'error' is NULL if it was done.  Returns 0 or -ENOMEM. */
int draft_make(struct visit *visit, const struct error_name *error, const char *message,
	       int64_t now, struct draft *ret_draft);

/* Lets what was asked for go, which then is told as if it had not been understood. */
void draft_forget_request(struct draft *draft);
