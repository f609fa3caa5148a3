// SPDX-License-Identifier: Apache-2.0
#include "control/session.h"

#include "control/find.h"
#include "control/once.h"
#include "control/session_check.h"
#include "control/session_life.h"
#include "control/session_take.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/tag.h"

static int session_make(struct transaction *transaction, const struct caller *caller,
			const void *argument, const struct resource_id *id, struct refusal *why);
static int selector_check(const struct session *session, struct refusal *why);
static int wish_take(struct control *control, const struct session_wish *wish,
		     struct session *session, struct refusal *why);
static int change_take(struct control *control, const struct session_change *change,
		       struct session *session, struct refusal *why);
static int session_answer(struct transaction *transaction, const struct caller *caller,
			  const char *id, struct session_record *ret_session, struct refusal *why);

void session_record_fini(struct session_record *record)
{
	tags_fini(&record->tags);
}

int control_create_session(struct control *control, const struct caller *caller,
			   const struct session_wish *wish, struct session_record *ret_session,
			   struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateTrafficMirrorSession",
		.kind = RESOURCE_SESSION,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = session_make,
		.wish = wish,
	};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r != 0)
		return r;
	return session_answer(&transaction, caller, id.text, ret_session, why);
}

int control_modify_session(struct control *control, const struct caller *caller,
			   const struct session_change *change, struct session_record *ret_session,
			   struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct session before, session;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_session(control, caller, change->session, &before, why);
	if (r != 0)
		return r;
	session = before;
	r = selector_check(&session, why);
	if (r == 0)
		r = change_take(control, change, &session, why);
	if (r == 0)
		r = session_change(&transaction, caller, &before, &session, why);
	if (r != 0)
		return r;
	return session_answer(&transaction, caller, session.id.text, ret_session, why);
}

int control_delete_session(struct control *control, const struct caller *caller, const char *id,
			   struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct session session;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_session(control, caller, id, &session, why);
	if (r == 0)
		r = selector_check(&session, why);
	if (r == 0)
		r = session_end(&transaction, &session, control_now(control));
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

static int session_make(struct transaction *transaction, const struct caller *caller,
			const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct session_wish *wish = argument;
	struct control *control = transaction->control;
	struct session session = {
		.id = *id,
		.owner = caller->account,
		.created = control_now(control),
	};
	int r = wish_take(control, wish, &session, why);

	return r == 0 ? session_add(transaction, caller, &session, why) : r;
}

/* What a selector keeps true would be made anew, or put back. */
static int selector_check(const struct session *session, struct refusal *why)
{
	if (!resource_id_set(&session->selector))
		return 0;
	return refuse(why, REFUSE_OPERATION,
		      "The session '%s' is kept by the traffic mirror selector '%s': modify or "
		      "delete that, or the tags that it goes by",
		      session->id.text, session->selector.text);
}

/* Everything that can be judged without looking at other objects. */
static int wish_take(struct control *control, const struct session_wish *wish,
		     struct session *session, struct refusal *why)
{
	const struct session_fields fields = {
		.target = wish->target,
		.filter = wish->filter,
		.number = wish->number,
		.packet_length = wish->packet_length,
		.vni = wish->vni,
		.description = wish->description,
		.options = &wish->options,
	};
	int r;

	r = reference_take(wish->source, "NetworkInterfaceId", RESOURCE_INTERFACE, &session->source,
			   why);
	if (r == 0)
		r = session_fields_require(&fields, why);
	if (r == 0)
		r = session_fields_take(control, &fields, session, why);
	if (r == 0 && !wish->vni.set)
		r = session_pick_vni(control, session->owner.text, &session->vni, why);
	return r;
}

/* Brings what is asked for into a copy of the session. */
static int change_take(struct control *control, const struct session_change *change,
		       struct session *session, struct refusal *why)
{
	const struct session_fields fields = {
		.target = change->target,
		.filter = change->filter,
		.number = change->number,
		.packet_length = change->packet_length,
		.vni = change->vni,
		.description = change->description,
		.options = &change->options,
		.remove = change->remove,
	};
	int r = session_fields_take(control, &fields, session, why);

	if (r == 0 && (change->remove & SESSION_FIELD_VNI))
		r = session_pick_vni(control, session->owner.text, &session->vni, why);
	return r;
}

/* Reads back what is stored, commits, and hands it over. */
static int session_answer(struct transaction *transaction, const struct caller *caller,
			  const char *id, struct session_record *ret_session, struct refusal *why)
{
	_cleanup_(session_record_fini) struct session_record record = {};
	struct control *control = transaction->control;
	int r;

	r = find_session(control, caller, id, &record.session, why);
	if (r == 0)
		r = store_load_tags(control->store, id, &record.tags);
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_session = record;
	record = (struct session_record){};
	return 0;
}
