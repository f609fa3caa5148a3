// SPDX-License-Identifier: Apache-2.0
/* Target groups: the appliances that a load balancer's listener forwards to. */
#include "cli/group.h"

#include "base/count.h"
#include "cli/ledger.h"
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
static bool check_is_given(const struct invocation *invocation);
static int call(struct invocation *invocation, const char *action, const char *arn,
		struct tmirror_response **ret_response);
static int attributes_change(struct invocation *invocation, const char *arn);
static void upper(const char *word, char ret_word[WORD_SIZE]);

const struct arn_kind group_kind = {
	.describe = "elasticloadbalancing:DescribeTargetGroups",
	.names = "Names.member",
	.set = "DescribeTargetGroupsResult/TargetGroups",
	.element = "TargetGroupArn",
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
	{"group", "list", "List the target groups", NULL, {}, noun_list, &group_noun},
	{"group", "show", "Show a target group, its targets and how they do", NULL, ROWS(show_rows),
	 group_show, &group_noun},
	{"group", "create", "Make a target group without targets; prints its ARN", NULL,
	 ROWS(create_rows), group_create, &group_noun},
	{"group", "modify", "Change health check, attributes and tags of a target group", NULL,
	 ROWS(modify_rows), group_modify, &group_noun},
	{"group", "delete", "Delete target groups that no listener forwards to", NULL,
	 ROWS(delete_rows), group_delete, &group_noun},
};

const struct commands group_commands = ROWS(rows);

int group_find(struct invocation *invocation, char **ret_arn)
{
	return arn_find(invocation, &group_kind, invocation_get(invocation, GROUP_WORD), ret_arn);
}

/* Those that AWS does not know have a parameter of their own. */
int group_fill_check(const struct invocation *invocation, struct tmirror_request *request)
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

static int group_show(struct invocation *invocation)
{
	_cleanup_free_ char *arn = NULL;
	int r = group_find(invocation, &arn);

	return r != 0 ? r : group_print(invocation, arn);
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
		r = group_fill_check(invocation, request);
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
		return group_print(invocation, arn);
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
	return r == 0 && invocation->json ? group_print(invocation, arn) : r;
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
	char id[THING_ID_SIZE];
	int r = lookup_vpc(invocation, id, sizeof(id));

	return r != 0 ? r : tmirror_request_set(request, "VpcId", id);
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
		r = group_fill_check(invocation, request);
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

/* As AWS writes protocols; what does not fit is for the API to refuse. */
static void upper(const char *word, char ret_word[WORD_SIZE])
{
	size_t length = strnlen(word, WORD_SIZE - 1);

	for (size_t i = 0; i < length; i++)
		ret_word[i] = (char)toupper((unsigned char)word[i]);
	ret_word[length] = '\0';
}
