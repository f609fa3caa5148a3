// SPDX-License-Identifier: Apache-2.0
/* What can be asked of members: who they are, and how they do by the word of all hosts; member.h declares it. */
#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "control/arn.h"
#include "control/fleet.h"
#include "control/group_record.h"
#include "control/member_name.h"
#include "control/state.h"
#include "store/health.h"
#include "store/member.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What hosts say of members: by id, then port, as members come. */
struct opinions {
	struct stored_opinion *items;
	size_t count, capacity;
	size_t next; /* Those before are of members that have been judged. */
};

static void opinions_fini(struct opinions *opinions);
static int opinions_load(struct control *control, const char *group, const struct member *member,
			 struct opinions *opinions);
static int all_add(struct control *control, const struct group_record *group,
		   struct member_list *list);
static int named_add(struct control *control, const struct group_record *group,
		     const struct member_wish *name, struct member_list *list, struct refusal *why);
static int member_add(struct control *control, const struct group_record *group,
		      const struct member *member, struct opinions *opinions,
		      struct member_list *list);
static bool list_has(const struct member_list *list, const struct member *member);
static bool is_gone(const struct control *control, const struct member *member);
static int judge(struct control *control, const struct group_record *group,
		 const struct member *member, struct opinions *opinions,
		 struct member_health *ret_health);
static bool judge_registration(const struct group_record *group, const struct member *member,
			       struct member_health *health);
static bool judge_place(const struct group *group, const struct address *address, bool running,
			struct member_health *health);
static void judge_opinions(const struct group_record *group, const struct member *member,
			   struct opinions *opinions, struct member_health *health);
static int opinion_compare(const struct stored_opinion *opinion, const struct member *member);

enum verdict {
	VERDICT_HEALTHY,
	VERDICT_NOT_IN_USE,
	VERDICT_NOT_REGISTERED,
	VERDICT_DRAINING,
	VERDICT_STOPPED,
	VERDICT_NO_ADDRESS,
	VERDICT_UNCHECKED,
	VERDICT_NO_HOST,
	VERDICT_REGISTERING,
	VERDICT_CHECKING,
	VERDICT_FAILED,
	VERDICT_TIMEOUT,
	VERDICT_CODES,
};

/* AWS's words.  An unhealthy one's description goes on with who found it so. */
static const struct member_health verdicts[] = {
	[VERDICT_HEALTHY] = {"healthy", NULL, ""},
	[VERDICT_NOT_IN_USE] = {"unused", "Target.NotInUse",
				"Target group is not configured to receive traffic from the load "
				"balancer"},
	[VERDICT_NOT_REGISTERED] = {"unused", "Target.NotRegistered",
				    "Target is not registered to the target group"},
	[VERDICT_DRAINING] = {"draining", "Target.DeregistrationInProgress",
			      "Target deregistration is in progress"},
	[VERDICT_STOPPED] = {"unused", "Target.InvalidState", "Target is in the stopped state"},
	[VERDICT_NO_ADDRESS] = {"unused", "Target.IpUnusable",
				"Target has no address of the target group's IP address type"},
	[VERDICT_UNCHECKED] = {"unavailable", "Target.HealthCheckDisabled",
			       "Health checks are disabled for this target group"},
	[VERDICT_NO_HOST] = {"unused", "Target.NotInUse",
			     "No host mirrors to the target group at present, so nobody checks it"},
	[VERDICT_REGISTERING] = {"initial", "Elb.RegistrationInProgress",
				 "Target registration is in progress"},
	[VERDICT_CHECKING] = {"initial", "Elb.InitialHealthChecking",
			      "Initial health checks in progress"},
	[VERDICT_FAILED] = {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"},
	[VERDICT_TIMEOUT] = {"unhealthy", "Target.Timeout", "Health checks timed out"},
	[VERDICT_CODES] = {"unhealthy", "Target.ResponseCodeMismatch",
			   "Health checks were answered with other codes"},
};

void member_list_fini(struct member_list *list)
{
	free(list->items);
	*list = (struct member_list){};
}

int control_describe_members(struct control *control, const struct caller *caller, const char *arn,
			     const struct member_wish *names, size_t count,
			     struct member_list *ret_list, struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {};
	_cleanup_(member_list_fini) struct member_list list = {};
	int r;

	r = find_group(control, caller, arn, &record.group, why);
	if (r == 0)
		r = group_complete(control, &record);
	if (r == 0 && count == 0)
		r = all_add(control, &record, &list);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = named_add(control, &record, &names[i], &list, why);
	if (r != 0)
		return r;
	list.group = record.group;
	*ret_list = list;
	list = (struct member_list){};
	return 0;
}

static void opinions_fini(struct opinions *opinions)
{
	free(opinions->items);
}

/* Of one member, or of all if it is NULL. */
static int opinions_load(struct control *control, const char *group, const struct member *member,
			 struct opinions *opinions)
{
	const int64_t since = control_now(control) - OPINION_LIFE_MILLISECONDS;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_opinion opinion;
	int r;

	if (member)
		r = store_select_opinions_of(control->store, group, member->id, member->port, since,
					     &cursor);
	else
		r = store_select_opinions(control->store, group, since, &cursor);
	while (r >= 0 && (r = store_next_opinion(cursor, &opinion)) == STORE_ROW)
		r = array_append(opinions, items, count, capacity, opinion);
	return r;
}

static int all_add(struct control *control, const struct group_record *record,
		   struct member_list *list)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_(opinions_fini) struct opinions opinions = {};
	const char *arn = record->group.arn.text;
	struct member member;
	int r;

	r = opinions_load(control, arn, NULL, &opinions);
	if (r == 0)
		r = store_select_members(control->store, arn, &cursor);
	while (r >= 0 && (r = store_next_member(cursor, &member)) == STORE_ROW)
		if (!is_gone(control, &member))
			r = member_add(control, record, &member, &opinions, list);
	return r;
}

/* One that is named twice is shown once. */
static int named_add(struct control *control, const struct group_record *record,
		     const struct member_wish *name, struct member_list *list, struct refusal *why)
{
	_cleanup_(opinions_fini) struct opinions opinions = {};
	const char *arn = record->group.arn.text;
	struct member_record stranger = {.health = verdicts[VERDICT_NOT_REGISTERED]};
	struct member member;
	int r;

	r = member_name_take(&record->group, name, &stranger.member, why);
	if (r != 0 || list_has(list, &stranger.member))
		return r;
	r = store_get_member(control->store, arn, stranger.member.id, stranger.member.port,
			     &member);
	if (r == 0 && !is_gone(control, &member)) {
		r = opinions_load(control, arn, &member, &opinions);
		return r < 0 ? r : member_add(control, record, &member, &opinions, list);
	}
	if (r != 0 && r != STORE_MISSING)
		return r;
	stranger.check_port = member_check_port(&record->group, &stranger.member);
	return array_append(list, items, count, capacity, stranger);
}

static bool list_has(const struct member_list *list, const struct member *member)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].member.port == member->port &&
		    strcmp(list->items[i].member.id, member->id) == 0)
			return true;
	return false;
}

static int member_add(struct control *control, const struct group_record *record,
		      const struct member *member, struct opinions *opinions,
		      struct member_list *list)
{
	struct member_record item = {
		.member = *member,
		.check_port = member_check_port(&record->group, member),
	};
	int r = judge(control, record, member, opinions, &item.health);

	return r < 0 ? r : array_append(list, items, count, capacity, item);
}

/* Its delay is over; if it is still there, then for the sake of flows that stay with it. */
static bool is_gone(const struct control *control, const struct member *member)
{
	return member->drained != 0 && member->drained <= control_now(control);
}

static int judge(struct control *control, const struct group_record *record,
		 const struct member *member, struct opinions *opinions,
		 struct member_health *ret_health)
{
	struct address address;
	bool running;
	int r;

	if (judge_registration(record, member, ret_health))
		return 0;
	r = member_resolve(control, &record->group, member, &address, &running);
	if (r == 0 && !judge_place(&record->group, &address, running, ret_health))
		judge_opinions(record, member, opinions, ret_health);
	return r;
}

/* Whether that settles it. */
static bool judge_registration(const struct group_record *record, const struct member *member,
			       struct member_health *health)
{
	if (record->balancer_count == 0)
		*health = verdicts[VERDICT_NOT_IN_USE];
	else if (member->drained != 0)
		*health = verdicts[VERDICT_DRAINING];
	else
		return false;
	return true;
}

static bool judge_place(const struct group *group, const struct address *address, bool running,
			struct member_health *health)
{
	if (!running)
		*health = verdicts[VERDICT_STOPPED];
	else if (address->family == 0)
		*health = verdicts[VERDICT_NO_ADDRESS];
	else if (group->check.protocol == CHECK_NONE)
		*health = verdicts[VERDICT_UNCHECKED];
	else
		return false;
	return true;
}

/* One host that cannot reach it is enough; but it is healthy only if all say so. */
static void judge_opinions(const struct group_record *record, const struct member *member,
			   struct opinions *opinions, struct member_health *health)
{
	static const enum verdict by_reason[] = {
		[MEMBER_NO_REASON] = VERDICT_FAILED,
		[MEMBER_FAILED_HEALTH_CHECKS] = VERDICT_FAILED,
		[MEMBER_TIMEOUT] = VERDICT_TIMEOUT,
		[MEMBER_RESPONSE_CODE_MISMATCH] = VERDICT_CODES,
	};
	int64_t hosts[MEMBER_UNHEALTHY + 1] = {}, all, most = 0;
	enum verdict unhealthy = VERDICT_FAILED;

	for (; opinions->next < opinions->count; opinions->next++) {
		const struct stored_opinion *opinion = &opinions->items[opinions->next];
		const int order = opinion_compare(opinion, member);

		if (order > 0)
			break;
		if (order < 0)
			continue;
		hosts[opinion->state] += opinion->hosts;
		if (opinion->state != MEMBER_UNHEALTHY || opinion->hosts <= most)
			continue;
		most = opinion->hosts;
		unhealthy = by_reason[opinion->reason];
	}
	all = hosts[MEMBER_INITIAL] + hosts[MEMBER_HEALTHY] + hosts[MEMBER_UNHEALTHY];
	*health = verdicts[hosts[MEMBER_UNHEALTHY] > 0 ? unhealthy
			   : hosts[MEMBER_INITIAL] > 0 ? VERDICT_CHECKING
			   : all > 0                   ? VERDICT_HEALTHY
			   : record->hosts > 0         ? VERDICT_REGISTERING
						       : VERDICT_NO_HOST];
	if (hosts[MEMBER_UNHEALTHY] > 0 && all > 1)
		(void)snprintf(health->description, sizeof(health->description),
			       "%.80s from %lld of %lld hosts", verdicts[unhealthy].description,
			       (long long)hosts[MEMBER_UNHEALTHY], (long long)all);
}

static int opinion_compare(const struct stored_opinion *opinion, const struct member *member)
{
	const int order = strcmp(opinion->id, member->id);

	return order != 0 ? order : (int)opinion->port - (int)member->port;
}
