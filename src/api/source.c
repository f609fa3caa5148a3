// SPDX-License-Identifier: Apache-2.0
/* Sources and registered appliances, as the API shows them: network interfaces. */
#include "api/source.h"

#include "api/call.h"
#include "api/resource.h"
#include "control/site.h"
#include "control/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct parameter create_parameters[] = {
	{"SubnetId", PARAMETER_TEXT, .required = true, .names = &subnet_resource},
	DESCRIPTION_PARAMETER,
	{"PrivateIpAddress", PARAMETER_TEXT},
	{"PrivateIpAddresses.N.PrivateIpAddress", PARAMETER_TEXT},
	{"PrivateIpAddresses.N.Primary", PARAMETER_BOOLEAN},
	{"Ipv6Addresses.N.Ipv6Address", PARAMETER_TEXT},
	{"SecondaryPrivateIpAddressCount", PARAMETER_NUMBER},
	{"Ipv6AddressCount", PARAMETER_NUMBER},
	{"InterfaceType", PARAMETER_TEXT, .words = "interface"},
	{"SecurityGroupId.N", PARAMETER_TEXT},
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"NetworkInterfaceId", PARAMETER_TEXT, .required = true, .names = &interface_resource},
	DRY_RUN_PARAMETER,
};

/* "Orientation" is ours: whose traffic the device shows, where the agent guesses wrong. */
static const struct parameter modify_parameters[] = {
	{"NetworkInterfaceId", PARAMETER_TEXT, .required = true, .names = &interface_resource},
	{"Description.Value", PARAMETER_TEXT, .maximum = 255},
	{"SecurityGroupId.N", PARAMETER_TEXT},
	{"SourceDestCheck.Value", PARAMETER_BOOLEAN},
	{"Orientation", PARAMETER_TEXT, .words = "automatic|host|guest"},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"NetworkInterfaceId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int create_interface(struct call *call, struct refusal *why);
static int delete_interface(struct call *call, struct refusal *why);
static int modify_interface(struct call *call, struct refusal *why);
static int describe_interfaces(struct call *call, struct refusal *why);
static int check_counts(const struct call *call, struct refusal *why);
static int get_addresses(struct call *call, size_t *ret_count, struct refusal *why);
static void write_interface(struct call *call, const char *element,
			    const struct interface_record *record);
static void write_attachment(struct call *call, const struct source *source);
static void write_addresses(struct call *call, const struct source *source);

static const struct action actions[] = {
	ACTION("CreateNetworkInterface", create_parameters, create_interface,
	       .creates = &interface_resource),
	ACTION("DeleteNetworkInterface", delete_parameters, delete_interface),
	ACTION("ModifyNetworkInterfaceAttribute", modify_parameters, modify_interface,
	       .changes = true),
	ACTION("DescribeNetworkInterfaces", describe_parameters, describe_interfaces),
};

const struct action_table source_actions = {actions, ARRAY_SIZE(actions)};

void source_write(struct call *call, const struct source *source)
{
	const struct address *primary = source_get_address(source, 4);
	const struct site site = control_get_site(call->control, call->caller);
	char text[ADDRESS_TEXT_SIZE], name[PRIVATE_NAME_SIZE];

	xml_text(call->xml, "networkInterfaceId", source->id.text);
	xml_text(call->xml, "subnetId", source->subnet.text);
	xml_text(call->xml, "vpcId", source->vpc.text);
	xml_text(call->xml, "description", source->description);
	xml_text(call->xml, "ownerId", source->owner.text);
	xml_text(call->xml, "status", source_in_use(source) ? "in-use" : "available");
	(void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", source->mac[0],
		       source->mac[1], source->mac[2], source->mac[3], source->mac[4],
		       source->mac[5]);
	xml_text(call->xml, "macAddress", text);
	if (primary) {
		address_format(primary, text);
		site_name_address(&site, primary, name);
		xml_text(call->xml, "privateIpAddress", text);
		xml_text(call->xml, "privateDnsName", name);
	}
	xml_boolean(call->xml, "sourceDestCheck", true);
	xml_open(call->xml, "groupSet");
	xml_close(call->xml, "groupSet");
	if (source_in_use(source))
		write_attachment(call, source);
	write_addresses(call, source);
	xml_text(call->xml, "interfaceType", interface_type_name(source->type));
}

static int create_interface(struct call *call, struct refusal *why)
{
	_cleanup_(interface_record_fini) struct interface_record record = {};
	struct interface_wish wish = {
		.subnet = call_get_text(call, "SubnetId"),
		.description = call_get_text(call, "Description"),
		.once = call_get_once(call),
	};
	int r;

	r = check_counts(call, why);
	if (r != 0)
		return r;
	r = get_addresses(call, &wish.address_count, why);
	if (r != 0)
		return r;
	wish.groups = arguments_get_texts(&call->arguments, "SecurityGroupId.N", &wish.group_count);
	wish.addresses = call->texts;
	r = call_get_tags(call, RESOURCE_INTERFACE, &wish.tags, &wish.tag_count, why);
	if (r != 0)
		return r;
	r = control_create_interface(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_interface(call, "networkInterface", &record);
	call_write_token(call);
	return 0;
}

static int delete_interface(struct call *call, struct refusal *why)
{
	int r;

	r = control_delete_interface(call->control, call->caller,
				     call_get_text(call, "NetworkInterfaceId"), why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int modify_interface(struct call *call, struct refusal *why)
{
	struct interface_change change = {
		.interface = call_get_text(call, "NetworkInterfaceId"),
		.description = call_get_text(call, "Description.Value"),
	};
	const char *name = call_get_text(call, "Orientation");
	enum orientation orientation;
	int64_t checks = 1;
	int r;

	change.groups =
		arguments_get_texts(&call->arguments, "SecurityGroupId.N", &change.group_count);
	(void)arguments_get_number(&call->arguments, "SourceDestCheck.Value", &checks);
	change.checks_nothing = checks == 0;
	if (name && orientation_parse(name, &orientation))
		change.orientation = &orientation;
	r = control_modify_interface(call->control, call->caller, &change, why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int describe_interfaces(struct call *call, struct refusal *why)
{
	_cleanup_(interface_page_fini) struct interface_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "NetworkInterfaceId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_interfaces(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "networkInterfaceSet");
	for (size_t i = 0; i < page.count; i++)
		write_interface(call, "item", &page.items[i]);
	xml_close(call->xml, "networkInterfaceSet");
	call_write_next(call, page.next_token);
	return 0;
}

/* EC2 would choose the addresses; ours belong to appliances that have them already. */
static int check_counts(const struct call *call, struct refusal *why)
{
	static const char *const names[] = {"SecondaryPrivateIpAddressCount", "Ipv6AddressCount"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct optional_number number = call_get_number(call, names[i]);

		if (number.set && number.value != 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Value (%lld) for parameter %s is invalid. Addresses are not "
				      "assigned here: name them in PrivateIpAddresses and "
				      "Ipv6Addresses",
				      (long long)number.value, names[i]);
	}
	return 0;
}

/* Puts the addresses into the call's texts, the primary one first.  It is PrivateIpAddress, or the one element of
 * PrivateIpAddresses that says so. */
static int get_addresses(struct call *call, size_t *ret_count, struct refusal *why)
{
	const char *primary = call_get_text(call, "PrivateIpAddress");
	const struct argument *flags, *listed;
	size_t flag_count, listed_count, ipv6_count, count = 0;
	const char *const *ipv6;
	unsigned int primary_index = 0;

	flags = arguments_get_list(&call->arguments, "PrivateIpAddresses.N.Primary", &flag_count);
	listed = arguments_get_list(&call->arguments, "PrivateIpAddresses.N.PrivateIpAddress",
				    &listed_count);
	ipv6 = arguments_get_texts(&call->arguments, "Ipv6Addresses.N.Ipv6Address", &ipv6_count);
	for (size_t i = 0; i < flag_count; i++) {
		if (flags[i].number == 0)
			continue;
		if (primary || primary_index != 0)
			return refuse(why, REFUSE_PARAMETER_COMBINATION,
				      "Only one primary private IP address can be specified");
		primary_index = flags[i].index[0];
	}
	call->texts = calloc(listed_count + ipv6_count + 2, sizeof(*call->texts));
	if (!call->texts)
		return -ENOMEM;
	if (primary)
		call->texts[count++] = primary;
	for (size_t i = 0; i < listed_count; i++)
		if (listed[i].index[0] == primary_index)
			call->texts[count++] = listed[i].value;
	if (primary_index != 0 && count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter "
			      "PrivateIpAddresses.%u.PrivateIpAddress",
			      primary_index);
	for (size_t i = 0; i < listed_count; i++)
		if (listed[i].index[0] != primary_index)
			call->texts[count++] = listed[i].value;
	for (size_t i = 0; i < ipv6_count; i++)
		call->texts[count++] = ipv6[i];
	*ret_count = count;
	return 0;
}

/* EC2 says "tagSet" here too, though SDKs call it TagSet rather than Tags. */
static void write_interface(struct call *call, const char *element,
			    const struct interface_record *record)
{
	const struct site site = control_get_site(call->control, call->caller);
	const char *manager = interface_type_manager(record->source.type);

	xml_open(call->xml, element);
	source_write(call, &record->source);
	xml_text(call->xml, "availabilityZone", site.zone);
	xml_text(call->xml, "availabilityZoneId", site.zone_id);
	xml_text_if_set(call->xml, "requesterId", manager);
	xml_boolean(call->xml, "requesterManaged", manager != NULL);
	call_write_tags(call, &record->tags);
	xml_close(call->xml, element);
}

static void write_attachment(struct call *call, const struct source *source)
{
	const char *manager = interface_type_manager(source->type);
	char id[RESOURCE_ID_SIZE];

	source_attachment_id(source, id);
	xml_open(call->xml, "attachment");
	xml_text(call->xml, "attachmentId", id);
	xml_text_if_set(call->xml, "instanceId", source->instance.text);
	xml_text(call->xml, "instanceOwnerId", manager ? manager : source->owner.text);
	xml_number(call->xml, "deviceIndex", source_attachment_index(source));
	xml_number(call->xml, "networkCardIndex", 0);
	xml_text(call->xml, "status", "attached");
	xml_time(call->xml, "attachTime", source->attached_since);
	xml_boolean(call->xml, "deleteOnTermination", false);
	xml_close(call->xml, "attachment");
}

static void write_addresses(struct call *call, const struct source *source)
{
	const struct site site = control_get_site(call->control, call->caller);
	const struct address *primary = source_get_address(source, 4);
	char text[ADDRESS_TEXT_SIZE], name[PRIVATE_NAME_SIZE];

	xml_open(call->xml, "privateIpAddressesSet");
	for (size_t i = 0; i < source->address_count; i++) {
		if (source->addresses[i].family != 4)
			continue;
		address_format(&source->addresses[i], text);
		site_name_address(&site, &source->addresses[i], name);
		xml_open(call->xml, "item");
		xml_text(call->xml, "privateIpAddress", text);
		xml_text(call->xml, "privateDnsName", name);
		xml_boolean(call->xml, "primary", &source->addresses[i] == primary);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "privateIpAddressesSet");
	xml_open(call->xml, "ipv6AddressesSet");
	for (size_t i = 0; i < source->address_count; i++) {
		if (source->addresses[i].family != 6)
			continue;
		address_format(&source->addresses[i], text);
		xml_open(call->xml, "item");
		xml_text(call->xml, "ipv6Address", text);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "ipv6AddressesSet");
}
