// SPDX-License-Identifier: Apache-2.0
/* The surroundings that EC2's clients look for: VPC, subnet, region, zone and account. */
#include "control/site.h"

#include "api/call.h"

#include <stdio.h>
#include <string.h>

static const struct parameter vpc_parameters[] = {
	{"VpcId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter subnet_parameters[] = {
	{"SubnetId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

/* There is nothing to opt in to, so the two that ask for all change nothing. */
static const struct parameter region_parameters[] = {
	{"RegionName.N", PARAMETER_TEXT},
	{"AllRegions", PARAMETER_BOOLEAN},
	FILTER_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter zone_parameters[] = {
	{"ZoneName.N", PARAMETER_TEXT},
	{"ZoneId.N", PARAMETER_TEXT},
	{"AllAvailabilityZones", PARAMETER_BOOLEAN},
	FILTER_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter account_parameters[] = {
	{"AttributeName.N", PARAMETER_TEXT, .words = "supported-platforms|default-vpc"},
	DRY_RUN_PARAMETER,
};

static const struct parameter prefix_list_parameters[] = {
	{"PrefixListId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int describe_vpcs(struct call *call, struct refusal *why);
static int describe_subnets(struct call *call, struct refusal *why);
static int describe_regions(struct call *call, struct refusal *why);
static int describe_zones(struct call *call, struct refusal *why);
static int describe_account(struct call *call, struct refusal *why);
static int describe_prefix_lists(struct call *call, struct refusal *why);
static void write_vpc(struct call *call, const struct site_record *record);
static void write_subnet(struct call *call, const struct site_record *record);
static void write_blocks(struct call *call, const struct site *site);
static void write_block(struct call *call, const struct site *site, const char *set,
			const char *block, const char *cidr, const char *state);
static void write_zone(struct call *call, const struct site *site);
static void write_attribute(struct call *call, const char *name, const char *value);

static const struct action actions[] = {
	ACTION("DescribeVpcs", vpc_parameters, describe_vpcs),
	ACTION("DescribeSubnets", subnet_parameters, describe_subnets),
	ACTION("DescribeRegions", region_parameters, describe_regions),
	ACTION("DescribeAvailabilityZones", zone_parameters, describe_zones),
	ACTION("DescribeAccountAttributes", account_parameters, describe_account),
	ACTION("DescribePrefixLists", prefix_list_parameters, describe_prefix_lists),
};

const struct action_table site_actions = {actions, ARRAY_SIZE(actions)};

static int describe_vpcs(struct call *call, struct refusal *why)
{
	_cleanup_(site_page_fini) struct site_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "VpcId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_vpcs(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "vpcSet");
	for (size_t i = 0; i < page.count; i++)
		write_vpc(call, &page.items[i]);
	xml_close(call->xml, "vpcSet");
	return 0;
}

static int describe_subnets(struct call *call, struct refusal *why)
{
	_cleanup_(site_page_fini) struct site_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "SubnetId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_subnets(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "subnetSet");
	for (size_t i = 0; i < page.count; i++)
		write_subnet(call, &page.items[i]);
	xml_close(call->xml, "subnetSet");
	return 0;
}

static int describe_regions(struct call *call, struct refusal *why)
{
	_cleanup_(site_page_fini) struct site_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "RegionName.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_regions(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "regionInfo");
	for (size_t i = 0; i < page.count; i++) {
		xml_open(call->xml, "item");
		xml_text(call->xml, "regionName", page.items[i].site.region);
		xml_text_if_set(call->xml, "regionEndpoint", control_get_endpoint(call->control));
		xml_text(call->xml, "optInStatus", "opt-in-not-required");
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "regionInfo");
	return 0;
}

static int describe_zones(struct call *call, struct refusal *why)
{
	_cleanup_(site_page_fini) struct site_page page = {};
	const char *const *zone_ids;
	struct query query;
	size_t zone_id_count;
	int r;

	r = call_get_query(call, "ZoneName.N", &query, why);
	if (r != 0)
		return r;
	zone_ids = arguments_get_texts(&call->arguments, "ZoneId.N", &zone_id_count);
	if (query.id_count > 0 && zone_id_count > 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "ZoneName and ZoneId cannot be given together");
	if (zone_id_count > 0) {
		query.ids = zone_ids;
		query.id_count = zone_id_count;
	}
	r = control_describe_zones(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "availabilityZoneInfo");
	for (size_t i = 0; i < page.count; i++)
		write_zone(call, &page.items[i].site);
	xml_close(call->xml, "availabilityZoneInfo");
	return 0;
}

static int describe_account(struct call *call, struct refusal *why)
{
	const struct site site = control_get_site(call->control, call->caller);
	const struct {
		const char *name, *value;
	} attributes[] = {{"supported-platforms", "VPC"}, {"default-vpc", site.vpc.text}};
	const char *const *names;
	size_t count;

	(void)why;
	names = arguments_get_texts(&call->arguments, "AttributeName.N", &count);
	xml_open(call->xml, "accountAttributeSet");
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		bool wanted = count == 0;

		for (size_t j = 0; j < count; j++)
			wanted |= strcmp(names[j], attributes[i].name) == 0;
		if (wanted)
			write_attribute(call, attributes[i].name, attributes[i].value);
	}
	xml_close(call->xml, "accountAttributeSet");
	return 0;
}

/* Terraform looks for a list of the name of each endpoint's service. */
static int describe_prefix_lists(struct call *call, struct refusal *why)
{
	struct query query;
	int r;

	r = call_get_query(call, "PrefixListId.N", &query, why);
	if (r == 0)
		r = control_describe_prefix_lists(call->control, call->caller, &query, why);
	if (r == 0)
		xml_set(call->xml, "prefixListSet", NULL);
	return r;
}

static void write_vpc(struct call *call, const struct site_record *record)
{
	const struct site *site = &record->site;

	xml_open(call->xml, "item");
	xml_text(call->xml, "vpcId", site->vpc.text);
	xml_text(call->xml, "ownerId", site->owner.text);
	xml_text(call->xml, "state", "available");
	xml_text(call->xml, "cidrBlock", SITE_CIDR_IPV4);
	write_blocks(call, site);
	xml_text(call->xml, "instanceTenancy", "default");
	xml_boolean(call->xml, "isDefault", true);
	call_write_tags(call, &record->tags);
	xml_close(call->xml, "item");
}

static void write_subnet(struct call *call, const struct site_record *record)
{
	const struct site *site = &record->site;
	char arn[PRINCIPAL_SIZE];

	(void)snprintf(arn, sizeof(arn), "arn:aws:ec2:%s:%s:subnet/%s", site->region,
		       site->owner.text, site->subnet.text);
	xml_open(call->xml, "item");
	xml_text(call->xml, "subnetId", site->subnet.text);
	xml_text(call->xml, "subnetArn", arn);
	xml_text(call->xml, "vpcId", site->vpc.text);
	xml_text(call->xml, "ownerId", site->owner.text);
	xml_text(call->xml, "state", "available");
	xml_text(call->xml, "cidrBlock", SITE_CIDR_IPV4);
	write_block(call, site, "ipv6CidrBlockAssociationSet", "ipv6CidrBlock", SITE_CIDR_IPV6,
		    "ipv6CidrBlockState");
	xml_text(call->xml, "availabilityZone", site->zone);
	xml_text(call->xml, "availabilityZoneId", site->zone_id);
	xml_number(call->xml, "availableIpAddressCount", SITE_AVAILABLE_ADDRESSES);
	xml_boolean(call->xml, "defaultForAz", true);
	xml_boolean(call->xml, "mapPublicIpOnLaunch", false);
	xml_boolean(call->xml, "assignIpv6AddressOnCreation", false);
	call_write_tags(call, &record->tags);
	xml_close(call->xml, "item");
}

static void write_blocks(struct call *call, const struct site *site)
{
	write_block(call, site, "cidrBlockAssociationSet", "cidrBlock", SITE_CIDR_IPV4,
		    "cidrBlockState");
	write_block(call, site, "ipv6CidrBlockAssociationSet", "ipv6CidrBlock", SITE_CIDR_IPV6,
		    "ipv6CidrBlockState");
}

/* One block, associated from the beginning; the association's id has the digits of the VPC's. */
static void write_block(struct call *call, const struct site *site, const char *set,
			const char *block, const char *cidr, const char *state)
{
	const char *digits = strchr(site->vpc.text, '-');
	char id[RESOURCE_ID_SIZE + 16];

	(void)snprintf(id, sizeof(id), "vpc-cidr-assoc%s", digits ? digits : "");
	xml_open(call->xml, set);
	xml_open(call->xml, "item");
	xml_text(call->xml, "associationId", id);
	xml_text(call->xml, block, cidr);
	xml_open(call->xml, state);
	xml_text(call->xml, "state", "associated");
	xml_close(call->xml, state);
	xml_close(call->xml, "item");
	xml_close(call->xml, set);
}

static void write_zone(struct call *call, const struct site *site)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "optInStatus", "opt-in-not-required");
	xml_open(call->xml, "messageSet");
	xml_close(call->xml, "messageSet");
	xml_text(call->xml, "regionName", site->region);
	xml_text(call->xml, "zoneName", site->zone);
	xml_text(call->xml, "zoneId", site->zone_id);
	xml_text(call->xml, "groupName", site->region);
	xml_text(call->xml, "networkBorderGroup", site->region);
	xml_text(call->xml, "zoneType", "availability-zone");
	xml_text(call->xml, "zoneState", "available");
	xml_close(call->xml, "item");
}

static void write_attribute(struct call *call, const char *name, const char *value)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "attributeName", name);
	xml_open(call->xml, "attributeValueSet");
	xml_open(call->xml, "item");
	xml_text(call->xml, "attributeValue", value);
	xml_close(call->xml, "item");
	xml_close(call->xml, "attributeValueSet");
	xml_close(call->xml, "item");
}
