// SPDX-License-Identifier: Apache-2.0
#include "control/source_delete.h"

#include "control/find.h"
#include "control/managed_interface.h"
#include "control/source.h"
#include "control/state.h"
#include "store/host.h"
#include "store/instance.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

static int sessions_end(struct transaction *transaction, const struct source *source);

int source_delete(struct transaction *transaction, const struct source *source)
{
	struct store *store = transaction->control->store;
	int r;

	r = sessions_end(transaction, source);
	if (r == 0)
		r = transaction_touch_senders(transaction, source->id.text);
	if (r == 0)
		r = store_delete_source(store, source->id.text);
	if (r == 0)
		r = store_forget_instance(store, source->instance.text);
	if (r == 0 && source->host[0] != '\0' && source->attached)
		r = store_want_inventory(store, source->host);
	return r;
}

int control_delete_interface(struct control *control, const struct caller *caller, const char *id,
			     struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct source source;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_source(control, caller, id, &source, why);
	if (r == 0)
		r = managed_interface_check(&source, why);
	if (r == 0)
		r = source_delete(&transaction, &source);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

static int sessions_end(struct transaction *transaction, const struct source *source)
{
	struct store *store = transaction->control->store;
	struct session session;
	int r;

	for (;;) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		/* One at a time: a cursor does not outlive a change of its rows. */
		r = store_select_sessions(store, SESSIONS_OF_SOURCE, source->id.text, "", &cursor);
		if (r == 0)
			r = store_next_session(cursor, &session);
		if (r != STORE_ROW)
			return r;
		cursor_close(TAKE_PTR(cursor));
		r = store_delete_session(store, session.id.text, control_now(transaction->control));
		if (r == 0)
			r = transaction_touch_host(transaction, source->host);
		if (r != 0)
			return r;
	}
}
