// SPDX-License-Identifier: Apache-2.0
#include "control/group.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/group_check.h"
#include "control/group_record.h"
#include "control/site.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/group.h"
#include "store/store.h"

#include <string.h>

static int wish_take(struct control *control, const struct caller *caller,
		     const struct group_wish *wish, struct group *ret_group, struct refusal *why);
static int words_take(const struct group_wish *wish, struct group *group, struct refusal *why);
static int vpc_check(struct control *control, const struct caller *caller, const char *vpc,
		     struct refusal *why);
static int group_add(struct transaction *transaction, const struct caller *caller,
		     const struct group_wish *wish, struct group *group, struct refusal *why);
static int same_check(struct control *control, const struct group_wish *wish,
		      const struct group *group, const struct group *found, struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int attributes_take(const struct tag *attributes, size_t count, struct group *group,
			   struct refusal *why);
static int group_answer(struct transaction *transaction, const struct caller *caller,
			const struct group *group, struct group_record *ret_group,
			struct refusal *why);

void group_record_fini(struct group_record *record)
{
	free(record->balancers);
	tags_fini(&record->tags);
	*record = (struct group_record){};
}

int control_create_group(struct control *control, const struct caller *caller,
			 const struct group_wish *wish, struct group_record *ret_group,
			 struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct group group, found;
	int r;

	r = wish_take(control, caller, wish, &group, why);
	if (r == 0)
		r = tagging_check(wish->tags, wish->tag_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r != 0)
		return r;
	r = store_find_group(control->store, caller->account.text, group.name, &found);
	if (r == STORE_MISSING) {
		r = group_add(&transaction, caller, wish, &group, why);
	} else if (r == 0) {
		r = same_check(control, wish, &group, &found, why);
		group = found;
	}
	return r != 0 ? r : group_answer(&transaction, caller, &group, ret_group, why);
}

int control_delete_group(struct control *control, const struct caller *caller, const char *arn,
			 struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_(group_record_fini) struct group_record record = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_group(control, caller, arn, &record.group, why);
	if (r == 0)
		r = group_load_balancers(control, &record);
	/* By these words Terraform waits until the listener is gone. */
	if (r == 0 && record.balancer_count > 0)
		r = refuse(why, REFUSE_RESOURCE_IN_USE,
			   "Target group '%s' is currently in use by a listener or a rule of '%s'",
			   arn, record.balancers[0].text);
	if (r == 0)
		r = store_delete_group(control->store, arn);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_modify_group(struct control *control, const struct caller *caller, const char *arn,
			 const struct check_wish *wish, struct group_record *ret_group,
			 struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct group group;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_group(control, caller, arn, &group, why);
	if (r == 0)
		r = group_check_take(wish, false, &group, why);
	if (r == 0)
		r = group_validate(&group, why);
	if (r == 0)
		r = store_put_group(control->store, &group);
	if (r == 0)
		r = transaction_touch_group(&transaction, arn);
	return r != 0 ? r : group_answer(&transaction, caller, &group, ret_group, why);
}

int control_modify_group_attributes(struct control *control, const struct caller *caller,
				    const char *arn, const struct tag *attributes, size_t count,
				    struct group_record *ret_group, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct group group;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_group(control, caller, arn, &group, why);
	if (r == 0)
		r = attributes_take(attributes, count, &group, why);
	if (r == 0 && count > 0)
		r = store_put_group(control->store, &group);
	if (r == 0 && count > 0)
		r = transaction_touch_group(&transaction, arn);
	return r != 0 ? r : group_answer(&transaction, caller, &group, ret_group, why);
}

static int wish_take(struct control *control, const struct caller *caller,
		     const struct group_wish *wish, struct group *ret_group, struct refusal *why)
{
	struct group group = {
		.owner = caller->account,
		.type = GROUP_OF_INSTANCES,
		.family = 4,
		.created = control_now(control),
	};
	int64_t port;
	int r;

	r = words_take(wish, &group, why);
	if (r == 0)
		r = vpc_check(control, caller, wish->vpc, why);
	if (r == 0)
		r = number_take(&wish->port, "Port", 1, UINT16_MAX, &port, why);
	if (r == 0) {
		group.port = (uint16_t)port;
		r = group_check_take(&wish->check, true, &group, why);
	}
	if (r == 0)
		r = group_validate(&group, why);
	if (r == 0)
		*ret_group = group;
	return r;
}

static int words_take(const struct group_wish *wish, struct group *group, struct refusal *why)
{
	int r = text_require(wish->protocol, "Protocol", why);

	if (r != 0)
		return r;
	if (!string_copy(group->name, sizeof(group->name), wish->name))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Target group name '%.64s' is longer than %d characters", wish->name,
			      GROUP_NAME_SIZE - 1);
	if (!group_protocol_parse(wish->protocol, &group->protocol))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Protocol '%.32s' is not supported: copies travel by UDP, so it is one "
			"of UDP, TCP_UDP and GENEVE",
			wish->protocol);
	if (wish->type && !group_type_parse(wish->type, &group->type))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Target type '%.32s' is not supported: it is one of instance and ip",
			      wish->type);
	if (wish->family && strcmp(wish->family, "ipv4") != 0 && strcmp(wish->family, "ipv6") != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "IP address type '%.32s' is neither ipv4 nor ipv6", wish->family);
	if (wish->family && strcmp(wish->family, "ipv6") == 0)
		group->family = 6;
	return 0;
}

static int vpc_check(struct control *control, const struct caller *caller, const char *vpc,
		     struct refusal *why)
{
	const struct site site = control_get_site(control, caller);
	int r = text_require(vpc, "VpcId", why);

	if (r == 0 && strcmp(vpc, site.vpc.text) != 0)
		r = refuse(why, REFUSE_PARAMETER_VALUE, "The VPC ID '%.64s' is not found", vpc);
	return r;
}

static int group_add(struct transaction *transaction, const struct caller *caller,
		     const struct group_wish *wish, struct group *group, struct refusal *why)
{
	struct control *control = transaction->control;
	int r;

	r = limit_check(control, caller, why);
	if (r != 0)
		return r;
	group_make_arn(group, control->region);
	r = store_put_group(control->store, group);
	return r < 0 ? r
		     : tagging_add(control, caller, group->arn.text, wish->tags, wish->tag_count,
				   why);
}

static int same_check(struct control *control, const struct group_wish *wish,
		      const struct group *group, const struct group *found, struct refusal *why)
{
	bool same = group_is_like(group, found);
	int r = 0;

	if (same)
		r = tagging_compare(control, found->arn.text, wish->tags, wish->tag_count, &same);
	if (r != 0 || same)
		return r;
	return refuse(why, REFUSE_TARGET_GROUP_NAME_TAKEN,
		      "A target group with the same name '%s' exists, but with different settings",
		      group->name);
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_TARGET_GROUPS, &allowed);
	if (r == 0)
		r = store_count_groups(control->store, account, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_TARGET_GROUP_LIMIT,
		      "The account has %lld target groups, and may have %u", (long long)count,
		      allowed);
}

static int attributes_take(const struct tag *attributes, size_t count, struct group *group,
			   struct refusal *why)
{
	enum group_attribute attribute;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcmp(attributes[i].key, attributes[j].key) == 0)
				return refuse(why, REFUSE_PARAMETER_VALUE,
					      "Target group attribute key '%.256s' is given twice",
					      attributes[i].key);
		if (!group_attribute_parse(attributes[i].key, &attribute))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Target group attribute key '%.256s' is not recognized",
				      attributes[i].key);
		r = group_set_attribute(group, attribute, attributes[i].value, why);
	}
	return r != 0 ? r : group_check_attributes(group, why);
}

static int group_answer(struct transaction *transaction, const struct caller *caller,
			const struct group *group, struct group_record *ret_group,
			struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {.group = *group};
	int r;

	r = group_complete(transaction->control, &record);
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_group = record;
	record = (struct group_record){};
	return 0;
}
