// SPDX-License-Identifier: Apache-2.0
#include "cli/fleet_parts.h"

#include "base/text.h"
#include "cli/lookup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_group(struct invocation *invocation, const char *name, struct fleet *fleet);
static int group_take(const struct tmirror_node *group, struct fleet *fleet);
static int find_balancer(struct invocation *invocation, const char *name, struct fleet *fleet);
static int find_target(struct invocation *invocation, struct fleet *fleet);
static int part_take(const struct tmirror_node *node, const char *element, char **ret_id);
static int part_delete(struct invocation *invocation, const struct fleet *fleet,
		       enum fleet_part part, struct tmirror_error *ret_error);

static const struct arn_kind groups = {
	.describe = "elasticloadbalancing:DescribeTargetGroups",
	.names = "Names.member",
	.set = "DescribeTargetGroupsResult/TargetGroups",
	.element = "TargetGroupArn",
	.extended = true,
};

static const struct arn_kind balancers = {
	.describe = "elasticloadbalancing:DescribeLoadBalancers",
	.names = "Names.member",
	.set = "DescribeLoadBalancersResult/LoadBalancers",
	.element = "LoadBalancerArn",
};

void fleet_parts_fini(struct fleet *fleet)
{
	for (enum fleet_part part = FLEET_GROUP; part < FLEET_PART_COUNT; part++)
		free(fleet->parts[part].id);
	*fleet = (struct fleet){};
}

int fleet_find(struct invocation *invocation, const char *name, struct fleet *ret_fleet)
{
	_cleanup_(fleet_parts_fini) struct fleet fleet = {};
	int r;

	r = find_group(invocation, name, &fleet);
	if (r == 0)
		r = find_balancer(invocation, name, &fleet);
	if (r == 0 && fleet.parts[FLEET_BALANCER].id)
		r = find_target(invocation, &fleet);
	if (r != 0)
		return r;
	*ret_fleet = fleet;
	fleet = (struct fleet){};
	return 0;
}

void fleet_undo(struct invocation *invocation, struct fleet *fleet)
{
	for (int part = FLEET_PART_COUNT - 1; part >= 0; part--) {
		struct tmirror_error error = {};

		if (!fleet->parts[part].made)
			continue;
		if (part_delete(invocation, fleet, (enum fleet_part)part, &error) != 0)
			(void)fprintf(stderr, "tmirror: %s stays behind: %s\n",
				      fleet->parts[part].id, error.message);
		fleet->parts[part].made = false;
	}
}

int fleet_delete_parts(struct invocation *invocation, const struct fleet *fleet)
{
	int r = 0;

	for (int part = FLEET_PART_COUNT - 1; r == 0 && part >= 0; part--)
		if (fleet->parts[part].id)
			r = part_delete(invocation, fleet, (enum fleet_part)part,
					&invocation->error);
	return r;
}

/* A gateway's group may have the name, and is no fleet's. */
static int find_group(struct invocation *invocation, const char *name, struct fleet *fleet)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *group;
	const char *protocol;
	int r;

	r = arn_look_up(invocation, &groups, name, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &group, &invocation->error);
	if (r == TMIRROR_REFUSED && strcmp(invocation->error.code, "TargetGroupNotFound") == 0)
		return 0;
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	protocol = tmirror_node_text(group, "Protocol");
	if (!protocol)
		return -EPROTO;
	return strcmp(protocol, "GENEVE") == 0 ? 0 : group_take(group, fleet);
}

static int group_take(const struct tmirror_node *group, struct fleet *fleet)
{
	const char *port = tmirror_node_text(group, "Port");
	const char *protocol = tmirror_node_text(group, "Extension/HealthCheckProtocol");
	const char *check_port = tmirror_node_text(group, "HealthCheckPort");

	if (!port || !string_copy(fleet->port, sizeof(fleet->port), port) || !protocol ||
	    !string_copy(fleet->check_protocol, sizeof(fleet->check_protocol), protocol) ||
	    !check_port || !string_copy(fleet->check_port, sizeof(fleet->check_port), check_port))
		return -EPROTO;
	return part_take(group, groups.element, &fleet->parts[FLEET_GROUP].id);
}

/* A gateway load balancer may have the name, too, and is no fleet's. */
static int find_balancer(struct invocation *invocation, const char *name, struct fleet *fleet)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *balancer;
	int r;

	r = arn_look_up(invocation, &balancers, name, &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &balancer, &invocation->error)) == 0) {
		const char *type = tmirror_node_text(balancer, "Type");

		if (!type)
			return -EPROTO;
		if (strcmp(type, "network") == 0)
			return part_take(balancer, balancers.element,
					 &fleet->parts[FLEET_BALANCER].id);
	}
	if (r == TMIRROR_REFUSED && strcmp(invocation->error.code, "LoadBalancerNotFound") == 0)
		return 0;
	return r == TMIRROR_END ? 0 : r;
}

static int find_target(struct invocation *invocation, struct fleet *fleet)
{
	const struct lookup lookup = {"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet",
				      "network-load-balancer-arn", fleet->parts[FLEET_BALANCER].id};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *target;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &target, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? 0 : r;
	return part_take(target, thing_target.id_element, &fleet->parts[FLEET_TARGET].id);
}

static int part_take(const struct tmirror_node *node, const char *element, char **ret_id)
{
	const char *id = tmirror_node_text(node, element);

	if (!id)
		return -EPROTO;
	*ret_id = strdup(id);
	return *ret_id ? 0 : -ENOMEM;
}

static int part_delete(struct invocation *invocation, const struct fleet *fleet,
		       enum fleet_part part, struct tmirror_error *ret_error)
{
	static const struct {
		const char *action, *parameter;
	} rows[] = {
		[FLEET_GROUP] = {"elasticloadbalancing:DeleteTargetGroup", "TargetGroupArn"},
		[FLEET_BALANCER] = {"elasticloadbalancing:DeleteLoadBalancer", "LoadBalancerArn"},
		[FLEET_LISTENER] = {"elasticloadbalancing:DeleteListener", "ListenerArn"},
		[FLEET_TARGET] = {"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId"},
	};
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new(rows[part].action, &request);

	if (r == 0)
		r = tmirror_request_set(request, rows[part].parameter, fleet->parts[part].id);
	return r != 0 ? r : tmirror_call(invocation->client, request, &response, ret_error);
}
