// SPDX-License-Identifier: Apache-2.0
/* Selectors, which mirror by tag. */
#include "base/count.h"
#include "cli/noun.h"
#include "cli/session.h"

static void write_filters(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "SELECTOR", .path = "trafficMirrorSelectorId"},
	{.title = "NAME", .write = write_session_name},
	{.title = "INTERFACES WITH", .write = write_filters},
	{.title = "TARGET", .path = "trafficMirrorTargetId"},
	{.title = "FILTER", .path = "trafficMirrorFilterId"},
	{.title = "NUMBER", .path = "sessionNumber", .numeric = true},
	{.title = "VNI", .path = "virtualNetworkId", .numeric = true},
	{.title = "LENGTH", .path = "packetLength", .numeric = true},
	{.title = "OPTIONS", .write = write_session_options},
	{.title = "STATE", .path = "state"},
	{.title = "SESSIONS", .path = "sessionCount", .numeric = true},
	{.title = "REFUSED", .path = "refusalCount", .numeric = true},
	{.title = "DESCRIPTION", .path = "description"},
	{.title = "SINCE", .path = "createTime", .detail = true},
	{.title = "OWNER", .path = "ownerId", .detail = true},
	{.title = "TAGS", .write = write_tags, .detail = true},
};

static const struct noun selector = {
	.resource_type = "traffic-mirror-selector",
	.id_parameter = "TrafficMirrorSelectorId",
	.id_element = "trafficMirrorSelectorId",
	.describe = "DescribeTrafficMirrorSelectors",
	.set = "trafficMirrorSelectorSet",
	.create = "CreateTrafficMirrorSelector",
	.object = "trafficMirrorSelector",
	.modify = "ModifyTrafficMirrorSelector",
	.delete = "DeleteTrafficMirrorSelector",
	.columns = ROWS(columns),
};

static const struct column refusal_columns[] = {
	{.title = "SELECTOR", .path = "trafficMirrorSelectorId"},
	{.title = "INTERFACE", .path = "networkInterfaceId"},
	{.title = "SINCE", .path = "since"},
	{.title = "REASON", .path = "reason"},
};

static const struct noun refusal = {
	.describe = "DescribeTrafficMirrorSelectorRefusals",
	.set = "trafficMirrorSelectorRefusalSet",
	.columns = ROWS(refusal_columns),
};

#define TAG_FILTER_ROW                                                                      \
	.name = "tag-filter", .value = "KEY[=VALUE,…]", .parameter = "TagFilter",           \
	.help = "Interfaces with one of the values, or any, by their own tags or those of " \
		"their instance; all that are given must match; * and ? are wildcards",     \
	.form = FORM_TAG_FILTER, .repeated = true

static const struct argument_row list_rows[] = {FILTER_ROW};

static const struct argument_row show_rows[] = {ID_ROW("The selector")};

static const struct argument_row create_rows[] = {
	{TAG_FILTER_ROW},    {TARGET_ROW},    {FILTER_ID_ROW}, {NUMBER_ROW}, LENGTH_ROW,  VNI_ROW,
	SESSION_OPTION_ROWS, DESCRIPTION_ROW, TAG_ROW,         TOKEN_ROW,    DRY_RUN_ROW,
};

static const struct argument_row modify_rows[] = {
	ID_ROW("The selector"), {TAG_FILTER_ROW}, {TARGET_ROW},     {FILTER_ID_ROW},
	{NUMBER_ROW},           LENGTH_ROW,       VNI_ROW,          SESSION_OPTION_ROWS,
	SESSION_CHANGE_ROWS,    DESCRIPTION_ROW,  REMOVE_FIELD_ROW, SET_TAG_ROW,
	REMOVE_TAG_ROW,         DRY_RUN_ROW,
};

static const struct argument_row ids_rows[] = {IDS_ROW("Selectors"), DRY_RUN_ROW};

static const struct command rows[] = {
	{"selector", "list", "List what is mirrored by tag", NULL, ROWS(list_rows), noun_list,
	 &selector},
	{"selector", "show", "Show a selector", NULL, ROWS(show_rows), noun_show, &selector},
	{"selector", "create", "Mirror all interfaces with certain tags; prints the id",
	 "Each has a session of the selector's own as soon as it is there and has the tags, until "
	 "it loses them.",
	 ROWS(create_rows), noun_create, &selector},
	{"selector", "modify", "Change a selector and its sessions", NULL, ROWS(modify_rows),
	 noun_modify, &selector},
	{"selector", "pause", "Stop copying, and keep the sessions", NULL, ROWS(ids_rows),
	 session_pause, &selector},
	{"selector", "resume", "Copy again", NULL, ROWS(ids_rows), session_resume, &selector},
	{"selector", "delete", "End selectors with their sessions", NULL, ROWS(ids_rows),
	 noun_delete, &selector},
	{"selector", "refusals", "List the interfaces that cannot be mirrored, and why", NULL,
	 ROWS(list_rows), noun_list, &refusal},
};

const struct commands selector_commands = ROWS(rows);

/* As in "app=web,db tier". */
static void write_filters(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *filter = tmirror_node_find(node, "tagFilterSet/item");

	for (; filter; filter = tmirror_node_next(filter)) {
		const struct tmirror_node *value = tmirror_node_find(filter, "valueSet/item");

		text_printf(cell, "%s%s", cell->length ? " " : "",
			    tmirror_node_text(filter, "key"));
		for (const char *before = "="; value; value = tmirror_node_next(value)) {
			text_printf(cell, "%s%s", before, tmirror_node_text(value, ""));
			before = ",";
		}
	}
}
