/* The queries of a GetMetricData, read once: a request may have five hundred, of many parameters each.  Private to api/. */
#pragma once

#include "api/call.h"
#include "control/monitoring.h"

#define DATA_QUERIES_MAX 500

#define DATA_QUERY      "MetricDataQueries.member.N."
#define DATA_STAT       DATA_QUERY "MetricStat."
#define DATA_METRIC     DATA_STAT "Metric."
#define DATA_DIMENSIONS DATA_METRIC "Dimensions.member.N."

/* Borrowed from the request. */
struct data_query {
	unsigned int number; /* As in "MetricDataQueries.member.2". */
	const char *id, *label, *unit, *account, *statistic_name;
	const struct argument *period, *told, *expression, *expression_period;
	struct metric_wish metric;
	struct metric_dimension dimensions[METRIC_DIMENSIONS_MAX];
	unsigned int dimension_numbers[METRIC_DIMENSIONS_MAX];
	enum statistic statistic;
};

struct data_queries {
	struct data_query *items; /* By their numbers. */
	size_t count;
};

void data_queries_fini(struct data_queries *queries);

/* All of them are as they must be, and nothing belongs to a query that has no id.  Returns 0, REFUSED or a fault. */
int data_queries_read(const struct call *call, struct data_queries *ret_queries,
		      struct refusal *why);

/* Whether its data points are wanted. */
bool data_query_is_told(const struct data_query *query);
