// SPDX-License-Identifier: Apache-2.0
/* Endpoints to Gateway Load Balancers, and the connections that they are to the owner of their service. */
#include "base/count.h"
#include "cli/lookup.h"
#include "cli/noun.h"
#include "cli/unsuccessful.h"

#include <errno.h>
#include <stdio.h>

#define ID_SIZE 32

static command_function endpoint_create, endpoint_delete, connection_accept, connection_reject;
static int site_set(struct invocation *invocation, struct tmirror_request *request);

static const struct column columns[] = {
	{.title = "ENDPOINT", .path = "vpcEndpointId"},
	{.title = "STATE", .path = "state"},
	{.title = "SERVICE", .path = "serviceName"},
	{.title = "INTERFACE", .path = "networkInterfaceIdSet/item"},
	{.title = "SINCE", .path = "creationTimestamp", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun endpoint = {
	.resource_type = "vpc-endpoint",
	.id_parameter = "VpcEndpointId",
	.id_element = "vpcEndpointId",
	.describe = "DescribeVpcEndpoints",
	.set = "vpcEndpointSet",
	.create = "CreateVpcEndpoint",
	.object = "vpcEndpoint",
	.delete = "DeleteVpcEndpoints",
	.columns = ROWS(columns),
};

static const struct column connection_columns[] = {
	{.title = "ENDPOINT", .path = "vpcEndpointId"},
	{.title = "OWNER", .path = "vpcEndpointOwner"},
	{.title = "STATE", .path = "vpcEndpointState"},
	{.title = "SERVICE", .path = "serviceId"},
	{.title = "SINCE", .path = "creationTimestamp"},
};

static const struct noun connection = {
	.id_parameter = "VpcEndpointId",
	.describe = "DescribeVpcEndpointConnections",
	.set = "vpcEndpointConnectionSet",
	.columns = ROWS(connection_columns),
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The endpoint")};

static const struct argument_row create_rows[] = {
	{.name = "service-name",
	 .value = "NAME",
	 .help = "As in com.amazonaws.vpce.REGION.vpce-svc-…",
	 .parameter = "ServiceName",
	 .required = true},
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The endpoint"),
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Endpoints"), DRY_RUN_ROW};

static const struct argument_row answer_rows[] = {
	{.name = "SERVICE",
	 .help = "The service's id",
	 .parameter = "ServiceId",
	 .word = true,
	 .required = true},
	IDS_ROW("Endpoints"),
	DRY_RUN_ROW,
};

static const struct command rows[] = {
	{"endpoint", "list", "List the endpoints to gateway load balancers", NULL, ROWS(list_rows),
	 noun_list, &endpoint},
	{"endpoint", "show", "Show an endpoint", NULL, ROWS(show_rows), noun_show, &endpoint},
	{"endpoint", "create", "Make an endpoint to a service; prints the id",
	 "Mirror to it by a target:  tmirror target create --gateway-load-balancer-endpoint-id ID",
	 ROWS(create_rows), endpoint_create, &endpoint},
	{"endpoint", "modify", "Change the tags of an endpoint", NULL, ROWS(modify_rows),
	 noun_modify, &endpoint},
	{"endpoint", "delete", "Delete endpoints; targets in front of them stay", NULL,
	 ROWS(delete_rows), endpoint_delete, &endpoint},
	{"endpoint", "connections", "List the endpoints that are connected to own services", NULL,
	 ROWS(list_rows), noun_list, &connection},
	{"endpoint", "accept", "Accept endpoints that wait for it", NULL, ROWS(answer_rows),
	 connection_accept, &connection},
	{"endpoint", "reject", "Reject endpoints, also such as were accepted", NULL,
	 ROWS(answer_rows), connection_reject, &connection},
};

const struct commands vpc_endpoint_commands = ROWS(rows);

static int endpoint_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *made;
	const char *id;
	int r;

	r = invocation_request(invocation, endpoint.create, &request);
	if (r == 0)
		r = site_set(invocation, request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	made = tmirror_node_find(tmirror_response_root(response), endpoint.object);
	id = tmirror_node_text(made, endpoint.id_element);
	if (!id)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, made, &endpoint.columns);
	return puts(id) < 0 ? -EIO : 0;
}

static int endpoint_delete(struct invocation *invocation)
{
	return unsuccessful_call(invocation, endpoint.delete, endpoint.id_parameter);
}

static int connection_accept(struct invocation *invocation)
{
	return unsuccessful_call(invocation, "AcceptVpcEndpointConnections",
				 connection.id_parameter);
}

static int connection_reject(struct invocation *invocation)
{
	return unsuccessful_call(invocation, "RejectVpcEndpointConnections",
				 connection.id_parameter);
}

/* There is one type that means anything here, and one place. */
static int site_set(struct invocation *invocation, struct tmirror_request *request)
{
	char subnet[ID_SIZE], vpc[ID_SIZE];
	int r;

	r = lookup_subnet(invocation, subnet, sizeof(subnet));
	if (r == 0)
		r = lookup_vpc(invocation, vpc, sizeof(vpc));
	if (r != 0)
		return r;
	(void)tmirror_request_set(request, "VpcEndpointType", "GatewayLoadBalancer");
	(void)tmirror_request_set(request, "VpcId", vpc);
	return tmirror_request_append(request, "SubnetId", subnet);
}
