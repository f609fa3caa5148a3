// SPDX-License-Identifier: Apache-2.0
/* Session-hours in the columns of AWS's cost and usage report, as far as they apply.
 *
 * A line is one session, or the sum of old ones of a source, in one hour or day.  Prices change with the day, so a
 * line has one rate. */
#include "cli/usage.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/output.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MONTH_LENGTH  7  /* "2026-01" */
#define MOMENT_LENGTH 20 /* "2026-01-02T03:04:05Z" */
#define VALUE_SIZE    256

/* One value of a line. */
struct line {
	const struct tmirror_node *item, *period;
};

static void write_line_id(const struct line *line, char value[VALUE_SIZE]);
static void write_interval(const struct line *line, char value[VALUE_SIZE]);
static void write_month_begin(const struct line *line, char value[VALUE_SIZE]);
static void write_month_end(const struct line *line, char value[VALUE_SIZE]);
static void write_account(const struct line *line, char value[VALUE_SIZE]);
static void write_begin(const struct line *line, char value[VALUE_SIZE]);
static void write_end(const struct line *line, char value[VALUE_SIZE]);
static void write_resource(const struct line *line, char value[VALUE_SIZE]);
static void write_hours(const struct line *line, char value[VALUE_SIZE]);
static void write_currency(const struct line *line, char value[VALUE_SIZE]);
static void write_rate(const struct line *line, char value[VALUE_SIZE]);
static void write_cost(const struct line *line, char value[VALUE_SIZE]);
static void write_description(const struct line *line, char value[VALUE_SIZE]);

/* AWS's names; a value is written, or the same in every line. */
static const struct {
	const char *name;
	void (*write)(const struct line *line, char value[VALUE_SIZE]);
	const char *constant;
	bool number;
} columns[] = {
	{"identity/LineItemId", write_line_id},
	{"identity/TimeInterval", write_interval},
	{"bill/PayerAccountId", write_account},
	{"bill/BillingPeriodStartDate", write_month_begin},
	{"bill/BillingPeriodEndDate", write_month_end},
	{"lineItem/UsageAccountId", write_account},
	{"lineItem/LineItemType", .constant = "Usage"},
	{"lineItem/UsageStartDate", write_begin},
	{"lineItem/UsageEndDate", write_end},
	{"lineItem/ProductCode", .constant = "AmazonVPC"},
	{"lineItem/UsageType", .constant = "ENI-Mirror"},
	{"lineItem/Operation", .constant = "CreateTrafficMirrorSession"},
	{"lineItem/ResourceId", write_resource},
	{"lineItem/UsageAmount", write_hours, .number = true},
	{"lineItem/CurrencyCode", write_currency},
	{"lineItem/UnblendedRate", write_rate, .number = true},
	{"lineItem/UnblendedCost", write_cost, .number = true},
	{"lineItem/LineItemDescription", write_description},
	{"pricing/unit", .constant = "Hrs"},
};

static usage_visitor print_csv;
static usage_visitor append_json;
static void column_write(size_t i, const struct line *line, char value[VALUE_SIZE]);
static const char *text(const struct tmirror_node *node, const char *path);
static uint64_t millionths(const char *amount);

int usage_export(struct invocation *invocation)
{
	const char *format = invocation_get(invocation, "format");
	bool json = invocation->json || (format && strcmp(format, "json") == 0);
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	_cleanup_(json_freep) json_t *array = NULL;
	int r;

	if (format && !json && strcmp(format, "csv") != 0)
		return invocation_misused(invocation, "'%s' is neither csv nor json", format);
	r = usage_describe(invocation,
			   arguments_has(&invocation->arguments, "hourly") ? "hourly" : "daily",
			   "session", &pages);
	if (r != 0)
		return r;
	if (json) {
		array = json_array();
		r = usage_visit(invocation, pages, append_json, array);
		return r != 0 ? r : output_json(array);
	}
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (printf("%s%s", i > 0 ? "," : "", columns[i].name) < 0)
			return -EIO;
	if (putchar('\n') < 0)
		return -EIO;
	return usage_visit(invocation, pages, print_csv, NULL);
}

/* RFC 4180, with line feeds alone. */
static int print_csv(void *context, const struct tmirror_node *item,
		     const struct tmirror_node *period)
{
	const struct line line = {item, period};

	(void)context;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		char value[VALUE_SIZE] = "";
		bool quoted;

		column_write(i, &line, value);
		quoted = strpbrk(value, ",\"\n\r") != NULL;
		if (i > 0)
			(void)putchar(',');
		if (quoted)
			(void)putchar('"');
		for (const char *c = value; *c != '\0'; c++) {
			if (*c == '"')
				(void)putchar('"');
			(void)putchar(*c);
		}
		if (quoted)
			(void)putchar('"');
	}
	return putchar('\n') < 0 || ferror(stdout) ? -EIO : 0;
}

static int append_json(void *context, const struct tmirror_node *item,
		       const struct tmirror_node *period)
{
	_cleanup_(json_freep) json_t *object = json_object();
	const struct line line = {item, period};

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		char value[VALUE_SIZE] = "";

		column_write(i, &line, value);
		if (json_object_set_new(object, columns[i].name,
					columns[i].number ? json_real(strtod(value, NULL))
							  : json_string(value)) < 0)
			return -ENOMEM;
	}
	return json_array_append(context, object) < 0 ? -ENOMEM : 0;
}

static void column_write(size_t i, const struct line *line, char value[VALUE_SIZE])
{
	if (columns[i].write)
		columns[i].write(line, value);
	else
		(void)string_copy(value, VALUE_SIZE, columns[i].constant);
}

/* The same line has the same id whenever it is written. */
static void write_line_id(const struct line *line, char value[VALUE_SIZE])
{
	char resource[VALUE_SIZE];

	write_resource(line, resource);
	(void)snprintf(value, VALUE_SIZE, "%.100s/%.*s", resource, MOMENT_LENGTH - 1,
		       text(line->period, "startTime"));
}

static void write_interval(const struct line *line, char value[VALUE_SIZE])
{
	char begin[VALUE_SIZE], end[VALUE_SIZE];

	write_begin(line, begin);
	write_end(line, end);
	(void)snprintf(value, VALUE_SIZE, "%.40s/%.40s", begin, end);
}

static void write_month_begin(const struct line *line, char value[VALUE_SIZE])
{
	(void)snprintf(value, VALUE_SIZE, "%.*s-01T00:00:00Z", MONTH_LENGTH,
		       text(line->period, "startTime"));
}

static void write_month_end(const struct line *line, char value[VALUE_SIZE])
{
	int year = 0, month = 0;

	(void)sscanf(text(line->period, "startTime"), "%4d-%2d", &year, &month);
	(void)snprintf(value, VALUE_SIZE, "%04d-%02d-01T00:00:00Z", month == 12 ? year + 1 : year,
		       month % 12 + 1);
}

static void write_account(const struct line *line, char value[VALUE_SIZE])
{
	(void)string_copy(value, VALUE_SIZE, text(line->item, "accountId"));
}

/* AWS's times have no fraction. */
static void write_begin(const struct line *line, char value[VALUE_SIZE])
{
	(void)snprintf(value, VALUE_SIZE, "%.*sZ", MOMENT_LENGTH - 1,
		       text(line->period, "startTime"));
}

static void write_end(const struct line *line, char value[VALUE_SIZE])
{
	(void)snprintf(value, VALUE_SIZE, "%.*sZ", MOMENT_LENGTH - 1,
		       text(line->period, "endTime"));
}

static void write_resource(const struct line *line, char value[VALUE_SIZE])
{
	const char *session = text(line->item, "trafficMirrorSessionId");

	(void)string_copy(value, VALUE_SIZE,
			  session[0] ? session : text(line->item, "networkInterfaceId"));
}

static void write_hours(const struct line *line, char value[VALUE_SIZE])
{
	(void)string_copy(value, VALUE_SIZE, text(line->period, "hours"));
}

static void write_currency(const struct line *line, char value[VALUE_SIZE])
{
	(void)string_copy(value, VALUE_SIZE, text(line->item, "currency"));
}

static void write_rate(const struct line *line, char value[VALUE_SIZE])
{
	uint64_t hours = strtoull(text(line->period, "hours"), NULL, 10);
	uint64_t rate = hours > 0 ? millionths(text(line->period, "cost")) / hours : 0;

	(void)snprintf(value, VALUE_SIZE, "%llu.%06llu", (unsigned long long)rate / 1000000,
		       (unsigned long long)rate % 1000000);
}

static void write_cost(const struct line *line, char value[VALUE_SIZE])
{
	(void)string_copy(value, VALUE_SIZE, text(line->period, "cost"));
}

static void write_description(const struct line *line, char value[VALUE_SIZE])
{
	(void)snprintf(value, VALUE_SIZE, "Traffic mirroring of %s of %s, per session-hour",
		       text(line->item, "deviceName"), text(line->item, "hostName"));
}

static const char *text(const struct tmirror_node *node, const char *path)
{
	const char *found = tmirror_node_text(node, path);

	return found ? found : "";
}

/* Of an amount as the API writes it: at most six decimals. */
static uint64_t millionths(const char *amount)
{
	char *point;
	uint64_t value = strtoull(amount, &point, 10), unit = 1000000;

	value *= unit;
	if (*point == '.')
		for (const char *digit = point + 1; *digit >= '0' && *digit <= '9' && unit > 1;
		     digit++) {
			unit /= 10;
			value += unit * (uint64_t)(*digit - '0');
		}
	return value;
}
