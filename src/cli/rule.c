// SPDX-License-Identifier: Apache-2.0
#include "cli/rule.h"

#include "base/count.h"
#include "cli/noun.h"

#include <string.h>

static void write_header(const struct tmirror_node *rule, struct text *cell);
static void write_protocol(const struct tmirror_node *rule, struct text *cell);
static void write_source_ports(const struct tmirror_node *rule, struct text *cell);
static void write_destination_ports(const struct tmirror_node *rule, struct text *cell);

static const struct column columns[] = {
	{.title = "RULE", .path = "trafficMirrorFilterRuleId"},
	{.title = "FILTER", .path = "trafficMirrorFilterId"},
	{.title = "DIRECTION", .path = "trafficDirection"},
	{.title = "NUMBER", .path = "ruleNumber", .numeric = true},
	{.title = "ACTION", .path = "ruleAction"},
	{.title = "PROTOCOL", .write = write_protocol},
	{.title = "FROM", .path = "sourceCidrBlock"},
	{.title = "PORTS", .write = write_source_ports},
	{.title = "TO", .path = "destinationCidrBlock"},
	{.title = "PORTS", .write = write_destination_ports},
	{.title = "HEADER", .write = write_header},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun rule_noun = {
	.resource_type = "traffic-mirror-filter-rule",
	.id_parameter = "TrafficMirrorFilterRuleId",
	.id_element = "trafficMirrorFilterRuleId",
	.describe = "DescribeTrafficMirrorFilterRules",
	.set = "trafficMirrorFilterRuleSet",
	.create = "CreateTrafficMirrorFilterRule",
	.object = "trafficMirrorFilterRule",
	.modify = "ModifyTrafficMirrorFilterRule",
	.delete = "DeleteTrafficMirrorFilterRule",
	.columns = ROWS(columns),
	.extended = true,
};

/* What a rule says, in creation and change. */
/* clang-format off */
#define RULE_ROWS \
	{.name = "traffic-direction", .value = "ingress|egress", .parameter = "TrafficDirection", \
	 .help = "Which of the source's packets"}, \
	{.name = "rule-number", .value = "NUMBER", .parameter = "RuleNumber", \
	 .help = "Order among the rules of the direction; lowest goes first"}, \
	{.name = "rule-action", .value = "accept|reject", .parameter = "RuleAction", \
	 .help = "Copy what matches, or do not"}, \
	{.name = "source-cidr-block", .value = "BLOCK", .parameter = "SourceCidrBlock", \
	 .help = "Where packets come from, as 10.0.0.0/8"}, \
	{.name = "destination-cidr-block", .value = "BLOCK", .parameter = "DestinationCidrBlock", \
	 .help = "Where packets go"}, \
	{.name = "protocol", .value = "PROTOCOL", .parameter = "Protocol", .form = FORM_PROTOCOL, \
	 .help = "tcp, udp, icmp, icmpv6 or an IANA number; else any"}, \
	{.name = "source-port-range", .value = "FROM-TO", .parameter = "SourcePortRange", \
	 .form = FORM_RANGE, .help = "With tcp and udp; one port or a range"}, \
	{.name = "destination-port-range", .value = "FROM-TO", .parameter = "DestinationPortRange", \
	 .form = FORM_RANGE, .help = "With tcp and udp; one port or a range"}, \
	{.name = "tcp-flags", .value = "[!]FLAG,…", .parameter = "Extension.TcpFlags", \
	 .help = "With tcp: flags that must be set, or clear, as syn,!ack; or any"}, \
	{.name = "dscp", .value = "DSCP", .parameter = "Extension.Dscp", \
	 .help = "0 to 63, or a name such as cs1, af41, ef; or any"}, \
	DESCRIPTION_ROW
/* clang-format on */

static const struct argument_row list_rows[] = {
	{.name = "traffic-mirror-filter-id",
	 .value = "FILTER",
	 .help = "Only the rules of this filter",
	 .parameter = "TrafficMirrorFilterId"},
	FILTER_ROW,
};

static const struct argument_row show_rows[] = {ID_ROW("The rule")};

static const struct argument_row create_rows[] = {
	{.name = "traffic-mirror-filter-id",
	 .value = "FILTER",
	 .help = "The filter it is for",
	 .parameter = "TrafficMirrorFilterId"},
	RULE_ROWS,
	TAG_ROW,
	TOKEN_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The rule"),
	RULE_ROWS,
	{.name = "remove-field",
	 .value = "FIELD,…",
	 .help = "protocol, source-port-range, destination-port-range, description",
	 .parameter = "RemoveField",
	 .form = FORM_LIST,
	 .repeated = true},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Rules"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"rule", "list", "List the rules of filters", NULL, ROWS(list_rows), noun_list, &rule_noun},
	{"rule", "show", "Show a rule", NULL, ROWS(show_rows), noun_show, &rule_noun},
	{"rule", "create", "Add a rule to a filter; prints the id", NULL, ROWS(create_rows),
	 noun_create, &rule_noun},
	{"rule", "modify", "Change a rule", NULL, ROWS(modify_rows), noun_modify, &rule_noun},
	{"rule", "delete", "Delete rules", NULL, ROWS(delete_rows), noun_delete, &rule_noun},
};

const struct commands rule_commands = ROWS(rows);

static const char *text_at(const struct tmirror_node *node, const char *path)
{
	const char *text = tmirror_node_text(node, path);

	return text ? text : "";
}

static void write_ports(const struct tmirror_node *range, const char *before, struct text *cell)
{
	const char *from = text_at(range, "fromPort"), *to = text_at(range, "toPort");

	if (!range)
		return;
	text_printf(cell, "%s%s", before, from);
	if (strcmp(from, to) != 0)
		text_printf(cell, "-%s", to);
}

void write_rule(const struct tmirror_node *rule, struct text *cell)
{
	text_printf(cell, "%s %s ", text_at(rule, "ruleNumber"), text_at(rule, "ruleAction"));
	write_protocol(rule, cell);
	text_printf(cell, " %s", text_at(rule, "sourceCidrBlock"));
	write_ports(tmirror_node_find(rule, "sourcePortRange"), ":", cell);
	text_printf(cell, " -> %s", text_at(rule, "destinationCidrBlock"));
	write_ports(tmirror_node_find(rule, "destinationPortRange"), ":", cell);
	write_header(rule, cell);
}

/* As in "flags syn,!ack DSCP 46"; nothing where AWS's rules end. */
static void write_header(const struct tmirror_node *rule, struct text *cell)
{
	static const struct {
		const char *path, *name;
	} matches[] = {{"extension/tcpFlags", "flags"}, {"extension/dscp", "DSCP"}};

	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		const char *value = text_at(rule, matches[i].path);

		if (*value && strcmp(value, "any") != 0)
			text_printf(cell, "%s%s %s", cell->length ? " " : "", matches[i].name,
				    value);
	}
}

static void write_protocol(const struct tmirror_node *rule, struct text *cell)
{
	const char *number = tmirror_node_text(rule, "protocol");

	text_append(cell, number ? protocol_name(number) : "any");
}

static void write_source_ports(const struct tmirror_node *rule, struct text *cell)
{
	write_ports(tmirror_node_find(rule, "sourcePortRange"), "", cell);
}

static void write_destination_ports(const struct tmirror_node *rule, struct text *cell)
{
	write_ports(tmirror_node_find(rule, "destinationPortRange"), "", cell);
}
