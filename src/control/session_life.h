/* How sessions begin, change and end, whoever wants it: a request, a selector, the time, or what they depend on.
 * Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/session.h"

/* Makes a whole session, unless anything speaks against it.  From then on it is charged.  Returns 0, REFUSED before anything
 * was changed, or a fault. */
int session_add(struct transaction *transaction, const struct caller *caller,
		const struct session *session, struct refusal *why);

/* The same of a change; one that changes nothing costs nothing. */
int session_change(struct transaction *transaction, const struct caller *caller,
		   const struct session *before, const struct session *session,
		   struct refusal *why);

/* 'when' is in milliseconds.  The number is free for a selector that wants it. */
int session_end(struct transaction *transaction, const struct session *session, int64_t when);
