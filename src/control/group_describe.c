// SPDX-License-Identifier: Apache-2.0
/* What can be asked of target groups; group.h and group_record.h declare it. */
#include "base/array.h"
#include "base/text.h"
#include "control/arn.h"
#include "control/describe.h"
#include "control/group_record.h"
#include "control/state.h"
#include "store/group.h"
#include "store/health.h"
#include "store/listener.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int groups_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int groups_next(struct describe *describe, struct cursor *cursor, void *record);
static int groups_find(struct describe *describe, const char *arn, void *record,
		       struct refusal *why);
static int groups_find_name(struct describe *describe, const char *name, void *record,
			    struct refusal *why);
static int groups_complete(struct describe *describe, void *record);
static void groups_fini(void *record);
static void groups_key(const void *record, struct text *ret_key);

#define GROUPS                                                                                   \
	.name = "target-groups", .record_size = sizeof(struct group_record), .smallest_page = 1, \
	.select = groups_select, .next = groups_next, .complete = groups_complete,               \
	.fini = groups_fini, .key = groups_key

static const struct noun groups = {GROUPS, .find = groups_find};
static const struct noun groups_by_name = {GROUPS, .find = groups_find_name};

DEFINE_PAGE_FINI(struct group_page, group_page_fini, group_record_fini)

int group_load_balancers(struct control *control, struct group_record *record)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct listener listener;
	int r;

	r = store_select_listeners(control->store, LISTENERS_OF_GROUP, record->group.arn.text, "",
				   &cursor);
	while (r >= 0 && (r = store_next_listener(cursor, &listener)) == STORE_ROW) {
		const size_t count = record->balancer_count;

		/* Those of one lie side by side. */
		if (count > 0 &&
		    strcmp(record->balancers[count - 1].text, listener.balancer.text) == 0)
			continue;
		r = array_append(record, balancers, balancer_count, balancer_capacity,
				 listener.balancer);
	}
	return r;
}

int group_complete(struct control *control, struct group_record *record)
{
	const char *arn = record->group.arn.text;
	const int64_t since = control_now(control) - OPINION_LIFE_MILLISECONDS;
	int r;

	r = group_load_balancers(control, record);
	if (r == 0)
		r = store_load_group_attributes(control->store, &record->group);
	if (r == 0)
		r = store_sum_flows(control->store, arn, since, &record->flows, &record->hosts);
	return r != 0 ? r : store_load_tags(control->store, arn, &record->tags);
}

int control_describe_groups(struct control *control, const struct caller *caller,
			    const char *balancer, const struct query *query,
			    struct group_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &groups, query, .scope = balancer};
	struct page page;
	int r = 0;

	if (balancer && query->id_count > 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "A load balancer and target groups cannot be specified together");
	if (balancer)
		r = arn_check(ARN_BALANCER, balancer, why);
	if (r == 0 && balancer)
		r = find_arn(control, caller, balancer, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int control_get_group(struct control *control, const struct caller *caller, const char *arn,
		      struct group *ret_group, struct refusal *why)
{
	return find_group(control, caller, arn, ret_group, why);
}

int control_find_groups(struct control *control, const struct caller *caller,
			const char *const *names, size_t count, struct group_page *ret_page,
			struct refusal *why)
{
	const struct query query = {.ids = names, .id_count = count};
	struct describe describe = {control, caller, &groups_by_name, &query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int groups_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	if (describe->scope)
		return store_select_groups(describe->control->store, GROUPS_OF_BALANCER,
					   describe->scope, after, ret_cursor);
	return store_select_groups(describe->control->store, GROUPS_OF_OWNER,
				   describe->caller->account.text, after, ret_cursor);
}

static int groups_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_group(cursor, &((struct group_record *)record)->group);
}

static int groups_find(struct describe *describe, const char *arn, void *record,
		       struct refusal *why)
{
	return find_group(describe->control, describe->caller, arn,
			  &((struct group_record *)record)->group, why);
}

static int groups_find_name(struct describe *describe, const char *name, void *record,
			    struct refusal *why)
{
	int r = store_find_group(describe->control->store, describe->caller->account.text, name,
				 &((struct group_record *)record)->group);

	if (r == STORE_MISSING)
		return refuse(why, REFUSE_TARGET_GROUP_NOT_FOUND,
			      "The target group '%.64s' does not exist", name);
	return r;
}

static int groups_complete(struct describe *describe, void *record)
{
	return group_complete(describe->control, record);
}

static void groups_fini(void *record)
{
	group_record_fini(record);
}

static void groups_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct group_record *)record)->group.arn.text);
}
