// SPDX-License-Identifier: Apache-2.0
#include "control/session_check.h"

#include "base/count.h"
#include "base/random.h"
#include "control/find.h"
#include "control/state.h"
#include "mirror/filter.h"
#include "mirror/plan.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"

/* How often a random VNI may be found taken before the account is considered out of them. */
#define VNI_ATTEMPTS 256

int session_check_source(struct control *control, const struct caller *caller,
			 const struct session *session, struct source *ret_source,
			 struct refusal *why)
{
	const char *id = session->source.text;
	struct target target;
	int r;

	r = find_source(control, caller, id, ret_source, why);
	if (r != 0)
		return r;
	if (!ret_source->attached)
		return refuse(why, REFUSE_INTERFACE_NOT_SUPPORTED,
			      "%s must be attached to a supported instance", id);
	r = store_find_target(control->store, TARGET_NETWORK_INTERFACE, id, &target);
	if (r == 0)
		return refuse(why, REFUSE_INTERFACE_IS_TARGET,
			      "The interface '%s' is behind the traffic mirror target '%s'", id,
			      target.id.text);
	return r == STORE_MISSING ? 0 : r;
}

int session_check_parts(struct control *control, const struct caller *caller,
			const struct session *session, struct refusal *why)
{
	struct filter filter;
	struct target target;
	struct resource_id other;
	int r;

	r = session_validate(session, why);
	if (r == 0)
		r = find_usable_target(control, caller, session->target.text, &target, why);
	if (r == 0)
		r = find_filter(control, caller, session->filter.text, &filter, why);
	if (r != 0)
		return r;
	r = store_find_session(control->store, session->source.text, session->number, &other);
	if (r == 0 && !resource_id_equal(&other, &session->id))
		return refuse(why, REFUSE_SESSION_NUMBER_TAKEN,
			      "The session number %u is already being used by the session '%s' of "
			      "the interface '%s'",
			      session->number, other.text, session->source.text);
	return r < 0 ? r : 0;
}

int session_check_target(struct control *control, const struct session *session,
			 struct refusal *why)
{
	int64_t others;
	int r;

	if (headroom_take(&control->headroom, HEADROOM_SOURCES_OF_TARGET, session->target.text))
		return 0;
	r = store_count_sources_of_target(control->store, session->target.text,
					  session->source.text, &others);
	if (r < 0)
		return r;
	if (others < control->limits.sources_per_target) {
		headroom_note(&control->headroom, HEADROOM_SOURCES_OF_TARGET, session->target.text,
			      control->limits.sources_per_target - others - 1);
		return 0;
	}
	return refuse(why, REFUSE_SOURCES_PER_TARGET_LIMIT,
		      "The traffic mirror target '%s' has %lld sources, and may have %u",
		      session->target.text, (long long)others, control->limits.sources_per_target);
}

int session_check_limits(struct control *control, const struct session *session,
			 const struct source *source, struct refusal *why)
{
	const struct {
		enum session_selection selection;
		enum headroom_kind kind; /* HEADROOM_NONE: few, and counted. */
		const char *key;
		uint32_t limit;
		enum refusal_code code;
		const char *whose;
	} rows[] = {
		{SESSIONS_OF_SOURCE, HEADROOM_NONE, source->id.text,
		 control->limits.sessions_per_source, REFUSE_SESSIONS_PER_SOURCE_LIMIT,
		 "interface"},
		{SESSIONS_OF_OWNER, HEADROOM_SESSIONS_OF_OWNER, session->owner.text,
		 control->limits.sessions, REFUSE_SESSION_LIMIT, "account"},
		{SESSIONS_OF_HOST, HEADROOM_SESSIONS_OF_HOST, source->host, PLAN_SESSIONS_MAX,
		 REFUSE_SESSION_LIMIT, "host"},
	};
	int64_t count;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind != HEADROOM_NONE &&
		    headroom_take(&control->headroom, rows[i].kind, rows[i].key))
			continue;
		r = store_count_sessions(control->store, rows[i].selection, rows[i].key, &count);
		if (r < 0)
			return r;
		if (count >= rows[i].limit)
			return refuse(why, (int)rows[i].code,
				      "The %s '%s' has %lld traffic mirror sessions, and may have "
				      "%u",
				      rows[i].whose, rows[i].key, (long long)count, rows[i].limit);
		if (rows[i].kind != HEADROOM_NONE)
			headroom_note(&control->headroom, rows[i].kind, rows[i].key,
				      (int64_t)rows[i].limit - count - 1);
	}
	return 0;
}

int session_pick_vni(struct control *control, const char *owner, uint32_t *ret_vni,
		     struct refusal *why)
{
	for (int i = 0; i < VNI_ATTEMPTS; i++) {
		uint32_t vni = (uint32_t)(random_number() & VNI_MAX);
		int64_t users;
		int r = store_count_vni(control->store, owner, vni, &users);

		if (r < 0)
			return r;
		if (users > 0 || vni == *ret_vni)
			continue;
		*ret_vni = vni;
		return 0;
	}
	return refuse(why, REFUSE_UNAVAILABLE, "No virtual network id is free");
}
