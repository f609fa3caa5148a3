// SPDX-License-Identifier: Apache-2.0
/* CloudWatch: what sessions and instances have counted, by metrics (control/monitoring.h). */
#include "api/monitoring.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int get_dimensions(const struct call *call, bool open,
			  struct metric_dimension ret_dimensions[METRIC_DIMENSIONS_MAX],
			  size_t *ret_count, struct refusal *why);
static const struct parameter list_parameters[] = {
	{"Namespace", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{"MetricName", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{"Dimensions.member.N.Name", PARAMETER_TEXT, .minimum = 1, .maximum = 255, .elements = 10},
	{"Dimensions.member.N.Value", PARAMETER_TEXT, .minimum = 1, .maximum = 1024,
	 .elements = 10},
	{"NextToken", PARAMETER_TEXT},
	{"RecentlyActive", PARAMETER_TEXT, .words = "PT3H"},
	{"IncludeLinkedAccounts", PARAMETER_BOOLEAN},
	{"OwningAccount", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
};

static const struct parameter statistics_parameters[] = {
	{"Namespace", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 255},
	{"MetricName", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 255},
	{"Dimensions.member.N.Name", PARAMETER_TEXT, .minimum = 1, .maximum = 255,
	 .elements = METRIC_DIMENSIONS_MAX},
	{"Dimensions.member.N.Value", PARAMETER_TEXT, .minimum = 1, .maximum = 1024,
	 .elements = METRIC_DIMENSIONS_MAX},
	{"StartTime", PARAMETER_TEXT, .required = true},
	{"EndTime", PARAMETER_TEXT, .required = true},
	{"Period", PARAMETER_NUMBER, .required = true, .minimum = 1, .maximum = 86400},
	{"Statistics.member.N", PARAMETER_TEXT, .elements = 5, .words = STATISTIC_WORDS},
	{"ExtendedStatistics.member.N", PARAMETER_TEXT, .elements = 10},
	{"Unit", PARAMETER_TEXT, .words = UNIT_WORDS},
};

static int list_metrics(struct call *call, struct refusal *why);
static int get_statistics(struct call *call, struct refusal *why);
static void write_metric(struct call *call, const struct metric_record *metric);
static void write_datapoint(struct call *call, const struct datapoint *datapoint, const char *unit);
static int read_moment(const char *name, const char *text, int64_t *ret_moment,
		       struct refusal *why);
static const char *find_value(const struct argument *values, size_t count,
			      const struct argument *name);

static const struct action actions[] = {
	ACTION("ListMetrics", list_parameters, list_metrics,
	       .permission = "cloudwatch:ListMetrics"),
	ACTION("GetMetricStatistics", statistics_parameters, get_statistics,
	       .permission = "cloudwatch:GetMetricStatistics"),
};

const struct action_table monitoring_actions = {actions, ARRAY_SIZE(actions)};

static int get_dimensions(const struct call *call, bool open,
			  struct metric_dimension ret_dimensions[METRIC_DIMENSIONS_MAX],
			  size_t *ret_count, struct refusal *why)
{
	const struct argument *names, *values;
	size_t name_count, value_count, count = 0, valued = 0;

	names = arguments_get_list(&call->arguments, "Dimensions.member.N.Name", &name_count);
	values = arguments_get_list(&call->arguments, "Dimensions.member.N.Value", &value_count);
	for (size_t i = 0; i < name_count; i++) {
		const char *value = find_value(values, value_count, &names[i]);

		if (!value && !open)
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The dimension '%.100s' has no value", names[i].value);
		if (count == METRIC_DIMENSIONS_MAX)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "A metric has %d dimensions at most", METRIC_DIMENSIONS_MAX);
		ret_dimensions[count++] = (struct metric_dimension){names[i].value, value};
		valued += value != NULL;
	}
	if (valued != value_count)
		return refuse(why, REFUSE_PARAMETER_MISSING, "A dimension has a value and no name");
	*ret_count = count;
	return 0;
}

int monitoring_get_time(const struct call *call, struct metric_time *ret_time, struct refusal *why)
{
	struct metric_time time = *ret_time;
	int r;

	r = read_moment("StartTime", call_get_text(call, "StartTime"), &time.from, why);
	if (r == 0)
		r = read_moment("EndTime", call_get_text(call, "EndTime"), &time.to, why);
	if (r == 0)
		*ret_time = time;
	return r;
}

void monitoring_write_value(struct call *call, const char *element, double value)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%.17g", value);
	xml_text(call->xml, element, text);
}

static int list_metrics(struct call *call, struct refusal *why)
{
	const char *owner = call_get_text(call, "OwningAccount");
	_cleanup_(metric_page_fini) struct metric_page page = {};
	struct metric_dimension dimensions[METRIC_DIMENSIONS_MAX];
	struct metric_wish wish = {
		.namespace = call_get_text(call, "Namespace"),
		.name = call_get_text(call, "MetricName"),
		.dimensions = dimensions,
	};
	int r;

	if (owner && strcmp(owner, call->caller->account.text) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The account '%.32s' is not the caller's", owner);
	r = get_dimensions(call, true, dimensions, &wish.dimension_count, why);
	if (r == 0)
		r = control_list_metrics(call->control, call->caller, &wish,
					 call_get_text(call, "RecentlyActive") != NULL,
					 call_get_text(call, "NextToken"), &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "Metrics");
	for (size_t i = 0; i < page.count; i++)
		write_metric(call, &page.items[i]);
	xml_close(call->xml, "Metrics");
	xml_open(call->xml, "OwningAccounts");
	for (size_t i = 0;
	     arguments_get_boolean(&call->arguments, "IncludeLinkedAccounts") && i < page.count;
	     i++)
		xml_text(call->xml, "member", call->caller->account.text);
	xml_close(call->xml, "OwningAccounts");
	xml_text_if_set(call->xml, "NextToken", page.next_token);
	return 0;
}

static int get_statistics(struct call *call, struct refusal *why)
{
	_cleanup_(measurement_fini) struct measurement measurement = {};
	struct metric_dimension dimensions[METRIC_DIMENSIONS_MAX];
	struct metric_wish wish = {
		.namespace = call_get_text(call, "Namespace"),
		.name = call_get_text(call, "MetricName"),
		.dimensions = dimensions,
	};
	struct metric_time time = {.datapoints_max = METRIC_STATISTICS_MAX};
	const char *unit = call_get_text(call, "Unit");
	int64_t rows = METRIC_ROWS_MAX;
	size_t statistics, percentiles;
	int r;

	(void)arguments_get_list(&call->arguments, "Statistics.member.N", &statistics);
	(void)arguments_get_list(&call->arguments, "ExtendedStatistics.member.N", &percentiles);
	if (statistics == 0 && percentiles == 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "At least one of the parameters Statistics and ExtendedStatistics "
			      "must be specified");
	if (percentiles > 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "ExtendedStatistics cannot be told: single samples are not kept");
	(void)arguments_get_number(&call->arguments, "Period", &time.period);
	r = get_dimensions(call, false, dimensions, &wish.dimension_count, why);
	if (r == 0)
		r = monitoring_get_time(call, &time, why);
	if (r == 0)
		r = control_measure(call->control, call->caller, &wish, &time, &rows, &measurement,
				    why);
	if (r != 0)
		return r;
	xml_text(call->xml, "Label", wish.name);
	xml_open(call->xml, "Datapoints");
	for (size_t i = 0; i < measurement.count; i++)
		if (!unit || strcmp(unit, measurement.unit) == 0)
			write_datapoint(call, &measurement.items[i], measurement.unit);
	xml_close(call->xml, "Datapoints");
	return 0;
}

static void write_metric(struct call *call, const struct metric_record *metric)
{
	xml_open(call->xml, "member");
	xml_text(call->xml, "Namespace", metric->namespace);
	xml_text(call->xml, "MetricName", metric->name);
	xml_open(call->xml, "Dimensions");
	for (size_t i = 0; i < metric->dimension_count; i++) {
		xml_open(call->xml, "member");
		xml_text(call->xml, "Name", metric->dimensions[i].name);
		xml_text(call->xml, "Value", metric->dimensions[i].value);
		xml_close(call->xml, "member");
	}
	xml_close(call->xml, "Dimensions");
	xml_close(call->xml, "member");
}

/* With the statistics that were asked for. */
static void write_datapoint(struct call *call, const struct datapoint *datapoint, const char *unit)
{
	const char *const *names;
	size_t count;

	names = arguments_get_texts(&call->arguments, "Statistics.member.N", &count);
	xml_open(call->xml, "member");
	xml_time(call->xml, "Timestamp", datapoint->began);
	for (unsigned int i = 0; i < STATISTIC_COUNT; i++) {
		const char *name = statistic_name((enum statistic)i);

		if (string_is_among(name, names, count))
			monitoring_write_value(call, name,
					       datapoint_get(datapoint, (enum statistic)i));
	}
	xml_text(call->xml, "Unit", unit);
	xml_close(call->xml, "member");
}

/* Clients write as many digits of a second as their clocks have; milliseconds are enough here. */
static int read_moment(const char *name, const char *text, int64_t *ret_moment, struct refusal *why)
{
	const size_t length = strcspn(text, ".");
	const char *rest = text + length;
	int64_t unit = 100, milliseconds = 0;
	char whole[TIMESTAMP_SIZE];

	if (rest[0] == '.' && isdigit((unsigned char)rest[1]))
		for (rest++; isdigit((unsigned char)*rest); rest++, unit /= 10)
			milliseconds += unit * (*rest - '0');
	(void)snprintf(whole, sizeof(whole), "%.*s%s", (int)length, text, rest);
	if (timestamp_parse(whole, ret_moment)) {
		*ret_moment += milliseconds;
		return 0;
	}
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The %s '%.64s' is not a time in UTC, as in 2026-01-02T03:04:05Z", name,
		      text);
}

static const char *find_value(const struct argument *values, size_t count,
			      const struct argument *name)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(values[i].index, name->index, sizeof(name->index)) == 0)
			return values[i].value;
	return NULL;
}
