// SPDX-License-Identifier: Apache-2.0
/* Load balancers, as the API shows them. */
#include "control/balancer.h"

#include "api/elb.h"
#include "control/site.h"

#include <string.h>

/* clang-format off */
#define BALANCER_PARAMETER \
	{"LoadBalancerArn", PARAMETER_TEXT, .required = true, .names = &balancer_resource}
#define READ_PARAMETER \
	{"LoadBalancerArn", PARAMETER_TEXT, .required = true}
#define SUBNET_PARAMETERS \
	{"Subnets.member.N", PARAMETER_TEXT, .key = "elasticloadbalancing:Subnet"}, \
	{"SubnetMappings.member.N.SubnetId", PARAMETER_TEXT, .key = "elasticloadbalancing:Subnet"}, \
	{"SubnetMappings.member.N.PrivateIPv4Address", PARAMETER_TEXT}, \
	{"SubnetMappings.member.N.AllocationId", PARAMETER_TEXT}, \
	{"EnablePrefixForIpv6SourceNat", PARAMETER_TEXT, .words = "off"}
/* clang-format on */

/* Copies reach appliances of both families whatever the balancer has, so there is no more to choose. */
static const struct parameter create_parameters[] = {
	{"Name", PARAMETER_TEXT, .required = true},
	{"Type", PARAMETER_TEXT},
	{"Scheme", PARAMETER_TEXT, .key = "elasticloadbalancing:Scheme"},
	SUBNET_PARAMETERS,
	{"SecurityGroups.member.N", PARAMETER_TEXT, .key = "elasticloadbalancing:SecurityGroup"},
	{"IpAddressType", PARAMETER_TEXT, .words = "ipv4"},
	ELB_TAG_PARAMETERS,
};

static const struct parameter describe_parameters[] = {
	{"LoadBalancerArns.member.N", PARAMETER_TEXT},
	{"Names.member.N", PARAMETER_TEXT},
	ELB_PAGE_PARAMETERS,
};

static const struct parameter delete_parameters[] = {BALANCER_PARAMETER};

static const struct parameter attribute_parameters[] = {READ_PARAMETER};

static const struct parameter modify_parameters[] = {BALANCER_PARAMETER, ELB_ATTRIBUTE_PARAMETERS};

static const struct parameter subnet_parameters[] = {
	BALANCER_PARAMETER,
	SUBNET_PARAMETERS,
	{"IpAddressType", PARAMETER_TEXT, .words = "ipv4"},
};

static const struct parameter group_parameters[] = {
	BALANCER_PARAMETER,
	{"SecurityGroups.member.N", PARAMETER_TEXT, .key = "elasticloadbalancing:SecurityGroup"},
	{"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", PARAMETER_TEXT, .words = "off"},
};

static const struct parameter address_parameters[] = {
	BALANCER_PARAMETER,
	{"IpAddressType", PARAMETER_TEXT, .required = true, .words = "ipv4"},
};

static int create_balancer(struct call *call, struct refusal *why);
static int describe_balancers(struct call *call, struct refusal *why);
static int delete_balancer(struct call *call, struct refusal *why);
static int describe_attributes(struct call *call, struct refusal *why);
static int modify_attributes(struct call *call, struct refusal *why);
static int set_subnets(struct call *call, struct refusal *why);
static int set_groups(struct call *call, struct refusal *why);
static int set_address_type(struct call *call, struct refusal *why);
static int describe_reservation(struct call *call, struct refusal *why);
static int get_subnets(const struct call *call, struct balancer_wish *wish, struct refusal *why);
static void write_balancer(struct call *call, const struct balancer_record *record);
static void write_zones(struct call *call, const struct balancer_record *record);
static void write_attributes(struct call *call, const struct balancer *balancer);

static const struct action actions[] = {
	ACTION("CreateLoadBalancer", create_parameters, create_balancer,
	       .creates = &balancer_resource),
	ACTION("DescribeLoadBalancers", describe_parameters, describe_balancers, .steady = true),
	ACTION("DeleteLoadBalancer", delete_parameters, delete_balancer),
	ACTION("DescribeLoadBalancerAttributes", attribute_parameters, describe_attributes),
	ACTION("ModifyLoadBalancerAttributes", modify_parameters, modify_attributes),
	ACTION("SetSubnets", subnet_parameters, set_subnets),
	ACTION("SetSecurityGroups", group_parameters, set_groups),
	ACTION("SetIpAddressType", address_parameters, set_address_type),
	ACTION("DescribeCapacityReservation", attribute_parameters, describe_reservation),
};

const struct action_table balancer_actions = {actions, ARRAY_SIZE(actions)};

static int create_balancer(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	struct balancer_wish wish = {
		.name = call_get_text(call, "Name"),
		.type = call_get_text(call, "Type"),
		.scheme = call_get_text(call, "Scheme"),
	};
	int r;

	wish.groups =
		arguments_get_texts(&call->arguments, "SecurityGroups.member.N", &wish.group_count);
	r = get_subnets(call, &wish, why);
	if (r == 0)
		r = elb_get_tags(call, &wish.tags, &wish.tag_count, why);
	if (r == 0)
		r = control_create_balancer(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "LoadBalancers");
	write_balancer(call, &record);
	xml_close(call->xml, "LoadBalancers");
	return 0;
}

static int describe_balancers(struct call *call, struct refusal *why)
{
	_cleanup_(balancer_page_fini) struct balancer_page page = {};
	const char *const *names;
	struct query query = {};
	size_t name_count;
	int r;

	names = arguments_get_texts(&call->arguments, "Names.member.N", &name_count);
	r = elb_get_query(call, name_count > 0 ? "Names.member.N" : "LoadBalancerArns.member.N",
			  &query, why);
	if (r != 0)
		return r;
	if (name_count > 0 && call_get_text(call, "LoadBalancerArns.member.N"))
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Load balancer names and load balancer ARNs cannot be specified "
			      "together");
	r = name_count > 0
		    ? control_find_balancers(call->control, call->caller, names, name_count, &page,
					     why)
		    : control_describe_balancers(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "LoadBalancers");
	for (size_t i = 0; i < page.count; i++)
		write_balancer(call, &page.items[i]);
	xml_close(call->xml, "LoadBalancers");
	elb_write_next(call, page.next_token);
	return 0;
}

static int delete_balancer(struct call *call, struct refusal *why)
{
	return control_delete_balancer(call->control, call->caller,
				       call_get_text(call, "LoadBalancerArn"), why);
}

static int describe_attributes(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	int r = control_get_balancer(call->control, call->caller,
				     call_get_text(call, "LoadBalancerArn"), &record, why);

	if (r == 0)
		write_attributes(call, &record.balancer);
	return r;
}

static int modify_attributes(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	const struct tag *attributes;
	size_t count;
	int r;

	r = elb_get_attributes(call, &attributes, &count, why);
	if (r == 0)
		r = control_modify_balancer(call->control, call->caller,
					    call_get_text(call, "LoadBalancerArn"), attributes,
					    count, &record, why);
	if (r == 0)
		write_attributes(call, &record.balancer);
	return r;
}

static int set_subnets(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	struct balancer_wish wish = {};
	int r;

	r = get_subnets(call, &wish, why);
	if (r == 0)
		r = control_set_subnets(call->control, call->caller,
					call_get_text(call, "LoadBalancerArn"), wish.subnets,
					wish.subnet_count, wish.address, &record, why);
	if (r != 0)
		return r;
	write_zones(call, &record);
	xml_text(call->xml, "IpAddressType", "ipv4");
	return 0;
}

static int set_groups(struct call *call, struct refusal *why)
{
	const char *const *groups;
	size_t count;
	int r;

	groups = arguments_get_texts(&call->arguments, "SecurityGroups.member.N", &count);
	r = control_set_groups(call->control, call->caller, call_get_text(call, "LoadBalancerArn"),
			       groups, count, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "SecurityGroupIds");
	xml_close(call->xml, "SecurityGroupIds");
	return 0;
}

static int set_address_type(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	int r = control_get_balancer(call->control, call->caller,
				     call_get_text(call, "LoadBalancerArn"), &record, why);

	if (r == 0)
		xml_text(call->xml, "IpAddressType", "ipv4");
	return r;
}

/* Nothing is reserved, for nothing stands in the middle: what an AWS balancer says that was never asked for any. */
static int describe_reservation(struct call *call, struct refusal *why)
{
	struct balancer_record record = {};
	int r = control_get_balancer(call->control, call->caller,
				     call_get_text(call, "LoadBalancerArn"), &record, why);

	if (r != 0)
		return r;
	xml_open(call->xml, "CapacityReservationState");
	xml_close(call->xml, "CapacityReservationState");
	return 0;
}

/* Either as a list or with an address. */
static int get_subnets(const struct call *call, struct balancer_wish *wish, struct refusal *why)
{
	const char *const *mapped, *const *addresses;
	size_t mapped_count, address_count;

	if (call_get_text(call, "SubnetMappings.member.N.AllocationId"))
		return refuse(why, REFUSE_ALLOCATION_NOT_FOUND,
			      "The allocation ID '%.64s' does not exist",
			      call_get_text(call, "SubnetMappings.member.N.AllocationId"));
	wish->subnets =
		arguments_get_texts(&call->arguments, "Subnets.member.N", &wish->subnet_count);
	mapped = arguments_get_texts(&call->arguments, "SubnetMappings.member.N.SubnetId",
				     &mapped_count);
	addresses = arguments_get_texts(
		&call->arguments, "SubnetMappings.member.N.PrivateIPv4Address", &address_count);
	if (wish->subnet_count > 0 && mapped_count + address_count > 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Subnets and SubnetMappings cannot be specified together");
	if (mapped_count < address_count)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "Each of SubnetMappings must contain SubnetId");
	if (mapped_count > 0) {
		wish->subnets = mapped;
		wish->subnet_count = mapped_count;
	}
	if (address_count > 0)
		wish->address = addresses[0];
	return 0;
}

/* Gateways have no scheme and no name to be called by. */
static void write_balancer(struct call *call, const struct balancer_record *record)
{
	const struct balancer *balancer = &record->balancer;
	const struct site site = control_get_site(call->control, call->caller);
	char name[BALANCER_DNS_SIZE];

	xml_open(call->xml, "member");
	xml_text(call->xml, "LoadBalancerArn", balancer->arn.text);
	if (balancer->type == BALANCER_NETWORK) {
		balancer_format_dns(balancer, site.region, name);
		xml_text(call->xml, "DNSName", name);
		xml_text(call->xml, "Scheme", balancer->internal ? "internal" : "internet-facing");
	}
	xml_time(call->xml, "CreatedTime", balancer->created);
	xml_text(call->xml, "LoadBalancerName", balancer->name);
	xml_text(call->xml, "VpcId", site.vpc.text);
	xml_open(call->xml, "State");
	xml_text(call->xml, "Code", "active");
	xml_close(call->xml, "State");
	xml_text(call->xml, "Type", balancer_type_name(balancer->type));
	write_zones(call, record);
	xml_text(call->xml, "IpAddressType", "ipv4");
	xml_close(call->xml, "member");
}

/* An address that was picked is not shown, as at AWS; the interface has it. */
static void write_zones(struct call *call, const struct balancer_record *record)
{
	const struct site site = control_get_site(call->control, call->caller);
	char address[ADDRESS_TEXT_SIZE];

	xml_open(call->xml, "AvailabilityZones");
	xml_open(call->xml, "member");
	xml_text(call->xml, "ZoneName", site.zone);
	xml_text(call->xml, "SubnetId", site.subnet.text);
	xml_open(call->xml, "LoadBalancerAddresses");
	if (record->balancer.addressed) {
		address_format(&record->address, address);
		xml_open(call->xml, "member");
		xml_text(call->xml, "PrivateIPv4Address", address);
		xml_close(call->xml, "member");
	}
	xml_close(call->xml, "LoadBalancerAddresses");
	xml_close(call->xml, "member");
	xml_close(call->xml, "AvailabilityZones");
}

static void write_attributes(struct call *call, const struct balancer *balancer)
{
	const char *key, *value;

	xml_open(call->xml, "Attributes");
	for (size_t i = 0; (key = balancer_get_attribute(balancer, i, &value)); i++)
		elb_write_pair(call, key, value);
	xml_close(call->xml, "Attributes");
}
