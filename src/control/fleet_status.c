// SPDX-License-Identifier: Apache-2.0
#include "control/fleet_status.h"

#include "base/array.h"
#include "base/text.h"
#include "control/state.h"
#include "store/group.h"
#include "store/health.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct fleet_status *find(const struct fleet_statuses *statuses, const char *group,
				       const char *host);
static int judge(struct control *control, struct fleet_status *status);
static int health_judge(struct store *store, const struct group *group,
			struct fleet_status *status);

void fleet_statuses_fini(struct fleet_statuses *statuses)
{
	free(statuses->items);
	*statuses = (struct fleet_statuses){};
}

int fleet_statuses_ask(struct fleet_statuses *statuses, struct control *control, const char *group,
		       const char *host, const struct fleet_status **ret_status)
{
	const struct fleet_status *known = find(statuses, group, host);
	struct fleet_status status = {};
	int r = 0;

	if (!known) {
		(void)string_copy(status.group, sizeof(status.group), group);
		(void)string_copy(status.host, sizeof(status.host), host);
		r = judge(control, &status);
		if (r == 0)
			r = array_append(statuses, items, count, capacity, status);
	}
	if (r == 0)
		*ret_status = known ? known : &statuses->items[statuses->count - 1];
	return r;
}

void fleet_status_explain(const struct fleet_status *status, struct resolution *resolution)
{
	const struct resolution_name name =
		resolution_name(resolution, &status->owner, "target group", status->group);
	const size_t size = sizeof(resolution->lack);

	switch (status->lack) {
	case FLEET_LACKS_NOTHING:
		break;
	case FLEET_LACKS_MEMBERS:
		(void)snprintf(resolution->lack, size, "The %s has no targets", name.text);
		break;
	case FLEET_LACKS_ADDRESSES:
		(void)snprintf(resolution->lack, size, "No target of the %s has an IPv%u address",
			       name.text, status->family);
		break;
	case FLEET_LACKS_REGISTERED:
		(void)snprintf(resolution->lack, size,
			       "All targets of the %s are being deregistered", name.text);
		break;
	}
}

static const struct fleet_status *find(const struct fleet_statuses *statuses, const char *group,
				       const char *host)
{
	for (size_t i = 0; i < statuses->count; i++)
		if (strcmp(statuses->items[i].host, host) == 0 &&
		    strcmp(statuses->items[i].group, group) == 0)
			return &statuses->items[i];
	return NULL;
}

static int judge(struct control *control, struct fleet_status *status)
{
	struct group group;
	int r = store_get_group(control->store, status->group, &group);

	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	status->owner = group.owner;
	status->family = group.family;
	r = fleet_find_lack(control, &group, &status->lack);
	return r < 0 ? r : health_judge(control->store, &group, status);
}

/* As the shipper sees it: with fewer healthy than wanted copies go to all.  That some are yet to be found out about is no
 * reason for alarm. */
static int health_judge(struct store *store, const struct group *group, struct fleet_status *status)
{
	int64_t counts[MEMBER_UNHEALTHY + 1], all, healthy;
	struct fleet fleet = {};
	int r = store_count_health(store, status->host, group->arn.text, counts);

	if (r < 0 || counts[MEMBER_UNHEALTHY] == 0)
		return r;
	group_fill_fleet(group, &fleet);
	healthy = counts[MEMBER_HEALTHY];
	all = healthy + counts[MEMBER_INITIAL] + counts[MEMBER_UNHEALTHY];
	if (healthy == 0)
		(void)string_copy(
			status->health, sizeof(status->health),
			"No target behind the load balancer is healthy: copies go to all of them");
	else if (healthy < fleet.healthy_count || healthy * 100 < fleet.healthy_percent * all)
		(void)snprintf(status->health, sizeof(status->health),
			       "Only %lld of %lld targets behind the load balancer are healthy, "
			       "fewer than the target group wants: copies go to all of them",
			       (long long)healthy, (long long)all);
	return 0;
}
