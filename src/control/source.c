// SPDX-License-Identifier: Apache-2.0
#include "control/source.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/find.h"
#include "control/inventory.h"
#include "control/managed_interface.h"
#include "control/once.h"
#include "control/site.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int interface_make(struct transaction *transaction, const struct caller *caller,
			  const void *argument, const struct resource_id *id, struct refusal *why);
static int place_take(struct control *control, const struct caller *caller,
		      const struct interface_wish *wish, struct source *source,
		      struct refusal *why);
static int addresses_take(struct control *control, const struct interface_wish *wish,
			  struct source *source, struct refusal *why);
static int address_take(struct control *control, const char *text, struct source *source,
			struct refusal *why);
static int limit_check(struct control *control, const struct caller *caller, struct refusal *why);
static int groups_check(const char *const *groups, size_t count, struct refusal *why);
static int change_take(const struct interface_change *change, struct source *source,
		       struct refusal *why);

void interface_record_fini(struct interface_record *record)
{
	tags_fini(&record->tags);
}

int control_create_interface(struct control *control, const struct caller *caller,
			     const struct interface_wish *wish,
			     struct interface_record *ret_interface, struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateNetworkInterface",
		.kind = RESOURCE_INTERFACE,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = interface_make,
		.wish = wish,
	};
	_cleanup_(interface_record_fini) struct interface_record record = {};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r == 0)
		r = find_source(control, caller, id.text, &record.source, why);
	if (r == 0)
		r = store_load_tags(control->store, id.text, &record.tags);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	*ret_interface = record;
	record = (struct interface_record){};
	return 0;
}

int control_modify_interface(struct control *control, const struct caller *caller,
			     const struct interface_change *change, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct source before, source;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_source(control, caller, change->interface, &before, why);
	if (r != 0)
		return r;
	source = before;
	r = managed_interface_check(&source, why);
	if (r == 0)
		r = change_take(change, &source, why);
	if (r == 0)
		r = store_put_source(control->store, &source);
	if (r == 0 && source.override != before.override)
		r = inventory_tag_orientation(&transaction, &source);
	if (r == 0 && source.override != before.override)
		r = transaction_touch_host(&transaction, source.host);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

void source_attachment_id(const struct source *source, char ret_text[RESOURCE_ID_SIZE])
{
	const char *digits = strchr(source->id.text, '-');

	(void)snprintf(ret_text, RESOURCE_ID_SIZE, "%s-attach-%.17s",
		       source->type == INTERFACE_ORDINARY ? "eni" : "ela",
		       digits ? digits + 1 : "");
}

static int interface_make(struct transaction *transaction, const struct caller *caller,
			  const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct interface_wish *wish = argument;
	struct control *control = transaction->control;
	struct source source = {
		.id = *id,
		.owner = caller->account,
		.created = control_now(control),
	};
	int r;

	r = place_take(control, caller, wish, &source, why);
	if (r == 0)
		r = description_take(wish->description, source.description, why);
	if (r == 0)
		r = groups_check(wish->groups, wish->group_count, why);
	if (r == 0)
		r = addresses_take(control, wish, &source, why);
	if (r == 0)
		r = limit_check(control, caller, why);
	if (r == 0)
		r = store_put_source(control->store, &source);
	if (r == 0)
		r = store_register_addresses(control->store, &source);
	return r;
}

static int place_take(struct control *control, const struct caller *caller,
		      const struct interface_wish *wish, struct source *source, struct refusal *why)
{
	struct site site = control_get_site(control, caller);
	int r;

	r = text_require(wish->subnet, "SubnetId", why);
	if (r == 0)
		r = id_check(RESOURCE_SUBNET, wish->subnet, why);
	if (r == 0 && strcmp(wish->subnet, site.subnet.text) != 0)
		r = refuse_missing(RESOURCE_SUBNET, wish->subnet, why);
	source->vpc = site.vpc;
	source->subnet = site.subnet;
	source_make_mac(source);
	return r;
}

static int addresses_take(struct control *control, const struct interface_wish *wish,
			  struct source *source, struct refusal *why)
{
	int r = 0;

	if (wish->address_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter PrivateIpAddress or "
			      "Ipv6Addresses: a network interface is registered by its address");
	if (wish->address_count > SOURCE_ADDRESSES_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "%zu addresses are more than the possible %d", wish->address_count,
			      SOURCE_ADDRESSES_MAX);
	for (size_t i = 0; r == 0 && i < wish->address_count; i++)
		r = address_take(control, wish->addresses[i], source, why);
	return r;
}

static int address_take(struct control *control, const char *text, struct source *source,
			struct refusal *why)
{
	char canonical[ADDRESS_TEXT_SIZE];
	struct resource_id other;
	struct address address;
	int r;

	if (!address_parse(text, &address) || !source_address_usable(&address))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The address '%.64s' is not one that an appliance can have", text);
	for (size_t i = 0; i < source->address_count; i++)
		if (address_equal(&address, &source->addresses[i]))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The address '%s' is given twice", text);
	address_format(&address, canonical);
	r = store_find_registered(control->store, source->owner.text, canonical, &other);
	if (r < 0)
		return r;
	if (r != STORE_MISSING)
		return refuse(why, REFUSE_ADDRESS_IN_USE,
			      "The address '%s' is in use by the network interface '%s'", canonical,
			      other.text);
	source->addresses[source->address_count++] = address;
	return 0;
}

static int limit_check(struct control *control, const struct caller *caller, struct refusal *why)
{
	const char *account = caller->account.text;
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, account, QUOTA_REGISTERED_INTERFACES, &allowed);
	if (r == 0)
		r = store_count_registered(control->store, account, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_INTERFACE_LIMIT,
		      "The account has %lld registered network interfaces, and may have %u",
		      (long long)count, allowed);
}

/* The default group would let everything pass, so interfaces are shown without any; one that is named was meant to
 * hold something back. */
static int groups_check(const char *const *groups, size_t count, struct refusal *why)
{
	if (count == 0)
		return 0;
	return refuse(why, REFUSE_GROUP_NOT_FOUND, "The security group '%.100s' does not exist",
		      groups[0]);
}

static int change_take(const struct interface_change *change, struct source *source,
		       struct refusal *why)
{
	int r;

	r = groups_check(change->groups, change->group_count, why);
	if (r != 0)
		return r;
	if (change->checks_nothing)
		return refuse(why, REFUSE_UNSUPPORTED,
			      "The source/destination check of '%s' cannot be switched off: "
			      "packets of an interface are mirrored here, not routed",
			      source->id.text);
	if (change->orientation && source->host[0] == '\0')
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "The network interface '%s' is registered by its address and has no "
			      "orientation",
			      source->id.text);
	if (change->orientation)
		source->override = *change->orientation;
	if (change->description)
		return description_take(change->description, source->description, why);
	return 0;
}
