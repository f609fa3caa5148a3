// SPDX-License-Identifier: Apache-2.0
#include "control/session_life.h"

#include "control/selection.h"
#include "control/session_check.h"
#include "control/session_options.h"
#include "control/state.h"
#include "store/lifetime.h"
#include "store/session.h"

#include <string.h>

static int lifetime_begin(struct control *control, const struct session *session,
			  const struct source *source);

int session_add(struct transaction *transaction, const struct caller *caller,
		const struct session *session, struct refusal *why)
{
	struct control *control = transaction->control;
	struct source source;
	int r;

	r = session_check_source(control, caller, session, &source, why);
	if (r == 0)
		r = session_check_parts(control, caller, session, why);
	if (r == 0)
		r = session_check_target(control, session, why);
	if (r == 0)
		r = options_check_target(control, session, why);
	if (r == 0)
		r = session_check_limits(control, session, &source, why);
	if (r == 0)
		r = store_put_session(control->store, session);
	if (r == 0)
		r = lifetime_begin(control, session, &source);
	if (r == 0)
		r = transaction_touch_host(transaction, source.host);
	return r;
}

int session_change(struct transaction *transaction, const struct caller *caller,
		   const struct session *before, const struct session *session, struct refusal *why)
{
	const struct session_options *old = &before->options, *new = &session->options;
	struct control *control = transaction->control;
	bool moved = !resource_id_equal(&session->target, &before->target);
	int r;

	r = session_check_parts(control, caller, session, why);
	if (r == 0 && moved)
		r = session_check_target(control, session, why);
	if (r == 0 &&
	    (moved || !address_equal(&old->outer_source, &new->outer_source) ||
	     old->outer_port != new->outer_port || old->encapsulation != new->encapsulation))
		r = options_check_target(control, session, why);
	if (r != 0 || session_alike(before, session))
		return r;
	r = store_put_session(control->store, session);
	if (r == 0)
		r = transaction_touch_source(transaction, session->source.text);
	if (r == 0 && before->number != session->number)
		r = selection_mark_source(transaction, session->source.text);
	return r;
}

int session_end(struct transaction *transaction, const struct session *session, int64_t when)
{
	int r = store_delete_session(transaction->control->store, session->id.text, when);

	if (r == 0)
		r = transaction_touch_source(transaction, session->source.text);
	return r < 0 ? r : selection_mark_source(transaction, session->source.text);
}

static int lifetime_begin(struct control *control, const struct session *session,
			  const struct source *source)
{
	struct lifetime lifetime = {
		.owner = session->owner,
		.source = session->source,
		.session = session->id,
		.created = session->created,
	};

	memcpy(lifetime.host, source->host, sizeof(lifetime.host));
	memcpy(lifetime.device, source->device, sizeof(lifetime.device));
	return store_add_lifetime(control->store, &lifetime);
}
