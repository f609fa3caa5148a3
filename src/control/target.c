// SPDX-License-Identifier: Apache-2.0
#include "control/target.h"

#include "base/count.h"
#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/once.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "mirror/balancer.h"
#include "mirror/endpoint.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/share.h"
#include "store/store.h"
#include "store/tag.h"
#include "store/target.h"

#include <string.h>

static int target_make(struct transaction *transaction, const struct caller *caller,
		       const void *argument, const struct resource_id *id, struct refusal *why);
static int locator_take(struct control *control, const struct caller *caller,
			const struct target_wish *wish, struct target *target, struct refusal *why);
static int interface_check(struct control *control, const struct caller *caller,
			   const char *interface, struct refusal *why);
static int balancer_check(struct control *control, const struct caller *caller, const char *arn,
			  struct refusal *why);
static int endpoint_check(struct control *control, const struct caller *caller, const char *id,
			  struct refusal *why);
static int free_check(struct control *control, const struct target *target, enum refusal_code taken,
		      struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int record_load(struct control *control, const struct caller *caller, const char *id,
		       struct target_record *ret_record, struct refusal *why);

static int targets_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int targets_next(struct describe *describe, struct cursor *cursor, void *record);
static int targets_find(struct describe *describe, const char *id, void *record,
			struct refusal *why);
static int targets_complete(struct describe *describe, void *record);
static void targets_fini(void *record);
static void targets_key(const void *record, struct text *ret_key);
static const struct tags *targets_tags(const void *record);
static void offer_description(const void *record, struct match *match);
static void offer_interface(const void *record, struct match *match);
static void offer_load_balancer(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);
static void offer_id(const void *record, struct match *match);

static const struct field fields[] = {
	{"description", offer_description},
	{"network-interface-id", offer_interface},
	{"network-load-balancer-arn", offer_load_balancer},
	{"owner-id", offer_owner},
	{"traffic-mirror-target-id", offer_id},
};

static const struct noun targets = {
	.name = "targets",
	.record_size = sizeof(struct target_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = targets_select,
	.next = targets_next,
	.find = targets_find,
	.complete = targets_complete,
	.fini = targets_fini,
	.key = targets_key,
	.tags = targets_tags,
};

void target_record_fini(struct target_record *record)
{
	tags_fini(&record->tags);
}

DEFINE_PAGE_FINI(struct target_page, target_page_fini, target_record_fini)

int control_create_target(struct control *control, const struct caller *caller,
			  const struct target_wish *wish, struct target_record *ret_target,
			  struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateTrafficMirrorTarget",
		.kind = RESOURCE_TARGET,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = target_make,
		.wish = wish,
	};
	_cleanup_(target_record_fini) struct target_record record = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r == 0)
		r = record_load(control, caller, id.text, &record, why);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	*ret_target = record;
	record = (struct target_record){};
	return 0;
}

int control_delete_target(struct control *control, const struct caller *caller, const char *id,
			  struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct target target;
	int64_t sessions, selectors;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_target(control, caller, id, &target, why);
	if (r == 0)
		r = store_count_sessions(control->store, SESSIONS_OF_TARGET, id, &sessions);
	if (r != 0)
		return r;
	if (sessions > 0)
		return refuse(why, REFUSE_TARGET_IN_USE,
			      "The traffic mirror target '%s' is in use by %lld session(s)", id,
			      (long long)sessions);
	r = store_count_selectors(control->store, SELECTORS_OF_TARGET, id, &selectors);
	if (r == 0 && selectors > 0)
		return refuse(why, REFUSE_TARGET_IN_USE,
			      "The traffic mirror target '%s' is in use by %lld selector(s)", id,
			      (long long)selectors);
	if (r == 0)
		r = store_delete_target(control->store, id);
	return r < 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_describe_targets(struct control *control, const struct caller *caller,
			     const struct query *query, struct target_page *ret_page,
			     struct refusal *why)
{
	struct describe describe = {control, caller, &targets, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int target_make(struct transaction *transaction, const struct caller *caller,
		       const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct target_wish *wish = argument;
	struct control *control = transaction->control;
	struct target target = {
		.id = *id,
		.owner = caller->account,
		.created = control_now(control),
	};
	int r;

	r = description_take(wish->description, target.description, why);
	if (r == 0)
		r = locator_take(control, caller, wish, &target, why);
	if (r == 0)
		r = limit_check(control, caller, why);
	if (r == 0)
		r = store_add_target(control->store, &target);
	return r;
}

static int locator_take(struct control *control, const struct caller *caller,
			const struct target_wish *wish, struct target *target, struct refusal *why)
{
	const struct {
		const char *locator;
		enum target_type type;
		int (*check)(struct control *control, const struct caller *caller,
			     const char *locator, struct refusal *why);
		enum refusal_code taken; /* By another target. */
	} rows[] = {
		{wish->interface, TARGET_NETWORK_INTERFACE, interface_check,
		 REFUSE_INTERFACE_IS_TARGET},
		{wish->load_balancer, TARGET_NETWORK_LOAD_BALANCER, balancer_check,
		 REFUSE_BALANCER_IS_TARGET},
		{wish->endpoint, TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT, endpoint_check,
		 REFUSE_ENDPOINT_IS_TARGET},
	};
	const int given = !!wish->interface + !!wish->load_balancer + !!wish->endpoint;
	size_t i = 0;
	int r;

	if (given == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain one of the parameters NetworkInterfaceId, "
			      "NetworkLoadBalancerArn and GatewayLoadBalancerEndpointId");
	if (given > 1)
		return refuse(
			why, REFUSE_PARAMETER_COMBINATION,
			"Only one of the parameters NetworkInterfaceId, "
			"NetworkLoadBalancerArn and GatewayLoadBalancerEndpointId can be given");
	while (!rows[i].locator)
		i++;
	target->type = rows[i].type;
	(void)string_copy(target->locator, sizeof(target->locator), rows[i].locator);
	r = rows[i].check(control, caller, rows[i].locator, why);
	return r != 0 ? r : free_check(control, target, rows[i].taken, why);
}

/* An interface is the source of sessions or stands behind one target: copies must never be copied again. */
static int interface_check(struct control *control, const struct caller *caller,
			   const char *interface, struct refusal *why)
{
	struct source source;
	int64_t sessions;
	int r;

	r = find_source(control, caller, interface, &source, why);
	if (r == REFUSED && why->code == REFUSE_INTERFACE_NOT_FOUND)
		return refuse(why, REFUSE_TARGET_INTERFACE_NOT_FOUND,
			      "The interface ID '%.64s' does not exist", interface);
	if (r == 0 && source.type != INTERFACE_ORDINARY)
		return refuse(why, REFUSE_INTERFACE_NOT_SUPPORTED,
			      "The interface '%s' (%s) is managed by %s: name what it stands for",
			      interface, source.description, interface_type_manager(source.type));
	if (r == 0)
		r = store_count_sessions(control->store, SESSIONS_OF_SOURCE, interface, &sessions);
	if (r != 0)
		return r;
	if (sessions > 0)
		return refuse(why, REFUSE_INTERFACE_IS_SOURCE,
			      "The interface '%s' is the source of a traffic mirror session",
			      interface);
	return 0;
}

static int balancer_check(struct control *control, const struct caller *caller, const char *arn,
			  struct refusal *why)
{
	struct balancer balancer;
	int r = find_balancer(control, caller, arn, &balancer, why);

	if (r != 0 || balancer.type == BALANCER_NETWORK)
		return r;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The load balancer '%s' is of type %s: a target needs an endpoint to it", arn,
		      balancer_type_name(balancer.type));
}

static int endpoint_check(struct control *control, const struct caller *caller, const char *id,
			  struct refusal *why)
{
	struct endpoint endpoint;
	int r = find_endpoint(control, caller, id, &endpoint, why);

	if (r != 0 || endpoint.state == ENDPOINT_AVAILABLE)
		return r;
	return refuse(why, REFUSE_ENDPOINT_STATE, "The vpc endpoint '%s' is not available but %s",
		      id, endpoint_state_name(endpoint.state));
}

/* One target is enough for each, and has all its sessions. */
static int free_check(struct control *control, const struct target *target, enum refusal_code taken,
		      struct refusal *why)
{
	struct target other;
	int r = store_find_target(control->store, target->type, target->locator, &other);

	if (r == 0)
		return refuse(why, (int)taken,
			      "'%s' already is behind the traffic mirror target '%s'",
			      target->locator, other.id.text);
	return r == STORE_MISSING ? 0 : r;
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_TARGETS, &allowed);
	if (r == 0)
		r = store_count_targets(control->store, account, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_TARGET_LIMIT,
		      "The account has %lld traffic mirror targets, and may have %u",
		      (long long)count, allowed);
}

static int record_load(struct control *control, const struct caller *caller, const char *id,
		       struct target_record *ret_record, struct refusal *why)
{
	int r = find_target(control, caller, id, &ret_record->target, why);

	return r != 0 ? r : store_load_tags(control->store, id, &ret_record->tags);
}

static int targets_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const char *account = describe->caller->account.text;
	struct store *store = describe->control->store;
	bool shares = false;
	int r = store_account_shares(store, account, &shares);

	if (r < 0)
		return r;
	return shares ? store_select_usable_targets(store, account, after, ret_cursor)
		      : store_select_targets(store, account, after, ret_cursor);
}

static int targets_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_target(cursor, &((struct target_record *)record)->target);
}

static int targets_find(struct describe *describe, const char *id, void *record,
			struct refusal *why)
{
	struct target_record *found = record;

	return find_usable_target(describe->control, describe->caller, id, &found->target, why);
}

static int targets_complete(struct describe *describe, void *record)
{
	struct target_record *found = record;

	if (strcmp(found->target.owner.text, describe->caller->account.text) != 0)
		return 0; /* Tags are for their owner. */
	return store_load_tags(describe->control->store, found->target.id.text, &found->tags);
}

static void targets_fini(void *record)
{
	target_record_fini(record);
}

static void targets_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct target_record *)record)->target.id.text);
}

static const struct tags *targets_tags(const void *record)
{
	return &((const struct target_record *)record)->tags;
}

static const struct target *target_of(const void *record)
{
	return &((const struct target_record *)record)->target;
}

static void offer_description(const void *record, struct match *match)
{
	match_text(match, target_of(record)->description);
}

static void offer_interface(const void *record, struct match *match)
{
	if (target_of(record)->type == TARGET_NETWORK_INTERFACE)
		match_text(match, target_of(record)->locator);
}

static void offer_load_balancer(const void *record, struct match *match)
{
	if (target_of(record)->type == TARGET_NETWORK_LOAD_BALANCER)
		match_text(match, target_of(record)->locator);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, target_of(record)->owner.text);
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, target_of(record)->id.text);
}
