// SPDX-License-Identifier: Apache-2.0
/* Endpoint services, as the API shows them: to their owner, and to whoever may make endpoints to them. */
#include "control/endpoint_service.h"

#include "api/call.h"
#include "api/resource.h"
#include "control/site.h"

static const struct parameter create_parameters[] = {
	{"GatewayLoadBalancerArn.N", PARAMETER_TEXT, .required = true},
	{"AcceptanceRequired", PARAMETER_BOOLEAN},
	{"SupportedIpAddressType.N", PARAMETER_TEXT, .words = "ipv4"},
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter modify_parameters[] = {
	{"ServiceId", PARAMETER_TEXT, .required = true, .names = &endpoint_service_resource},
	{"AcceptanceRequired", PARAMETER_BOOLEAN},
	{"AddGatewayLoadBalancerArn.N", PARAMETER_TEXT},
	{"RemoveGatewayLoadBalancerArn.N", PARAMETER_TEXT},
	DRY_RUN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"ServiceId.N", PARAMETER_TEXT, .required = true, .names = &endpoint_service_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"ServiceId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter offered_parameters[] = {
	{"ServiceName.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter permit_parameters[] = {
	{"ServiceId", PARAMETER_TEXT, .required = true, .names = &endpoint_service_resource},
	{"AddAllowedPrincipals.N", PARAMETER_TEXT},
	{"RemoveAllowedPrincipals.N", PARAMETER_TEXT},
	DRY_RUN_PARAMETER,
};

static const struct parameter permissions_parameters[] = {
	{"ServiceId", PARAMETER_TEXT, .required = true, .names = &endpoint_service_resource},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int create_service(struct call *call, struct refusal *why);
static int modify_service(struct call *call, struct refusal *why);
static int delete_services(struct call *call, struct refusal *why);
static int describe_services(struct call *call, struct refusal *why);
static int describe_offered(struct call *call, struct refusal *why);
static int modify_permissions(struct call *call, struct refusal *why);
static int describe_permissions(struct call *call, struct refusal *why);
static void write_service(struct call *call, const char *element,
			  const struct endpoint_service_record *record);
static void write_offered(struct call *call, const struct endpoint_service_record *record);
static void write_common(struct call *call, const struct endpoint_service_record *record);
static void write_principal(struct call *call, const struct service_principal *principal);

static const struct action actions[] = {
	ACTION("CreateVpcEndpointServiceConfiguration", create_parameters, create_service,
	       .creates = &endpoint_service_resource),
	ACTION("ModifyVpcEndpointServiceConfiguration", modify_parameters, modify_service,
	       .changes = true),
	ACTION("DeleteVpcEndpointServiceConfigurations", delete_parameters, delete_services),
	ACTION("DescribeVpcEndpointServiceConfigurations", describe_parameters, describe_services),
	ACTION("DescribeVpcEndpointServices", offered_parameters, describe_offered),
	ACTION("ModifyVpcEndpointServicePermissions", permit_parameters, modify_permissions,
	       .changes = true),
	ACTION("DescribeVpcEndpointServicePermissions", permissions_parameters,
	       describe_permissions),
};

const struct action_table endpoint_service_actions = {actions, ARRAY_SIZE(actions)};

static int create_service(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_service_record_fini) struct endpoint_service_record record = {};
	struct endpoint_service_wish wish = {.once = call_get_once(call)};
	int64_t acceptance = true;
	int r;

	wish.balancers = arguments_get_texts(&call->arguments, "GatewayLoadBalancerArn.N",
					     &wish.balancer_count);
	(void)arguments_get_number(&call->arguments, "AcceptanceRequired", &acceptance);
	wish.acceptance = acceptance;
	r = call_get_tags(call, RESOURCE_ENDPOINT_SERVICE, &wish.tags, &wish.tag_count, why);
	if (r == 0)
		r = control_create_endpoint_service(call->control, call->caller, &wish, &record,
						    why);
	if (r != 0)
		return r;
	write_service(call, "serviceConfiguration", &record);
	call_write_token(call);
	return 0;
}

static int modify_service(struct call *call, struct refusal *why)
{
	struct endpoint_service_change change = {
		.acceptance = call_get_number(call, "AcceptanceRequired"),
	};
	int r;

	change.add = arguments_get_texts(&call->arguments, "AddGatewayLoadBalancerArn.N",
					 &change.add_count);
	change.remove = arguments_get_texts(&call->arguments, "RemoveGatewayLoadBalancerArn.N",
					    &change.remove_count);
	r = control_modify_endpoint_service(call->control, call->caller,
					    call_get_text(call, "ServiceId"), &change, why);
	if (r == 0)
		call_write_done(call);
	return r;
}

static int delete_services(struct call *call, struct refusal *why)
{
	_cleanup_(unsuccessful_list_fini) struct unsuccessful_list list = {};
	const char *const *ids;
	size_t count;
	int r;

	ids = arguments_get_texts(&call->arguments, "ServiceId.N", &count);
	r = control_delete_endpoint_services(call->control, call->caller, ids, count, &list, why);
	if (r == 0)
		call_write_unsuccessful(call, &list);
	return r;
}

static int describe_services(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_service_page_fini) struct endpoint_service_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "ServiceId.N", &query, why);
	if (r == 0)
		r = control_describe_endpoint_services(call->control, call->caller, &query, &page,
						       why);
	if (r != 0)
		return r;
	xml_open(call->xml, "serviceConfigurationSet");
	for (size_t i = 0; i < page.count; i++)
		write_service(call, "item", &page.items[i]);
	xml_close(call->xml, "serviceConfigurationSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int describe_offered(struct call *call, struct refusal *why)
{
	_cleanup_(endpoint_service_page_fini) struct endpoint_service_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "ServiceName.N", &query, why);
	if (r == 0)
		r = control_describe_offered_services(call->control, call->caller, &query, &page,
						      why);
	if (r != 0)
		return r;
	xml_open(call->xml, "serviceNameSet");
	for (size_t i = 0; i < page.count; i++)
		xml_text(call->xml, "item", page.items[i].name);
	xml_close(call->xml, "serviceNameSet");
	xml_open(call->xml, "serviceDetailSet");
	for (size_t i = 0; i < page.count; i++)
		write_offered(call, &page.items[i]);
	xml_close(call->xml, "serviceDetailSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int modify_permissions(struct call *call, struct refusal *why)
{
	_cleanup_(service_principal_page_fini) struct service_principal_page added = {};
	struct service_principals_change change = {.service = call_get_text(call, "ServiceId")};
	int r;

	change.add =
		arguments_get_texts(&call->arguments, "AddAllowedPrincipals.N", &change.add_count);
	change.remove = arguments_get_texts(&call->arguments, "RemoveAllowedPrincipals.N",
					    &change.remove_count);
	r = control_modify_service_principals(call->control, call->caller, &change, &added, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "addedPrincipalSet");
	for (size_t i = 0; i < added.count; i++)
		write_principal(call, &added.items[i]);
	xml_close(call->xml, "addedPrincipalSet");
	call_write_done(call);
	return 0;
}

static int describe_permissions(struct call *call, struct refusal *why)
{
	_cleanup_(service_principal_page_fini) struct service_principal_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_service_principals(call->control, call->caller,
							call_get_text(call, "ServiceId"), &query,
							&page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "allowedPrincipals");
	for (size_t i = 0; i < page.count; i++)
		write_principal(call, &page.items[i]);
	xml_close(call->xml, "allowedPrincipals");
	call_write_next(call, page.next_token);
	return 0;
}

static void write_service(struct call *call, const char *element,
			  const struct endpoint_service_record *record)
{
	xml_open(call->xml, element);
	write_common(call, record);
	xml_text(call->xml, "serviceState", "Available");
	xml_set(call->xml, "gatewayLoadBalancerArnSet", record->service.balancer.text);
	xml_boolean(call->xml, "remoteAccessEnabled", false);
	xml_close(call->xml, element);
}

static void write_offered(struct call *call, const struct endpoint_service_record *record)
{
	xml_open(call->xml, "item");
	write_common(call, record);
	xml_text(call->xml, "serviceRegion", control_get_region(call->control));
	xml_text(call->xml, "owner", record->service.owner.text);
	xml_boolean(call->xml, "vpcEndpointPolicySupported", false);
	xml_close(call->xml, "item");
}

/* What both sides see. */
static void write_common(struct call *call, const struct endpoint_service_record *record)
{
	const struct caller owner = {.account = record->service.owner};
	const struct site site = control_get_site(call->control, &owner);

	xml_text(call->xml, "serviceName", record->name);
	xml_text(call->xml, "serviceId", record->service.id.text);
	xml_open(call->xml, "serviceType");
	xml_open(call->xml, "item");
	xml_text(call->xml, "serviceType", "GatewayLoadBalancer");
	xml_close(call->xml, "item");
	xml_close(call->xml, "serviceType");
	xml_set(call->xml, "availabilityZoneSet", site.zone);
	xml_set(call->xml, "availabilityZoneIdSet", site.zone_id);
	xml_boolean(call->xml, "acceptanceRequired", record->service.acceptance);
	xml_boolean(call->xml, "managesVpcEndpoints", false);
	xml_set(call->xml, "supportedIpAddressTypeSet", "ipv4");
	call_write_tags(call, &record->tags);
}

static void write_principal(struct call *call, const struct service_principal *principal)
{
	enum principal_type type = PRINCIPAL_ALL;

	(void)principal_type_find(principal->principal, &type);
	xml_open(call->xml, "item");
	xml_text(call->xml, "principalType", principal_type_name(type));
	xml_text(call->xml, "principal", principal->principal);
	xml_text(call->xml, "servicePermissionId", principal->id.text);
	xml_text(call->xml, "serviceId", principal->service.text);
	xml_close(call->xml, "item");
}
