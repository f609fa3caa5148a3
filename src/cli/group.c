// SPDX-License-Identifier: Apache-2.0
/* Target groups: the appliances that a load balancer's listener forwards to. */
#include "cli/group.h"

#include "base/count.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/noun.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORD_SIZE 32

static command_function group_show, group_create, group_modify, group_delete;
static int vpc_fill(struct invocation *invocation, struct tmirror_request *request);
static int protocol_fill(struct invocation *invocation, struct tmirror_request *request);
static int check_fill(struct invocation *invocation, struct tmirror_request *request);
static bool check_is_given(const struct invocation *invocation);
static int call(struct invocation *invocation, const char *action, const char *arn,
		struct tmirror_response **ret_response);
static int attributes_change(struct invocation *invocation, const char *arn);
static int show(struct invocation *invocation, const char *arn);
static int json_print(struct invocation *invocation, const char *arn,
		      const struct tmirror_node *group);
static int json_add(json_t *object, const char *key, struct invocation *invocation,
		    const char *action, const char *arn, const char *path);
static void upper(const char *word, char ret_word[WORD_SIZE]);
static void write_check(const struct tmirror_node *node, struct text *cell);
static void write_balancers(const struct tmirror_node *node, struct text *cell);

const struct arn_kind group_kind = {
	.describe = "elasticloadbalancing:DescribeTargetGroups",
	.names = "Names.member",
	.set = "DescribeTargetGroupsResult/TargetGroups",
	.element = "TargetGroupArn",
};

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

static const struct noun group = {
	.describe = "elasticloadbalancing:DescribeTargetGroups",
	.set = "DescribeTargetGroupsResult/TargetGroups",
	.page_size = "PageSize",
	.page_limit = "400",
	.columns = ROWS(columns),
	.extended = true,
};

/* clang-format off */
#define CHECK_ROWS \
	{.name = "check", .value = "PROTOCOL[:PORT]", .form = FORM_OWN, \
	 .help = "How to find out who serves: tcp, http, https, udp, icmp or none; the port is " \
		 "the target's own"}, \
	{.name = "check-path", .value = "/PATH", .help = "What http and https ask for", \
	 .parameter = "HealthCheckPath"}, \
	{.name = "check-codes", .value = "CODES", .parameter = "Matcher.HttpCode", \
	 .help = "The answers that are health, as 200-399 or 200,204"}, \
	{.name = "check-interval", .value = "SECONDS", .help = "How often, 5 to 300", \
	 .parameter = "HealthCheckIntervalSeconds"}, \
	{.name = "check-timeout", .value = "SECONDS", .help = "What to wait for an answer, 2 to 120", \
	 .parameter = "HealthCheckTimeoutSeconds"}, \
	{.name = "healthy", .value = "N", .help = "So many good checks make it healthy, 2 to 10", \
	 .parameter = "HealthyThresholdCount"}, \
	{.name = "unhealthy", .value = "N", .help = "So many bad ones unhealthy, 2 to 10", \
	 .parameter = "UnhealthyThresholdCount"}
#define GROUP_ROW \
	{.name = GROUP_WORD, .help = "Its name or ARN", .word = true, .required = true, \
	 .form = FORM_OWN}
/* clang-format on */

static const struct argument_row show_rows[] = {GROUP_ROW};

static const struct argument_row create_rows[] = {
	{.name = "NAME",
	 .help = "Of letters, digits and hyphens",
	 .parameter = "Name",
	 .word = true,
	 .required = true},
	{.name = "protocol",
	 .value = "PROTOCOL",
	 .help = "udp (which it is if not given), tcp_udp or geneve",
	 .form = FORM_OWN},
	{.name = "port",
	 .value = "PORT",
	 .help = "Of targets that have none of their own; 4789 if not given",
	 .form = FORM_OWN},
	{.name = "instances",
	 .help = "Targets are instances' ids, not addresses",
	 .form = FORM_OWN,
	 .is_switch = true},
	{.name = "ipv6", .help = "Addresses are IPv6 ones", .form = FORM_OWN, .is_switch = true},
	CHECK_ROWS,
	SET_TAG_ROW,
};

static const struct argument_row modify_rows[] = {
	GROUP_ROW,
	CHECK_ROWS,
	{.name = "attribute",
	 .value = "KEY=VALUE",
	 .help = "Set an attribute, as deregistration_delay.timeout_seconds=60",
	 .form = FORM_OWN,
	 .repeated = true},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
};

static const struct argument_row delete_rows[] = {
	{.name = GROUP_WORD,
	 .help = "Names or ARNs",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN,
	 .repeated = true},
};

static const struct command rows[] = {
	{"group", "list", "List the target groups", NULL, {}, noun_list, &group},
	{"group", "show", "Show a target group, its targets and how they do", NULL, ROWS(show_rows),
	 group_show, &group},
	{"group", "create", "Make a target group without targets; prints its ARN", NULL,
	 ROWS(create_rows), group_create, &group},
	{"group", "modify", "Change health check, attributes and tags of a target group", NULL,
	 ROWS(modify_rows), group_modify, &group},
	{"group", "delete", "Delete target groups that no listener forwards to", NULL,
	 ROWS(delete_rows), group_delete, &group},
};

const struct commands group_commands = ROWS(rows);

int group_find(struct invocation *invocation, char **ret_arn)
{
	return arn_find(invocation, &group_kind, invocation_get(invocation, GROUP_WORD), ret_arn);
}

static int group_show(struct invocation *invocation)
{
	_cleanup_free_ char *arn = NULL;
	int r = group_find(invocation, &arn);

	return r != 0 ? r : show(invocation, arn);
}

static int group_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *arn;
	int r;

	r = invocation_request(invocation, "elasticloadbalancing:CreateTargetGroup", &request);
	if (r == 0)
		r = vpc_fill(invocation, request);
	if (r == 0)
		r = protocol_fill(invocation, request);
	if (r == 0)
		r = check_fill(invocation, request);
	if (r == 0)
		r = arn_fill_pairs(invocation, "tag", "Tags", request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	arn = tmirror_node_text(tmirror_response_root(response),
				"CreateTargetGroupResult/TargetGroups/member/TargetGroupArn");
	if (!arn)
		return -EPROTO;
	if (invocation->json)
		return show(invocation, arn);
	return puts(arn) < 0 ? -EIO : 0;
}

static int group_modify(struct invocation *invocation)
{
	static const char *const own[] = {"attribute", "tag", "untag"};
	const bool checked = check_is_given(invocation);
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_free_ char *arn = NULL;
	bool given = checked;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		given = given || arguments_has(&invocation->arguments, own[i]);
	if (!given)
		return invocation_misused(invocation, "nothing is to be changed");
	r = group_find(invocation, &arn);
	if (r == 0 && checked)
		r = call(invocation, "elasticloadbalancing:ModifyTargetGroup", arn, &response);
	if (r == 0 && arguments_has(&invocation->arguments, "attribute"))
		r = attributes_change(invocation, arn);
	if (r == 0)
		r = arn_change_tags(invocation, arn);
	return r == 0 && invocation->json ? show(invocation, arn) : r;
}

static int group_delete(struct invocation *invocation)
{
	const struct argument *name = NULL;
	int r = 0;

	while (r == 0 && (name = arguments_next(&invocation->arguments, GROUP_WORD, name))) {
		_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
		_cleanup_free_ char *arn = NULL;

		r = arn_find(invocation, &group_kind, name->value, &arn);
		if (r == 0)
			r = tmirror_request_new("elasticloadbalancing:DeleteTargetGroup", &request);
		if (r == 0)
			r = tmirror_request_set(request, "TargetGroupArn", arn);
		if (r == 0)
			r = invocation_call(invocation, request, &response);
	}
	return r;
}

/* The API wants to be told, although there is one only. */
static int vpc_fill(struct invocation *invocation, struct tmirror_request *request)
{
	static const struct lookup lookup = {.action = "DescribeVpcs", .set = "vpcSet"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *vpc;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &vpc, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	id = tmirror_node_text(vpc, "vpcId");
	return id ? tmirror_request_set(request, "VpcId", id) : -EPROTO;
}

static int protocol_fill(struct invocation *invocation, struct tmirror_request *request)
{
	const struct arguments *arguments = &invocation->arguments;
	const char *given = invocation_get(invocation, "protocol");
	const char *port = invocation_get(invocation, "port");
	char protocol[WORD_SIZE];
	int r;

	upper(given ? given : "udp", protocol);
	if (!port)
		port = strcmp(protocol, "GENEVE") == 0 ? "6081" : "4789";
	r = tmirror_request_set(request, "Protocol", protocol);
	if (r == 0)
		r = tmirror_request_set(request, "Port", port);
	if (r == 0)
		r = tmirror_request_set(request, "TargetType",
					arguments_has(arguments, "instances") ? "instance" : "ip");
	if (r == 0 && arguments_has(arguments, "ipv6"))
		r = tmirror_request_set(request, "IpAddressType", "ipv6");
	return r;
}

/* Those that AWS does not know have a parameter of their own. */
static int check_fill(struct invocation *invocation, struct tmirror_request *request)
{
	static const char *const ours[] = {"UDP", "ICMP", "NONE"};
	const char *check = invocation_get(invocation, "check"), *port;
	const char *parameter = "HealthCheckProtocol";
	_cleanup_free_ char *given = NULL;
	char protocol[WORD_SIZE];
	int r;

	if (!check)
		return 0;
	given = strndup(check, strcspn(check, ":"));
	if (!given)
		return -ENOMEM;
	upper(given, protocol);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strcmp(protocol, ours[i]) == 0)
			parameter = "Extension.HealthCheckProtocol";
	r = tmirror_request_set(request, parameter, protocol);
	port = strchr(check, ':');
	return r == 0 && port ? tmirror_request_set(request, "HealthCheckPort", port + 1) : r;
}

static bool check_is_given(const struct invocation *invocation)
{
	const struct arguments *arguments = &invocation->arguments;
	bool given = arguments_has(arguments, "check");

	for (size_t i = 0; i < arguments->count; i++)
		given = given || arguments->items[i].row->parameter;
	return given;
}

/* With what the command's arguments say of the check. */
static int call(struct invocation *invocation, const char *action, const char *arn,
		struct tmirror_response **ret_response)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = invocation_request(invocation, action, &request);

	if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", arn);
	if (r == 0)
		r = check_fill(invocation, request);
	return r != 0 ? r : invocation_call(invocation, request, ret_response);
}

static int attributes_change(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new("elasticloadbalancing:ModifyTargetGroupAttributes", &request);
	if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", arn);
	if (r == 0)
		r = arn_fill_pairs(invocation, "attribute", "Attributes", request);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int show(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *groups = NULL, *members = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *item;
	int r;

	r = tmirror_request_new(group.describe, &request);
	if (r == 0)
		r = tmirror_request_append(request, "TargetGroupArns.member", arn);
	if (r == 0)
		r = tmirror_request_set(request, "Extension.Show", "true");
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, group.set, &groups);
	if (r == 0)
		r = tmirror_pages_next(groups, &item, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	if (invocation->json)
		return json_print(invocation, arn, item);
	r = output_object(invocation, item, &group.columns);
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

/* As AWS writes protocols; what does not fit is for the API to refuse. */
static void upper(const char *word, char ret_word[WORD_SIZE])
{
	size_t length = strnlen(word, WORD_SIZE - 1);

	for (size_t i = 0; i < length; i++)
		ret_word[i] = (char)toupper((unsigned char)word[i]);
	ret_word[length] = '\0';
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
