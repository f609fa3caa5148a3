// SPDX-License-Identifier: Apache-2.0
/* What is registered with a target group. */
#include "base/count.h"
#include "base/text.h"
#include "cli/endpoint.h"
#include "cli/group.h"

#include <stdio.h>

#define TARGET_WORD    "TARGET"
#define PARAMETER_SIZE 64

static command_function member_add, member_remove;
static int change(struct invocation *invocation, const char *action);
static int target_fill(struct invocation *invocation, struct tmirror_request *request,
		       unsigned int number, const char *target);
static int field_fill(struct tmirror_request *request, unsigned int number, const char *field,
		      const char *value);
static void write_reason(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "TARGET", .path = "Target/Id"},
	{.title = "PORT", .path = "Target/Port", .numeric = true},
	{.title = "WEIGHT", .path = "Extension/Weight", .numeric = true},
	{.title = "CHECKED AT", .path = "HealthCheckPort", .numeric = true},
	{.title = "STATE", .path = "TargetHealth/State"},
	{.title = "WHY", .write = write_reason},
};

const struct columns member_columns = ROWS(columns);

/* clang-format off */
#define GROUP_ROW \
	{.name = GROUP_WORD, .help = "The target group's name or ARN", .word = true, \
	 .required = true, .form = FORM_OWN}
#define TARGETS_ROW \
	{.name = TARGET_WORD, .word = true, .required = true, .form = FORM_OWN, .repeated = true, \
	 .help = "Addresses or instances' ids, with :PORT if it is not the group's"}
/* clang-format on */

static const struct argument_row add_rows[] = {
	GROUP_ROW,
	TARGETS_ROW,
	{.name = "weight",
	 .value = "N",
	 .help = "Their share of the flows, each as much as N others of weight 1; 1 to 1000",
	 .form = FORM_OWN},
	{.name = "zone",
	 .value = "ZONE",
	 .help = "The availability zone, or all",
	 .form = FORM_OWN},
};

static const struct argument_row remove_rows[] = {GROUP_ROW, TARGETS_ROW};

static const struct command rows[] = {
	{"group", "add", "Register appliances with a target group",
	 "Who is there already stays; who is drained comes back.", ROWS(add_rows), member_add,
	 NULL},
	{"group", "remove", "Take appliances out of a target group",
	 "They are drained first: for the group's delay they keep the flows that they have, and "
	 "get no new ones.",
	 ROWS(remove_rows), member_remove, NULL},
};

const struct commands member_commands = ROWS(rows);

int members_describe(struct invocation *invocation, const char *group,
		     struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new("elasticloadbalancing:DescribeTargetHealth", &request);

	if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", group);
	if (r == 0)
		r = tmirror_request_set(request, "Extension.Show", "true");
	return r != 0 ? r
		      : tmirror_pages_new(invocation->client, request,
					  "DescribeTargetHealthResult/TargetHealthDescriptions",
					  ret_pages);
}

static int member_add(struct invocation *invocation)
{
	return change(invocation, "elasticloadbalancing:RegisterTargets");
}

static int member_remove(struct invocation *invocation)
{
	return change(invocation, "elasticloadbalancing:DeregisterTargets");
}

static int change(struct invocation *invocation, const char *action)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *target = NULL;
	_cleanup_free_ char *arn = NULL;
	unsigned int number = 0;
	int r;

	r = group_find(invocation, &arn);
	if (r == 0)
		r = tmirror_request_new(action, &request);
	if (r == 0)
		r = tmirror_request_set(request, "TargetGroupArn", arn);
	while (r == 0 && (target = arguments_next(&invocation->arguments, TARGET_WORD, target)))
		r = target_fill(invocation, request, ++number, target->value);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int target_fill(struct invocation *invocation, struct tmirror_request *request,
		       unsigned int number, const char *target)
{
	char id[ENDPOINT_ADDRESS_SIZE], port[ENDPOINT_PORT_SIZE];
	int r;

	if (!endpoint_split(target, id, port))
		return invocation_misused(invocation, "'%s' is neither ADDRESS nor ADDRESS:PORT",
					  target);
	r = field_fill(request, number, "Id", id);
	if (r == 0 && port[0] != '\0')
		r = field_fill(request, number, "Port", port);
	if (r == 0)
		r = field_fill(request, number, "Extension.Weight",
			       invocation_get(invocation, "weight"));
	return r != 0 ? r
		      : field_fill(request, number, "AvailabilityZone",
				   invocation_get(invocation, "zone"));
}

/* NULL: not given. */
static int field_fill(struct tmirror_request *request, unsigned int number, const char *field,
		      const char *value)
{
	char name[PARAMETER_SIZE];

	if (!value)
		return 0;
	(void)snprintf(name, sizeof(name), "Targets.member.%u.%s", number, field);
	return tmirror_request_set(request, name, value);
}

static void write_reason(const struct tmirror_node *node, struct text *cell)
{
	const char *reason = tmirror_node_text(node, "TargetHealth/Reason");
	const char *description = tmirror_node_text(node, "TargetHealth/Description");

	if (reason)
		text_printf(cell, "%s: %s", reason, description ? description : "");
}
