// SPDX-License-Identifier: Apache-2.0
#include "cli/fleet_parts.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/endpoint.h"
#include "cli/lookup.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHECK_DEFAULT  "icmp"
#define PORT_DEFAULT   "4789"
#define PARAMETER_SIZE 64
#define PROTOCOL_SIZE  8

static int site_find(struct invocation *invocation, char ret_subnet[THING_ID_SIZE],
		     char ret_vpc[THING_ID_SIZE]);
static int group_make(struct invocation *invocation, const char *vpc, char **ret_arn);
static int check_set(struct invocation *invocation, struct tmirror_request *request);
static int members_register(struct invocation *invocation, const char *group);
static int balancer_make(struct invocation *invocation, const char *subnet, char **ret_arn);
static int listener_make(struct invocation *invocation, const char *balancer, const char *group);
static int target_make(struct invocation *invocation, const char *balancer,
		       char ret_target[THING_ID_SIZE]);
static int part_delete(struct invocation *invocation, const char *action, const char *parameter,
		       const char *id);
static int call_for_text(struct invocation *invocation, const struct tmirror_request *request,
			 const char *path, char **ret_text);

const struct arn_kind fleet_balancers = {
	"elasticloadbalancing:DescribeLoadBalancers", "Names.member",
	"DescribeLoadBalancersResult/LoadBalancers", "LoadBalancerArn"};
const struct arn_kind fleet_groups = {"elasticloadbalancing:DescribeTargetGroups", "Names.member",
				      "DescribeTargetGroupsResult/TargetGroups", "TargetGroupArn"};

int fleet_make_parts(struct invocation *invocation, char ret_target[THING_ID_SIZE])
{
	_cleanup_free_ char *group = NULL, *balancer = NULL;
	char subnet[THING_ID_SIZE], vpc[THING_ID_SIZE];
	int r;

	r = site_find(invocation, subnet, vpc);
	if (r == 0)
		r = group_make(invocation, vpc, &group);
	if (r == 0)
		r = members_register(invocation, group);
	if (r == 0)
		r = balancer_make(invocation, subnet, &balancer);
	if (r == 0)
		r = listener_make(invocation, balancer, group);
	if (r == 0)
		r = fleet_find_target_of(invocation, balancer, ret_target);
	if (r == TMIRROR_END)
		r = target_make(invocation, balancer, ret_target);
	return r;
}

/* With its listener, and before it the target in front of it. */
int fleet_delete_balancer(struct invocation *invocation)
{
	_cleanup_free_ char *balancer = NULL;
	char target[THING_ID_SIZE];
	int r = fleet_find_part(invocation, &fleet_balancers, &balancer);

	if (r != 0 || !balancer)
		return r;
	r = fleet_find_target_of(invocation, balancer, target);
	if (r == 0)
		r = part_delete(invocation, thing_target.delete, thing_target.id_parameter, target);
	if (r != 0 && r != TMIRROR_END)
		return r;
	return part_delete(invocation, "elasticloadbalancing:DeleteLoadBalancer", "LoadBalancerArn",
			   balancer);
}

int fleet_delete_group(struct invocation *invocation)
{
	_cleanup_free_ char *group = NULL;
	int r = fleet_find_part(invocation, &fleet_groups, &group);

	if (r != 0 || !group)
		return r;
	return part_delete(invocation, "elasticloadbalancing:DeleteTargetGroup", "TargetGroupArn",
			   group);
}

/* One that is not there is NULL. */
int fleet_find_part(struct invocation *invocation, const struct arn_kind *kind, char **ret_arn)
{
	int r = arn_find(invocation, kind, invocation_get(invocation, "NAME"), ret_arn);

	if (r == TMIRROR_REFUSED && strstr(invocation->error.code, "NotFound"))
		return 0;
	return r;
}

/* Returns TMIRROR_END if there is none. */
int fleet_find_target_of(struct invocation *invocation, const char *balancer,
			 char ret_target[THING_ID_SIZE])
{
	const struct lookup lookup = {"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet",
				      "network-load-balancer-arn", balancer};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r != 0)
		return r;
	id = tmirror_node_text(item, "trafficMirrorTargetId");
	return id && string_copy(ret_target, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

/* There is one subnet, in one VPC. */
static int site_find(struct invocation *invocation, char ret_subnet[THING_ID_SIZE],
		     char ret_vpc[THING_ID_SIZE])
{
	static const struct lookup lookup = {.action = "DescribeVpcs", .set = "vpcSet"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *vpc;
	const char *id;
	int r;

	r = lookup_subnet(invocation, ret_subnet, THING_ID_SIZE);
	if (r == 0)
		r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &vpc, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	id = tmirror_node_text(vpc, "vpcId");
	return id && string_copy(ret_vpc, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

static const char *port_of(const struct invocation *invocation)
{
	const char *port = invocation_get(invocation, "port");

	return port ? port : PORT_DEFAULT;
}

/* Of the family of its first appliance. */
static int group_make(struct invocation *invocation, const char *vpc, char **ret_arn)
{
	const struct argument *first = arguments_next(&invocation->arguments, "appliance", NULL);
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char address[ENDPOINT_ADDRESS_SIZE], port[ENDPOINT_PORT_SIZE];
	int r;

	if (!endpoint_split(first->value, address, port))
		return invocation_misused(invocation, "'%s' is not ADDRESS or ADDRESS:PORT",
					  first->value);
	r = tmirror_request_new("elasticloadbalancing:CreateTargetGroup", &request);
	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "Name", invocation_get(invocation, "NAME"));
	(void)tmirror_request_set(request, "Protocol", "UDP");
	(void)tmirror_request_set(request, "Port", port_of(invocation));
	(void)tmirror_request_set(request, "VpcId", vpc);
	(void)tmirror_request_set(request, "TargetType", "ip");
	(void)tmirror_request_set(request, "IpAddressType", strchr(address, ':') ? "ipv6" : "ipv4");
	r = check_set(invocation, request);
	if (r != 0)
		return r;
	return call_for_text(invocation, request,
			     "CreateTargetGroupResult/TargetGroups/member/TargetGroupArn", ret_arn);
}

/* AWS's protocols go by AWS's parameter, the others by ours. */
static int check_set(struct invocation *invocation, struct tmirror_request *request)
{
	static const char *const ours[] = {"UDP", "ICMP", "NONE"};
	const char *check = invocation_get(invocation, "check");
	char protocol[PROTOCOL_SIZE] = "";
	bool extension = false;
	size_t length;

	if (!check)
		check = CHECK_DEFAULT;
	length = strcspn(check, ":");
	for (size_t i = 0; i < length && i + 1 < sizeof(protocol); i++)
		protocol[i] = (char)toupper((unsigned char)check[i]);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		extension = extension || strcmp(protocol, ours[i]) == 0;
	if (check[length] == ':')
		(void)tmirror_request_set(request, "HealthCheckPort", check + length + 1);
	return tmirror_request_set(
		request, extension ? "Extension.HealthCheckProtocol" : "HealthCheckProtocol",
		protocol);
}

static int members_register(struct invocation *invocation, const char *group)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *appliance = NULL;
	unsigned int number = 0;
	int r;

	r = tmirror_request_new("elasticloadbalancing:RegisterTargets", &request);
	if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", group);
	while (r == 0 &&
	       (appliance = arguments_next(&invocation->arguments, "appliance", appliance))) {
		char address[ENDPOINT_ADDRESS_SIZE], port[ENDPOINT_PORT_SIZE];
		char name[PARAMETER_SIZE];

		if (!endpoint_split(appliance->value, address, port))
			return invocation_misused(invocation, "'%s' is not ADDRESS or ADDRESS:PORT",
						  appliance->value);
		(void)snprintf(name, sizeof(name), "Targets.member.%u.Id", ++number);
		r = tmirror_request_set(request, name, address);
		(void)snprintf(name, sizeof(name), "Targets.member.%u.Port", number);
		if (r == 0 && port[0] != '\0')
			r = tmirror_request_set(request, name, port);
	}
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int balancer_make(struct invocation *invocation, const char *subnet, char **ret_arn)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new("elasticloadbalancing:CreateLoadBalancer", &request);

	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "Name", invocation_get(invocation, "NAME"));
	(void)tmirror_request_set(request, "Type", "network");
	(void)tmirror_request_set(request, "Scheme", "internal");
	(void)tmirror_request_append(request, "Subnets.member", subnet);
	return call_for_text(invocation, request,
			     "CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn",
			     ret_arn);
}

static int listener_make(struct invocation *invocation, const char *balancer, const char *group)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new("elasticloadbalancing:CreateListener", &request);

	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "LoadBalancerArn", balancer);
	(void)tmirror_request_set(request, "Protocol", "UDP");
	(void)tmirror_request_set(request, "Port", port_of(invocation));
	(void)tmirror_request_set(request, "DefaultActions.member.1.Type", "forward");
	(void)tmirror_request_set(request, "DefaultActions.member.1.TargetGroupArn", group);
	return invocation_call(invocation, request, &response);
}

/* Not tagged as made by us: it is not taken away with the last session that sends to it. */
static int target_make(struct invocation *invocation, const char *balancer,
		       char ret_target[THING_ID_SIZE])
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_free_ char *id = NULL;
	int r = tmirror_request_new(thing_target.create, &request);

	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "NetworkLoadBalancerArn", balancer);
	(void)tmirror_request_set(request, "TagSpecification.1.ResourceType",
				  thing_target.resource_type);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Key", "Name");
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Value",
				  invocation_get(invocation, "NAME"));
	r = call_for_text(invocation, request, "trafficMirrorTarget/trafficMirrorTargetId", &id);
	if (r != 0)
		return r;
	return string_copy(ret_target, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

static int part_delete(struct invocation *invocation, const char *action, const char *parameter,
		       const char *id)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new(action, &request);

	if (r == 0)
		r = tmirror_request_set(request, parameter, id);
	return r == 0 ? invocation_call(invocation, request, &response) : r;
}

/* The text is the caller's to free. */
static int call_for_text(struct invocation *invocation, const struct tmirror_request *request,
			 const char *path, char **ret_text)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const char *text;
	int r = invocation_call(invocation, request, &response);

	if (r != 0)
		return r;
	text = tmirror_node_text(tmirror_response_root(response), path);
	if (!text)
		return -EPROTO;
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}
