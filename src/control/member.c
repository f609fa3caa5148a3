// SPDX-License-Identifier: Apache-2.0
#include "control/member.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/find.h"
#include "control/group_record.h"
#include "control/loop.h"
#include "control/member_name.h"
#include "control/place.h"
#include "control/site.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/member.h"
#include "store/store.h"
#include "wire/geneve.h"

#include <string.h>

static int member_register(struct transaction *transaction, const struct caller *caller,
			   const struct group *group, const struct mirrored *mirrored,
			   const struct member_wish *wish, struct refusal *why);
static int zone_take(struct control *control, const struct caller *caller,
		     const struct member_wish *wish, struct member *member, struct refusal *why);
static int instance_check(struct control *control, const struct caller *caller,
			  const struct group *group, const char *id, struct refusal *why);
static int limit_check(struct control *control, const struct group *group, struct refusal *why);
static int member_deregister(struct transaction *transaction, const struct group_record *group,
			     const struct member_wish *wish, struct refusal *why);
static int id_take(const struct group *group, const char *id, struct member *member,
		   struct refusal *why);
static int address_take(const struct group *group, const char *id, struct member *member,
			struct refusal *why);

int control_register_members(struct control *control, const struct caller *caller, const char *arn,
			     const struct member_wish *wishes, size_t count, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_(mirrored_fini) struct mirrored mirrored = {};
	struct group group;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_group(control, caller, arn, &group, why);
	if (r == 0)
		r = mirrored_load(control, &group, &mirrored);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = member_register(&transaction, caller, &group, &mirrored, &wishes[i], why);
	if (r == 0)
		r = limit_check(control, &group, why);
	if (r == 0)
		r = transaction_touch_group(&transaction, arn);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_deregister_members(struct control *control, const struct caller *caller,
			       const char *arn, const struct member_wish *wishes, size_t count,
			       struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_group(control, caller, arn, &record.group, why);
	if (r == 0)
		r = group_load_balancers(control, &record);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = member_deregister(&transaction, &record, &wishes[i], why);
	if (r == 0)
		r = transaction_touch_group(&transaction, arn);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int member_name_take(const struct group *group, const struct member_wish *wish,
		     struct member *ret_member, struct refusal *why)
{
	struct member member = {.group = group->arn};
	int64_t port = group->port;
	int r = 0;

	if (wish->port.set)
		r = number_take(&wish->port, "Port", 1, UINT16_MAX, &port, why);
	if (r == 0 && group->protocol == GROUP_GENEVE && port != GENEVE_PORT)
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "Port '%lld' is not valid for targets of a target group with protocol "
			   "'GENEVE', which have port %d",
			   (long long)port, GENEVE_PORT);
	if (r == 0)
		r = id_take(group, wish->id, &member, why);
	if (r != 0)
		return r;
	member.port = (uint16_t)port;
	*ret_member = member;
	return 0;
}

static int member_register(struct transaction *transaction, const struct caller *caller,
			   const struct group *group, const struct mirrored *mirrored,
			   const struct member_wish *wish, struct refusal *why)
{
	struct control *control = transaction->control;
	struct member member, before;
	int64_t weight = 1;
	int r;

	r = member_name_take(group, wish, &member, why);
	if (r == 0)
		r = zone_take(control, caller, wish, &member, why);
	if (r == 0)
		r = instance_check(control, caller, group, member.id, why);
	if (r == 0)
		r = loop_check_member(control, mirrored, group, member.id, why);
	if (r == 0 && wish->weight.set)
		r = number_take(&wish->weight, "Extension.Weight", 1, FLEET_WEIGHT_MAX, &weight,
				why);
	if (r != 0)
		return r;
	member.registered = control_now(control);
	r = store_get_member(control->store, member.group.text, member.id, member.port, &before);
	if (r == 0) {
		member.registered = before.registered;
		weight = wish->weight.set ? weight : before.weight;
	}
	if (r < 0)
		return r;
	member.weight = (uint32_t)weight;
	return store_put_member(control->store, &member);
}

static int zone_take(struct control *control, const struct caller *caller,
		     const struct member_wish *wish, struct member *member, struct refusal *why)
{
	const struct site site = control_get_site(control, caller);

	member->any_zone = wish->zone && strcmp(wish->zone, "all") == 0;
	if (!wish->zone || member->any_zone || strcmp(wish->zone, site.zone) == 0)
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Availability Zone '%.64s' of target '%s' is neither '%s', the only one, nor "
		      "'all'",
		      wish->zone, wish->id, site.zone);
}

static int instance_check(struct control *control, const struct caller *caller,
			  const struct group *group, const char *id, struct refusal *why)
{
	struct stored_instance instance;
	struct refusal detail = {};
	int r;

	if (group->type != GROUP_OF_INSTANCES)
		return 0;
	r = find_instance(control, caller, id, &instance, &detail);
	if (r == REFUSED)
		return refuse(why, REFUSE_MEMBER_INVALID, "Instance ID '%s' is not valid", id);
	return r < 0 ? r : place_check(control, id, group->family, why);
}

/* After they were added: a member that was there already takes no more room. */
static int limit_check(struct control *control, const struct group *group, struct refusal *why)
{
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, group->owner.text, QUOTA_MEMBERS_PER_GROUP, &allowed);
	if (r == 0)
		r = store_count_members(control->store, group->arn.text, &count);
	if (r < 0 || count <= allowed)
		return r;
	return refuse(why, REFUSE_MEMBER_LIMIT,
		      "The target group '%s' would have %lld targets, and may have %u",
		      group->arn.text, (long long)count, allowed);
}

/* There is nothing to drain where nothing was sent. */
static int member_deregister(struct transaction *transaction, const struct group_record *record,
			     const struct member_wish *wish, struct refusal *why)
{
	struct store *store = transaction->control->store;
	const struct group *group = &record->group;
	const bool flows_stay = group_get_delay(group) > 0 || !group_ends_flows(group);
	struct member member;
	int r;

	r = member_name_take(group, wish, &member, why);
	if (r == 0)
		r = store_get_member(store, group->arn.text, member.id, member.port, &member);
	if (r != 0 || member.drained != 0)
		return r == STORE_MISSING ? 0 : r;
	if (record->balancer_count == 0 || !flows_stay) {
		r = store_delete_member(store, group->arn.text, member.id, member.port);
		return r;
	}
	member.drained = control_now(transaction->control) + (int64_t)group_get_delay(group) * 1000;
	return store_put_member(store, &member);
}

static int id_take(const struct group *group, const char *id, struct member *member,
		   struct refusal *why)
{
	struct resource_id parsed;

	if (group->type == GROUP_OF_ADDRESSES)
		return address_take(group, id, member, why);
	if (resource_id_parse(RESOURCE_INSTANCE, id, &parsed)) {
		(void)string_copy(member->id, sizeof(member->id), parsed.text);
		return 0;
	}
	return refuse(why, REFUSE_MEMBER_INVALID, "Instance ID '%.64s' is not valid", id);
}

static int address_take(const struct group *group, const char *id, struct member *member,
			struct refusal *why)
{
	struct address address;

	if (!address_parse(id, &address))
		return refuse(why, REFUSE_MEMBER_INVALID,
			      "The IP address '%.64s' is not a valid IP "
			      "address",
			      id);
	if (address.family != group->family)
		return refuse(why, REFUSE_MEMBER_INVALID,
			      "The IP address '%.64s' is not a valid IPv%u address, as the target "
			      "group has them",
			      id, group->family);
	if (!member_address_valid(&address))
		return refuse(why, REFUSE_MEMBER_INVALID,
			      "The IP address '%.64s' is not an address that copies can be sent to",
			      id);
	address_format(&address, member->id);
	return 0;
}
