// SPDX-License-Identifier: Apache-2.0
#include "cli/interface.h"

#include "base/count.h"
#include "cli/lookup.h"
#include "cli/noun.h"

#include <errno.h>
#include <string.h>

static command_function interface_create;
static void write_host(const struct tmirror_node *node, struct text *cell);
static void write_device(const struct tmirror_node *node, struct text *cell);
static void write_orientation(const struct tmirror_node *node, struct text *cell);
static void write_addresses(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "INTERFACE", .path = "networkInterfaceId"},
	{.title = "HOST", .write = write_host},
	{.title = "DEVICE", .write = write_device},
	{.title = "ORIENTATION", .write = write_orientation},
	{.title = "ADDRESSES", .write = write_addresses},
	{.title = "STATUS", .path = "status"},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "MAC", .path = "macAddress", .detail = true},
	{.title = "INSTANCE", .path = "attachment/instanceId", .detail = true},
	{.title = "SUBNET", .path = "subnetId", .detail = true},
	{.title = "VPC", .path = "vpcId", .detail = true},
	{.title = "ZONE", .path = "availabilityZone", .detail = true},
	{.title = "OWNER", .path = "ownerId", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun interface = {
	.resource_type = "network-interface",
	.id_parameter = "NetworkInterfaceId",
	.id_element = "networkInterfaceId",
	.describe = "DescribeNetworkInterfaces",
	.set = "networkInterfaceSet",
	.create = "CreateNetworkInterface",
	.object = "networkInterface",
	.modify = "ModifyNetworkInterfaceAttribute",
	.delete = "DeleteNetworkInterface",
	.columns = ROWS(columns),
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The interface")};

static const struct argument_row create_rows[] = {
	{.name = "private-ip-address",
	 .value = "ADDRESS",
	 .help = "IPv4 address of the appliance",
	 .parameter = "PrivateIpAddress"},
	{.name = "ipv6-address",
	 .value = "ADDRESS",
	 .help = "IPv6 address of the appliance",
	 .parameter = "Ipv6Addresses.1.Ipv6Address"},
	{.name = "subnet-id",
	 .value = "SUBNET",
	 .help = "The subnet it is in; else the only one",
	 .parameter = "SubnetId"},
	DESCRIPTION_ROW,
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The interface"),
	{.name = "description",
	 .value = "TEXT",
	 .help = "What it is for",
	 .parameter = "Description.Value"},
	{.name = "orientation",
	 .value = "automatic|host|guest",
	 .help = "Whose traffic the device shows: the host's own, or that of a guest behind it",
	 .parameter = "Orientation"},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Interfaces"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"interface", "list", "List hosts' interfaces and registered appliances", NULL,
	 ROWS(list_rows), noun_list, &interface},
	{"interface", "show", "Show an interface", NULL, ROWS(show_rows), noun_show, &interface},
	{"interface", "create", "Register an appliance by address; prints the id", NULL,
	 ROWS(create_rows), interface_create, &interface},
	{"interface", "modify", "Change an interface", NULL, ROWS(modify_rows), noun_modify,
	 &interface},
	{"interface", "delete", "Forget interfaces and their sessions", NULL, ROWS(delete_rows),
	 noun_delete, &interface},
};

const struct commands interface_commands = ROWS(rows);

/* Asks for the interfaces called 'device', of 'host' if that is not NULL. */
static int find_request(const char *host, const char *device, struct tmirror_request **ret_request)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new("DescribeNetworkInterfaces", &request);
	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "Filter.1.Name", "tag:" TAG_DEVICE);
	(void)tmirror_request_set(request, "Filter.1.Value.1", device);
	if (host) {
		(void)tmirror_request_set(request, "Filter.2.Name", "tag:" TAG_HOST);
		(void)tmirror_request_set(request, "Filter.2.Value.1", host);
	}
	*ret_request = TAKE_PTR(request);
	return 0;
}

/* The only item of the pages. */
static int find_only(struct invocation *invocation, const char *name, struct tmirror_pages *pages,
		     char ret_id[INTERFACE_ID_SIZE])
{
	const struct tmirror_node *item, *other;
	const char *id, *host;
	int r;

	r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r == TMIRROR_END)
		return invocation_refused(invocation, "InvalidNetworkInterfaceID.NotFound",
					  "no interface is called '%s'", name);
	if (r != 0)
		return r;
	r = tmirror_pages_next(pages, &other, &invocation->error);
	if (r == 0) {
		host = node_tag(other, TAG_HOST);
		return invocation_misused(invocation,
					  "several hosts have a '%s'; say HOST/%s, as in '%s/%s'",
					  name, name, host ? host : "", name);
	}
	if (r != TMIRROR_END)
		return r;
	id = tmirror_node_text(item, "networkInterfaceId");
	return id && string_copy(ret_id, INTERFACE_ID_SIZE, id) ? 0 : -EPROTO;
}

int interface_find(struct invocation *invocation, const char *name, char ret_id[INTERFACE_ID_SIZE])
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const char *slash = strchr(name, '/');
	_cleanup_free_ char *host = NULL;
	int r;

	if (strncmp(name, "eni-", strlen("eni-")) == 0 &&
	    string_copy(ret_id, INTERFACE_ID_SIZE, name))
		return 0;
	if (slash) {
		host = strndup(name, (size_t)(slash - name));
		if (!host)
			return -ENOMEM;
	}
	r = find_request(host, slash ? slash + 1 : name, &request);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, "networkInterfaceSet", &pages);
	return r == 0 ? find_only(invocation, name, pages, ret_id) : r;
}

/* EC2 wants a subnet, and here there is but one. */
static int interface_create(struct invocation *invocation)
{
	char subnet[INTERFACE_ID_SIZE];
	int r;

	if (invocation_get(invocation, "subnet-id"))
		return noun_create(invocation);
	r = lookup_subnet(invocation, subnet, sizeof(subnet));
	if (r != 0)
		return r;
	r = arguments_add(&invocation->arguments, &create_rows[2], subnet);
	return r == 0 ? noun_create(invocation) : r;
}

static void write_tag(const struct tmirror_node *node, const char *key, struct text *cell)
{
	const char *value = node_tag(node, key);

	text_append(cell, value ? value : "");
}

static void write_host(const struct tmirror_node *node, struct text *cell)
{
	write_tag(node, TAG_HOST, cell);
}

static void write_device(const struct tmirror_node *node, struct text *cell)
{
	write_tag(node, TAG_DEVICE, cell);
}

static void write_orientation(const struct tmirror_node *node, struct text *cell)
{
	write_tag(node, TAG_ORIENTATION, cell);
}

static void write_addresses_of(const struct tmirror_node *node, const char *set, const char *name,
			       struct text *cell)
{
	const struct tmirror_node *item = tmirror_node_first(tmirror_node_find(node, set));

	for (; item; item = tmirror_node_next(item)) {
		const char *address = tmirror_node_text(item, name);

		text_printf(cell, "%s%s", cell->length ? " " : "", address ? address : "");
	}
}

static void write_addresses(const struct tmirror_node *node, struct text *cell)
{
	write_addresses_of(node, "privateIpAddressesSet", "privateIpAddress", cell);
	write_addresses_of(node, "ipv6AddressesSet", "ipv6Address", cell);
}
