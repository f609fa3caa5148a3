// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/noun.h"

static void write_locator(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "TARGET", .path = "trafficMirrorTargetId"},
	{.title = "TYPE", .path = "type"},
	{.title = "BEHIND IT", .write = write_locator},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "OWNER", .path = "ownerId", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun target = {
	.resource_type = "traffic-mirror-target",
	.id_parameter = "TrafficMirrorTargetId",
	.id_element = "trafficMirrorTargetId",
	.describe = "DescribeTrafficMirrorTargets",
	.set = "trafficMirrorTargetSet",
	.create = "CreateTrafficMirrorTarget",
	.object = "trafficMirrorTarget",
	.delete = "DeleteTrafficMirrorTarget",
	.columns = ROWS(columns),
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The target")};

static const struct argument_row create_rows[] = {
	{.name = "network-interface-id",
	 .value = "INTERFACE",
	 .help = "The appliance's interface",
	 .parameter = "NetworkInterfaceId"},
	{.name = "network-load-balancer-arn",
	 .value = "ARN",
	 .help = "A load balancer with appliances behind it",
	 .parameter = "NetworkLoadBalancerArn"},
	{.name = "gateway-load-balancer-endpoint-id",
	 .value = "ENDPOINT",
	 .help = "An endpoint of a gateway load balancer",
	 .parameter = "GatewayLoadBalancerEndpointId"},
	DESCRIPTION_ROW,
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The target"),
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Targets"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"target", "list", "List the targets", NULL, ROWS(list_rows), noun_list, &target},
	{"target", "show", "Show a target", NULL, ROWS(show_rows), noun_show, &target},
	{"target", "create", "Make a target; prints the id", NULL, ROWS(create_rows), noun_create,
	 &target},
	{"target", "modify", "Change the tags of a target", NULL, ROWS(modify_rows), noun_modify,
	 &target},
	{"target", "delete", "Delete targets", NULL, ROWS(delete_rows), noun_delete, &target},
};

const struct commands target_commands = ROWS(rows);

static void write_locator(const struct tmirror_node *node, struct text *cell)
{
	static const char *const locators[] = {"networkInterfaceId", "networkLoadBalancerArn",
					       "gatewayLoadBalancerEndpointId"};

	for (size_t i = 0; i < ARRAY_SIZE(locators); i++) {
		const char *locator = tmirror_node_text(node, locators[i]);

		text_append(cell, locator ? locator : "");
	}
}
