// SPDX-License-Identifier: Apache-2.0
/* GetMetricData: several metrics at once, in pages of data points.
 *
 * A page ends when much of the history was read, too, for others wait meanwhile; and it may end within a metric.  Its token is where: the query's place in the request, and the time of the last data point
 * of it that was told, or "all" of the query before; with a hash of the request, so that it does not fit another one. */
#include "api/monitoring.h"

#include "sigv4/hash.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define QUERIES_MAX 500
#define PAGE_ROWS   10000 /* Of the history; so a page keeps others waiting for some 20 ms. */
#define DIGEST_SIZE 65

#define QUERY      "MetricDataQueries.member.N."
#define STAT       QUERY "MetricStat."
#define METRIC     STAT "Metric."
#define DIMENSIONS METRIC "Dimensions.member.N."

static const struct parameter data_parameters[] = {
	{QUERY "Id", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 255,
	 .elements = QUERIES_MAX},
	{METRIC "Namespace", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{METRIC "MetricName", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{DIMENSIONS "Name", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{DIMENSIONS "Value", PARAMETER_TEXT, .minimum = 1, .maximum = 1024},
	{STAT "Period", PARAMETER_NUMBER},
	{STAT "Stat", PARAMETER_TEXT, .words = STATISTIC_WORDS},
	{STAT "Unit", PARAMETER_TEXT, .words = UNIT_WORDS},
	{QUERY "Expression", PARAMETER_TEXT, .minimum = 1, .maximum = 2048},
	{QUERY "Label", PARAMETER_TEXT},
	{QUERY "ReturnData", PARAMETER_BOOLEAN},
	{QUERY "Period", PARAMETER_NUMBER},
	{QUERY "AccountId", PARAMETER_TEXT, .minimum = 1, .maximum = 255},
	{"StartTime", PARAMETER_TEXT, .required = true},
	{"EndTime", PARAMETER_TEXT, .required = true},
	{"NextToken", PARAMETER_TEXT},
	{"ScanBy", PARAMETER_TEXT, .words = "TimestampDescending|TimestampAscending"},
	{"MaxDatapoints", PARAMETER_NUMBER, .minimum = 1, .maximum = METRIC_DATAPOINTS_MAX},
	{"LabelOptions.Timezone", PARAMETER_TEXT, .minimum = 5, .maximum = 5},
};

/* One of the request's queries; borrowed from it. */
struct data_query {
	unsigned int number; /* As in "MetricDataQueries.member.2". */
	const char *id, *label, *unit;
	struct metric_wish metric;
	struct metric_dimension dimensions[METRIC_DIMENSIONS_MAX];
	enum statistic statistic;
	int64_t period;
	bool told; /* ReturnData. */
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
	const struct argument *ids;
	size_t query_count;
	struct metric_time time;
	bool ascending;
	int64_t rows; /* That have been looked at. */
	int64_t room; /* For data points. */
	struct data_place place;
};

static int get_data(struct call *call, struct refusal *why);
static int answer_begin(struct data_answer *answer, struct refusal *why);
static int check_queries(const struct data_answer *answer, struct refusal *why);
static bool has_query(const struct data_answer *answer, unsigned int number);
static int answer_query(struct data_answer *answer, struct refusal *why);
static int read_query(const struct data_answer *answer, size_t place, struct data_query *ret_query,
		      struct refusal *why);
static int check_plain(const struct call *call, const struct data_query *query,
		       struct refusal *why);
static bool id_valid(const char *id);
static bool write_result(struct data_answer *answer, const struct data_query *query,
			 const struct measurement *measurement);
static const struct argument *find(const struct call *call, const char *name, unsigned int number);
static const char *find_text(const struct call *call, const char *name, unsigned int number);
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
	struct data_answer answer = {.call = call};
	int r;

	r = answer_begin(&answer, why);
	if (r == 0)
		r = check_queries(&answer, why);
	if (r == 0)
		r = token_read(&answer, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "MetricDataResults");
	while (r == 0 && answer.place.query < answer.query_count && answer.room > 0 &&
	       answer.rows < PAGE_ROWS)
		r = answer_query(&answer, why);
	xml_close(call->xml, "MetricDataResults");
	if (r == 0 && answer.place.query < answer.query_count)
		r = token_write(&answer);
	return r;
}

static int answer_begin(struct data_answer *answer, struct refusal *why)
{
	const struct arguments *arguments = &answer->call->arguments;
	const char *order = call_get_text(answer->call, "ScanBy");

	answer->ids = arguments_get_list(arguments, QUERY "Id", &answer->query_count);
	answer->ascending = order && strcmp(order, "TimestampAscending") == 0;
	answer->room = METRIC_DATAPOINTS_MAX;
	(void)arguments_get_number(arguments, "MaxDatapoints", &answer->room);
	answer->time.datapoints_max = METRIC_DATAPOINTS_MAX;
	return monitoring_get_time(answer->call, &answer->time, why);
}

/* All of them before anything is read, also those of other pages; and nothing may belong to a query that has no id. */
static int check_queries(const struct data_answer *answer, struct refusal *why)
{
	const struct arguments *arguments = &answer->call->arguments;
	int r = 0;

	for (size_t i = 0; r == 0 && i < answer->query_count; i++) {
		struct data_query query = {};

		r = read_query(answer, i, &query, why);
		for (size_t j = 0; r == 0 && j < i; j++)
			if (strcmp(answer->ids[j].value, query.id) == 0)
				r = refuse(why, REFUSE_PARAMETER_VALUE,
					   "The values for parameter Id in MetricDataQueries are "
					   "not unique: '%.64s'",
					   query.id);
	}
	for (size_t i = 0; r == 0 && i < arguments->count; i++) {
		const struct argument *argument = &arguments->items[i];

		if (strncmp(argument->parameter->name, QUERY, strlen(QUERY)) == 0 &&
		    !has_query(answer, argument->index[0]))
			r = refuse(why, REFUSE_PARAMETER_MISSING,
				   "The request must contain the parameter "
				   "MetricDataQueries.member.%u.Id",
				   argument->index[0]);
	}
	return r;
}

static bool has_query(const struct data_answer *answer, unsigned int number)
{
	for (size_t i = 0; i < answer->query_count; i++)
		if (answer->ids[i].index[0] == number)
			return true;
	return false;
}

static int answer_query(struct data_answer *answer, struct refusal *why)
{
	_cleanup_(measurement_fini) struct measurement measurement = {};
	struct metric_time time = answer->time;
	int64_t rows = METRIC_ROWS_MAX;
	struct data_query query = {};
	int r;

	r = read_query(answer, answer->place.query, &query, why);
	time.period = query.period;
	if (r == 0 && query.told)
		r = control_measure(answer->call->control, answer->call->caller, &query.metric,
				    &time, &rows, &measurement, why);
	if (r != 0)
		return r;
	answer->rows += METRIC_ROWS_MAX - rows;
	if (query.unit && measurement.unit && strcmp(query.unit, measurement.unit) != 0)
		measurement.count = 0;
	if (!query.told || write_result(answer, &query, &measurement))
		answer->place = (struct data_place){.query = answer->place.query + 1};
	return 0;
}

static int read_query(const struct data_answer *answer, size_t place, struct data_query *ret_query,
		      struct refusal *why)
{
	const struct argument *id = &answer->ids[place];
	const unsigned int number = id->index[0];
	const struct call *call = answer->call;
	const struct argument *told = find(call, QUERY "ReturnData", number);
	const struct argument *period = find(call, STAT "Period", number);
	const struct dimension_lists lists = {DIMENSIONS "Name", DIMENSIONS "Value", number, false};
	const char *statistic = find_text(call, STAT "Stat", number);
	struct data_query *query = ret_query;
	int r;

	query->number = number;
	query->id = id->value;
	query->label = find_text(call, QUERY "Label", number);
	query->unit = find_text(call, STAT "Unit", number);
	query->metric.namespace = find_text(call, METRIC "Namespace", number);
	query->metric.name = find_text(call, METRIC "MetricName", number);
	query->metric.dimensions = query->dimensions;
	query->told = !told || told->number != 0;
	r = check_plain(call, query, why);
	if (r != 0)
		return r;
	if (!query->metric.namespace || !query->metric.name || !statistic || !period)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The query '%.64s' needs a MetricStat with Namespace, MetricName, "
			      "Period and Stat",
			      query->id);
	query->period = period->number;
	while (strcmp(statistic_name(query->statistic), statistic) != 0)
		query->statistic++;
	return monitoring_get_dimensions(call, &lists, query->dimensions,
					 &query->metric.dimension_count, why);
}

/* What CloudWatch could do, and is not done here. */
static int check_plain(const struct call *call, const struct data_query *query, struct refusal *why)
{
	const char *account = find_text(call, QUERY "AccountId", query->number);

	if (!id_valid(query->id))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The Id '%.64s' is not a lower-case letter with letters, digits and "
			      "'_' behind it",
			      query->id);
	if (find(call, QUERY "Expression", query->number) ||
	    find(call, QUERY "Period", query->number))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The query '%.64s' has an Expression, or the Period of one: they are "
			      "not calculated here",
			      query->id);
	if (query->label && strstr(query->label, "${"))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The Label '%.64s' is dynamic, and only plain text is taken",
			      query->label);
	if (account && strcmp(account, call->caller->account.text) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The account '%.32s' is not the caller's", account);
	return 0;
}

static bool id_valid(const char *id)
{
	if (*id < 'a' || *id > 'z')
		return false;
	for (; *id != '\0'; id++)
		if (!isalnum((unsigned char)*id) && *id != '_')
			return false;
	return true;
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

static const struct argument *find(const struct call *call, const char *name, unsigned int number)
{
	const struct argument *elements;
	size_t count;

	elements = arguments_get_list(&call->arguments, name, &count);
	for (size_t i = 0; i < count; i++)
		if (elements[i].index[0] == number)
			return &elements[i];
	return NULL;
}

static const char *find_text(const struct call *call, const char *name, unsigned int number)
{
	const struct argument *argument = find(call, name, number);

	return argument ? argument->value : NULL;
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
	    strcmp(given, digest) != 0 || query >= answer->query_count)
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
