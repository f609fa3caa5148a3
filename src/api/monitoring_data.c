// SPDX-License-Identifier: Apache-2.0
/* GetMetricData: several metrics at once, in pages of data points.
 *
 * A page ends when much of the history was read, too, for others wait meanwhile; and it may end within a metric.  Its token is where: the query's place in the request, and the time of the last data point
 * of it that was told, or "all" of the query before; with a hash of the request, so that it does not fit another one. */
#include "api/monitoring.h"

#include "api/monitoring_query.h"
#include "sigv4/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_ROWS \
	10000 /* Of the history, some 20 ms; but for a metric of very many sessions (METRIC_ROWS_MAX). */
#define DIGEST_SIZE 65

static const struct parameter data_parameters[] = {
	{DATA_QUERY "Id", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 255,
	 .elements = DATA_QUERIES_MAX},
	{DATA_METRIC "Namespace", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{DATA_METRIC "MetricName", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{DATA_DIMENSIONS "Name", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{DATA_DIMENSIONS "Value", PARAMETER_TEXT, .minimum = 1, .maximum = 1024},
	{DATA_STAT "Period", PARAMETER_NUMBER},
	{DATA_STAT "Stat", PARAMETER_TEXT, .words = STATISTIC_WORDS},
	{DATA_STAT "Unit", PARAMETER_TEXT, .words = UNIT_WORDS},
	{DATA_QUERY "Expression", PARAMETER_TEXT, .minimum = 1, .maximum = 2048},
	{DATA_QUERY "Label", PARAMETER_TEXT},
	{DATA_QUERY "ReturnData", PARAMETER_BOOLEAN},
	{DATA_QUERY "Period", PARAMETER_NUMBER},
	{DATA_QUERY "AccountId", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{"StartTime", PARAMETER_TEXT, .required = true},
	{"EndTime", PARAMETER_TEXT, .required = true},
	{"NextToken", PARAMETER_TEXT},
	{"ScanBy", PARAMETER_TEXT, .words = "TimestampDescending|TimestampAscending"},
	{"MaxDatapoints", PARAMETER_NUMBER, .minimum = 1, .maximum = METRIC_DATAPOINTS_MAX},
	{"LabelOptions.Timezone", PARAMETER_TEXT, .minimum = 5, .maximum = 5},
};

/* Where a page begins, or the next one. */
struct data_place {
	size_t query;
	bool within;  /* After the data point of this time, in the order that was asked for. */
	int64_t time; /* Milliseconds since the epoch. */
};

/* A request while it is answered. */
struct data_answer {
	struct call *call;
	struct data_queries queries;
	struct metric_time time;
	bool ascending;
	int64_t rows; /* That have been looked at. */
	int64_t room; /* For data points. */
	struct data_place place;
};

static int get_data(struct call *call, struct refusal *why);
static void answer_fini(struct data_answer *answer);
static int answer_begin(struct data_answer *answer, struct refusal *why);
static int answer_query(struct data_answer *answer, struct refusal *why);
static bool write_result(struct data_answer *answer, const struct data_query *query,
			 const struct measurement *measurement);
static int token_read(struct data_answer *answer, struct refusal *why);
static int token_write(const struct data_answer *answer);
static int digest_request(const struct call *call, char ret_digest[DIGEST_SIZE]);

static const struct action actions[] = {
	ACTION("GetMetricData", data_parameters, get_data,
	       .permission = "cloudwatch:GetMetricData"),
};

const struct action_table monitoring_data_actions = {actions, ARRAY_SIZE(actions)};

static int get_data(struct call *call, struct refusal *why)
{
	_cleanup_(answer_fini) struct data_answer answer = {.call = call};
	int r;

	r = answer_begin(&answer, why);
	if (r == 0)
		r = data_queries_read(call, &answer.queries, why);
	if (r == 0)
		r = token_read(&answer, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "MetricDataResults");
	while (r == 0 && answer.place.query < answer.queries.count && answer.room > 0 &&
	       answer.rows < PAGE_ROWS)
		r = answer_query(&answer, why);
	xml_close(call->xml, "MetricDataResults");
	if (r == 0 && answer.place.query < answer.queries.count)
		r = token_write(&answer);
	return r;
}

static void answer_fini(struct data_answer *answer)
{
	data_queries_fini(&answer->queries);
}

static int answer_begin(struct data_answer *answer, struct refusal *why)
{
	const struct arguments *arguments = &answer->call->arguments;
	const char *order = call_get_text(answer->call, "ScanBy");

	answer->ascending = order && strcmp(order, "TimestampAscending") == 0;
	answer->room = METRIC_DATAPOINTS_MAX;
	(void)arguments_get_number(arguments, "MaxDatapoints", &answer->room);
	answer->time.datapoints_max = METRIC_DATAPOINTS_MAX;
	return monitoring_get_time(answer->call, &answer->time, why);
}

static int answer_query(struct data_answer *answer, struct refusal *why)
{
	const struct data_query *query = &answer->queries.items[answer->place.query];
	_cleanup_(measurement_fini) struct measurement measurement = {};
	struct metric_time time = answer->time;
	int64_t rows = METRIC_ROWS_MAX;
	int r = 0;

	time.period = query->period->number;
	if (data_query_is_told(query))
		r = control_measure(answer->call->control, answer->call->caller, &query->metric,
				    &time, &rows, &measurement, why);
	if (r != 0)
		return r;
	answer->rows += METRIC_ROWS_MAX - rows;
	if (query->unit && measurement.unit && strcmp(query->unit, measurement.unit) != 0)
		measurement.count = 0;
	if (!data_query_is_told(query) || write_result(answer, query, &measurement))
		answer->place = (struct data_place){.query = answer->place.query + 1};
	return 0;
}

/* Returns whether all of it was told; else the answer's place is the last that was. */
static bool write_result(struct data_answer *answer, const struct data_query *query,
			 const struct measurement *measurement)
{
	const struct data_place begin = answer->place;
	struct text *xml = answer->call->xml;
	_cleanup_text_ struct text values = {};
	struct call value_call = {.xml = &values};
	bool whole = true;

	xml_open(xml, "member");
	xml_text(xml, "Id", query->id);
	xml_text(xml, "Label", query->label ? query->label : query->metric.name);
	xml_open(xml, "Timestamps");
	for (size_t i = 0; whole && i < measurement->count; i++) {
		const struct datapoint *point =
			&measurement->items[answer->ascending ? i : measurement->count - 1 - i];

		if (begin.within &&
		    (answer->ascending ? point->began <= begin.time : point->began >= begin.time))
			continue;
		whole = answer->room > 0;
		if (!whole)
			break;
		answer->room--;
		xml_time(xml, "member", point->began);
		monitoring_write_value(&value_call, "member",
				       datapoint_get(point, query->statistic));
		answer->place.within = true;
		answer->place.time = point->began;
	}
	xml_close(xml, "Timestamps");
	xml_open(xml, "Values");
	if (values.length > 0)
		text_append(xml, values.data);
	xml->failed |= values.failed;
	xml_close(xml, "Values");
	xml_text(xml, "StatusCode", whole ? "Complete" : "PartialData");
	xml_close(xml, "member");
	return whole;
}

/* "DIGEST-QUERY-all", or the time in the place of "all". */
static int token_read(struct data_answer *answer, struct refusal *why)
{
	const char *token = call_get_text(answer->call, "NextToken");
	char digest[DIGEST_SIZE], given[17] = "", time[24] = "";
	unsigned long long milliseconds = 0;
	unsigned int query = 0;
	int r;

	if (!token)
		return 0;
	r = digest_request(answer->call, digest);
	if (r < 0)
		return r;
	digest[sizeof(given) - 1] = '\0';
	if (sscanf(token, "%16[0-9a-f]-%9u-%23s", given, &query, time) != 3 ||
	    strcmp(given, digest) != 0 || query >= answer->queries.count)
		return refuse(why, REFUSE_PAGINATION_TOKEN,
			      "The NextToken '%.64s' is not of this request", token);
	answer->place.query = query;
	answer->place.within = string_to_unsigned(time, INT64_MAX, &milliseconds);
	answer->place.time = (int64_t)milliseconds;
	if (answer->place.within || strcmp(time, "all") == 0)
		return 0;
	return refuse(why, REFUSE_PAGINATION_TOKEN, "The NextToken '%.64s' is not valid", token);
}

static int token_write(const struct data_answer *answer)
{
	char digest[DIGEST_SIZE], token[64], time[24] = "all";
	int r = digest_request(answer->call, digest);

	if (r < 0)
		return r;
	if (answer->place.within)
		(void)snprintf(time, sizeof(time), "%" PRId64, answer->place.time);
	(void)snprintf(token, sizeof(token), "%.16s-%zu-%s", digest, answer->place.query, time);
	xml_text(answer->call->xml, "NextToken", token);
	return 0;
}

/* Of all that was asked but the page. */
static int digest_request(const struct call *call, char ret_digest[DIGEST_SIZE])
{
	_cleanup_text_ struct text question = {};

	text_append(&question, call->caller->account.text);
	for (size_t i = 0; i < call->arguments.count; i++) {
		const struct argument *argument = &call->arguments.items[i];
		const char *name = argument->parameter->name;

		if (strcmp(name, "NextToken") != 0 && strcmp(name, "MaxDatapoints") != 0)
			text_printf(&question, "\n%s %u %u %zu:%s", name, argument->index[0],
				    argument->index[1], strlen(argument->value), argument->value);
	}
	if (question.failed)
		return -ENOMEM;
	hash_text(question.data, question.length, ret_digest);
	return 0;
}
