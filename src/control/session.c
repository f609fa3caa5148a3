// SPDX-License-Identifier: Apache-2.0
#include "control/session.h"

#include "base/count.h"
#include "base/text.h"
#include "control/find.h"
#include "control/once.h"
#include "control/session_check.h"
#include "control/session_options.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/lifetime.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int session_make(struct transaction *transaction, const struct caller *caller,
			const void *argument, const struct resource_id *id, struct refusal *why);
static int lifetime_begin(struct control *control, const struct session *session,
			  const struct source *source);
static int wish_take(struct control *control, const struct session_wish *wish,
		     struct session *session, struct refusal *why);
static int change_take(struct control *control, const struct session_change *change,
		       struct session *session, struct refusal *why);
static int change_check(const struct session_change *change, struct refusal *why);
static int reference_take(const char *id, const char *what, enum resource_kind kind,
			  struct resource_id *ret_id, struct refusal *why);
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
	r = change_take(control, change, &session, why);
	if (r == 0)
		r = session_check_parts(control, caller, &session, why);
	if (r == 0 && !resource_id_equal(&session.target, &before.target))
		r = session_check_target(control, &session, why);
	if (r == 0 && (change->target || change->options.outer_source ||
		       change->options.outer_port.set || change->options.encapsulation))
		r = options_check_target(control, &session, why);
	if (r != 0)
		return r;
	if (memcmp(&session, &before, sizeof(session)) != 0) {
		r = store_put_session(control->store, &session);
		if (r == 0)
			r = transaction_touch_source(&transaction, session.source.text);
		if (r < 0)
			return r;
	}
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
		r = store_delete_session(control->store, id, control_now(control));
	if (r == 0)
		r = transaction_touch_source(&transaction, session.source.text);
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
	struct source source;
	int r;

	r = wish_take(control, wish, &session, why);
	if (r == 0)
		r = session_check_source(control, caller, &session, &source, why);
	if (r == 0)
		r = session_check_parts(control, caller, &session, why);
	if (r == 0)
		r = session_check_target(control, &session, why);
	if (r == 0)
		r = options_check_target(control, &session, why);
	if (r == 0)
		r = session_check_limits(control, &session, &source, why);
	if (r == 0)
		r = store_put_session(control->store, &session);
	if (r == 0)
		r = lifetime_begin(control, &session, &source);
	if (r == 0)
		r = transaction_touch_host(transaction, source.host);
	return r;
}

/* From here on it is charged. */
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

/* Everything that can be judged without looking at other objects. */
static int wish_take(struct control *control, const struct session_wish *wish,
		     struct session *session, struct refusal *why)
{
	int64_t number = 0, packet_length = 0, vni = 0;
	int r;

	r = reference_take(wish->source, "NetworkInterfaceId", RESOURCE_INTERFACE, &session->source,
			   why);
	if (r == 0)
		r = reference_take(wish->target, "TrafficMirrorTargetId", RESOURCE_TARGET,
				   &session->target, why);
	if (r == 0)
		r = reference_take(wish->filter, "TrafficMirrorFilterId", RESOURCE_FILTER,
				   &session->filter, why);
	if (r == 0)
		r = number_take(&wish->number, "SessionNumber", 1, SESSION_NUMBER_MAX, &number,
				why);
	if (r == 0 && wish->packet_length.set)
		r = number_take(&wish->packet_length, "PacketLength", 1, PACKET_LENGTH_MAX,
				&packet_length, why);
	if (r == 0 && wish->vni.set)
		r = number_take(&wish->vni, "VirtualNetworkId", 0, VNI_MAX, &vni, why);
	if (r == 0)
		r = description_take(wish->description, session->description, why);
	if (r == 0)
		r = options_take(control, &wish->options, &session->options, why);
	session->number = (uint16_t)number;
	session->packet_length = (uint16_t)packet_length;
	session->vni = (uint32_t)vni;
	if (r == 0 && !wish->vni.set)
		r = session_pick_vni(control, session->owner.text, &session->vni, why);
	return r;
}

/* Brings what is asked for into a copy of the session. */
static int change_take(struct control *control, const struct session_change *change,
		       struct session *session, struct refusal *why)
{
	int64_t number = session->number, packet_length = session->packet_length;
	int64_t vni = session->vni;
	int r;

	r = change_check(change, why);
	if (r == 0 && change->target)
		r = reference_take(change->target, "TrafficMirrorTargetId", RESOURCE_TARGET,
				   &session->target, why);
	if (r == 0 && change->filter)
		r = reference_take(change->filter, "TrafficMirrorFilterId", RESOURCE_FILTER,
				   &session->filter, why);
	if (r == 0 && change->number.set)
		r = number_take(&change->number, "SessionNumber", 1, SESSION_NUMBER_MAX, &number,
				why);
	if (r == 0 && change->packet_length.set)
		r = number_take(&change->packet_length, "PacketLength", 1, PACKET_LENGTH_MAX,
				&packet_length, why);
	if (r == 0 && change->vni.set)
		r = number_take(&change->vni, "VirtualNetworkId", 0, VNI_MAX, &vni, why);
	session->number = (uint16_t)number;
	session->packet_length = (uint16_t)packet_length;
	session->vni = (uint32_t)vni;
	if (r == 0 && (change->description || (change->remove & SESSION_FIELD_DESCRIPTION))) {
		memset(session->description, 0, sizeof(session->description));
		r = description_take(change->description, session->description, why);
	}
	if (r == 0)
		r = options_take(control, &change->options, &session->options, why);
	if (r == 0 && (change->remove & SESSION_FIELD_PACKET_LENGTH))
		session->packet_length = 0;
	if (r == 0 && (change->remove & SESSION_FIELD_VNI))
		r = session_pick_vni(control, session->owner.text, &session->vni, why);
	return r;
}

static int change_check(const struct session_change *change, struct refusal *why)
{
	const struct {
		unsigned int field;
		bool set;
		const char *name;
	} rows[] = {
		{SESSION_FIELD_PACKET_LENGTH, change->packet_length.set, "packet-length"},
		{SESSION_FIELD_DESCRIPTION, change->description, "description"},
		{SESSION_FIELD_VNI, change->vni.set, "virtual-network-id"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].set && (change->remove & rows[i].field))
			return refuse(why, REFUSE_PARAMETER_COMBINATION,
				      "The field '%s' cannot be both set and removed",
				      rows[i].name);
	return 0;
}

static int reference_take(const char *id, const char *what, enum resource_kind kind,
			  struct resource_id *ret_id, struct refusal *why)
{
	int r = text_require(id, what, why);

	if (r == 0)
		r = id_check(kind, id, why);
	if (r == 0) {
		*ret_id = (struct resource_id){};
		(void)string_copy(ret_id->text, sizeof(ret_id->text), id);
	}
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
