// SPDX-License-Identifier: Apache-2.0
/* Samples lie in an array, one place for each period of the history; then they are put together in the periods asked for. */
#include "control/monitoring.h"

#include "base/array.h"
#include "control/metric_table.h"
#include "control/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define MINUTE 60
#define HOUR   3600

struct sample {
	bool present;
	double value;
};

/* One measurement on its way; times are in seconds. */
struct measuring {
	struct control *control;
	struct metric_choice choice;
	struct history_span span; /* What the history can have of the time asked for. */
	int64_t from, period;     /* Where the first period begins, and how long each is. */
	struct sample *samples;   /* Of the span. */
};

static int time_check(const struct metric_time *time, struct refusal *why);
static void span_settle(struct measuring *measuring, const struct metric_time *time);
static int count_check(const struct measuring *measuring, const struct metric_time *time,
		       struct refusal *why);
static int rows_take(const struct measuring *measuring, int64_t *rows, struct refusal *why);
static int64_t span_count(const struct history_span *span);
static int samples_read(struct measuring *measuring);
static int part_read(struct measuring *measuring, const struct history_span *part);
static int part_read_losses(struct measuring *measuring, const struct history_span *part);
static void sample_add(struct measuring *measuring, int64_t began,
		       const struct packet_count *count);
static int samples_fold(const struct measuring *measuring, struct measurement *measurement);
static int64_t floor_to(int64_t value, int64_t step);

void measurement_fini(struct measurement *measurement)
{
	free(measurement->items);
	*measurement = (struct measurement){};
}

int control_measure(struct control *control, const struct caller *caller,
		    const struct metric_wish *wish, const struct metric_time *time, int64_t *rows,
		    struct measurement *ret_measurement, struct refusal *why)
{
	_cleanup_(measurement_fini) struct measurement measurement = {};
	_cleanup_free_ struct sample *samples = NULL;
	struct measuring measuring = {.control = control};
	int r;

	r = time_check(time, why);
	if (r != 0)
		return r;
	span_settle(&measuring, time);
	r = count_check(&measuring, time, why);
	if (r != 0 || !metric_choose(wish, &measuring.choice))
		return r;
	measurement.unit = metric_unit(measuring.choice.metric);
	measuring.span.owner = caller->account.text;
	measuring.span.scope = measuring.choice.scope;
	measuring.span.object = measuring.choice.object;
	if (measuring.span.from < measuring.span.to) {
		r = rows_take(&measuring, rows, why);
		if (r != 0)
			return r;
		samples = calloc((size_t)span_count(&measuring.span), sizeof(*samples));
		if (!samples)
			return -ENOMEM;
		measuring.samples = samples;
		r = samples_read(&measuring);
		if (r == 0)
			r = samples_fold(&measuring, &measurement);
		if (r < 0)
			return r;
	}
	*ret_measurement = measurement;
	measurement = (struct measurement){};
	return 0;
}

double datapoint_get(const struct datapoint *datapoint, enum statistic statistic)
{
	switch (statistic) {
	case STATISTIC_SAMPLE_COUNT:
		return datapoint->samples;
	case STATISTIC_AVERAGE:
		return datapoint->sum / datapoint->samples;
	case STATISTIC_SUM:
		return datapoint->sum;
	case STATISTIC_MINIMUM:
		return datapoint->minimum;
	case STATISTIC_MAXIMUM:
		return datapoint->maximum;
	case STATISTIC_COUNT:
		break;
	}
	return 0;
}

const char *statistic_name(enum statistic statistic)
{
	static const char *const names[STATISTIC_COUNT] = {
		[STATISTIC_SAMPLE_COUNT] = "SampleCount",
		[STATISTIC_AVERAGE] = "Average",
		[STATISTIC_SUM] = "Sum",
		[STATISTIC_MINIMUM] = "Minimum",
		[STATISTIC_MAXIMUM] = "Maximum",
	};

	return names[statistic];
}

static int time_check(const struct metric_time *time, struct refusal *why)
{
	const int64_t period = time->period;

	if (time->from >= time->to)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The parameter StartTime must be less than the parameter EndTime.");
	if (period != 1 && period != 5 && period != 10 && period != 30 &&
	    (period <= 0 || period % MINUTE != 0))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The Period %" PRId64 " is not 1, 5, 10, 30 or a multiple of 60.",
			      period);
	return 0;
}

/* Periods begin at the start, rounded down to what is looked at.  What is not kept any more, or is yet to come, is left out
 * before it is looked for. */
static void span_settle(struct measuring *measuring, const struct metric_time *time)
{
	const int64_t now = control_now(measuring->control) / 1000;
	const struct history_ring *minutes = &history_rings[HISTORY_MINUTES], *ring;
	struct history_span *span = &measuring->span;
	int64_t earliest;

	span->resolution = HISTORY_MINUTES;
	if (time->period < MINUTE)
		span->resolution = HISTORY_SECONDS;
	else if (time->period % HOUR == 0 &&
		 time->from / 1000 <= now - minutes->step * minutes->length)
		span->resolution = HISTORY_HOURS;
	ring = &history_rings[span->resolution];
	measuring->period = time->period;
	measuring->from = floor_to(floor_to(time->from, 1000) / 1000, ring->step);
	earliest = floor_to(now, ring->step) - ring->step * (ring->length - 1);
	span->from = measuring->from > earliest ? measuring->from : earliest;
	span->to = (time->to + 999) / 1000;
	if (span->to > now + 1)
		span->to = now + 1;
}

static int count_check(const struct measuring *measuring, const struct metric_time *time,
		       struct refusal *why)
{
	const int64_t seconds = (time->to + 999) / 1000 - measuring->from;
	const int64_t count = (seconds + time->period - 1) / time->period;

	if (count <= time->datapoints_max)
		return 0;
	return refuse(why, REFUSE_PARAMETER_COMBINATION,
		      "You have requested up to %" PRId64
		      " datapoints, which exceeds the limit of %" PRId64
		      ". You may reduce the datapoints requested by increasing Period, or "
		      "decreasing the time range.",
		      count, time->datapoints_max);
}

/* Others wait while the history is read, so a request may not read all of a large host's. */
static int rows_take(const struct measuring *measuring, int64_t *rows, struct refusal *why)
{
	const struct history_span *span = &measuring->span;
	int64_t sessions, wanted;
	int r;

	r = store_count_history_sessions(measuring->control->store, span->owner, span->scope,
					 span->object, &sessions);
	if (r < 0)
		return r;
	wanted = sessions * span_count(span);
	if (wanted > *rows)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "The request is for up to %" PRId64 " samples of %" PRId64
			      " sessions, and may be for %d of all. You may decrease the time "
			      "range.",
			      wanted, sessions, METRIC_ROWS_MAX);
	*rows -= wanted;
	return 0;
}

/* How many periods of the history begin in it. */
static int64_t span_count(const struct history_span *span)
{
	const int64_t step = history_rings[span->resolution].step;

	return (span->to - span->from + step - 1) / step;
}

static int samples_read(struct measuring *measuring)
{
	const bool losses = measuring->choice.metric->subject >= METRIC_LOST;
	struct history_span part = measuring->span;
	int r = 0;

	while (r >= 0 && part.from < measuring->span.to) {
		part.to = measuring->span.to;
		part.to = history_part_end(&part);
		r = losses ? part_read_losses(measuring, &part) : part_read(measuring, &part);
		part.from = part.to;
	}
	return r;
}

static int part_read(struct measuring *measuring, const struct history_span *part)
{
	const struct metric *metric = measuring->choice.metric;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_period period;
	int r;

	r = store_select_history(measuring->control->store, part, &cursor);
	while (r >= 0 && (r = store_next_history(cursor, &period)) == STORE_ROW)
		sample_add(measuring, period.began,
			   metric->subject == METRIC_ACCEPTED
				   ? &period.direction[metric->direction].accepted
				   : &period.direction[metric->direction].shipped);
	return r;
}

static int part_read_losses(struct measuring *measuring, const struct history_span *part)
{
	const struct metric_choice *choice = &measuring->choice;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_losses losses;
	int r;

	r = store_select_history_losses(measuring->control->store, part, &cursor);
	while (r >= 0 && (r = store_next_history_losses(cursor, &losses)) == STORE_ROW)
		for (unsigned int i = 0; i < LOSS_REASON_COUNT; i++) {
			const struct packet_count *lost =
				&losses.lost[choice->metric->direction][i];

			if (lost->packets > 0 && metric_choice_counts(choice, (enum loss_reason)i))
				sample_add(measuring, losses.began, lost);
		}
	return r;
}

static void sample_add(struct measuring *measuring, int64_t began, const struct packet_count *count)
{
	const struct history_span *span = &measuring->span;
	struct sample *sample =
		&measuring->samples[(began - span->from) / history_rings[span->resolution].step];

	sample->present = true;
	sample->value += (double)(measuring->choice.metric->bytes ? count->bytes : count->packets);
}

static int samples_fold(const struct measuring *measuring, struct measurement *measurement)
{
	const struct history_span *span = &measuring->span;
	const int64_t step = history_rings[span->resolution].step;
	int r = 0;

	for (int64_t began = span->from; r == 0 && began < span->to; began += step) {
		const struct sample *sample = &measuring->samples[(began - span->from) / step];
		const int64_t period =
			measuring->from + floor_to(began - measuring->from, measuring->period);
		struct datapoint *last =
			measurement->count > 0 ? &measurement->items[measurement->count - 1] : NULL;

		if (!sample->present)
			continue;
		if (!last || last->began != period * 1000) {
			r = array_append(measurement, items, count, capacity,
					 ((struct datapoint){period * 1000, 1, sample->value,
							     sample->value, sample->value}));
			continue;
		}
		last->samples++;
		last->sum += sample->value;
		last->minimum = sample->value < last->minimum ? sample->value : last->minimum;
		last->maximum = sample->value > last->maximum ? sample->value : last->maximum;
	}
	return r;
}

/* Towards the past, also before 1970. */
static int64_t floor_to(int64_t value, int64_t step)
{
	const int64_t rest = value % step;

	return value - (rest < 0 ? rest + step : rest);
}
