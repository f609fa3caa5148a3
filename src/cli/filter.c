// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/noun.h"
#include "cli/rule.h"

static void write_services(const struct tmirror_node *node, struct text *cell);
static void write_ingress(const struct tmirror_node *node, struct text *cell);
static void write_egress(const struct tmirror_node *node, struct text *cell);
static void count_ingress(const struct tmirror_node *node, struct text *cell);
static void count_egress(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "FILTER", .path = "trafficMirrorFilterId"},
	{.title = "INGRESS RULES", .write = count_ingress, .numeric = true},
	{.title = "EGRESS RULES", .write = count_egress, .numeric = true},
	{.title = "SERVICES", .write = write_services},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "TAGS", .write = write_tags, .detail = true},
	{.title = "INGRESS", .write = write_ingress, .detail = true},
	{.title = "EGRESS", .write = write_egress, .detail = true},
};

static const struct noun filter = {
	.resource_type = "traffic-mirror-filter",
	.id_parameter = "TrafficMirrorFilterId",
	.id_element = "trafficMirrorFilterId",
	.describe = "DescribeTrafficMirrorFilters",
	.set = "trafficMirrorFilterSet",
	.create = "CreateTrafficMirrorFilter",
	.object = "trafficMirrorFilter",
	.modify = "ModifyTrafficMirrorFilterNetworkServices",
	.delete = "DeleteTrafficMirrorFilter",
	.columns = ROWS(columns),
	.extended = true,
};

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The filter")};

static const struct argument_row create_rows[] = {DESCRIPTION_ROW, TAG_ROW, TOKEN_ROW, DRY_RUN_ROW};

static const struct argument_row modify_rows[] = {
	ID_ROW("The filter"),
	{.name = "add-network-service",
	 .value = "SERVICE,…",
	 .help = "Mirror it whatever the rules say: amazon-dns",
	 .parameter = "AddNetworkService",
	 .form = FORM_LIST,
	 .repeated = true},
	{.name = "remove-network-service",
	 .value = "SERVICE,…",
	 .help = "No longer mirror it",
	 .parameter = "RemoveNetworkService",
	 .form = FORM_LIST,
	 .repeated = true},
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Filters"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"filter", "list", "List the filters", NULL, ROWS(list_rows), noun_list, &filter},
	{"filter", "show", "Show a filter and its rules", NULL, ROWS(show_rows), noun_show,
	 &filter},
	{"filter", "create", "Make a filter without rules; prints the id", NULL, ROWS(create_rows),
	 noun_create, &filter},
	{"filter", "modify", "Change network services and tags of a filter", NULL,
	 ROWS(modify_rows), noun_modify, &filter},
	{"filter", "delete", "Delete filters and their rules", NULL, ROWS(delete_rows), noun_delete,
	 &filter},
};

const struct commands filter_commands = ROWS(rows);

static void write_services(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *service;

	for (service = tmirror_node_first(tmirror_node_find(node, "networkServiceSet")); service;
	     service = tmirror_node_next(service))
		text_printf(cell, "%s%s", cell->length ? "," : "", tmirror_node_text(service, ""));
}

static void write_rules(const struct tmirror_node *node, const char *set, struct text *cell)
{
	const struct tmirror_node *rule = tmirror_node_first(tmirror_node_find(node, set));

	for (; rule; rule = tmirror_node_next(rule)) {
		text_append(cell, cell->length ? "; " : "");
		write_rule(rule, cell);
	}
}

static void write_ingress(const struct tmirror_node *node, struct text *cell)
{
	write_rules(node, "ingressFilterRuleSet", cell);
}

static void write_egress(const struct tmirror_node *node, struct text *cell)
{
	write_rules(node, "egressFilterRuleSet", cell);
}

static void count_rules(const struct tmirror_node *node, const char *set, struct text *cell)
{
	const struct tmirror_node *rule = tmirror_node_first(tmirror_node_find(node, set));
	unsigned int count = 0;

	for (; rule; rule = tmirror_node_next(rule))
		count++;
	text_printf(cell, "%u", count);
}

static void count_ingress(const struct tmirror_node *node, struct text *cell)
{
	count_rules(node, "ingressFilterRuleSet", cell);
}

static void count_egress(const struct tmirror_node *node, struct text *cell)
{
	count_rules(node, "egressFilterRuleSet", cell);
}
