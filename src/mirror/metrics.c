// SPDX-License-Identifier: Apache-2.0
#include "mirror/metrics.h"

#include "base/count.h"
#include "mirror/report.h"

#include <stdbool.h>
#include <stddef.h>

#define LABELS_MAX 5

static void put_family(struct text *text, size_t family, const struct metrics_session *sessions,
		       size_t count);
static void add_counters(struct text *text, size_t family, struct label labels[LABELS_MAX],
			 size_t label_count, const struct session_direction_counters *counters);

typedef const struct packet_count *selector(const struct session_direction_counters *counters);

static selector select_accepted, select_shipped, select_truncated, select_lost;

/* Which counter, and which half of it; of those with reasons there are several behind each other. */
static const struct {
	struct metric metric;
	selector *select;
	bool bytes, reasons;
} families[] = {
	{{"tmirror_session_accepted_packets_total",
	  "Packets that the session's filter took, before anything is lost", METRIC_COUNTER},
	 select_accepted,
	 false,
	 false},
	{{"tmirror_session_accepted_bytes_total", "Bytes of these packets", METRIC_COUNTER},
	 select_accepted,
	 true,
	 false},
	{{"tmirror_session_shipped_packets_total", "Copies handed to the network", METRIC_COUNTER},
	 select_shipped,
	 false,
	 false},
	{{"tmirror_session_shipped_bytes_total",
	  "Bytes of the packets that were copied, before truncation", METRIC_COUNTER},
	 select_shipped,
	 true,
	 false},
	{{"tmirror_session_truncated_packets_total",
	  "Copies cut because the path to the appliance is too narrow", METRIC_COUNTER},
	 select_truncated,
	 false,
	 false},
	{{"tmirror_session_truncated_bytes_total", "Bytes of the packets of these copies",
	  METRIC_COUNTER},
	 select_truncated,
	 true,
	 false},
	{{"tmirror_session_lost_packets_total", "Copies that did not leave, by reason",
	  METRIC_COUNTER},
	 select_lost,
	 false,
	 true},
	{{"tmirror_session_lost_bytes_total", "Bytes of the packets of these copies",
	  METRIC_COUNTER},
	 select_lost,
	 true,
	 true},
};

void metrics_put_sessions(struct text *text, const struct metrics_session *sessions, size_t count)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		put_family(text, i, sessions, count);
}

void metrics_sum(struct session_counters *sum, const struct session_counters *counters)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)counters;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
}

static void put_family(struct text *text, size_t family, const struct metrics_session *sessions,
		       size_t count)
{
	static const char *const directions[] = {
		[DIRECTION_INGRESS] = "ingress",
		[DIRECTION_EGRESS] = "egress",
	};

	exposition_begin(text, &families[family].metric);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(directions); j++) {
			struct label labels[LABELS_MAX];
			size_t label_count = 0;

			labels[label_count++] = (struct label){"session", sessions[i].session};
			labels[label_count++] = (struct label){"host", sessions[i].host};
			if (sessions[i].device)
				labels[label_count++] =
					(struct label){"device", sessions[i].device};
			labels[label_count++] = (struct label){"direction", directions[j]};
			add_counters(text, family, labels, label_count,
				     &sessions[i].counters->direction[j]);
		}
}

static void add_counters(struct text *text, size_t family, struct label labels[LABELS_MAX],
			 size_t label_count, const struct session_direction_counters *counters)
{
	const struct packet_count *counter = families[family].select(counters);
	size_t reasons = families[family].reasons ? LOSS_REASON_COUNT : 1;

	for (size_t i = 0; i < reasons; i++) {
		labels[label_count] =
			(struct label){"reason", loss_reason_name((enum loss_reason)i)};
		exposition_add_count(text, &families[family].metric, "", labels,
				     label_count + families[family].reasons,
				     families[family].bytes ? counter[i].bytes
							    : counter[i].packets);
	}
}

static const struct packet_count *select_accepted(const struct session_direction_counters *counters)
{
	return &counters->accepted;
}

static const struct packet_count *select_shipped(const struct session_direction_counters *counters)
{
	return &counters->shipped;
}

static const struct packet_count *
select_truncated(const struct session_direction_counters *counters)
{
	return &counters->truncated;
}

static const struct packet_count *select_lost(const struct session_direction_counters *counters)
{
	return counters->lost;
}
