// SPDX-License-Identifier: Apache-2.0
#include "agent/appliances.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"

#include <string.h>

struct fleet_list {
	const struct fleet **items;
	size_t count, capacity;
};

/* A report, and what became of adding to it. */
struct roll_call {
	struct report *report;
	int error;
};

static int list_fleets(const struct plan *plan, struct fleet_list *ret_fleets);
static void log_change(void *context, const struct health_opinion *opinion);
static void report_member(void *context, const struct health_opinion *opinion);

int appliances_check(struct health *health, const struct plan *plan)
{
	struct fleet_list fleets = {};
	int r = list_fleets(plan, &fleets);

	if (r == 0)
		r = health_set_fleets(health, fleets.items, fleets.count);
	free(fleets.items);
	return r;
}

bool appliances_take_news(struct health *health)
{
	int r = health_take_news(health, log_change, NULL);

	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot check appliances: %s", strerror(-r));
	return r > 0;
}

int appliances_report(struct health *health, struct report *report)
{
	struct roll_call call = {report};

	health_visit(health, report_member, &call);
	return call.error;
}

/* Those that a session sends to, in the plan's order.  Sessions may end before the plan does. */
static int list_fleets(const struct plan *plan, struct fleet_list *ret_fleets)
{
	_cleanup_free_ bool *used = calloc(plan->fleet_count + 1, sizeof(*used));
	int r = used ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < plan->session_count; i++) {
		const struct fleet *fleet = plan_find_fleet(plan, plan->sessions[i].fleet);

		if (fleet)
			used[fleet - plan->fleets] = true;
	}
	for (size_t i = 0; r == 0 && i < plan->fleet_count; i++)
		if (used[i])
			r = array_append(ret_fleets, items, count, capacity, &plan->fleets[i]);
	return r;
}

static void log_change(void *context, const struct health_opinion *opinion)
{
	const struct fleet_member *member = opinion->member;

	(void)context;
	if (opinion->state == MEMBER_UNHEALTHY)
		log_warning("appliance %s port %u of %s is unhealthy: %s", member->id, member->port,
			    opinion->fleet, member_reason_name(opinion->reason));
	else
		log_info("appliance %s port %u of %s is %s", member->id, member->port,
			 opinion->fleet, member_state_name(opinion->state));
}

static void report_member(void *context, const struct health_opinion *opinion)
{
	struct roll_call *call = context;
	struct report_member entry = {
		.port = opinion->member->port,
		.state = opinion->state,
		.reason = opinion->reason,
	};

	(void)string_copy(entry.fleet, sizeof(entry.fleet), opinion->fleet);
	(void)string_copy(entry.id, sizeof(entry.id), opinion->member->id);
	if (call->error == 0)
		call->error =
			array_append(call->report, members, member_count, member_capacity, entry);
}
