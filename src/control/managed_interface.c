// SPDX-License-Identifier: Apache-2.0
#include "control/managed_interface.h"

#include "base/random.h"
#include "base/text.h"
#include "control/site.h"
#include "control/state.h"
#include "mirror/group.h"
#include "store/source.h"
#include "store/store.h"

/* How often an address may be found taken before the block counts as full. */
#define ADDRESS_ATTEMPTS 256

static int address_take(struct control *control, const struct managed_interface_wish *wish,
			struct address *ret_address, struct refusal *why);
static int address_pick(struct control *control, struct address *ret_address, struct refusal *why);
static struct address address_random(void);

int managed_interface_add(struct transaction *transaction,
			  const struct managed_interface_wish *wish, struct source *ret_source,
			  struct refusal *why)
{
	struct control *control = transaction->control;
	const struct site site = control_get_site(control, wish->caller);
	struct source source = {
		.id = resource_id_new(RESOURCE_INTERFACE),
		.type = wish->type,
		.owner = wish->caller->account,
		.subnet = site.subnet,
		.vpc = site.vpc,
		.mtu = 1500,
		.address_count = 1,
		.created = control_now(control),
		.attached_since = control_now(control),
	};
	int r;

	source_make_mac(&source);
	(void)string_copy(source.description, sizeof(source.description), wish->description);
	r = address_take(control, wish, &source.addresses[0], why);
	if (r == 0)
		r = store_put_source(control->store, &source);
	if (r == 0)
		r = store_register_addresses(control->store, &source);
	if (r == 0)
		*ret_source = source;
	return r;
}

int managed_interface_remove(struct transaction *transaction, const struct resource_id *id)
{
	int r = store_delete_source(transaction->control->store, id->text);

	return r < 0 ? r : 0;
}

int managed_interface_check(const struct source *source, struct refusal *why)
{
	if (source->type == INTERFACE_ORDINARY)
		return 0;
	return refuse(why, REFUSE_OPERATION,
		      "The network interface '%s' (%s) is managed by %s and goes with its owner",
		      source->id.text, source->description, interface_type_manager(source->type));
}

static int address_take(struct control *control, const struct managed_interface_wish *wish,
			struct address *ret_address, struct refusal *why)
{
	char canonical[ADDRESS_TEXT_SIZE];
	struct resource_id other;
	int r;

	if (!wish->address)
		return address_pick(control, ret_address, why);
	if (!address_parse(wish->address, ret_address) || ret_address->family != 4 ||
	    !member_address_valid(ret_address))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The address '%.64s' is not an IPv4 address that an interface can "
			      "have",
			      wish->address);
	address_format(ret_address, canonical);
	r = store_find_registered(control->store, wish->caller->account.text, canonical, &other);
	if (r == 0)
		return refuse(why, REFUSE_ADDRESS_IN_USE,
			      "The address '%s' is in use by the network interface '%s'", canonical,
			      other.text);
	return r == STORE_MISSING ? 0 : r;
}

/* Of no account, for an appliance may stand behind endpoints of several. */
static int address_pick(struct control *control, struct address *ret_address, struct refusal *why)
{
	for (int i = 0; i < ADDRESS_ATTEMPTS; i++) {
		const struct address address = address_random();
		char text[ADDRESS_TEXT_SIZE];
		int64_t users;
		int r;

		address_format(&address, text);
		r = store_count_address(control->store, text, &users);
		if (r < 0)
			return r;
		if (users > 0)
			continue;
		*ret_address = address;
		return 0;
	}
	return refuse(why, REFUSE_UNAVAILABLE, "No address of %s is free", MANAGED_BLOCK);
}

static struct address address_random(void)
{
	struct cidr block = {};
	uint32_t host;

	(void)cidr_parse(MANAGED_BLOCK, &block);
	host = (uint32_t)random_number() & UINT32_MAX >> block.prefix_length;
	for (unsigned int i = 0; i < 4; i++)
		block.address.bytes[i] |= (uint8_t)(host >> (24 - 8 * i));
	return block.address;
}
