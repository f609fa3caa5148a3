// SPDX-License-Identifier: Apache-2.0
#include "control/endpoint_service.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/each.h"
#include "control/find.h"
#include "control/once.h"
#include "control/state.h"
#include "mirror/balancer.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int service_make(struct transaction *transaction, const struct caller *caller,
			const void *argument, const struct resource_id *id, struct refusal *why);
static int balancer_take(struct control *control, const struct caller *caller, const char *arn,
			 struct arn *ret_balancer, struct refusal *why);
static int balancer_change(struct control *control, const struct caller *caller,
			   const struct endpoint_service_change *change,
			   struct endpoint_service *service, struct refusal *why);
static int connections_check(struct control *control, const struct endpoint_service *service,
			     struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int record_load(struct control *control, const struct caller *caller, const char *id,
		       struct endpoint_service_record *ret_record, struct refusal *why);
static int service_delete(struct transaction *transaction, const struct caller *caller,
			  const char *id, const void *argument, struct refusal *why);

void endpoint_service_record_fini(struct endpoint_service_record *record)
{
	tags_fini(&record->tags);
}

int control_create_endpoint_service(struct control *control, const struct caller *caller,
				    const struct endpoint_service_wish *wish,
				    struct endpoint_service_record *ret_service,
				    struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateVpcEndpointServiceConfiguration",
		.kind = RESOURCE_ENDPOINT_SERVICE,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = service_make,
		.wish = wish,
	};
	_cleanup_(endpoint_service_record_fini) struct endpoint_service_record record = {};
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
	*ret_service = record;
	record = (struct endpoint_service_record){};
	return 0;
}

int control_modify_endpoint_service(struct control *control, const struct caller *caller,
				    const char *id, const struct endpoint_service_change *change,
				    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct endpoint_service service;
	int r;

	if (!change->acceptance.set && change->add_count + change->remove_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain something to be modified");
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_endpoint_service(control, caller, id, &service, why);
	if (r == 0)
		r = balancer_change(control, caller, change, &service, why);
	if (r != 0)
		return r;
	if (change->acceptance.set)
		service.acceptance = change->acceptance.value != 0;
	r = store_put_endpoint_service(control->store, &service);
	return r < 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_delete_endpoint_services(struct control *control, const struct caller *caller,
				     const char *const *services, size_t count,
				     struct unsuccessful_list *ret_list, struct refusal *why)
{
	const struct each each = {services, count, NULL, service_delete};
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r = transaction_begin(&transaction, control);

	return r < 0 ? r : each_commit(&transaction, caller, &each, ret_list, why);
}

static int service_make(struct transaction *transaction, const struct caller *caller,
			const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct endpoint_service_wish *wish = argument;
	struct control *control = transaction->control;
	struct endpoint_service service = {
		.id = *id,
		.owner = caller->account,
		.acceptance = wish->acceptance,
		.created = control_now(control),
	};
	int r;

	if (wish->balancer_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter GatewayLoadBalancerArn");
	if (wish->balancer_count > 1)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "%zu load balancers are more than the possible 1: a service has one "
			      "in each zone, and there is one zone",
			      wish->balancer_count);
	r = balancer_take(control, caller, wish->balancers[0], &service.balancer, why);
	if (r == 0)
		r = limit_check(control, caller, why);
	if (r == 0)
		r = store_put_endpoint_service(control->store, &service);
	return r;
}

static int balancer_take(struct control *control, const struct caller *caller, const char *arn,
			 struct arn *ret_balancer, struct refusal *why)
{
	struct balancer balancer;
	int r;

	r = find_balancer(control, caller, arn, &balancer, why);
	/* The code for a missing one speaks of a network load balancer. */
	if (r == REFUSED && why->code == REFUSE_LOAD_BALANCER_NOT_FOUND)
		why->code = REFUSE_PARAMETER_VALUE;
	if (r != 0)
		return r;
	if (balancer.type != BALANCER_GATEWAY)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The load balancer '%s' is of type %s, not gateway",
			      balancer.arn.text, balancer_type_name(balancer.type));
	*ret_balancer = balancer.arn;
	return 0;
}

/* One is to be left: another for the one that is there, or that one. */
static int balancer_change(struct control *control, const struct caller *caller,
			   const struct endpoint_service_change *change,
			   struct endpoint_service *service, struct refusal *why)
{
	const char *now = service->balancer.text;
	int r;

	if (change->add_count + change->remove_count == 0)
		return 0;
	if (change->add_count != 1 || change->remove_count != 1 ||
	    strcmp(change->remove[0], now) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The endpoint service '%s' has one load balancer, '%s': one can be "
			      "added as that one is removed",
			      service->id.text, now);
	r = connections_check(control, service, why);
	return r != 0 ? r : balancer_take(control, caller, change->add[0], &service->balancer, why);
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_ENDPOINT_SERVICES, &allowed);
	if (r == 0)
		r = store_count_endpoint_services(control->store, SERVICES_OF_OWNER, account,
						  &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_ENDPOINT_SERVICE_LIMIT,
		      "The account has %lld endpoint services, and may have %u", (long long)count,
		      allowed);
}

static int record_load(struct control *control, const struct caller *caller, const char *id,
		       struct endpoint_service_record *ret_record, struct refusal *why)
{
	int r = find_endpoint_service(control, caller, id, &ret_record->service, why);

	if (r != 0)
		return r;
	endpoint_service_format_name(&ret_record->service.id, control->region, ret_record->name);
	return store_load_tags(control->store, id, &ret_record->tags);
}

static int service_delete(struct transaction *transaction, const struct caller *caller,
			  const char *id, const void *argument _unused_, struct refusal *why)
{
	struct control *control = transaction->control;
	struct endpoint_service service;
	int r;

	r = find_endpoint_service(control, caller, id, &service, why);
	if (r == REFUSED && why->code == REFUSE_ENDPOINT_SERVICE_NOT_FOUND)
		why->code = REFUSE_ENDPOINT_SERVICE_GONE;
	if (r == 0)
		r = connections_check(control, &service, why);
	return r != 0 ? r : store_delete_endpoint_service(control->store, id);
}

static int connections_check(struct control *control, const struct endpoint_service *service,
			     struct refusal *why)
{
	int64_t connected;
	int r = store_count_connections(control->store, service->id.text, &connected);

	if (r < 0 || connected == 0)
		return r;
	return refuse(why, REFUSE_ENDPOINT_SERVICE_IN_USE,
		      "The endpoint service '%s' has %lld connected endpoint(s)", service->id.text,
		      (long long)connected);
}
