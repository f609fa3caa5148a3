// SPDX-License-Identifier: Apache-2.0
/* One walk over the request's arguments puts each where it belongs; then every query is looked at. */
#include "api/monitoring_query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The parameters of a query that it has once: as text, or as they are. */
static const struct {
	const char *name;
	size_t offset;
	bool whole;
} fields[] = {
#define TEXT(name, member)                                       \
	{                                                        \
		name, offsetof(struct data_query, member), false \
	}
#define WHOLE(name, member)                                     \
	{                                                       \
		name, offsetof(struct data_query, member), true \
	}
	TEXT(DATA_QUERY "Id", id),
	TEXT(DATA_METRIC "Namespace", metric.namespace),
	TEXT(DATA_METRIC "MetricName", metric.name),
	WHOLE(DATA_STAT "Period", period),
	TEXT(DATA_STAT "Stat", statistic_name),
	TEXT(DATA_STAT "Unit", unit),
	WHOLE(DATA_QUERY "Expression", expression),
	TEXT(DATA_QUERY "Label", label),
	WHOLE(DATA_QUERY "ReturnData", told),
	WHOLE(DATA_QUERY "Period", expression_period),
	TEXT(DATA_QUERY "AccountId", account),
};

static int queries_make(const struct call *call, struct data_queries *queries);
static int argument_take(struct data_queries *queries, const struct argument *argument,
			 struct refusal *why);
static struct data_query *query_find(const struct data_queries *queries, unsigned int number);
static void field_take(struct data_query *query, const struct argument *argument);
static int name_take(struct data_query *query, const struct argument *argument,
		     struct refusal *why);
static int value_take(struct data_query *query, const struct argument *argument,
		      struct refusal *why);
static int query_check(const struct call *call, struct data_query *query, struct refusal *why);
static int plain_check(const struct call *call, const struct data_query *query,
		       struct refusal *why);
static int ids_check(const struct data_queries *queries, struct refusal *why);
static bool id_valid(const char *id);

void data_queries_fini(struct data_queries *queries)
{
	free(queries->items);
	*queries = (struct data_queries){};
}

int data_queries_read(const struct call *call, struct data_queries *ret_queries,
		      struct refusal *why)
{
	_cleanup_(data_queries_fini) struct data_queries queries = {};
	int r;

	r = queries_make(call, &queries);
	for (size_t i = 0; r == 0 && i < call->arguments.count; i++)
		r = argument_take(&queries, &call->arguments.items[i], why);
	for (size_t i = 0; r == 0 && i < queries.count; i++)
		r = query_check(call, &queries.items[i], why);
	if (r == 0)
		r = ids_check(&queries, why);
	if (r != 0)
		return r;
	*ret_queries = queries;
	queries = (struct data_queries){};
	return 0;
}

bool data_query_is_told(const struct data_query *query)
{
	return !query->told || query->told->number != 0;
}

/* One for each id, by rising numbers, as arguments are. */
static int queries_make(const struct call *call, struct data_queries *queries)
{
	const struct argument *ids;
	size_t count;

	ids = arguments_get_list(&call->arguments, DATA_QUERY "Id", &count);
	queries->items = calloc(count > 0 ? count : 1, sizeof(*queries->items));
	if (!queries->items)
		return -ENOMEM;
	queries->count = count;
	for (size_t i = 0; i < count; i++)
		queries->items[i].number = ids[i].index[0];
	return 0;
}

static int argument_take(struct data_queries *queries, const struct argument *argument,
			 struct refusal *why)
{
	const char *name = argument->parameter->name;
	struct data_query *query;

	if (strncmp(name, DATA_QUERY, strlen(DATA_QUERY)) != 0)
		return 0;
	query = query_find(queries, argument->index[0]);
	if (!query)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter "
			      "MetricDataQueries.member.%u.Id",
			      argument->index[0]);
	if (strcmp(name, DATA_DIMENSIONS "Name") == 0)
		return name_take(query, argument, why);
	if (strcmp(name, DATA_DIMENSIONS "Value") == 0)
		return value_take(query, argument, why);
	field_take(query, argument);
	return 0;
}

static struct data_query *query_find(const struct data_queries *queries, unsigned int number)
{
	size_t low = 0, high = queries->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (queries->items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < queries->count && queries->items[low].number == number ? &queries->items[low]
									    : NULL;
}

static void field_take(struct data_query *query, const struct argument *argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char *member = (char *)query + fields[i].offset;

		if (strcmp(argument->parameter->name, fields[i].name) != 0)
			continue;
		if (fields[i].whole)
			memcpy(member, &argument, sizeof(argument));
		else
			memcpy(member, &argument->value, sizeof(argument->value));
	}
}

/* Names come before values, since their parameter does. */
static int name_take(struct data_query *query, const struct argument *argument, struct refusal *why)
{
	const size_t count = query->metric.dimension_count;

	if (count == METRIC_DIMENSIONS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE, "A metric has %d dimensions at most",
			      METRIC_DIMENSIONS_MAX);
	query->dimensions[count].name = argument->value;
	query->dimension_numbers[count] = argument->index[1];
	query->metric.dimension_count++;
	return 0;
}

static int value_take(struct data_query *query, const struct argument *argument,
		      struct refusal *why)
{
	for (size_t i = 0; i < query->metric.dimension_count; i++) {
		if (query->dimension_numbers[i] != argument->index[1])
			continue;
		query->dimensions[i].value = argument->value;
		return 0;
	}
	return refuse(why, REFUSE_PARAMETER_MISSING, "A dimension has a value and no name");
}

static int query_check(const struct call *call, struct data_query *query, struct refusal *why)
{
	int r = plain_check(call, query, why);

	if (r != 0)
		return r;
	if (!query->metric.namespace || !query->metric.name || !query->statistic_name ||
	    !query->period)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The query '%.64s' needs a MetricStat with Namespace, MetricName, "
			      "Period and Stat",
			      query->id);
	for (size_t i = 0; i < query->metric.dimension_count; i++)
		if (!query->dimensions[i].value)
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The dimension '%.100s' has no value",
				      query->dimensions[i].name);
	while (strcmp(statistic_name(query->statistic), query->statistic_name) != 0)
		query->statistic++;
	query->metric.dimensions = query->dimensions;
	return 0;
}

/* What CloudWatch could do, and is not done here. */
static int plain_check(const struct call *call, const struct data_query *query, struct refusal *why)
{
	if (!id_valid(query->id))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The Id '%.64s' is not a lower-case letter with letters, digits and "
			      "'_' behind it",
			      query->id);
	if (query->expression || query->expression_period)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The query '%.64s' has an Expression, or the Period of one: they are "
			      "not calculated here",
			      query->id);
	if (query->label && strstr(query->label, "${"))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The Label '%.64s' is dynamic, and only plain text is taken",
			      query->label);
	if (query->account && strcmp(query->account, call->caller->account.text) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The account '%.32s' is not the caller's", query->account);
	return 0;
}

static int ids_check(const struct data_queries *queries, struct refusal *why)
{
	for (size_t i = 0; i < queries->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(queries->items[i].id, queries->items[j].id) == 0)
				return refuse(why, REFUSE_PARAMETER_VALUE,
					      "The values for parameter Id in MetricDataQueries "
					      "are not unique: '%.64s'",
					      queries->items[i].id);
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
