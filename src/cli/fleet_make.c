// SPDX-License-Identifier: Apache-2.0
/* Making a fleet; fleet_parts.h declares it.  The appliances are added last, all by one request, so that whatever is
 * refused leaves what was there before as it was. */
#include "base/count.h"
#include "base/text.h"
#include "cli/balancer.h"
#include "cli/fleet_parts.h"
#include "cli/group.h"
#include "cli/lookup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CHECK_DEFAULT  "ICMP"
#define PORT_DEFAULT   "4789"
#define PARAMETER_SIZE 64

static int group_provide(struct invocation *invocation, const char *vpc, struct fleet *fleet);
static int group_compare(struct invocation *invocation, const struct fleet *fleet);
static bool check_is_alike(const char *check, const struct fleet *fleet);
static int group_make(struct invocation *invocation, const char *vpc, const char *port,
		      char **ret_arn);
static int balancer_make(struct invocation *invocation, const char *subnet, char **ret_arn);
static int listener_provide(struct invocation *invocation, struct fleet *fleet);
static int listener_make(struct invocation *invocation, const struct fleet *fleet, char **ret_arn);
static int target_make(struct invocation *invocation, const char *balancer, char **ret_target);
static int members_register(struct invocation *invocation, const char *group);
static int site_find(struct invocation *invocation, char ret_subnet[THING_ID_SIZE],
		     char ret_vpc[THING_ID_SIZE]);
static int call_for_text(struct invocation *invocation, const struct tmirror_request *request,
			 const char *path, char **ret_text);

int fleet_make(struct invocation *invocation, struct fleet *fleet)
{
	char subnet[THING_ID_SIZE], vpc[THING_ID_SIZE];
	int r;

	r = site_find(invocation, subnet, vpc);
	if (r == 0)
		r = group_provide(invocation, vpc, fleet);
	if (r == 0 && !fleet->parts[FLEET_BALANCER].id) {
		r = balancer_make(invocation, subnet, &fleet->parts[FLEET_BALANCER].id);
		fleet->parts[FLEET_BALANCER].made = r == 0;
	}
	if (r == 0)
		r = listener_provide(invocation, fleet);
	if (r == 0 && !fleet->parts[FLEET_TARGET].id) {
		r = target_make(invocation, fleet->parts[FLEET_BALANCER].id,
				&fleet->parts[FLEET_TARGET].id);
		fleet->parts[FLEET_TARGET].made = r == 0;
	}
	return r != 0 ? r : members_register(invocation, fleet->parts[FLEET_GROUP].id);
}

static int group_provide(struct invocation *invocation, const char *vpc, struct fleet *fleet)
{
	const char *port = invocation_get(invocation, "port");
	int r;

	if (fleet->parts[FLEET_GROUP].id)
		return group_compare(invocation, fleet);
	if (!port)
		port = PORT_DEFAULT;
	if (!string_copy(fleet->port, sizeof(fleet->port), port))
		return invocation_misused(invocation, "'%.32s' is not a port", port);
	r = group_make(invocation, vpc, fleet->port, &fleet->parts[FLEET_GROUP].id);
	fleet->parts[FLEET_GROUP].made = r == 0;
	return r;
}

/* What is there stays; an option that would have it otherwise is not passed over. */
static int group_compare(struct invocation *invocation, const struct fleet *fleet)
{
	const char *port = invocation_get(invocation, "port");
	const char *check = invocation_get(invocation, "check");

	if ((!port || strcmp(port, fleet->port) == 0) && (!check || check_is_alike(check, fleet)))
		return 0;
	return invocation_refused(invocation, "DuplicateTargetGroupName",
				  "The fleet '%s' is there with port %s and check %s:%s; \"tmirror "
				  "group modify\" changes the check",
				  invocation_get(invocation, "NAME"), fleet->port,
				  fleet->check_protocol, fleet->check_port);
}

static bool check_is_alike(const char *check, const struct fleet *fleet)
{
	const size_t length = strcspn(check, ":");
	const char *port = check[length] == ':' ? check + length + 1 : "traffic-port";

	return length == strlen(fleet->check_protocol) &&
	       strncasecmp(check, fleet->check_protocol, length) == 0 &&
	       strcmp(port, fleet->check_port) == 0;
}

/* Of the family of its first appliance. */
static int group_make(struct invocation *invocation, const char *vpc, const char *port,
		      char **ret_arn)
{
	const struct argument *first = arguments_next(&invocation->arguments, "appliance", NULL);
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char address[ENDPOINT_ADDRESS_SIZE], own_port[ENDPOINT_PORT_SIZE];
	int r;

	if (!endpoint_split(first->value, address, own_port))
		return invocation_misused(invocation, "'%s' is not ADDRESS or ADDRESS:PORT",
					  first->value);
	r = tmirror_request_new("elasticloadbalancing:CreateTargetGroup", &request);
	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "Name", invocation_get(invocation, "NAME"));
	(void)tmirror_request_set(request, "Protocol", "UDP");
	(void)tmirror_request_set(request, "Port", port);
	(void)tmirror_request_set(request, "VpcId", vpc);
	(void)tmirror_request_set(request, "TargetType", "ip");
	(void)tmirror_request_set(request, "IpAddressType", strchr(address, ':') ? "ipv6" : "ipv4");
	r = arguments_has(&invocation->arguments, "check")
		    ? group_fill_check(invocation, request)
		    : tmirror_request_set(request, "Extension.HealthCheckProtocol", CHECK_DEFAULT);
	if (r != 0)
		return r;
	return call_for_text(invocation, request,
			     "CreateTargetGroupResult/TargetGroups/member/TargetGroupArn", ret_arn);
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

/* Any that forwards to the group will do, unless a port is asked for. */
static int listener_provide(struct invocation *invocation, struct fleet *fleet)
{
	static const char group_path[] = "DefaultActions/member/TargetGroupArn";
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const char *wanted = invocation_get(invocation, "port");
	const struct tmirror_node *listener;
	int r;

	r = listeners_describe(invocation, fleet->parts[FLEET_BALANCER].id, &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &listener, &invocation->error)) == 0) {
		const char *group = tmirror_node_text(listener, group_path);
		const char *port = tmirror_node_text(listener, "Port");

		if (!group || !port)
			return -EPROTO;
		if (strcmp(group, fleet->parts[FLEET_GROUP].id) == 0 &&
		    (!wanted || strcmp(wanted, port) == 0))
			return 0;
	}
	if (r != TMIRROR_END)
		return r;
	r = listener_make(invocation, fleet, &fleet->parts[FLEET_LISTENER].id);
	fleet->parts[FLEET_LISTENER].made = r == 0;
	return r;
}

static int listener_make(struct invocation *invocation, const struct fleet *fleet, char **ret_arn)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new("elasticloadbalancing:CreateListener", &request);

	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "LoadBalancerArn", fleet->parts[FLEET_BALANCER].id);
	(void)tmirror_request_set(request, "Protocol", "UDP");
	(void)tmirror_request_set(request, "Port", fleet->port);
	(void)tmirror_request_set(request, "DefaultActions.member.1.Type", "forward");
	(void)tmirror_request_set(request, "DefaultActions.member.1.TargetGroupArn",
				  fleet->parts[FLEET_GROUP].id);
	return call_for_text(invocation, request,
			     "CreateListenerResult/Listeners/member/ListenerArn", ret_arn);
}

/* Not tagged as made by us: it is not taken away with the last session that sends to it. */
static int target_make(struct invocation *invocation, const char *balancer, char **ret_target)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new(thing_target.create, &request);

	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "NetworkLoadBalancerArn", balancer);
	(void)tmirror_request_set(request, "TagSpecification.1.ResourceType",
				  thing_target.resource_type);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Key", "Name");
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Value",
				  invocation_get(invocation, "NAME"));
	return call_for_text(invocation, request, "trafficMirrorTarget/trafficMirrorTargetId",
			     ret_target);
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

/* There is one subnet, in one VPC. */
static int site_find(struct invocation *invocation, char ret_subnet[THING_ID_SIZE],
		     char ret_vpc[THING_ID_SIZE])
{
	int r = lookup_subnet(invocation, ret_subnet, THING_ID_SIZE);

	return r != 0 ? r : lookup_vpc(invocation, ret_vpc, THING_ID_SIZE);
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
