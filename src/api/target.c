// SPDX-License-Identifier: Apache-2.0
/* Targets, as the API shows them. */
#include "control/target.h"
#include "api/call.h"
#include "api/resource.h"

static const struct parameter create_parameters[] = {
	{"NetworkInterfaceId", PARAMETER_TEXT, .names = &interface_resource},
	{"NetworkLoadBalancerArn", PARAMETER_TEXT},
	{"GatewayLoadBalancerEndpointId", PARAMETER_TEXT},
	DESCRIPTION_PARAMETER,
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .required = true, .names = &target_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"TrafficMirrorTargetId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int create_target(struct call *call, struct refusal *why);
static int delete_target(struct call *call, struct refusal *why);
static int describe_targets(struct call *call, struct refusal *why);
static void write_target(struct call *call, const char *element,
			 const struct target_record *record);

static const struct action actions[] = {
	ACTION("CreateTrafficMirrorTarget", create_parameters, create_target,
	       .creates = &target_resource),
	ACTION("DeleteTrafficMirrorTarget", delete_parameters, delete_target),
	ACTION("DescribeTrafficMirrorTargets", describe_parameters, describe_targets,
	       .steady = true),
};

const struct action_table target_actions = {actions, ARRAY_SIZE(actions)};

static int create_target(struct call *call, struct refusal *why)
{
	_cleanup_(target_record_fini) struct target_record record = {};
	struct target_wish wish = {
		.interface = call_get_text(call, "NetworkInterfaceId"),
		.load_balancer = call_get_text(call, "NetworkLoadBalancerArn"),
		.endpoint = call_get_text(call, "GatewayLoadBalancerEndpointId"),
		.description = call_get_text(call, "Description"),
		.once = call_get_once(call),
	};
	int r;

	r = call_get_tags(call, RESOURCE_TARGET, &wish.tags, &wish.tag_count, why);
	if (r != 0)
		return r;
	r = control_create_target(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_target(call, "trafficMirrorTarget", &record);
	call_write_token(call);
	return 0;
}

static int delete_target(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "TrafficMirrorTargetId");
	int r;

	r = control_delete_target(call->control, call->caller, id, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "trafficMirrorTargetId", id);
	return 0;
}

static int describe_targets(struct call *call, struct refusal *why)
{
	_cleanup_(target_page_fini) struct target_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorTargetId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_targets(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorTargetSet");
	for (size_t i = 0; i < page.count; i++)
		write_target(call, "item", &page.items[i]);
	xml_close(call->xml, "trafficMirrorTargetSet");
	call_write_next(call, page.next_token);
	return 0;
}

static void write_target(struct call *call, const char *element, const struct target_record *record)
{
	static const char *const locators[] = {
		[TARGET_NETWORK_INTERFACE] = "networkInterfaceId",
		[TARGET_NETWORK_LOAD_BALANCER] = "networkLoadBalancerArn",
		[TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT] = "gatewayLoadBalancerEndpointId",
	};
	const struct target *target = &record->target;

	xml_open(call->xml, element);
	xml_text(call->xml, "trafficMirrorTargetId", target->id.text);
	xml_text(call->xml, locators[target->type], target->locator);
	xml_text(call->xml, "type", target_type_name(target->type));
	xml_text_if_set(call->xml, "description", target->description);
	xml_text(call->xml, "ownerId", target->owner.text);
	call_write_tags(call, &record->tags);
	xml_close(call->xml, element);
}
