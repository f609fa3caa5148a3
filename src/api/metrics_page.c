// SPDX-License-Identifier: Apache-2.0
/* The page that Prometheus reads; metrics.h tells of its door.
 *
 * What is asked of control is asked in pages, account by account, and the door's lock is let go between them; so a page of ten
 * thousand sessions holds no request up for long. */
#include "api/metrics.h"
#include "api/visit.h"

#include "base/array.h"
#include "base/count.h"
#include "base/exposition.h"
#include "control/account.h"
#include "control/status.h"
#include "mirror/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 1000 /* That are told one by one. */

/* What lies in the store, gathered. */
struct world {
	struct account_id *accounts;
	size_t account_count, account_capacity;
	struct account_tally {
		uint64_t states[SESSION_STATE_COUNT];
		uint64_t hosts[2];           /* Silent ones, and connected ones. */
	} * tallies;                         /* One per account. */
	struct session_status_page sessions; /* METRICS_SESSIONS_DEFAULT at most. */
	struct session_counters others;
	uint64_t other_count;
	struct host_status_page hosts; /* HOSTS_MAX at most. */
};

typedef int gatherer(struct api *api, const struct caller *caller, const char *token,
		     struct world *world, struct account_tally *tally, char **ret_token);

static void world_fini(struct world *world);
static int world_gather(struct api *api, struct world *world);
static gatherer gather_sessions, gather_hosts;
static int gather_accounts(struct api *api, struct world *world);
static int gather_all(struct api *api, const struct caller *caller, gatherer *gather,
		      struct world *world, struct account_tally *tally);
static void put_controller(struct text *text);
static void put_states(struct text *text, const struct world *world);
static int put_sessions(struct text *text, const struct world *world);
static void put_hosts(struct text *text, const struct world *world);

int api_write_metrics(void *context, struct text *ret_body)
{
	_cleanup_(world_fini) struct world world = {};
	struct api *api = context;
	int r = world_gather(api, &world);

	if (r < 0)
		return r;
	put_controller(ret_body);
	metrics_put_requests(api->metrics, ret_body);
	put_states(ret_body, &world);
	put_hosts(ret_body, &world);
	r = put_sessions(ret_body, &world);
	exposition_put_process(ret_body);
	return r;
}

static void world_fini(struct world *world)
{
	free(world->accounts);
	free(world->tallies);
	session_status_page_fini(&world->sessions);
	host_status_page_fini(&world->hosts);
}

static int world_gather(struct api *api, struct world *world)
{
	int r = gather_accounts(api, world);

	if (r < 0)
		return r;
	world->tallies = calloc(world->account_count + 1, sizeof(*world->tallies));
	if (!world->tallies)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < world->account_count; i++) {
		const struct caller caller = {.account = world->accounts[i]};

		r = gather_all(api, &caller, gather_sessions, world, &world->tallies[i]);
		if (r == 0)
			r = gather_all(api, &caller, gather_hosts, world, &world->tallies[i]);
	}
	return r;
}

/* The service's own account sees all of them. */
static int gather_accounts(struct api *api, struct world *world)
{
	const struct caller caller = {.account = *control_get_account(api->options.control)};
	_cleanup_free_ char *token = NULL;
	int r;

	do {
		_cleanup_(account_page_fini) struct account_page page = {};
		const struct query query = {.next_token = token};
		struct refusal why = {};

		r = api_enter(api);
		if (r == 0)
			r = control_describe_accounts(api->options.control, &caller, &query, &page,
						      &why);
		api_leave(api);
		for (size_t i = 0; r == 0 && i < page.count; i++) {
			void *items = world->accounts;

			r = array_reserve(&items, world->account_count, &world->account_capacity,
					  sizeof(*world->accounts));
			world->accounts = items;
			if (r == 0)
				world->accounts[world->account_count++] = page.items[i].id;
		}
		free(token);
		token = TAKE_PTR(page.next_token);
	} while (r == 0 && token);
	return r > 0 ? -EPROTO : r;
}

/* An account that is deleted meanwhile has nothing any more. */
static int gather_all(struct api *api, const struct caller *caller, gatherer *gather,
		      struct world *world, struct account_tally *tally)
{
	_cleanup_free_ char *token = NULL;
	char *next;
	int r;

	do {
		next = NULL;
		r = gather(api, caller, token, world, tally, &next);
		free(token);
		token = next;
	} while (r == 0 && token);
	return r > 0 ? 0 : r;
}

static int gather_sessions(struct api *api, const struct caller *caller, const char *token,
			   struct world *world, struct account_tally *tally, char **ret_token)
{
	_cleanup_(session_status_page_fini) struct session_status_page page = {};
	/* Not those of others that are seen since they send to a shared target. */
	const char *const owner[] = {caller->account.text};
	const struct query_filter filter = {"owner-id", owner, 1};
	const struct query query = {.next_token = token, .filters = &filter, .filter_count = 1};
	struct session_status_page *kept = &world->sessions;
	struct refusal why = {};
	int r;

	r = api_enter(api);
	if (r == 0)
		r = control_describe_session_status(api->options.control, caller, &query, &page,
						    &why);
	api_leave(api);
	for (size_t i = 0; r == 0 && i < page.count; i++) {
		tally->states[page.items[i].state]++;
		if (kept->count < METRICS_SESSIONS_DEFAULT) {
			r = array_append(kept, items, count, capacity, page.items[i]);
		} else {
			metrics_sum(&world->others, &page.items[i].counters);
			world->other_count++;
		}
	}
	*ret_token = TAKE_PTR(page.next_token);
	return r;
}

static int gather_hosts(struct api *api, const struct caller *caller, const char *token,
			struct world *world, struct account_tally *tally, char **ret_token)
{
	_cleanup_(host_status_page_fini) struct host_status_page page = {};
	const struct query query = {.next_token = token};
	struct host_status_page *kept = &world->hosts;
	struct refusal why = {};
	int r;

	r = api_enter(api);
	if (r == 0)
		r = control_describe_hosts(api->options.control, caller, &query, &page, &why);
	api_leave(api);
	for (size_t i = 0; r == 0 && i < page.count; i++) {
		tally->hosts[page.items[i].connected]++;
		if (kept->count < HOSTS_MAX)
			r = array_append(kept, items, count, capacity, page.items[i]);
	}
	*ret_token = TAKE_PTR(page.next_token);
	return r;
}

static void put_controller(struct text *text)
{
	static const struct metric info = {"tmirror_controller_info", "What serves the API",
					   METRIC_GAUGE};

	exposition_begin(text, &info);
	exposition_add_count(text, &info, "", &(const struct label){"version", TMIRROR_VERSION}, 1,
			     1);
}

/* A state that no session has is told too, so that an alert can be written before it happens. */
static void put_states(struct text *text, const struct world *world)
{
	static const struct metric sessions = {"tmirror_sessions", "Sessions by account and state",
					       METRIC_GAUGE};
	static const struct metric hosts = {
		"tmirror_hosts", "Hosts by account, and whether they were heard of lately",
		METRIC_GAUGE};

	exposition_begin(text, &sessions);
	for (size_t i = 0; i < world->account_count; i++)
		for (enum session_state state = 0; state < SESSION_STATE_COUNT; state++) {
			const struct label labels[] = {{"account", world->accounts[i].text},
						       {"state", session_state_name(state)}};

			exposition_add_count(text, &sessions, "", labels, ARRAY_SIZE(labels),
					     world->tallies[i].states[state]);
		}
	exposition_begin(text, &hosts);
	for (size_t i = 0; i < world->account_count; i++)
		for (size_t connected = 0; connected < 2; connected++) {
			const struct label labels[] = {{"account", world->accounts[i].text},
						       {"connected", connected ? "true" : "false"}};

			exposition_add_count(text, &hosts, "", labels, ARRAY_SIZE(labels),
					     world->tallies[i].hosts[connected]);
		}
}

static int put_sessions(struct text *text, const struct world *world)
{
	static const struct metric state = {"tmirror_session_state",
					    "The state that the session is in, with the value 1",
					    METRIC_GAUGE};
	_cleanup_free_ struct metrics_session *sessions =
		calloc(world->sessions.count + 1, sizeof(*sessions));
	size_t count = 0;

	if (!sessions)
		return -ENOMEM;
	exposition_begin(text, &state);
	for (size_t i = 0; i < world->sessions.count; i++) {
		const struct session_status *status = &world->sessions.items[i];
		const struct label labels[] = {{"session", status->session.text},
					       {"host", status->host},
					       {"device", status->device},
					       {"state", session_state_name(status->state)}};

		exposition_add_count(text, &state, "", labels, ARRAY_SIZE(labels), 1);
		sessions[count++] = (struct metrics_session){status->session.text, status->host,
							     status->device, &status->counters};
	}
	if (world->other_count > 0)
		sessions[count++] =
			(struct metrics_session){METRICS_OTHERS, "", NULL, &world->others};
	metrics_put_sessions(text, sessions, count);
	return 0;
}

static void put_hosts(struct text *text, const struct world *world)
{
	static const struct metric connected = {
		"tmirror_host_connected", "Whether the host was heard of lately", METRIC_GAUGE};
	static const struct metric reported = {
		"tmirror_host_last_report_timestamp_seconds",
		"When the host's agent reported last, since the epoch", METRIC_GAUGE};
	static const struct metric reattachments = {
		"tmirror_host_reattachments_total",
		"How often the host's agent put its program back on a device that had lost it",
		METRIC_COUNTER};

	exposition_begin(text, &connected);
	for (size_t i = 0; i < world->hosts.count; i++)
		exposition_add_count(text, &connected, "",
				     &(struct label){"host", world->hosts.items[i].name}, 1,
				     world->hosts.items[i].connected);
	exposition_begin(text, &reported);
	for (size_t i = 0; i < world->hosts.count; i++)
		exposition_add(text, &reported, "",
			       &(struct label){"host", world->hosts.items[i].name}, 1,
			       (double)world->hosts.items[i].last_report / 1000);
	exposition_begin(text, &reattachments);
	for (size_t i = 0; i < world->hosts.count; i++)
		exposition_add_count(text, &reattachments, "",
				     &(struct label){"host", world->hosts.items[i].name}, 1,
				     world->hosts.items[i].reattachments.count);
}
