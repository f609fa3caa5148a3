/* One interface as selectors see it: its tags, the sessions that they have made of it, and those that were refused.
 * Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/selector.h"
#include "store/selection.h"

struct look {
	struct source source;
	struct tags own, instance; /* The interface's tags, and those of its instance. */
	struct look_sessions {
		struct session *items;
		size_t count, capacity;
	} sessions; /* Of selectors. */
	struct look_refusals {
		struct selector_refusal *items;
		size_t count, capacity;
	} refusals;
};

void look_fini(struct look *look);
#define _cleanup_look_ _cleanup_(look_fini)

/* Returns 0, STORE_MISSING if the interface is gone, or a fault. */
int look_load(struct store *store, const char *source, struct look *ret_look);

/* Makes, changes or ends the selector's session of the interface, as it should be, or keeps the reason why not.  'ret_effort'
 * is how much it was (SELECTION_CHANGE and so on); 0: there was nothing to do.  'tags' is added to, as of selector_matches(). */
int look_settle(struct transaction *transaction, const struct look *look,
		const struct selector *selector, unsigned int *ret_effort, unsigned int *tags);

/* Ends a session as its selector.  'ret_effort' is as above: its history goes with it. */
int look_end_session(struct transaction *transaction, const struct session *session,
		     unsigned int *ret_effort);
