// SPDX-License-Identifier: Apache-2.0
#include "control/endpoint.h"

#include "base/random.h"
#include "base/text.h"
#include "control/allowance.h"
#include "control/each.h"
#include "control/endpoint_record.h"
#include "control/find.h"
#include "control/managed_interface.h"
#include "control/once.h"
#include "control/site.h"
#include "control/state.h"
#include "control/values.h"
#include "store/endpoint.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static int endpoint_make(struct transaction *transaction, const struct caller *caller,
			 const void *argument, const struct resource_id *id, struct refusal *why);
static int place_check(struct control *control, const struct caller *caller,
		       const struct endpoint_wish *wish, struct refusal *why);
static int service_take(struct control *control, const struct caller *caller, const char *name,
			struct endpoint *endpoint, struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int interface_make(struct transaction *transaction, const struct caller *caller,
			  struct endpoint *endpoint, struct refusal *why);
static int endpoint_delete(struct transaction *transaction, const struct caller *caller,
			   const char *id, const void *argument, struct refusal *why);
static int connection_answer(struct transaction *transaction, const struct caller *caller,
			     const char *id, const void *argument, struct refusal *why);

int control_create_endpoint(struct control *control, const struct caller *caller,
			    const struct endpoint_wish *wish, struct endpoint_record *ret_endpoint,
			    struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateVpcEndpoint",
		.kind = RESOURCE_ENDPOINT,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = endpoint_make,
		.wish = wish,
	};
	_cleanup_(endpoint_record_fini) struct endpoint_record record = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r == 0)
		r = find_endpoint(control, caller, id.text, &record.endpoint, why);
	if (r == 0)
		r = endpoint_record_complete(control, caller, &record);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	*ret_endpoint = record;
	record = (struct endpoint_record){};
	return 0;
}

int control_delete_endpoints(struct control *control, const struct caller *caller,
			     const char *const *endpoints, size_t count,
			     struct unsuccessful_list *ret_list, struct refusal *why)
{
	const struct each each = {endpoints, count, NULL, endpoint_delete};
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r = transaction_begin(&transaction, control);

	return r < 0 ? r : each_commit(&transaction, caller, &each, ret_list, why);
}

int control_answer_connections(struct control *control, const struct caller *caller,
			       const struct connections_answer *answer,
			       struct unsuccessful_list *ret_list, struct refusal *why)
{
	const struct each each = {answer->endpoints, answer->count, answer, connection_answer};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct endpoint_service service;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_endpoint_service(control, caller, answer->service, &service, why);
	return r != 0 ? r : each_commit(&transaction, caller, &each, ret_list, why);
}

static int endpoint_make(struct transaction *transaction, const struct caller *caller,
			 const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct endpoint_wish *wish = argument;
	struct control *control = transaction->control;
	struct endpoint endpoint = {
		.id = *id,
		.owner = caller->account,
		.attachment = random_number() >> 1,
		.created = control_now(control),
	};
	int r;

	r = place_check(control, caller, wish, why);
	if (r == 0)
		r = service_take(control, caller, wish->service, &endpoint, why);
	if (r == 0)
		r = limit_check(control, caller, why);
	if (r == 0)
		r = interface_make(transaction, caller, &endpoint, why);
	if (r == 0)
		r = store_put_endpoint(control->store, &endpoint);
	return r;
}

static int place_check(struct control *control, const struct caller *caller,
		       const struct endpoint_wish *wish, struct refusal *why)
{
	int r;

	r = text_require(wish->vpc, "VpcId", why);
	if (r == 0)
		r = find_resource(control, caller, wish->vpc, why);
	if (r == 0 && resource_id_kind(wish->vpc) != RESOURCE_VPC)
		r = id_check(RESOURCE_VPC, wish->vpc, why);
	if (r == 0 && wish->subnet_count == 0)
		r = refuse(why, REFUSE_PARAMETER_MISSING,
			   "The request must contain the parameter SubnetId");
	if (r == 0 && wish->subnet_count > 1)
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "%zu subnets are more than the possible 1: an endpoint to a Gateway "
			   "Load Balancer is in one zone",
			   wish->subnet_count);
	if (r == 0)
		r = id_check(RESOURCE_SUBNET, wish->subnets[0], why);
	if (r == 0)
		r = find_resource(control, caller, wish->subnets[0], why);
	return r;
}

static int service_take(struct control *control, const struct caller *caller, const char *name,
			struct endpoint *endpoint, struct refusal *why)
{
	struct endpoint_service service;
	int r;

	r = text_require(name, "ServiceName", why);
	if (r == 0)
		r = find_offered_service(control, caller, name, &service, why);
	if (r != 0)
		return r;
	endpoint->service = service.id;
	endpoint->state = service.acceptance ? ENDPOINT_PENDING_ACCEPTANCE : ENDPOINT_AVAILABLE;
	return 0;
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_ENDPOINTS, &allowed);
	if (r == 0)
		r = store_count_endpoints(control->store, account, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_ENDPOINT_LIMIT,
		      "The account has %lld vpc endpoints, and may have %u", (long long)count,
		      allowed);
}

static int interface_make(struct transaction *transaction, const struct caller *caller,
			  struct endpoint *endpoint, struct refusal *why)
{
	char description[64];
	const struct managed_interface_wish wish = {
		.caller = caller,
		.type = INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT,
		.description = description,
	};
	struct source source;
	int r;

	(void)snprintf(description, sizeof(description), "VPC Endpoint Interface %s",
		       endpoint->id.text);
	r = managed_interface_add(transaction, &wish, &source, why);
	if (r == 0)
		endpoint->interface = source.id;
	return r;
}

static int endpoint_delete(struct transaction *transaction, const struct caller *caller,
			   const char *id, const void *argument _unused_, struct refusal *why)
{
	struct control *control = transaction->control;
	struct endpoint endpoint;
	int r;

	r = find_endpoint(control, caller, id, &endpoint, why);
	if (r == REFUSED && why->code == REFUSE_ENDPOINT_NOT_FOUND)
		why->code = REFUSE_ENDPOINT_GONE;
	if (r == 0)
		r = transaction_touch_endpoint(transaction, id);
	if (r == 0)
		r = store_delete_endpoint(control->store, id);
	if (r == 0)
		r = managed_interface_remove(transaction, &endpoint.interface);
	return r;
}

static int connection_answer(struct transaction *transaction, const struct caller *caller _unused_,
			     const char *id, const void *argument, struct refusal *why)
{
	const struct connections_answer *answer = argument;
	struct control *control = transaction->control;
	struct endpoint endpoint;
	int r;

	r = store_get_endpoint(control->store, id, &endpoint);
	if (r == STORE_MISSING || (r == 0 && strcmp(endpoint.service.text, answer->service) != 0))
		return refuse_missing(RESOURCE_ENDPOINT, id, why);
	if (r < 0)
		return r;
	if (endpoint.state == ENDPOINT_REJECTED ||
	    (answer->accept && endpoint.state != ENDPOINT_PENDING_ACCEPTANCE))
		return refuse(why, REFUSE_ENDPOINT_STATE,
			      "The vpc endpoint '%s' is %s and cannot be %s", id,
			      endpoint_state_name(endpoint.state),
			      answer->accept ? "accepted" : "rejected");
	endpoint.state = answer->accept ? ENDPOINT_AVAILABLE : ENDPOINT_REJECTED;
	r = store_put_endpoint(control->store, &endpoint);
	return r < 0 ? r : transaction_touch_endpoint(transaction, id);
}
