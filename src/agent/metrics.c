// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics.h"

#include "base/count.h"
#include "mirror/metrics.h"
#include "net/http_page.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct metrics {
	struct http_page *server;
	pthread_mutex_t lock;
	char *page; /* The last one; NULL before the first. */
};

static int write_page(void *context, struct text *ret_body);
static void put_agent(struct text *text, const char *host, const struct report *report);
static int put_sessions(struct text *text, const char *host, const struct report *report);
static void put_activity(struct text *text, const char *host, const struct report *report);
static void put_fleets(struct text *text, const struct report *report);
static void put_members(struct text *text, const struct report *report);

int metrics_open(const struct address *address, uint16_t port, struct metrics **ret_metrics,
		 struct refusal *why)
{
	_cleanup_(metrics_freep) struct metrics *metrics = calloc(1, sizeof(*metrics));
	int r;

	if (!metrics)
		return -ENOMEM;
	pthread_mutex_init(&metrics->lock, NULL);
	r = http_page_open(&(struct http_page_options){*address, port, "/metrics", EXPOSITION_TYPE,
						       metrics, write_page},
			   &metrics->server, why);
	if (r != 0)
		return r;
	*ret_metrics = TAKE_PTR(metrics);
	return 0;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	http_page_closep(&metrics->server);
	pthread_mutex_destroy(&metrics->lock);
	free(metrics->page);
	free(metrics);
}

int metrics_publish(struct metrics *metrics, const char *host, const struct report *report)
{
	_cleanup_text_ struct text text = {};
	char *page, *old;
	int r;

	if (!metrics)
		return 0;
	put_agent(&text, host, report);
	r = put_sessions(&text, host, report);
	put_activity(&text, host, report);
	put_fleets(&text, report);
	put_members(&text, report);
	exposition_put_process(&text);
	page = r == 0 ? text_steal(&text) : NULL;
	if (!page)
		return -ENOMEM;
	pthread_mutex_lock(&metrics->lock);
	old = metrics->page;
	metrics->page = page;
	pthread_mutex_unlock(&metrics->lock);
	free(old);
	return 0;
}

static int write_page(void *context, struct text *ret_body)
{
	struct metrics *metrics = context;
	int r = 0;

	pthread_mutex_lock(&metrics->lock);
	if (metrics->page)
		text_append(ret_body, metrics->page);
	else
		r = -EAGAIN;
	pthread_mutex_unlock(&metrics->lock);
	return r;
}

static void put_agent(struct text *text, const char *host, const struct report *report)
{
	static const struct metric info = {"tmirror_agent_info", "What runs on the host",
					   METRIC_GAUGE};
	const struct label labels[] = {
		{"host", host}, {"version", TMIRROR_VERSION}, {"kernel", report->kernel}};
	const struct {
		struct metric metric;
		uint64_t value;
	} rows[] = {
		{{"tmirror_agent_applied_revision",
		  "Revision of the plan that the kernel matches; it changes with every plan",
		  METRIC_GAUGE},
		 report->applied_revision},
		{{"tmirror_agent_sessions", "Sessions in the plan", METRIC_GAUGE},
		 report->session_count},
		{{"tmirror_agent_reattachments_total",
		  "How often the program was put back on a device that had lost it",
		  METRIC_COUNTER},
		 report->reattachments.count},
	};

	exposition_begin(text, &info);
	exposition_add_count(text, &info, "", labels, ARRAY_SIZE(labels), 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		exposition_begin(text, &rows[i].metric);
		exposition_add_count(text, &rows[i].metric, "", NULL, 0, rows[i].value);
	}
}

/* Beyond so many, sessions are told as one. */
static int put_sessions(struct text *text, const char *host, const struct report *report)
{
	size_t told = MIN(report->session_count, (size_t)METRICS_SESSIONS_DEFAULT);
	_cleanup_free_ struct metrics_session *sessions = calloc(told + 1, sizeof(*sessions));
	struct session_counters others = {};
	size_t count = told;

	if (!sessions)
		return -ENOMEM;
	for (size_t i = 0; i < told; i++)
		sessions[i] = (struct metrics_session){
			.session = report->sessions[i].id.text,
			.host = host,
			.counters = &report->sessions[i].counters,
		};
	for (size_t i = told; i < report->session_count; i++)
		metrics_sum(&others, &report->sessions[i].counters);
	if (told < report->session_count)
		sessions[count++] = (struct metrics_session){METRICS_OTHERS, host, NULL, &others};
	metrics_put_sessions(text, sessions, count);
	return 0;
}

static void put_activity(struct text *text, const char *host, const struct report *report)
{
	static const struct metric metric = {"tmirror_session_active",
					     "Whether the session's device is there and watched",
					     METRIC_GAUGE};

	exposition_begin(text, &metric);
	for (size_t i = 0; i < MIN(report->session_count, (size_t)METRICS_SESSIONS_DEFAULT); i++) {
		const struct label labels[] = {{"session", report->sessions[i].id.text},
					       {"host", host}};

		exposition_add_count(text, &metric, "", labels, ARRAY_SIZE(labels),
				     report->sessions[i].active);
	}
}

static void put_fleets(struct text *text, const struct report *report)
{
	static const struct metric metrics[] = {
		{"tmirror_fleet_flows", "Flows that are held", METRIC_GAUGE},
		{"tmirror_fleet_moved_flows_total",
		 "Flows given to another appliance while they were alive", METRIC_COUNTER},
		{"tmirror_fleet_evicted_flows_total",
		 "Flows forgotten while they were alive, for want of room", METRIC_COUNTER},
	};

	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		exposition_begin(text, &metrics[i]);
		for (size_t j = 0; j < report->fleet_count; j++) {
			const struct report_fleet *fleet = &report->fleets[j];
			const uint64_t values[] = {fleet->flows, fleet->moved, fleet->evicted};

			exposition_add_count(text, &metrics[i], "",
					     &(struct label){"fleet", fleet->id}, 1, values[i]);
		}
	}
}

/* A member of which nothing is known yet is neither. */
static void put_members(struct text *text, const struct report *report)
{
	static const struct metric metric = {"tmirror_fleet_member_healthy",
					     "Whether this host's checks of the appliance pass",
					     METRIC_GAUGE};

	exposition_begin(text, &metric);
	for (size_t i = 0; i < report->member_count; i++) {
		const struct report_member *member = &report->members[i];
		char port[8];
		const struct label labels[] = {
			{"fleet", member->fleet}, {"member", member->id}, {"port", port}};

		(void)snprintf(port, sizeof(port), "%u", member->port);
		if (member->state != MEMBER_INITIAL)
			exposition_add_count(text, &metric, "", labels, ARRAY_SIZE(labels),
					     member->state == MEMBER_HEALTHY);
	}
}
