/* What a command has made so far, so that it can be unmade when a later step fails.
 *
 * What is made this way carries a tag, by which others can tell later that nobody else relies on it. */
#pragma once

#include "cli/command.h"

#define TAG_MADE_BY    "made-by"
#define TAG_MADE_BY_US "tmirror"

#define THING_ID_SIZE  32
#define LEDGER_ENTRIES 16

/* How a kind of thing is made and unmade. */
struct thing {
	const char *resource_type; /* As in "traffic-mirror-target". */
	const char *create, *object, *id_element;
	const char *delete, *id_parameter;
};

extern const struct thing thing_interface, thing_target, thing_filter, thing_rule, thing_session,
	thing_selector;

struct ledger {
	struct invocation *invocation;
	struct {
		const struct thing *thing;
		char id[THING_ID_SIZE];
	} entries[LEDGER_ENTRIES];
	size_t count;
};

/* Sends the thing's create request, tagged as ours and, unless NULL, with 'name'; notes what was made.  The response
 * is the caller's if 'ret_response' is not NULL. */
int ledger_create(struct ledger *ledger, const struct thing *thing, struct tmirror_request *request,
		  const char *name, char ret_id[THING_ID_SIZE],
		  struct tmirror_response **ret_response);

/* Unmakes everything, the last first.  The invocation's error stays the one that led here; what cannot be unmade is
 * said on standard error. */
void ledger_undo(struct ledger *ledger);

/* Sends the thing's delete request; the reason for a refusal is in 'ret_error'. */
int thing_delete(struct invocation *invocation, const struct thing *thing, const char *id,
		 struct tmirror_error *ret_error);
