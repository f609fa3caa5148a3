// SPDX-License-Identifier: Apache-2.0
#include "control/selection_look.h"

#include "base/array.h"
#include "base/text.h"
#include "control/selection.h"
#include "control/session_check.h"
#include "control/session_life.h"
#include "control/state.h"
#include "store/history.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int sessions_load(struct store *store, const char *source, struct look_sessions *sessions);
static int refusals_load(struct store *store, const char *source, struct look_refusals *refusals);
static const struct session *session_find(const struct look *look, const struct selector *selector);
static const struct selector_refusal *refusal_find(const struct look *look,
						   const struct selector *selector);
static int session_make(struct transaction *transaction, const struct look *look,
			const struct selector *selector, struct refusal *why);
static int session_adjust(struct transaction *transaction, const struct selector *selector,
			  const struct session *before, unsigned int *ret_effort,
			  struct refusal *why);
static int own_vni_get(struct control *control, const struct selector *selector,
		       const struct session *before, uint32_t *ret_vni, struct refusal *why);
static int act(struct transaction *transaction, enum selector_verb verb,
	       const struct session *session);
static int refusal_settle(struct control *control, const struct look *look,
			  const struct selector *selector, const struct selector_refusal *known,
			  const char *reason);

void look_fini(struct look *look)
{
	tags_fini(&look->own);
	tags_fini(&look->instance);
	free(look->sessions.items);
	free(look->refusals.items);
	*look = (struct look){};
}

int look_load(struct store *store, const char *source, struct look *ret_look)
{
	_cleanup_look_ struct look look = {};
	int r;

	r = store_get_source(store, source, &look.source);
	if (r == 0)
		r = store_load_tags(store, source, &look.own);
	if (r == 0 && resource_id_set(&look.source.instance))
		r = store_load_tags(store, look.source.instance.text, &look.instance);
	if (r == 0)
		r = sessions_load(store, source, &look.sessions);
	if (r == 0)
		r = refusals_load(store, source, &look.refusals);
	if (r != 0)
		return r;
	*ret_look = look;
	look = (struct look){};
	return 0;
}

/* What is not plugged gets no session, but keeps the one that it has, as AWS's do; so if it has none, nothing is compared. */
int look_settle(struct transaction *transaction, const struct look *look,
		const struct selector *selector, unsigned int *ret_effort, unsigned int *tags)
{
	struct control *control = transaction->control;
	const struct session *session = session_find(look, selector);
	const struct selector_refusal *known = refusal_find(look, selector);
	struct refusal why = {};
	unsigned int effort = 0;
	bool wanted;
	int r = 0;

	*ret_effort = 0;
	if (!look->source.attached && !session && !known)
		return 0;
	wanted = !selector_is_over(selector, control_now(control)) &&
		 selector_matches(selector, &look->own, &look->instance, tags);
	if (session && wanted) {
		r = session_adjust(transaction, selector, session, &effort, &why);
	} else if (session) {
		r = look_end_session(transaction, session, &effort);
	} else if (wanted && look->source.attached) {
		effort = SELECTION_CHANGE;
		r = session_make(transaction, look, selector, &why);
	}
	if (r < 0)
		return r;
	*ret_effort = effort;
	return refusal_settle(control, look, selector, known, r == REFUSED ? why.text : NULL);
}

int look_end_session(struct transaction *transaction, const struct session *session,
		     unsigned int *ret_effort)
{
	struct control *control = transaction->control;
	int64_t rows;
	int r;

	r = store_count_history(control->store, session->id.text, &rows);
	if (r == 0)
		r = session_end(transaction, session, control_now(control));
	if (r < 0)
		return r;
	*ret_effort = SELECTION_END + (unsigned int)(rows / SELECTION_ROWS);
	return act(transaction, SELECTOR_ENDS, session);
}

static int sessions_load(struct store *store, const char *source, struct look_sessions *sessions)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct session session;
	int r;

	r = store_select_sessions(store, SESSIONS_OF_SOURCE, source, "", &cursor);
	while (r >= 0 && (r = store_next_session(cursor, &session)) == STORE_ROW)
		if (resource_id_set(&session.selector))
			r = array_append(sessions, items, count, capacity, session);
	return r;
}

static int refusals_load(struct store *store, const char *source, struct look_refusals *refusals)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct selector_refusal refusal;
	int r;

	r = store_select_refusals_of_source(store, source, &cursor);
	while (r >= 0 && (r = store_next_selector_refusal(cursor, &refusal)) == STORE_ROW)
		r = array_append(refusals, items, count, capacity, refusal);
	return r;
}

static const struct session *session_find(const struct look *look, const struct selector *selector)
{
	for (size_t i = 0; i < look->sessions.count; i++)
		if (resource_id_equal(&look->sessions.items[i].selector, &selector->id))
			return &look->sessions.items[i];
	return NULL;
}

static const struct selector_refusal *refusal_find(const struct look *look,
						   const struct selector *selector)
{
	for (size_t i = 0; i < look->refusals.count; i++)
		if (resource_id_equal(&look->refusals.items[i].selector, &selector->id))
			return &look->refusals.items[i];
	return NULL;
}

static int session_make(struct transaction *transaction, const struct look *look,
			const struct selector *selector, struct refusal *why)
{
	struct control *control = transaction->control;
	const struct caller owner = {.account = selector->model.owner};
	struct session session = selector->model;
	int r = 0;

	session.id = resource_id_new(RESOURCE_SESSION);
	session.source = look->source.id;
	session.created = control_now(control);
	if (selector->own_vnis)
		r = session_pick_vni(control, session.owner.text, &session.vni, why);
	if (r == 0)
		r = session_add(transaction, &owner, &session, why);
	return r == 0 ? act(transaction, SELECTOR_MAKES, &session) : r;
}

static int session_adjust(struct transaction *transaction, const struct selector *selector,
			  const struct session *before, unsigned int *ret_effort,
			  struct refusal *why)
{
	const struct caller owner = {.account = before->owner};
	struct session session = selector->model;
	int r = 0;

	session.id = before->id;
	session.source = before->source;
	session.created = before->created;
	if (selector->own_vnis)
		r = own_vni_get(transaction->control, selector, before, &session.vni, why);
	if (r != 0 || session_alike(before, &session))
		return r;
	*ret_effort = SELECTION_CHANGE;
	r = session_change(transaction, &owner, before, &session, why);
	return r == 0 ? act(transaction, SELECTOR_CHANGES, &session) : r;
}

/* A VNI that sessions shared until they were to have their own is given up: the last one, and any before that some still had when
 * it came. */
static int own_vni_get(struct control *control, const struct selector *selector,
		       const struct session *before, uint32_t *ret_vni, struct refusal *why)
{
	bool shared = before->vni == selector->model.vni;
	int r = 0;

	if (!shared)
		r = store_selector_shares_vni(control->store, before, &shared);
	if (r < 0)
		return r;
	if (shared)
		return session_pick_vni(control, before->owner.text, ret_vni, why);
	*ret_vni = before->vni;
	return 0;
}

static int act(struct transaction *transaction, enum selector_verb verb,
	       const struct session *session)
{
	const struct selector_act did = {
		.verb = verb,
		.owner = session->owner,
		.selector = session->selector,
		.session = session->id,
		.source = session->source,
	};

	return array_append(transaction, acts, act_count, act_capacity, did);
}

/* What was said before is not written again, so that looking in vain leaves the store as it was. */
static int refusal_settle(struct control *control, const struct look *look,
			  const struct selector *selector, const struct selector_refusal *known,
			  const char *reason)
{
	struct selector_refusal refusal = {
		.selector = selector->id,
		.owner = selector->model.owner,
		.source = look->source.id,
		.since = control_now(control),
	};

	if (!reason)
		return known ? store_delete_selector_refusal(control->store, selector->id.text,
							     look->source.id.text)
			     : 0;
	if (known && strcmp(known->reason, reason) == 0)
		return 0;
	(void)string_copy(refusal.reason, sizeof(refusal.reason), reason);
	return store_put_selector_refusal(control->store, &refusal);
}
