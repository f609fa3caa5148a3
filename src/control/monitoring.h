/* What CloudWatch tells: metrics, and what they came to in periods of time, from the history of sessions' counters.
 *
 * A metric is a name in a namespace, with exactly the dimensions that it has: "AWS/EC2" has AWS's eight, by InstanceId;
 * "TrafficMirror" has what became of copies, by TrafficMirrorSessionId, NetworkInterfaceId or HostName, and what was lost also
 * with Reason.  A sample is what all its sessions together counted in one second, minute or hour of the history: minutes as far
 * back as they are kept, else hours, and seconds for periods shorter than a minute. */
#pragma once

#include "control/control.h"
#include "mirror/source.h"

#define METRIC_DIMENSIONS_MAX 30
#define METRIC_DATAPOINTS_MAX 100800 /* Of one request, as at AWS. */
#define METRIC_STATISTICS_MAX 1440   /* Of one GetMetricStatistics. */
#define METRIC_ROWS_MAX       200000 /* Half a second, for which others wait. */
#define METRIC_PAGE_SIZE      500

struct metric_dimension {
	const char *name;
	const char *value; /* NULL: any; only where metrics are listed. */
};

/* Which metric; borrowed.  Where metrics are listed, namespace and name may be NULL: any. */
struct metric_wish {
	const char *namespace;
	const char *name;
	const struct metric_dimension *dimensions;
	size_t dimension_count;
};

struct metric_time {
	int64_t from, to; /* Milliseconds since the epoch. */
	int64_t period;   /* Seconds. */
	int64_t datapoints_max;
};

enum statistic {
	STATISTIC_SAMPLE_COUNT,
	STATISTIC_AVERAGE,
	STATISTIC_SUM,
	STATISTIC_MINIMUM,
	STATISTIC_MAXIMUM,
	STATISTIC_COUNT,
};

struct datapoint {
	int64_t began; /* Milliseconds since the epoch. */
	double samples, sum, minimum, maximum;
};

/* Those of periods in which there was something, by rising times. */
struct measurement {
	const char *unit; /* NULL: there is no such metric. */
	struct datapoint *items;
	size_t count, capacity;
};

void measurement_fini(struct measurement *measurement);

/* What there is not, a metric or a thing that it is of, has no data points.  'rows' is how many rows of the history the request
 * may still read, and is taken from; a wish for more is refused before anything is read. */
int control_measure(struct control *control, const struct caller *caller,
		    const struct metric_wish *wish, const struct metric_time *time, int64_t *rows,
		    struct measurement *ret_measurement, struct refusal *why);

double datapoint_get(const struct datapoint *datapoint, enum statistic statistic);
const char *statistic_name(enum statistic statistic);

struct metric_record {
	const char *namespace;
	const char *name;
	struct {
		const char *name;
		char value[HOST_NAME_SIZE];
	} dimensions[2];
	size_t dimension_count;
};

struct metric_page {
	struct metric_record *items;
	size_t count, capacity;
	char *next_token;
};

void metric_page_fini(struct metric_page *page);

/* Those whose sessions have a history; if 'recent', one of the last three hours. */
int control_list_metrics(struct control *control, const struct caller *caller,
			 const struct metric_wish *wish, bool recent, const char *next_token,
			 struct metric_page *ret_page, struct refusal *why);
