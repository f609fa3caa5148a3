// SPDX-License-Identifier: Apache-2.0
#include "control/session_check.h"

#include "base/count.h"
#include "base/random.h"
#include "control/allowance.h"
#include "control/find.h"
#include "control/loop.h"
#include "control/state.h"
#include "mirror/filter.h"
#include "mirror/plan.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"

/* How often a random VNI may be found taken before the account is considered out of them. */
#define VNI_ATTEMPTS 256

/* One count of sessions that one more can exceed. */
struct session_limit {
	enum session_selection selection;
	enum headroom_kind kind; /* HEADROOM_NONE: few, and counted. */
	const char *key;
	enum quota quota; /* QUOTA_COUNT: none; a plan holds no more. */
	enum refusal_code code;
	const char *whose;
};

static int limit_check(struct control *control, const char *owner,
		       const struct session_limit *limit, struct refusal *why);

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
	return r < 0 ? r : loop_check_source(control, ret_source, why);
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

/* By the quota of the target's owner, who is another if it is shared. */
int session_check_target(struct control *control, const struct session *session,
			 struct refusal *why)
{
	const char *id = session->target.text;
	struct target target;
	uint32_t allowed;
	int64_t others;
	int r;

	if (headroom_take(&control->headroom, HEADROOM_SOURCES_OF_TARGET, id))
		return 0;
	r = store_get_target(control->store, id, &target);
	if (r == STORE_MISSING)
		return refuse_missing(RESOURCE_TARGET, id, why);
	if (r == 0 && target.type != TARGET_NETWORK_INTERFACE)
		return 0; /* Behind a load balancer there may be any number of appliances. */
	if (r == 0)
		r = allowance_get(control, target.owner.text, QUOTA_SOURCES_PER_TARGET, &allowed);
	if (r == 0)
		r = store_count_sources_of_target(control->store, id, session->source.text,
						  &others);
	if (r < 0)
		return r;
	if (others >= allowed)
		return refuse(why, REFUSE_SOURCES_PER_TARGET_LIMIT,
			      "The traffic mirror target '%s' has %lld sources, and may have %u",
			      id, (long long)others, allowed);
	headroom_note(&control->headroom, HEADROOM_SOURCES_OF_TARGET, id,
		      (int64_t)allowed - others - 1);
	return 0;
}

int session_check_limits(struct control *control, const struct session *session,
			 const struct source *source, struct refusal *why)
{
	const char *owner = session->owner.text;
	const struct session_limit rows[] = {
		{SESSIONS_OF_SOURCE, HEADROOM_NONE, source->id.text, QUOTA_SESSIONS_PER_SOURCE,
		 REFUSE_SESSIONS_PER_SOURCE_LIMIT, "interface"},
		{SESSIONS_OF_OWNER, HEADROOM_SESSIONS_OF_OWNER, owner, QUOTA_SESSIONS,
		 REFUSE_SESSION_LIMIT, "account"},
		{SESSIONS_OF_HOST, HEADROOM_SESSIONS_OF_HOST, source->host, QUOTA_COUNT,
		 REFUSE_SESSIONS_PER_HOST_LIMIT, "host"},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = limit_check(control, owner, &rows[i], why);
	return r;
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

static int limit_check(struct control *control, const char *owner,
		       const struct session_limit *limit, struct refusal *why)
{
	uint32_t allowed = PLAN_SESSIONS_MAX;
	int64_t count;
	int r = 0;

	if (limit->kind != HEADROOM_NONE &&
	    headroom_take(&control->headroom, limit->kind, limit->key))
		return 0;
	if (limit->quota != QUOTA_COUNT)
		r = allowance_get(control, owner, limit->quota, &allowed);
	if (r == 0)
		r = store_count_sessions(control->store, limit->selection, limit->key, &count);
	if (r < 0)
		return r;
	if (count >= allowed)
		return refuse(why, (int)limit->code,
			      "The %s '%s' has %lld traffic mirror sessions, and may have %u",
			      limit->whose, limit->key, (long long)count, allowed);
	if (limit->kind != HEADROOM_NONE)
		headroom_note(&control->headroom, limit->kind, limit->key,
			      (int64_t)allowed - count - 1);
	return 0;
}
