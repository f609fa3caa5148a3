// SPDX-License-Identifier: Apache-2.0
/* What happened: the events of the account, as CloudTrail's LookupEvents tells them. */
#include "base/clock.h"
#include "base/count.h"
#include "cli/noun.h"

#include <stdio.h>
#include <string.h>

#define DAY_MSEC  ((int64_t)24 * 60 * 60 * 1000)
#define ATTRIBUTE "LookupAttributes.member.1.Attribute"

static command_function events;
static int set_attribute(struct invocation *invocation, struct tmirror_request *request);
static int set_begin(struct tmirror_request *request);
static void write_resources(const struct tmirror_node *node, struct text *cell);
static void write_source(const struct tmirror_node *node, struct text *cell);
static void write_result(const struct tmirror_node *node, struct text *cell);
static void write_of_record(const struct tmirror_node *node, const char *name,
			    const char *otherwise, struct text *cell);

static const struct column columns[] = {
	{.title = "TIME", .path = "EventTime"},    {.title = "WHO", .path = "Username"},
	{.title = "FROM", .write = write_source},  {.title = "ACTION", .path = "EventName"},
	{.title = "OF", .write = write_resources}, {.title = "RESULT", .write = write_result},
};

static const struct columns shown = ROWS(columns);

static const struct argument_row arguments[] = {
	{.name = "by",
	 .letter = 'b',
	 .value = "ATTRIBUTE=VALUE",
	 .help = "Only those with this EventName, Username, ResourceName, ResourceType, "
		 "AccessKeyId, EventSource, EventId or ReadOnly",
	 .form = FORM_OWN},
	{.name = "since",
	 .value = "DURATION|TIME",
	 .help = "Only those of the last 30m, 12h or 7d, or since then; else of the last day",
	 .parameter = "StartTime",
	 .form = FORM_PAST},
	{.name = "until",
	 .value = "DURATION|TIME",
	 .help = "Only those from before so long, or until then",
	 .parameter = "EndTime",
	 .form = FORM_PAST},
};

static const struct command rows[] = {
	{.verb = "events",
	 .help = "Tell who did what, and what was refused",
	 .more = "The newest first.  What was changed, or tried to be, is told for 90 days; what "
		 "was "
		 "only looked at, as long as not too much else has happened since.",
	 .arguments = ROWS(arguments),
	 .run = events},
};

const struct commands event_commands = ROWS(rows);

static int events(struct invocation *invocation)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	r = invocation_request(invocation, "cloudtrail:LookupEvents", &request);
	if (r == 0)
		r = set_attribute(invocation, request);
	if (r == 0 && !invocation_get(invocation, "since"))
		r = set_begin(request);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, "LookupEventsResult/Events",
				      &pages);
	return r != 0 ? r : output_items(invocation, pages, &shown);
}

static int set_attribute(struct invocation *invocation, struct tmirror_request *request)
{
	const char *by = invocation_get(invocation, "by");
	const char *equals = by ? strchr(by, '=') : NULL;
	char key[64];
	int r;

	if (!by)
		return 0;
	if (!equals || equals[1] == '\0' || (size_t)(equals - by) >= sizeof(key))
		return invocation_misused(invocation, "'%s' is not of the form ATTRIBUTE=VALUE",
					  by);
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - by), by);
	r = tmirror_request_set(request, ATTRIBUTE "Key", key);
	return r == 0 ? tmirror_request_set(request, ATTRIBUTE "Value", equals + 1) : r;
}

/* A day back. */
static int set_begin(struct tmirror_request *request)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(clock_realtime() - DAY_MSEC, time);
	return tmirror_request_set(request, "StartTime", time);
}

static void write_resources(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *resource =
		tmirror_node_first(tmirror_node_find(node, "Resources"));

	for (; resource; resource = tmirror_node_next(resource)) {
		const char *name = tmirror_node_text(resource, "ResourceName");

		text_printf(cell, "%s%s", cell->length > 0 ? " " : "", name ? name : "");
	}
}

static void write_source(const struct tmirror_node *node, struct text *cell)
{
	write_of_record(node, "sourceIPAddress", "", cell);
}

static void write_result(const struct tmirror_node *node, struct text *cell)
{
	write_of_record(node, "errorCode", "done", cell);
}

static void write_of_record(const struct tmirror_node *node, const char *name,
			    const char *otherwise, struct text *cell)
{
	const char *text = tmirror_node_text(node, "CloudTrailEvent");
	_cleanup_(json_freep) json_t *record = text ? json_loads(text, 0, NULL) : NULL;
	const char *value = json_string_value(json_object_get(record, name));

	text_append(cell, value ? value : otherwise);
}
