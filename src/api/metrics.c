// SPDX-License-Identifier: Apache-2.0
#include "api/metrics.h"

#include "base/count.h"
#include "base/exposition.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Actions are those that the service has, and each has a handful of statuses; still, somebody may find more. */
#define ROWS_MAX    2048
#define ACTION_SIZE 64

static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5};

struct row {
	char action[ACTION_SIZE];
	unsigned int status;
	uint64_t count;
};

struct metrics {
	pthread_mutex_t lock;
	struct row rows[ROWS_MAX]; /* By action and status. */
	size_t count;
	uint64_t untold; /* Answers that found no row. */
	uint64_t within[ARRAY_SIZE(bounds) + 1];
	double seconds;
};

static struct row *row_find(struct metrics *metrics, const char *action, unsigned int status);
static void put_durations(struct metrics *metrics, struct text *text);

int metrics_new(struct metrics **ret_metrics)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return -ENOMEM;
	pthread_mutex_init(&metrics->lock, NULL);
	*ret_metrics = metrics;
	return 0;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

void metrics_count(struct metrics *metrics, const char *action, unsigned int status, double seconds)
{
	struct row *row;
	size_t bucket = 0;

	while (bucket < ARRAY_SIZE(bounds) && seconds > bounds[bucket])
		bucket++;
	pthread_mutex_lock(&metrics->lock);
	row = row_find(metrics, action, status);
	if (row)
		row->count++;
	else
		metrics->untold++;
	if (seconds >= 0) {
		metrics->within[bucket]++;
		metrics->seconds += seconds;
	}
	pthread_mutex_unlock(&metrics->lock);
}

void metrics_put_requests(struct metrics *metrics, struct text *text)
{
	static const struct metric requests = {
		"tmirror_api_requests_total",
		"Answers by action and HTTP status; without an action, it was none",
		METRIC_COUNTER};

	exposition_begin(text, &requests);
	pthread_mutex_lock(&metrics->lock);
	for (size_t i = 0; i < metrics->count; i++) {
		char status[12];
		const struct label labels[] = {{"action", metrics->rows[i].action},
					       {"status", status}};

		(void)snprintf(status, sizeof(status), "%u", metrics->rows[i].status);
		exposition_add_count(text, &requests, "", labels, ARRAY_SIZE(labels),
				     metrics->rows[i].count);
	}
	if (metrics->untold > 0)
		exposition_add_count(text, &requests, "",
				     (const struct label[]){{"action", "other"}, {"status", ""}}, 2,
				     metrics->untold);
	put_durations(metrics, text);
	pthread_mutex_unlock(&metrics->lock);
}

/* The row, made if need be; NULL: there are enough. */
static struct row *row_find(struct metrics *metrics, const char *action, unsigned int status)
{
	size_t low = 0, high = metrics->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct row *row = &metrics->rows[middle];
		int order = strncmp(row->action, action, ACTION_SIZE - 1);

		if (order == 0)
			order = (row->status > status) - (row->status < status);
		if (order == 0)
			return row;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (metrics->count == ROWS_MAX)
		return NULL;
	memmove(&metrics->rows[low + 1], &metrics->rows[low],
		(metrics->count - low) * sizeof(*metrics->rows));
	metrics->count++;
	metrics->rows[low] = (struct row){.status = status};
	(void)snprintf(metrics->rows[low].action, ACTION_SIZE, "%s", action);
	return &metrics->rows[low];
}

static void put_durations(struct metrics *metrics, struct text *text)
{
	static const struct metric durations = {
		"tmirror_api_request_duration_seconds",
		"From the end of the request to its answer, those of hosts left out",
		METRIC_HISTOGRAM};
	uint64_t below = 0;

	exposition_begin(text, &durations);
	for (size_t i = 0; i <= ARRAY_SIZE(bounds); i++) {
		char bound[16] = "+Inf";

		if (i < ARRAY_SIZE(bounds))
			(void)snprintf(bound, sizeof(bound), "%g", bounds[i]);
		below += metrics->within[i];
		exposition_add_count(text, &durations, "_bucket",
				     &(const struct label){"le", bound}, 1, below);
	}
	exposition_add(text, &durations, "_sum", NULL, 0, metrics->seconds);
	exposition_add_count(text, &durations, "_count", NULL, 0, below);
}
