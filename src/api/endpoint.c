// SPDX-License-Identifier: Apache-2.0
/* Endpoints, as the API shows them: to their owner, and as connections to the owner of their service. */
#include "control/endpoint.h"

#include "api/call.h"
#include "api/resource.h"

static const struct parameter create_parameters[] = {
	{"VpcEndpointType", PARAMETER_TEXT, .required = true, .words = "GatewayLoadBalancer"},
	{"VpcId", PARAMETER_TEXT, .required = true, .names = &vpc_resource},
	{"ServiceName", PARAMETER_TEXT, .required = true, .key = "ec2:VpceServiceName"},
	{"SubnetId.N", PARAMETER_TEXT, .required = true, .names = &subnet_resource},
	{"IpAddressType", PARAMETER_TEXT, .words = "ipv4"},
	{"PrivateDnsEnabled", PARAMETER_BOOLEAN},
	{"SecurityGroupId.N", PARAMETER_TEXT},
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"VpcEndpointId.N", PARAMETER_TEXT, .required = true, .names = &endpoint_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"VpcEndpointId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter connections_parameters[] = {
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter answer_parameters[] = {
	{"ServiceId", PARAMETER_TEXT, .required = true, .names = &endpoint_service_resource},
	{"VpcEndpointId.N", PARAMETER_TEXT, .required = true},
	DRY_RUN_PARAMETER,
};

static int create_endpoint(struct call *call, struct refusal *why);
static int delete_endpoints(struct call *call, struct refusal *why);
static int describe_endpoints(struct call *call, struct refusal *why);
static int describe_connections(struct call *call, struct refusal *why);
static int accept_connections(struct call *call, struct refusal *why);
static int reject_connections(struct call *call, struct refusal *why);
static int answer_connections(struct call *call, bool accept, struct refusal *why);
static int check_extras(const struct call *call, struct refusal *why);
static void write_endpoint(struct call *call, const char *element,
			   const struct endpoint_record *record);
static void write_connection(struct call *call, const struct endpoint_record *record);

static const struct action actions[] = {
	ACTION("CreateVpcEndpoint", create_parameters, create_endpoint,
	       .creates = &endpoint_resource),
	ACTION("DeleteVpcEndpoints", delete_parameters, delete_endpoints),
	ACTION("DescribeVpcEndpoints", describe_parameters, describe_endpoints),
	ACTION("DescribeVpcEndpointConnections", connections_parameters, describe_connections),
	ACTION("AcceptVpcEndpointConnections", answer_parameters, accept_connections),
	ACTION("RejectVpcEndpointConnections", answer_parameters, reject_connections),
};

const struct action_table endpoint_actions = {actions, ARRAY_SIZE(actions)};

static int create_endpoint(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_record_fini) struct endpoint_record record = {};
	struct endpoint_wish wish = {
		.vpc = call_get_text(call, "VpcId"),
		.service = call_get_text(call, "ServiceName"),
		.once = call_get_once(call),
	};
	int r;

	wish.subnets = arguments_get_texts(&call->arguments, "SubnetId.N", &wish.subnet_count);
	r = check_extras(call, why);
	if (r == 0)
		r = call_get_tags(call, RESOURCE_ENDPOINT, &wish.tags, &wish.tag_count, why);
	if (r == 0)
		r = control_create_endpoint(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_endpoint(call, "vpcEndpoint", &record);
	call_write_token(call);
	return 0;
}

static int delete_endpoints(struct call *call, struct refusal *why)
{
	_cleanup_(unsuccessful_list_fini) struct unsuccessful_list list = {};
	const char *const *ids;
	size_t count;
	int r;

	ids = arguments_get_texts(&call->arguments, "VpcEndpointId.N", &count);
	r = control_delete_endpoints(call->control, call->caller, ids, count, &list, why);
	if (r == 0)
		call_write_unsuccessful(call, &list);
	return r;
}

static int describe_endpoints(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_page_fini) struct endpoint_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "VpcEndpointId.N", &query, why);
	if (r == 0)
		r = control_describe_endpoints(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "vpcEndpointSet");
	for (size_t i = 0; i < page.count; i++)
		write_endpoint(call, "item", &page.items[i]);
	xml_close(call->xml, "vpcEndpointSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int describe_connections(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_page_fini) struct endpoint_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_connections(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "vpcEndpointConnectionSet");
	for (size_t i = 0; i < page.count; i++)
		write_connection(call, &page.items[i]);
	xml_close(call->xml, "vpcEndpointConnectionSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int accept_connections(struct call *call, struct refusal *why)
{
	return answer_connections(call, true, why);
}

static int reject_connections(struct call *call, struct refusal *why)
{
	return answer_connections(call, false, why);
}

static int answer_connections(struct call *call, bool accept, struct refusal *why)
{
	_cleanup_(unsuccessful_list_fini) struct unsuccessful_list list = {};
	struct connections_answer answer = {
		.service = call_get_text(call, "ServiceId"),
		.accept = accept,
	};
	int r;

	answer.endpoints = arguments_get_texts(&call->arguments, "VpcEndpointId.N", &answer.count);
	r = control_answer_connections(call->control, call->caller, &answer, &list, why);
	if (r == 0)
		call_write_unsuccessful(call, &list);
	return r;
}

/* Of what other types of endpoint have, only its absence can be asked for. */
static int check_extras(const struct call *call, struct refusal *why)
{
	const char *const *groups;
	size_t count;

	groups = arguments_get_texts(&call->arguments, "SecurityGroupId.N", &count);
	if (count > 0)
		return refuse(why, REFUSE_GROUP_NOT_FOUND,
			      "The security group '%.100s' does not exist", groups[0]);
	if (arguments_get_boolean(&call->arguments, "PrivateDnsEnabled"))
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "An endpoint to a Gateway Load Balancer has no private DNS name");
	return 0;
}

static void write_endpoint(struct call *call, const char *element,
			   const struct endpoint_record *record)
{
	const struct endpoint *endpoint = &record->endpoint;

	xml_open(call->xml, element);
	xml_text(call->xml, "vpcEndpointId", endpoint->id.text);
	xml_text(call->xml, "vpcEndpointType", "GatewayLoadBalancer");
	xml_text(call->xml, "vpcId", record->vpc.text);
	xml_text(call->xml, "serviceName", record->service);
	xml_text(call->xml, "state", endpoint_state_name(endpoint->state));
	xml_set(call->xml, "routeTableIdSet", NULL);
	xml_set(call->xml, "subnetIdSet", record->subnet.text);
	xml_set(call->xml, "groupSet", NULL);
	xml_text(call->xml, "ipAddressType", "ipv4");
	xml_boolean(call->xml, "privateDnsEnabled", false);
	xml_boolean(call->xml, "requesterManaged", false);
	xml_set(call->xml, "networkInterfaceIdSet", endpoint->interface.text);
	xml_set(call->xml, "dnsEntrySet", NULL);
	xml_time(call->xml, "creationTimestamp", endpoint->created);
	call_write_tags(call, &record->tags);
	xml_text(call->xml, "ownerId", endpoint->owner.text);
	xml_text(call->xml, "serviceRegion", control_get_region(call->control));
	xml_close(call->xml, element);
}

static void write_connection(struct call *call, const struct endpoint_record *record)
{
	const struct endpoint *endpoint = &record->endpoint;

	xml_open(call->xml, "item");
	xml_text(call->xml, "serviceId", endpoint->service.text);
	xml_text(call->xml, "vpcEndpointId", endpoint->id.text);
	xml_text(call->xml, "vpcEndpointOwner", endpoint->owner.text);
	xml_text(call->xml, "vpcEndpointState", endpoint_state_name(endpoint->state));
	xml_time(call->xml, "creationTimestamp", endpoint->created);
	xml_set(call->xml, "dnsEntrySet", NULL);
	xml_set(call->xml, "gatewayLoadBalancerArnSet", record->balancer.text);
	xml_text(call->xml, "ipAddressType", "ipv4");
	xml_set(call->xml, "tagSet", NULL);
	xml_text(call->xml, "vpcEndpointRegion", control_get_region(call->control));
	xml_close(call->xml, "item");
}
