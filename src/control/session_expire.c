// SPDX-License-Identifier: Apache-2.0
/* The end of sessions whose time has come; session.h declares it.
 *
 * Agents end them by themselves at the same moment, from the plan.  What is done here is the rest: the session is no more,
 * its number is free, and plans no longer have it.  Whatever became due while no controller ran is found by the next. */
#include "base/array.h"
#include "control/session.h"
#include "control/session_life.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/session.h"
#include "store/store.h"

static int expired_collect(struct control *control, int64_t now, struct ended_sessions *ended);
static int expired_delete(struct transaction *transaction, const struct ended_sessions *ended);

void ended_sessions_fini(struct ended_sessions *ended)
{
	free(ended->items);
	*ended = (struct ended_sessions){};
}

int control_expire_sessions(struct control *control, struct ended_sessions *ret_ended,
			    struct refusal *why)
{
	_cleanup_(ended_sessions_fini) struct ended_sessions ended = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller service = {};
	int64_t now = control_now(control) / 1000, count;
	int r;

	r = store_count_expired_sessions(control->store, now, &count);
	if (r < 0 || count == 0)
		return r;
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = expired_collect(control, now, &ended);
	if (r == 0)
		r = expired_delete(&transaction, &ended);
	if (r == 0)
		r = transaction_commit(&transaction, &service, why);
	if (r != 0)
		return r;
	*ret_ended = ended;
	ended = (struct ended_sessions){};
	return 0;
}

/* Before any is deleted: a cursor's rows must stay as they are. */
static int expired_collect(struct control *control, int64_t now, struct ended_sessions *ended)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct session session;
	int r;

	r = store_select_expired_sessions(control->store, now, EXPIRED_MAX, &cursor);
	while (r >= 0 && (r = store_next_session(cursor, &session)) == STORE_ROW) {
		struct ended_session item = {session.id, session.source,
					     session.options.expires * 1000};

		r = array_append(ended, items, count, capacity, item);
	}
	return r;
}

static int expired_delete(struct transaction *transaction, const struct ended_sessions *ended)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ended->count; i++) {
		const struct session session = {.id = ended->items[i].id,
						.source = ended->items[i].source};

		r = session_end(transaction, &session, ended->items[i].end);
	}
	return r;
}
