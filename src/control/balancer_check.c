// SPDX-License-Identifier: Apache-2.0
#include "control/balancer_check.h"

#include "base/text.h"
#include "control/arn.h"
#include "control/find.h"
#include "control/site.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

static int type_take(const char *name, struct balancer *balancer, struct refusal *why);
static int scheme_take(const char *scheme, struct balancer *balancer, struct refusal *why);
static int address_check(const struct balancer_wish *wish, const struct balancer *balancer,
			 struct refusal *why);
static int subnets_check(struct control *control, const struct caller *caller,
			 const char *const *subnets, size_t count, struct refusal *why);
static int groups_check(const char *const *groups, size_t count, struct refusal *why);
static int address_same(struct control *control, const struct balancer *balancer,
			const char *address, bool *ret_same);

int balancer_take(struct control *control, const struct caller *caller,
		  const struct balancer_wish *wish, struct balancer *balancer, struct refusal *why)
{
	int r;

	r = balancer_validate_name(wish->name, why);
	if (r != 0)
		return r;
	(void)string_copy(balancer->name, sizeof(balancer->name), wish->name);
	r = type_take(wish->type, balancer, why);
	if (r == 0)
		r = scheme_take(wish->scheme, balancer, why);
	if (r == 0)
		r = subnets_check(control, caller, wish->subnets, wish->subnet_count, why);
	if (r == 0)
		r = address_check(wish, balancer, why);
	if (r == 0)
		r = groups_check(wish->groups, wish->group_count, why);
	balancer->addressed = wish->address != NULL;
	return r;
}

int balancer_compare(struct control *control, const struct balancer_wish *wish,
		     const struct balancer *wanted, const struct balancer *there,
		     struct refusal *why)
{
	bool same = wanted->internal == there->internal && wanted->addressed == there->addressed;
	int r = 0;

	if (same && wish->address)
		r = address_same(control, there, wish->address, &same);
	if (r == 0 && same)
		r = tagging_compare(control, there->arn.text, wish->tags, wish->tag_count, &same);
	if (r == 0 && !same)
		return refuse(why, REFUSE_BALANCER_NAME_TAKEN,
			      "A load balancer with the same name '%s' exists, but with different "
			      "settings",
			      there->name);
	return r;
}

int balancer_load_address(struct control *control, struct balancer_record *record)
{
	struct source interface;
	int r;

	if (!resource_id_set(&record->balancer.interface))
		return 0;
	r = store_get_source(control->store, record->balancer.interface.text, &interface);
	if (r == 0)
		record->address = interface.addresses[0];
	return r == STORE_MISSING ? -EBADMSG : r;
}

int control_get_balancer(struct control *control, const struct caller *caller, const char *arn,
			 struct balancer_record *ret_balancer, struct refusal *why)
{
	struct balancer_record record = {};
	int r;

	r = find_balancer(control, caller, arn, &record.balancer, why);
	if (r == 0)
		r = balancer_load_address(control, &record);
	if (r == 0)
		*ret_balancer = record;
	return r;
}

int control_set_subnets(struct control *control, const struct caller *caller, const char *arn,
			const char *const *subnets, size_t count, const char *address,
			struct balancer_record *ret_balancer, struct refusal *why)
{
	struct balancer_record record = {};
	bool same = true;
	int r;

	r = control_get_balancer(control, caller, arn, &record, why);
	if (r == 0)
		r = subnets_check(control, caller, subnets, count, why);
	if (r == 0 && address)
		r = address_same(control, &record.balancer, address, &same);
	if (r == 0 && !same)
		return refuse(why, REFUSE_CONFIGURATION,
			      "The address of load balancer '%.255s' cannot be changed to '%.64s'",
			      arn, address);
	if (r == 0)
		*ret_balancer = record;
	return r;
}

int control_set_groups(struct control *control, const struct caller *caller, const char *arn,
		       const char *const *groups, size_t count, struct refusal *why)
{
	struct balancer balancer;
	int r = find_balancer(control, caller, arn, &balancer, why);

	return r != 0 ? r : groups_check(groups, count, why);
}

static int type_take(const char *name, struct balancer *balancer, struct refusal *why)
{
	if (name && balancer_type_parse(name, &balancer->type))
		return 0;
	return refuse(why, REFUSE_CONFIGURATION,
		      "Load balancers of type '%.32s' are not available: Type has to be 'network' "
		      "or 'gateway'",
		      name ? name : "application");
}

static int scheme_take(const char *scheme, struct balancer *balancer, struct refusal *why)
{
	if (scheme && balancer->type == BALANCER_GATEWAY)
		return refuse(why, REFUSE_SCHEME, "A gateway load balancer has no scheme");
	if (scheme && strcmp(scheme, "internal") != 0 && strcmp(scheme, "internet-facing") != 0)
		return refuse(why, REFUSE_SCHEME,
			      "The scheme '%.32s' is neither 'internal' nor 'internet-facing'",
			      scheme);
	balancer->internal = scheme && strcmp(scheme, "internal") == 0;
	return 0;
}

static int address_check(const struct balancer_wish *wish, const struct balancer *balancer,
			 struct refusal *why)
{
	if (wish->address && (balancer->type != BALANCER_NETWORK || !balancer->internal))
		return refuse(why, REFUSE_CONFIGURATION,
			      "PrivateIPv4Address is for internal network load balancers only");
	return 0;
}

/* The site has one subnet, in one zone. */
static int subnets_check(struct control *control, const struct caller *caller,
			 const char *const *subnets, size_t count, struct refusal *why)
{
	const struct site site = control_get_site(control, caller);
	int r = 0;

	if (count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter Subnets or SubnetMappings");
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = id_check(RESOURCE_SUBNET, subnets[i], why);
		if (r == 0 && strcmp(subnets[i], site.subnet.text) != 0)
			r = refuse_missing(RESOURCE_SUBNET, subnets[i], why);
	}
	if (r == 0 && count > 1)
		return refuse(why, REFUSE_CONFIGURATION,
			      "A load balancer cannot be attached to multiple subnets in the same "
			      "Availability Zone");
	return r;
}

static int groups_check(const char *const *groups, size_t count, struct refusal *why)
{
	if (count == 0)
		return 0;
	return refuse(why, REFUSE_GROUP_NOT_FOUND, "The security group '%.100s' does not exist",
		      groups[0]);
}

static int address_same(struct control *control, const struct balancer *balancer,
			const char *address, bool *ret_same)
{
	struct balancer_record record = {.balancer = *balancer};
	struct address wanted;
	int r = balancer_load_address(control, &record);

	if (r == 0)
		*ret_same = address_parse(address, &wanted) &&
			    address_equal(&wanted, &record.address);
	return r;
}
