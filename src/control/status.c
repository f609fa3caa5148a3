// SPDX-License-Identifier: Apache-2.0
/* The state of a session is the first of a list of checks that says something is wrong. */
#include "control/status.h"

#include "base/count.h"
#include "base/text.h"
#include "control/find.h"
#include "control/fleet_status.h"
#include "control/resolve.h"
#include "control/session_fields.h"
#include "control/state.h"
#include "mirror/session.h"
#include "store/counters.h"
#include "store/filter.h"
#include "store/host.h"
#include "store/revoked_key.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the checks look at, read out of the store once. */
struct surroundings {
	struct source source;
	struct stored_host host;
	struct resolution resolution;
	char health[160]; /* What is amiss with the members of its fleet, by the host's word. */
	bool takes;       /* The filter accepts anything at all. */
	bool paused;      /* By its owner. */
	bool revoked;     /* The host has no key any more. */
	bool applied;     /* The host does what the newest plan says. */
	bool reported, active;
	char reason[96];
	int64_t now;
};

/* A status as the engine sees it: behind its session, so that the session's fields can be asked for. */
struct status_row {
	struct session session;
	struct session_status public;
};

/* What is asked for, and what was found of fleets meanwhile. */
struct status_describe {
	struct describe describe;
	struct fleet_statuses fleets;
};

static int sessions_next(struct describe *describe, struct cursor *cursor, void *record);
static int sessions_find(struct describe *describe, const char *id, void *record,
			 struct refusal *why);
static int sessions_complete(struct describe *describe, void *record);
static void sessions_key(const void *record, struct text *ret_key);
static void offer_state(const void *record, struct match *match);
static int surroundings_read(struct status_describe *asked, const struct session *session,
			     struct surroundings *around);
static int fleet_read(struct status_describe *asked, struct surroundings *around);
static int filter_read(struct control *control, const char *id, bool *ret_takes);
static void state_judge(const struct surroundings *around, struct session_status *status);

static const char *const state_names[SESSION_STATE_COUNT] = {
	[SESSION_NO_AGENT] = "no-agent",
	[SESSION_PAUSED] = "paused",
	[SESSION_SOURCE_DETACHED] = "source-detached",
	[SESSION_TARGET_UNREACHABLE] = "target-unreachable",
	[SESSION_FILTER_EMPTY] = "filter-empty",
	[SESSION_PENDING] = "pending",
	[SESSION_FAILED] = "failed",
	[SESSION_OVERTAKEN] = "overtaken",
	[SESSION_UNHEALTHY] = "targets-unhealthy",
	[SESSION_ACTIVE] = "active",
};

static const struct field fields[] = {
	SESSION_FIELDS,
	{"state", offer_state, .late = true},
};

static const struct noun statuses = {
	.name = "session-status",
	.record_size = sizeof(struct status_row),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = sessions_select,
	.next = sessions_next,
	.find = sessions_find,
	.complete = sessions_complete,
	.key = sessions_key,
};

_Static_assert(offsetof(struct status_row, session) == 0, "session_fields reads it");
_Static_assert(offsetof(struct status_describe, describe) == 0, "callbacks are given it");

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

void session_status_page_fini(struct session_status_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct session_status_page){};
}

int control_describe_session_status(struct control *control, const struct caller *caller,
				    const struct query *query, struct session_status_page *ret_page,
				    struct refusal *why)
{
	struct status_describe asked = {.describe = {control, caller, &statuses, query}};
	_cleanup_free_ struct status_row *rows = NULL;
	struct session_status *items;
	struct page page;
	int r;

	r = describe_run(&asked.describe, &page, why);
	fleet_statuses_fini(&asked.fleets);
	if (r != 0)
		return r;
	rows = page.items;
	items = calloc(page.count + 1, sizeof(*items));
	if (!items) {
		free(page.next_token);
		return -ENOMEM;
	}
	for (size_t i = 0; i < page.count; i++)
		items[i] = rows[i].public;
	*ret_page =
		(struct session_status_page){items, page.count, page.count + 1, page.next_token};
	return 0;
}

static int sessions_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_session(cursor, &((struct status_row *)record)->session);
}

static int sessions_find(struct describe *describe, const char *id, void *record,
			 struct refusal *why)
{
	struct status_row *row = record;

	return find_visible_session(describe->control, describe->caller, id, &row->session, why);
}

static int sessions_complete(struct describe *describe, void *record)
{
	struct status_row *row = record;
	struct session_status *status = &row->public;
	struct surroundings around = {};
	int r;

	r = surroundings_read((struct status_describe *)describe, &row->session, &around);
	if (r < 0)
		return r;
	status->session = row->session.id;
	status->source = row->session.source;
	memcpy(status->host, around.source.host, sizeof(status->host));
	memcpy(status->device, around.source.device, sizeof(status->device));
	state_judge(&around, status);
	return store_sum_counters(describe->control->store, status->session.text,
				  &status->counters);
}

static void sessions_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct status_row *)record)->session.id.text);
}

static void offer_state(const void *record, struct match *match)
{
	match_text(match, session_state_name(((const struct status_row *)record)->public.state));
}

static int surroundings_read(struct status_describe *asked, const struct session *session,
			     struct surroundings *around)
{
	struct control *control = asked->describe.control;
	struct store *store = control->store;
	struct revoked_key revoked;
	int r;

	around->now = control_now(control);
	around->paused = session->options.paused;
	r = store_get_source(store, session->source.text, &around->source);
	if (r == 0)
		r = store_get_host(store, around->source.host, &around->host);
	if (r == 0)
		r = session_resolve(control, session->target.text, &session->options,
				    asked->describe.caller->account.text, &around->resolution);
	if (r == 0 && around->resolution.group[0] != '\0')
		r = fleet_read(asked, around);
	if (r == 0)
		r = filter_read(control, session->filter.text, &around->takes);
	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	r = store_get_revoked_key(store, around->host.access_key, &revoked);
	around->revoked = r == 0;
	if (r < 0)
		return r;
	around->applied = around->host.applied_revision == around->host.plan_revision;
	r = store_get_session_report(store, session->id.text, &around->active, around->reason);
	around->reported = r == 0;
	return r < 0 ? r : 0;
}

/* What stands behind the load balancer, and how it does as the source's host sees it. */
static int fleet_read(struct status_describe *asked, struct surroundings *around)
{
	struct resolution *resolution = &around->resolution;
	const struct fleet_status *fleet;
	int r = fleet_statuses_ask(&asked->fleets, asked->describe.control, resolution->group,
				   around->host.name, &fleet);

	if (r < 0)
		return r;
	fleet_status_explain(fleet, resolution);
	memcpy(around->health, fleet->health, sizeof(around->health));
	return 0;
}

static int filter_read(struct control *control, const char *id, bool *ret_takes)
{
	struct filter filter;
	bool accepts = false;
	int r;

	r = store_get_filter(control->store, id, &filter);
	if (r == 0)
		r = store_filter_accepts(control->store, id, &accepts);
	if (r == 0)
		*ret_takes = accepts || filter.services != 0;
	return r;
}

static void state_judge(const struct surroundings *around, struct session_status *status)
{
	const struct {
		bool applies;
		enum session_state state;
		const char *reason;
	} rows[] = {
		{around->revoked, SESSION_NO_AGENT,
		 "The key of the source's host was taken back, so its agent mirrors nothing"},
		{around->now - around->host.last_report > HOST_SILENCE_MILLISECONDS,
		 SESSION_NO_AGENT, "The agent of the source's host has not reported for a minute"},
		{around->paused && around->applied, SESSION_PAUSED,
		 "The session is paused and copies nothing until it is resumed"},
		{!around->source.attached, SESSION_SOURCE_DETACHED,
		 "The source's device is gone from its host"},
		{around->resolution.lack[0] != '\0', SESSION_TARGET_UNREACHABLE,
		 around->resolution.lack},
		{!around->takes, SESSION_FILTER_EMPTY,
		 "The filter has no accepting rule and no network service"},
		{!around->reported || !around->applied, SESSION_PENDING,
		 "The host has not reported the newest plan as applied yet"},
		{!around->active, SESSION_FAILED,
		 around->reason[0] ? around->reason : "The agent cannot watch the device"},
		{around->reason[0] != '\0', SESSION_OVERTAKEN, around->reason},
		{around->health[0] != '\0', SESSION_UNHEALTHY, around->health},
		{true, SESSION_ACTIVE, ""},
	};
	size_t i = 0;

	while (!rows[i].applies)
		i++;
	status->state = rows[i].state;
	(void)snprintf(status->reason, sizeof(status->reason), "%s", rows[i].reason);
}
