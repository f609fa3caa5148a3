// SPDX-License-Identifier: Apache-2.0
#include "cli/appliance.h"

#include "base/address.h"
#include "base/text.h"
#include "cli/fleet.h"
#include "cli/interface.h"
#include "cli/lookup.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>

#define FLEET "fleet:"

static bool starts_with(const char *string, const char *start);
static int interface_provide(struct ledger *ledger, const char *name, char ret_id[THING_ID_SIZE]);
static int interface_of_address(struct invocation *invocation, const struct address *address,
				char ret_id[THING_ID_SIZE]);
static int interface_make(struct ledger *ledger, const struct address *address,
			  char ret_id[THING_ID_SIZE]);
static int target_of_interface(struct invocation *invocation, const char *interface,
			       char ret_id[THING_ID_SIZE]);
static bool is_ours(const struct tmirror_node *node);

int appliance_provide(struct ledger *ledger, const char *name, char ret_target[THING_ID_SIZE])
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char interface[THING_ID_SIZE];
	int r;

	if (starts_with(name, "tmt-") && string_copy(ret_target, THING_ID_SIZE, name))
		return 0;
	if (starts_with(name, FLEET))
		return fleet_find_target(ledger->invocation, name + strlen(FLEET), ret_target);
	r = interface_provide(ledger, name, interface);
	if (r == 0)
		r = target_of_interface(ledger->invocation, interface, ret_target);
	if (r != TMIRROR_END)
		return r;
	r = tmirror_request_new(thing_target.create, &request);
	if (r == 0)
		r = tmirror_request_set(request, "NetworkInterfaceId", interface);
	return r == 0 ? ledger_create(ledger, &thing_target, request, name, ret_target, NULL) : r;
}

/* One by one, and no further than the API goes along. */
int appliance_release(struct invocation *invocation, const char *target)
{
	const struct lookup targets = {"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet",
				       "traffic-mirror-target-id", target};
	struct lookup interfaces = {"DescribeNetworkInterfaces", "networkInterfaceSet",
				    "network-interface-id", NULL};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL, *behind = NULL;
	const struct tmirror_node *node;
	struct tmirror_error error;
	int r;

	r = lookup_start(invocation, &targets, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &node, &invocation->error);
	if (r != 0 || !is_ours(node))
		return r == TMIRROR_END ? 0 : r;
	interfaces.value = tmirror_node_text(node, "networkInterfaceId");
	r = thing_delete(invocation, &thing_target, target, &error);
	if (r != 0 || !interfaces.value)
		return r == TMIRROR_REFUSED ? 0 : r;

	r = lookup_start(invocation, &interfaces, &behind);
	if (r == 0)
		r = tmirror_pages_next(behind, &node, &invocation->error);
	if (r != 0 || !is_ours(node))
		return r == TMIRROR_END ? 0 : r;
	r = thing_delete(invocation, &thing_interface, interfaces.value, &error);
	return r == TMIRROR_REFUSED ? 0 : r;
}

static bool starts_with(const char *string, const char *start)
{
	return strncmp(string, start, strlen(start)) == 0;
}

static int interface_provide(struct ledger *ledger, const char *name, char ret_id[THING_ID_SIZE])
{
	struct address address;
	int r;

	if (starts_with(name, "eni-") && string_copy(ret_id, THING_ID_SIZE, name))
		return 0;
	if (!address_parse(name, &address))
		return invocation_misused(ledger->invocation,
					  "'%s' is not an address, an interface's id (eni-…), a "
					  "target's id (tmt-…) or fleet:NAME",
					  name);
	r = interface_of_address(ledger->invocation, &address, ret_id);
	return r == TMIRROR_END ? interface_make(ledger, &address, ret_id) : r;
}

/* One that was registered goes before those that hosts have: the same private address may be on many of them.  Returns
 * TMIRROR_END if there is none. */
static int interface_of_address(struct invocation *invocation, const struct address *address,
				char ret_id[THING_ID_SIZE])
{
	char text[ADDRESS_TEXT_SIZE];
	const struct lookup lookup = {"DescribeNetworkInterfaces", "networkInterfaceSet",
				      address->family == 4 ? "addresses.private-ip-address"
							   : "ipv6-addresses.ipv6-address",
				      text};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item, *found = NULL;
	const char *id;
	int r;

	address_format(address, text);
	r = lookup_start(invocation, &lookup, &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &item, &invocation->error)) == 0) {
		bool registered = !node_tag(item, TAG_HOST);

		if (found && !registered)
			return invocation_misused(invocation,
						  "several interfaces have the address %s; say "
						  "which, by its id",
						  text);
		found = item;
		if (registered)
			break;
	}
	if (!found)
		return r;
	id = tmirror_node_text(found, "networkInterfaceId");
	return id && string_copy(ret_id, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

static int interface_make(struct ledger *ledger, const struct address *address,
			  char ret_id[THING_ID_SIZE])
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char text[ADDRESS_TEXT_SIZE], subnet[THING_ID_SIZE];
	int r;

	address_format(address, text);
	r = lookup_subnet(ledger->invocation, subnet, sizeof(subnet));
	if (r == 0)
		r = tmirror_request_new(thing_interface.create, &request);
	if (r == 0)
		r = tmirror_request_set(request, "SubnetId", subnet);
	if (r == 0)
		r = tmirror_request_set(request,
					address->family == 4 ? "PrivateIpAddress"
							     : "Ipv6Addresses.1.Ipv6Address",
					text);
	return r == 0 ? ledger_create(ledger, &thing_interface, request, text, ret_id, NULL) : r;
}

/* Returns TMIRROR_END if there is none. */
static int target_of_interface(struct invocation *invocation, const char *interface,
			       char ret_id[THING_ID_SIZE])
{
	const struct lookup lookup = {"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet",
				      "network-interface-id", interface};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r != 0)
		return r;
	id = tmirror_node_text(item, "trafficMirrorTargetId");
	return id && string_copy(ret_id, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

static bool is_ours(const struct tmirror_node *node)
{
	const char *maker = node_tag(node, TAG_MADE_BY);

	return maker && strcmp(maker, TAG_MADE_BY_US) == 0;
}
