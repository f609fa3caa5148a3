// SPDX-License-Identifier: Apache-2.0
/* Target groups, as the API shows them. */
#include "control/group.h"

#include "api/elb.h"
#include "api/extension.h"
#include "control/site.h"

/* clang-format off */
#define GROUP_PARAMETER \
	{"TargetGroupArn", PARAMETER_TEXT, .required = true, .names = &group_resource}
#define CHECK_PARAMETERS \
	{"HealthCheckProtocol", PARAMETER_TEXT}, \
	{"HealthCheckPort", PARAMETER_TEXT}, \
	{"HealthCheckEnabled", PARAMETER_BOOLEAN}, \
	{"HealthCheckPath", PARAMETER_TEXT, .minimum = 1, .maximum = CHECK_PATH_SIZE - 1}, \
	{"HealthCheckIntervalSeconds", PARAMETER_NUMBER}, \
	{"HealthCheckTimeoutSeconds", PARAMETER_NUMBER}, \
	{"HealthyThresholdCount", PARAMETER_NUMBER}, \
	{"UnhealthyThresholdCount", PARAMETER_NUMBER}, \
	{"Matcher.HttpCode", PARAMETER_TEXT}, \
	{"Matcher.GrpcCode", PARAMETER_TEXT}, \
	EXTENSION_SHOW_PARAMETER, \
	{"Extension.HealthCheckProtocol", PARAMETER_TEXT}
/* clang-format on */

static const struct parameter create_parameters[] = {
	{"Name", PARAMETER_TEXT, .required = true},
	{"Protocol", PARAMETER_TEXT, .required = true},
	{"ProtocolVersion", PARAMETER_TEXT},
	{"Port", PARAMETER_NUMBER, .required = true, .minimum = 1, .maximum = UINT16_MAX},
	{"VpcId", PARAMETER_TEXT, .required = true},
	CHECK_PARAMETERS,
	{"TargetType", PARAMETER_TEXT},
	ELB_TAG_PARAMETERS,
	{"IpAddressType", PARAMETER_TEXT},
	{"TargetControlPort", PARAMETER_NUMBER},
};

static const struct parameter describe_parameters[] = {
	{"LoadBalancerArn", PARAMETER_TEXT},
	{"TargetGroupArns.member.N", PARAMETER_TEXT},
	{"Names.member.N", PARAMETER_TEXT},
	ELB_PAGE_PARAMETERS,
	EXTENSION_SHOW_PARAMETER,
};

static const struct parameter modify_parameters[] = {GROUP_PARAMETER, CHECK_PARAMETERS};
static const struct parameter delete_parameters[] = {GROUP_PARAMETER};
static const struct parameter describe_attribute_parameters[] = {
	{"TargetGroupArn", PARAMETER_TEXT, .required = true},
};
static const struct parameter modify_attribute_parameters[] = {GROUP_PARAMETER,
							       ELB_ATTRIBUTE_PARAMETERS};

static int create_group(struct call *call, struct refusal *why);
static int describe_groups(struct call *call, struct refusal *why);
static int modify_group(struct call *call, struct refusal *why);
static int delete_group(struct call *call, struct refusal *why);
static int describe_attributes(struct call *call, struct refusal *why);
static int modify_attributes(struct call *call, struct refusal *why);
static int get_check(const struct call *call, struct check_wish *ret_wish, struct refusal *why);
static int refuse_foreign(const struct call *call, const char *name, struct refusal *why);
static void write_groups(struct call *call, const struct group_record *records, size_t count);
static void write_group(struct call *call, const struct group_record *record);
static void write_check(struct call *call, const struct group *group);
static void write_extension(struct call *call, const struct group_record *record);
static void write_attributes(struct call *call, const struct group *group);

static const struct action actions[] = {
	ACTION("CreateTargetGroup", create_parameters, create_group, .creates = &group_resource),
	ACTION("DescribeTargetGroups", describe_parameters, describe_groups),
	ACTION("ModifyTargetGroup", modify_parameters, modify_group),
	ACTION("DeleteTargetGroup", delete_parameters, delete_group),
	ACTION("DescribeTargetGroupAttributes", describe_attribute_parameters, describe_attributes,
	       .steady = true),
	ACTION("ModifyTargetGroupAttributes", modify_attribute_parameters, modify_attributes),
};

const struct action_table group_actions = {actions, ARRAY_SIZE(actions)};

static int create_group(struct call *call, struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {};
	struct group_wish wish = {
		.name = call_get_text(call, "Name"),
		.protocol = call_get_text(call, "Protocol"),
		.vpc = call_get_text(call, "VpcId"),
		.type = call_get_text(call, "TargetType"),
		.family = call_get_text(call, "IpAddressType"),
		.port = call_get_number(call, "Port"),
	};
	int r;

	r = refuse_foreign(call, "ProtocolVersion", why);
	if (r == 0)
		r = refuse_foreign(call, "TargetControlPort", why);
	if (r == 0)
		r = get_check(call, &wish.check, why);
	if (r == 0)
		r = elb_get_tags(call, &wish.tags, &wish.tag_count, why);
	if (r == 0)
		r = control_create_group(call->control, call->caller, &wish, &record, why);
	if (r == 0)
		write_groups(call, &record, 1);
	return r;
}

static int describe_groups(struct call *call, struct refusal *why)
{
	_cleanup_(group_page_fini) struct group_page page = {};
	const char *balancer = call_get_text(call, "LoadBalancerArn");
	const char *const *names;
	struct query query;
	size_t name_count;
	int r;

	names = arguments_get_texts(&call->arguments, "Names.member.N", &name_count);
	r = elb_get_query(call, "TargetGroupArns.member.N", &query, why);
	if (r != 0)
		return r;
	if (name_count > 0 && (balancer || query.id_count > 0 ||
			       call_get_number(call, "PageSize").set || query.next_token))
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Names cannot be used together with ARNs, PageSize or Marker");
	if (name_count > 0)
		r = control_find_groups(call->control, call->caller, names, name_count, &page, why);
	else
		r = control_describe_groups(call->control, call->caller, balancer, &query, &page,
					    why);
	if (r != 0)
		return r;
	write_groups(call, page.items, page.count);
	elb_write_next(call, page.next_token);
	return 0;
}

static int modify_group(struct call *call, struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {};
	struct check_wish wish;
	int r;

	r = get_check(call, &wish, why);
	if (r == 0)
		r = control_modify_group(call->control, call->caller,
					 call_get_text(call, "TargetGroupArn"), &wish, &record,
					 why);
	if (r == 0)
		write_groups(call, &record, 1);
	return r;
}

static int delete_group(struct call *call, struct refusal *why)
{
	return control_delete_group(call->control, call->caller,
				    call_get_text(call, "TargetGroupArn"), why);
}

static int describe_attributes(struct call *call, struct refusal *why)
{
	struct group group;
	int r = control_get_group(call->control, call->caller,
				  call_get_text(call, "TargetGroupArn"), &group, why);

	if (r == 0)
		write_attributes(call, &group);
	return r;
}

static int modify_attributes(struct call *call, struct refusal *why)
{
	_cleanup_(group_record_fini) struct group_record record = {};
	const struct tag *attributes;
	size_t count;
	int r;

	r = elb_get_attributes(call, &attributes, &count, why);
	if (r == 0 && count == 0)
		r = refuse(why, REFUSE_PARAMETER_MISSING,
			   "The request must contain the parameter Attributes");
	if (r == 0)
		r = control_modify_group_attributes(call->control, call->caller,
						    call_get_text(call, "TargetGroupArn"),
						    attributes, count, &record, why);
	if (r == 0)
		write_attributes(call, &record.group);
	return r;
}

static int get_check(const struct call *call, struct check_wish *ret_wish, struct refusal *why)
{
	*ret_wish = (struct check_wish){
		.protocol = call_get_text(call, "HealthCheckProtocol"),
		.extension = call_get_text(call, "Extension.HealthCheckProtocol"),
		.port = call_get_text(call, "HealthCheckPort"),
		.path = call_get_text(call, "HealthCheckPath"),
		.codes = call_get_text(call, "Matcher.HttpCode"),
		.interval = call_get_number(call, "HealthCheckIntervalSeconds"),
		.timeout = call_get_number(call, "HealthCheckTimeoutSeconds"),
		.healthy_threshold = call_get_number(call, "HealthyThresholdCount"),
		.unhealthy_threshold = call_get_number(call, "UnhealthyThresholdCount"),
		.enabled = call_get_number(call, "HealthCheckEnabled"),
	};
	return refuse_foreign(call, "Matcher.GrpcCode", why);
}

/* What only Application Load Balancers have. */
static int refuse_foreign(const struct call *call, const char *name, struct refusal *why)
{
	if (!call_get_text(call, name))
		return 0;
	return refuse(why, REFUSE_PARAMETER_COMBINATION,
		      "%s cannot be specified for target groups with protocols UDP, TCP_UDP and "
		      "GENEVE",
		      name);
}

static void write_groups(struct call *call, const struct group_record *records, size_t count)
{
	xml_open(call->xml, "TargetGroups");
	for (size_t i = 0; i < count; i++)
		write_group(call, &records[i]);
	xml_close(call->xml, "TargetGroups");
}

static void write_group(struct call *call, const struct group_record *record)
{
	const struct site site = control_get_site(call->control, call->caller);
	const struct group *group = &record->group;
	struct text *xml = call->xml;

	xml_open(xml, "member");
	xml_text(xml, "TargetGroupArn", group->arn.text);
	xml_text(xml, "TargetGroupName", group->name);
	xml_text(xml, "Protocol", group_protocol_name(group->protocol));
	xml_number(xml, "Port", group->port);
	xml_text(xml, "VpcId", site.vpc.text);
	write_check(call, group);
	xml_open(xml, "LoadBalancerArns");
	for (size_t i = 0; i < record->balancer_count; i++)
		xml_text(xml, "member", record->balancers[i].text);
	xml_close(xml, "LoadBalancerArns");
	xml_text(xml, "TargetType", group_type_name(group->type));
	xml_text(xml, "IpAddressType", group->family == 6 ? "ipv6" : "ipv4");
	write_extension(call, record);
	xml_close(xml, "member");
}

/* The protocols that AWS does not check with are left out: its clients would not know them. */
static void write_check(struct call *call, const struct group *group)
{
	const struct health_check *check = &group->check;
	struct text *xml = call->xml;

	if (check->protocol <= CHECK_HTTPS)
		xml_text(xml, "HealthCheckProtocol", group_check_name(check->protocol));
	if (group->check_port != 0)
		xml_number(xml, "HealthCheckPort", group->check_port);
	else
		xml_text(xml, "HealthCheckPort", "traffic-port");
	xml_boolean(xml, "HealthCheckEnabled", check->protocol != CHECK_NONE);
	xml_number(xml, "HealthCheckIntervalSeconds", check->interval);
	xml_number(xml, "HealthCheckTimeoutSeconds", check->timeout);
	xml_number(xml, "HealthyThresholdCount", check->healthy_threshold);
	xml_number(xml, "UnhealthyThresholdCount", check->unhealthy_threshold);
	xml_text_if_set(xml, "HealthCheckPath", check->path);
	if (check->codes[0] == '\0')
		return;
	xml_open(xml, "Matcher");
	xml_text(xml, "HttpCode", check->codes);
	xml_close(xml, "Matcher");
}

static void write_extension(struct call *call, const struct group_record *record)
{
	struct text *xml = call->xml;

	if (!extension_is_wanted(call))
		return;
	xml_open(xml, "Extension");
	xml_text(xml, "HealthCheckProtocol", group_check_name(record->group.check.protocol));
	xml_number(xml, "Hosts", record->hosts);
	xml_count(xml, "Flows", record->flows.flows);
	xml_count(xml, "MovedFlows", record->flows.moved);
	xml_count(xml, "EvictedFlows", record->flows.evicted);
	xml_close(xml, "Extension");
}

static void write_attributes(struct call *call, const struct group *group)
{
	xml_open(call->xml, "Attributes");
	for (unsigned int i = 0; i < GROUP_ATTRIBUTE_COUNT; i++) {
		const char *key = group_attribute_key(i, group->protocol);

		if (key)
			elb_write_pair(call, key, group_get_attribute(group, i));
	}
	xml_close(call->xml, "Attributes");
}
