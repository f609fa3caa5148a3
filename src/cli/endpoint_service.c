// SPDX-License-Identifier: Apache-2.0
/* Endpoint services: what offers a Gateway Load Balancer to endpoints, also of other accounts. */
#include "base/count.h"
#include "cli/noun.h"
#include "cli/unsuccessful.h"

static command_function service_delete, service_permit;

static const struct column columns[] = {
	{.title = "SERVICE", .path = "serviceId"},
	{.title = "NAME", .path = "serviceName"},
	{.title = "ACCEPTANCE", .path = "acceptanceRequired"},
	{.title = "LOAD BALANCER", .path = "gatewayLoadBalancerArnSet/item", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun service = {
	.resource_type = "vpc-endpoint-service",
	.id_parameter = "ServiceId",
	.id_element = "serviceId",
	.describe = "DescribeVpcEndpointServiceConfigurations",
	.set = "serviceConfigurationSet",
	.create = "CreateVpcEndpointServiceConfiguration",
	.object = "serviceConfiguration",
	.modify = "ModifyVpcEndpointServiceConfiguration",
	.delete = "DeleteVpcEndpointServiceConfigurations",
	.columns = ROWS(columns),
};

static const struct column offered_columns[] = {
	{.title = "NAME", .path = "serviceName"},
	{.title = "OWNER", .path = "owner"},
	{.title = "ACCEPTANCE", .path = "acceptanceRequired"},
};

static const struct noun offered = {
	.describe = "DescribeVpcEndpointServices",
	.set = "serviceDetailSet",
	.columns = ROWS(offered_columns),
};

static const struct column permission_columns[] = {
	{.title = "PRINCIPAL", .path = "principal"},
	{.title = "TYPE", .path = "principalType"},
	{.title = "PERMISSION", .path = "servicePermissionId"},
};

static const struct noun permission = {
	.describe = "DescribeVpcEndpointServicePermissions",
	.set = "allowedPrincipals",
	.columns = ROWS(permission_columns),
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The service")};

static const struct argument_row create_rows[] = {
	{.name = "gateway-load-balancer-arn",
	 .value = "ARN",
	 .help = "What it offers",
	 .parameter = "GatewayLoadBalancerArn",
	 .form = FORM_LIST,
	 .required = true},
	{.name = "no-acceptance",
	 .help = "Endpoints need not be accepted",
	 .parameter = "AcceptanceRequired",
	 .form = FORM_SWITCH_OFF},
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The service"),
	{.name = "acceptance",
	 .help = "New endpoints wait until they are accepted",
	 .parameter = "AcceptanceRequired",
	 .form = FORM_SWITCH},
	{.name = "no-acceptance",
	 .help = "They need not be accepted",
	 .parameter = "AcceptanceRequired",
	 .form = FORM_SWITCH_OFF},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Services"), DRY_RUN_ROW};

#define SERVICE_ROW                                                                             \
	{                                                                                       \
		.name = ID_WORD, .help = "The service", .parameter = "ServiceId", .word = true, \
		.required = true,                                                               \
	}

static const struct argument_row permit_rows[] = {
	SERVICE_ROW,
	{.name = "add",
	 .value = "PRINCIPAL,…",
	 .help = "The ARN of an account (…:root), a user or a role, or *",
	 .parameter = "AddAllowedPrincipals",
	 .form = FORM_LIST,
	 .repeated = true},
	{.name = "remove",
	 .value = "PRINCIPAL,…",
	 .help = "No longer; endpoints that are there stay",
	 .parameter = "RemoveAllowedPrincipals",
	 .form = FORM_LIST,
	 .repeated = true},
	DRY_RUN_ROW,
};

static const struct argument_row permissions_rows[] = {SERVICE_ROW, FILTER_ROW};

static const struct command rows[] = {
	{"endpoint-service", "list", "List the own endpoint services", NULL, ROWS(list_rows),
	 noun_list, &service},
	{"endpoint-service", "show", "Show an endpoint service", NULL, ROWS(show_rows), noun_show,
	 &service},
	{"endpoint-service", "create", "Offer a gateway load balancer to endpoints; prints the id",
	 NULL, ROWS(create_rows), noun_create, &service},
	{"endpoint-service", "modify", "Change acceptance and tags of a service", NULL,
	 ROWS(modify_rows), noun_modify, &service},
	{"endpoint-service", "delete", "Delete services that no endpoint is connected to", NULL,
	 ROWS(delete_rows), service_delete, &service},
	{"endpoint-service", "offers", "List the services that endpoints can be made to", NULL,
	 ROWS(list_rows), noun_list, &offered},
	{"endpoint-service", "permit", "Change who may make endpoints to a service", NULL,
	 ROWS(permit_rows), service_permit, &permission},
	{"endpoint-service", "permissions", "List who may make endpoints to a service", NULL,
	 ROWS(permissions_rows), noun_list, &permission},
};

const struct commands endpoint_service_commands = ROWS(rows);

static int service_delete(struct invocation *invocation)
{
	return unsuccessful_call(invocation, service.delete, service.id_parameter);
}

static int service_permit(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = invocation_request(invocation, "ModifyVpcEndpointServicePermissions", &request);

	return r != 0 ? r : invocation_call(invocation, request, &response);
}
