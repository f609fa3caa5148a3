// SPDX-License-Identifier: Apache-2.0
/* A target group as people see it: with what is registered, and how that does. */
#include "cli/group.h"

#include "base/count.h"
#include "cli/json.h"
#include "cli/noun.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int json_print(struct invocation *invocation, const char *arn,
		      const struct tmirror_node *group);
static int json_add(json_t *object, const char *key, struct invocation *invocation,
		    const char *action, const char *arn, const char *path);
static void write_check(const struct tmirror_node *node, struct text *cell);
static void write_balancers(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "GROUP", .path = "TargetGroupName"},
	{.title = "PROTOCOL", .path = "Protocol"},
	{.title = "PORT", .path = "Port", .numeric = true},
	{.title = "OF", .path = "TargetType"},
	{.title = "CHECK", .write = write_check},
	{.title = "HOSTS", .path = "Extension/Hosts", .numeric = true},
	{.title = "FLOWS", .path = "Extension/Flows", .numeric = true},
	{.title = "MOVED FLOWS", .path = "Extension/MovedFlows", .detail = true},
	{.title = "EVICTED FLOWS", .path = "Extension/EvictedFlows", .detail = true},
	{.title = "LOAD BALANCERS", .write = write_balancers, .detail = true},
	{.title = "ARN", .path = "TargetGroupArn", .detail = true},
};

const struct noun group_noun = {
	.describe = "elasticloadbalancing:DescribeTargetGroups",
	.set = "DescribeTargetGroupsResult/TargetGroups",
	.page_size = "PageSize",
	.page_limit = "400",
	.columns = ROWS(columns),
	.extended = true,
};

int group_print(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *groups = NULL, *members = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *item;
	int r;

	r = tmirror_request_new(group_kind.describe, &request);
	if (r == 0)
		r = tmirror_request_append(request, "TargetGroupArns.member", arn);
	if (r == 0)
		r = tmirror_request_set(request, "Extension.Show", "true");
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, group_kind.set, &groups);
	if (r == 0)
		r = tmirror_pages_next(groups, &item, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	if (invocation->json)
		return json_print(invocation, arn, item);
	r = output_object(invocation, item, &group_noun.columns);
	if (r == 0)
		r = members_describe(invocation, arn, &members);
	if (r == 0 && putchar('\n') < 0)
		r = -EIO;
	return r != 0 ? r : output_items(invocation, members, &member_columns);
}

/* As DescribeTargetGroups has it, with what other actions tell of it. */
static int json_print(struct invocation *invocation, const char *arn,
		      const struct tmirror_node *node)
{
	_cleanup_(json_freep) json_t *object = json_from_node(node), *members = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	r = members_describe(invocation, arn, &pages);
	if (r == 0)
		r = output_gather(invocation, pages, &members);
	if (r == 0 && json_object_set(object, "TargetHealthDescriptions", members) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = json_add(object, "Attributes", invocation, "DescribeTargetGroupAttributes", arn,
			     "DescribeTargetGroupAttributesResult/Attributes");
	if (r == 0)
		r = json_add(object, "Tags", invocation, "DescribeTags", arn,
			     "DescribeTagsResult/TagDescriptions/member/Tags");
	return r != 0 ? r : output_json(object);
}

static int json_add(json_t *object, const char *key, struct invocation *invocation,
		    const char *action, const char *arn, const char *path)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *node;
	char name[80];
	int r;

	(void)snprintf(name, sizeof(name), "elasticloadbalancing:%s", action);
	r = tmirror_request_new(name, &request);
	if (r == 0 && strcmp(action, "DescribeTags") == 0)
		r = tmirror_request_append(request, "ResourceArns.member", arn);
	else if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", arn);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	node = tmirror_node_find(tmirror_response_root(response), path);
	if (!node)
		return -EPROTO;
	return json_object_set_new(object, key, json_from_node(node)) < 0 ? -ENOMEM : 0;
}

/* As the option has it. */
static void write_check(const struct tmirror_node *node, struct text *cell)
{
	const char *protocol = tmirror_node_text(node, "Extension/HealthCheckProtocol");
	const char *port = tmirror_node_text(node, "HealthCheckPort");

	for (const char *p = protocol; p && *p != '\0'; p++)
		text_append_char(cell, (char)tolower((unsigned char)*p));
	if (port && strcmp(port, "traffic-port") != 0)
		text_printf(cell, ":%s", port);
}

static void write_balancers(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *balancer;

	for (balancer = tmirror_node_first(tmirror_node_find(node, "LoadBalancerArns")); balancer;
	     balancer = tmirror_node_next(balancer))
		text_printf(cell, "%s%s", cell->length ? " " : "", tmirror_node_text(balancer, ""));
}
