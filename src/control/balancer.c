// SPDX-License-Identifier: Apache-2.0
#include "control/balancer.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/arn.h"
#include "control/balancer_check.h"
#include "control/managed_interface.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "store/balancer.h"
#include "store/endpoint_service.h"
#include "store/store.h"

#include <stdio.h>

static int balancer_make(struct transaction *transaction, const struct caller *caller,
			 const struct balancer_wish *wish, struct balancer *balancer,
			 struct refusal *why);
static int interface_make(struct transaction *transaction, const struct caller *caller,
			  const char *address, struct balancer *balancer, struct refusal *why);
static int limit_check(struct control *control, const struct balancer *balancer,
		       struct refusal *why);
static int use_check(struct control *control, const struct balancer *balancer, struct refusal *why);

int control_create_balancer(struct control *control, const struct caller *caller,
			    const struct balancer_wish *wish, struct balancer_record *ret_balancer,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct balancer balancer = {.owner = caller->account, .created = control_now(control)};
	struct balancer_record record = {};
	int r;

	r = tagging_check(wish->tags, wish->tag_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = balancer_take(control, caller, wish, &balancer, why);
	if (r == 0)
		r = store_find_balancer(control->store, caller->account.text, balancer.type,
					balancer.name, &record.balancer);
	if (r == 0)
		r = balancer_compare(control, wish, &balancer, &record.balancer, why);
	else if (r == STORE_MISSING) {
		r = balancer_make(&transaction, caller, wish, &balancer, why);
		record.balancer = balancer;
	}
	if (r == 0)
		r = balancer_load_address(control, &record);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		*ret_balancer = record;
	return r;
}

int control_delete_balancer(struct control *control, const struct caller *caller, const char *arn,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct balancer balancer;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_balancer(control, caller, arn, &balancer, why);
	if (r == REFUSED && why->code == REFUSE_LOAD_BALANCER_NOT_FOUND) {
		*why = (struct refusal){};
		return 0;
	}
	if (r == 0)
		r = use_check(control, &balancer, why);
	if (r == 0)
		r = transaction_touch_balancer(&transaction, arn);
	if (r == 0)
		r = store_delete_balancer(control->store, arn);
	if (r == 0 && resource_id_set(&balancer.interface))
		r = managed_interface_remove(&transaction, &balancer.interface);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_modify_balancer(struct control *control, const struct caller *caller, const char *arn,
			    const struct tag *attributes, size_t count,
			    struct balancer_record *ret_balancer, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct balancer_record record = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_balancer(control, caller, arn, &record.balancer, why);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = balancer_set_attribute(&record.balancer, attributes[i].key, attributes[i].value,
					   why);
	if (r == 0)
		r = store_put_balancer(control->store, &record.balancer);
	if (r == 0)
		r = balancer_load_address(control, &record);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		*ret_balancer = record;
	return r;
}

static int balancer_make(struct transaction *transaction, const struct caller *caller,
			 const struct balancer_wish *wish, struct balancer *balancer,
			 struct refusal *why)
{
	struct control *control = transaction->control;
	int r;

	r = limit_check(control, balancer, why);
	if (r != 0)
		return r;
	balancer_make_arn(balancer, control->region);
	r = interface_make(transaction, caller, wish->address, balancer, why);
	if (r == 0)
		r = store_put_balancer(control->store, balancer);
	if (r == 0)
		r = tagging_add(control, caller, balancer->arn.text, wish->tags, wish->tag_count,
				why);
	return r;
}

/* By its description Terraform finds out whether it is gone. */
static int interface_make(struct transaction *transaction, const struct caller *caller,
			  const char *address, struct balancer *balancer, struct refusal *why)
{
	char description[ARN_SIZE];
	const struct managed_interface_wish wish = {
		.caller = caller,
		.type = balancer->type == BALANCER_NETWORK ? INTERFACE_NETWORK_LOAD_BALANCER
							   : INTERFACE_GATEWAY_LOAD_BALANCER,
		.description = description,
		.address = address,
	};
	struct source interface;
	int r;

	(void)snprintf(description, sizeof(description), "ELB %s",
		       arn_get_rest(balancer->arn.text));
	r = managed_interface_add(transaction, &wish, &interface, why);
	if (r == 0)
		balancer->interface = interface.id;
	return r;
}

static int limit_check(struct control *control, const struct balancer *balancer,
		       struct refusal *why)
{
	const char *account = balancer->owner.text;
	const bool network = balancer->type == BALANCER_NETWORK;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account,
			  network ? QUOTA_NETWORK_BALANCERS : QUOTA_GATEWAY_BALANCERS, &allowed);
	if (r == 0)
		r = store_count_balancers(control->store, account, balancer->type, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, network ? REFUSE_NETWORK_BALANCER_LIMIT : REFUSE_GATEWAY_BALANCER_LIMIT,
		      "The account has %lld %s load balancers, and may have %u", (long long)count,
		      balancer_type_name(balancer->type), allowed);
}

static int use_check(struct control *control, const struct balancer *balancer, struct refusal *why)
{
	const char *arn = balancer->arn.text;
	int64_t services;
	int r;

	if (balancer->guarded)
		return refuse(why, REFUSE_OPERATION,
			      "Load balancer '%s' cannot be deleted because deletion protection is "
			      "enabled",
			      arn);
	r = store_count_endpoint_services(control->store, SERVICES_OF_BALANCER, arn, &services);
	if (r < 0 || services == 0)
		return r;
	return refuse(why, REFUSE_RESOURCE_IN_USE,
		      "Load balancer '%s' cannot be deleted because %lld VPC endpoint service(s) "
		      "use it",
		      arn, (long long)services);
}
