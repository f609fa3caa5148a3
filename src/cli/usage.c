// SPDX-License-Identifier: Apache-2.0
#include "cli/usage.h"

#include "base/count.h"
#include "cli/noun.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function usage_show;
static int show_table(struct invocation *invocation, struct tmirror_pages *pages);
static usage_visitor add_row;

/* The cells of a row, in this order: those of the item, or of one of its periods. */
static const struct {
	const char *title, *path;
	bool of_period, numeric;
} columns[] = {
	{"FROM", "startTime", true},
	{"TO", "endTime", true},
	{"ACCOUNT", "accountId"},
	{"HOST", "hostName"},
	{"DEVICE", "deviceName"},
	{"SOURCE", "networkInterfaceId"},
	{"SESSION", "trafficMirrorSessionId"},
	{"HOURS", "hours", true, true},
	{"COST", "cost", true, true},
	{"CURRENCY", "currency"},
};

static const struct argument_row show_rows[] = {
	{.name = "by",
	 .value = "session|source|account",
	 .help = "What is summed up; else session",
	 .parameter = "GroupBy"},
	{.name = "period",
	 .value = "hourly|daily|monthly|total",
	 .help = "How the time is cut; else total",
	 .parameter = "Granularity"},
	USAGE_ROWS,
	FILTER_ROW,
};

static const struct argument_row export_rows[] = {
	{.name = "format", .value = "csv|json", .help = "Else csv", .form = FORM_OWN},
	{.name = "hourly",
	 .help = "A line for each hour; else for each day",
	 .form = FORM_OWN,
	 .is_switch = true},
	USAGE_ROWS,
	FILTER_ROW,
};

static const struct command rows[] = {
	{"usage", "show", "Show session-hours, and what they cost",
	 "A session is charged from its creation to its deletion, whatever its source does; an "
	 "hour "
	 "that has begun counts in full, for the period in which it began.",
	 ROWS(show_rows), usage_show},
	{"usage", "export", "Write session-hours as lines of a cost and usage report",
	 "With the columns of AWS's report (CUR) that apply.", ROWS(export_rows), usage_export},
};

const struct commands usage_commands = ROWS(rows);

int usage_describe(struct invocation *invocation, const char *granularity, const char *group,
		   struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = invocation_request(invocation, "DescribeTrafficMirrorUsage", &request);
	if (r == 0 && granularity)
		r = tmirror_request_set(request, "Granularity", granularity);
	if (r == 0 && group)
		r = tmirror_request_set(request, "GroupBy", group);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, "trafficMirrorUsageSet",
				      ret_pages);
	return r;
}

int usage_visit(struct invocation *invocation, struct tmirror_pages *pages, usage_visitor *visit,
		void *context)
{
	const struct tmirror_node *item, *period;
	int r;

	while ((r = tmirror_pages_next(pages, &item, &invocation->error)) == 0) {
		period = tmirror_node_first(tmirror_node_find(item, "periodSet"));
		for (; r == 0 && period; period = tmirror_node_next(period))
			r = visit(context, item, period);
		if (r != 0)
			return r;
	}
	return r == TMIRROR_END ? 0 : r;
}

static int usage_show(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	r = usage_describe(invocation, NULL, NULL, &pages);
	if (r != 0)
		return r;
	return invocation->json ? output_items(invocation, pages, NULL)
				: show_table(invocation, pages);
}

static int show_table(struct invocation *invocation, struct tmirror_pages *pages)
{
	_cleanup_table_ struct table table = {};
	_cleanup_text_ struct text text = {};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		table_add_column(&table, columns[i].title, columns[i].numeric);
	r = usage_visit(invocation, pages, add_row, &table);
	if (r != 0)
		return r;
	table_render(&table, invocation->colour, &text);
	if (text.failed)
		return -ENOMEM;
	return fputs(text.data, stdout) < 0 ? -EIO : 0;
}

static int add_row(void *context, const struct tmirror_node *item,
		   const struct tmirror_node *period)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(columns); i++)
		r = table_add_cell(context, tmirror_node_text(columns[i].of_period ? period : item,
							      columns[i].path));
	return r;
}
