// SPDX-License-Identifier: Apache-2.0
/* Live rates of sessions.
 *
 * A host reports every few seconds, at moments of its own.  A rate is what came between two of its reports, divided by the time
 * between these, so it does not depend on when we ask. */
#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERVAL_DEFAULT 2
#define INTERVAL_MAX     3600
#define ID_SIZE          64

enum { ACCEPTED_PACKETS, ACCEPTED_BYTES, SHIPPED_PACKETS, LOST_PACKETS, FIGURES };

/* What was last known of a session. */
struct watched {
	char id[ID_SIZE];
	int64_t reported; /* When its host told these, in milliseconds. */
	uint64_t figures[FIGURES];
	double rates[FIGURES]; /* Per second; negative: not known yet. */
	bool seen;
};

struct watch {
	struct watched *items;
	size_t count, capacity;
};

static command_function watch;
static void watch_fini(struct watch *watch);
static int count_parse(struct invocation *invocation, const char *name, unsigned long maximum,
		       unsigned long fallback, unsigned long *ret_count);
static int look(struct invocation *invocation, struct watch *watch);
static int hosts_load(struct invocation *invocation, struct watch *hosts);
static int add_session(struct watch *watch, struct watch *hosts, const struct tmirror_node *session,
		       struct table *table);
static struct watched *watched_find(struct watch *watch, const char *id);
static void watched_note(struct watched *watched, int64_t reported,
			 const uint64_t figures[FIGURES]);
static void forget_unseen(struct watch *watch);
static void figures_read(const struct tmirror_node *session, uint64_t ret_figures[FIGURES]);
static void rate_format(double rate, const char *unit, char *ret_text, size_t size);

static const struct argument_row arguments[] = {
	{.name = "interval",
	 .letter = 'n',
	 .value = "SECONDS",
	 .help = "Look this often; else every 2 seconds, as hosts report",
	 .form = FORM_OWN},
	{.name = "count", .value = "NUMBER", .help = "End after so many looks", .form = FORM_OWN},
	{.name = "SESSION",
	 .help = "Only these sessions",
	 .parameter = "TrafficMirrorSessionId",
	 .form = FORM_LIST,
	 .word = true,
	 .repeated = true},
};

static const struct command rows[] = {
	{.verb = "watch",
	 .help = "Show live rates of sessions",
	 .more = "Rates are of packets accepted, their bits, packets shipped, and packets lost, "
		 "per "
		 "second between "
		 "the last two reports of the session's host.",
	 .arguments = ROWS(arguments),
	 .run = watch},
};

const struct commands watch_commands = ROWS(rows);

static int watch(struct invocation *invocation)
{
	_cleanup_(watch_fini) struct watch state = {};
	unsigned long interval, count;
	int r;

	if (invocation->json)
		return invocation_misused(invocation,
					  "watch prints tables only; for figures as JSON "
					  "there is 'tmirror status -o json'");
	r = count_parse(invocation, "interval", INTERVAL_MAX, INTERVAL_DEFAULT, &interval);
	if (r == 0)
		r = count_parse(invocation, "count", UINT32_MAX, 0, &count);
	for (unsigned long i = 0; r == 0 && (count == 0 || i < count); i++) {
		if (i > 0)
			(void)sleep((unsigned int)interval);
		r = look(invocation, &state);
	}
	return r;
}

static void watch_fini(struct watch *watch)
{
	free(watch->items);
}

static int count_parse(struct invocation *invocation, const char *name, unsigned long maximum,
		       unsigned long fallback, unsigned long *ret_count)
{
	const char *text = invocation_get(invocation, name);
	char *end;

	*ret_count = fallback;
	if (!text)
		return 0;
	errno = 0;
	*ret_count = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *ret_count < 1 ||
	    *ret_count > maximum)
		return invocation_misused(invocation, "--%s '%s' is not a number from 1 to %lu",
					  name, text, maximum);
	return 0;
}

/* A terminal shows the last look alone. */
static int look(struct invocation *invocation, struct watch *watch)
{
	static const struct {
		const char *title;
		bool numeric;
	} columns[] = {
		{"SESSION"},         {"HOST"},         {"DEVICE"},          {"STATE"},
		{"PACKETS/S", true}, {"BITS/S", true}, {"SHIPPED/S", true}, {"LOST/S", true}};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	_cleanup_(watch_fini) struct watch hosts = {};
	_cleanup_table_ struct table table = {};
	_cleanup_text_ struct text text = {};
	const struct tmirror_node *session;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		table_add_column(&table, columns[i].title, columns[i].numeric);
	r = hosts_load(invocation, &hosts);
	if (r == 0)
		r = invocation_pages(invocation, "DescribeTrafficMirrorSessionStatus",
				     "trafficMirrorSessionStatusSet", &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &session, &invocation->error)) == 0)
		r = add_session(watch, &hosts, session, &table);
	if (r != TMIRROR_END)
		return r;
	forget_unseen(watch);
	table_render(&table, invocation->colour, &text);
	if (text.failed)
		return -ENOMEM;
	if (printf("%s%s%s", isatty(STDOUT_FILENO) ? "\033[H\033[J" : "", text.data,
		   isatty(STDOUT_FILENO) ? "" : "\n") < 0 ||
	    fflush(stdout) != 0)
		return -EIO;
	return 0;
}

/* By name, when each has last reported. */
static int hosts_load(struct invocation *invocation, struct watch *hosts)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *host;
	int r;

	r = tmirror_request_new("DescribeTrafficMirrorHosts", &request);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, "trafficMirrorHostSet", &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &host, &invocation->error)) == 0) {
		const char *name = tmirror_node_text(host, "hostName");
		const char *reported = tmirror_node_text(host, "lastReport");
		struct watched item = {};

		if (!name || !reported || !timestamp_parse(reported, &item.reported))
			continue;
		(void)string_copy(item.id, sizeof(item.id), name);
		r = array_append(hosts, items, count, capacity, item);
	}
	return r == TMIRROR_END ? 0 : r;
}

static int add_session(struct watch *watch, struct watch *hosts, const struct tmirror_node *session,
		       struct table *table)
{
	static const char *const paths[] = {"trafficMirrorSessionId", "hostName", "deviceName",
					    "state"};
	static const char *const units[FIGURES] = {"", "b", "", ""};
	const char *id = tmirror_node_text(session, paths[0]);
	const char *name = tmirror_node_text(session, paths[1]);
	struct watched *watched = watched_find(watch, id ? id : "");
	const struct watched *host = watched_find(hosts, name ? name : "");
	uint64_t figures[FIGURES];
	int r = 0;

	if (!watched) {
		struct watched item = {.rates = {-1, -1, -1, -1}};

		(void)string_copy(item.id, sizeof(item.id), id ? id : "");
		r = array_append(watch, items, count, capacity, item);
		if (r < 0)
			return r;
		watched = &watch->items[watch->count - 1];
	}
	figures_read(session, figures);
	watched_note(watched, host ? host->reported : 0, figures);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(paths); i++)
		r = table_add_cell(table, tmirror_node_text(session, paths[i]));
	for (size_t i = 0; r == 0 && i < FIGURES; i++) {
		double rate = watched->rates[i] * (i == ACCEPTED_BYTES ? 8 : 1);
		char cell[32];

		rate_format(rate, units[i], cell, sizeof(cell));
		r = table_add_cell(table, rate < 0 ? NULL : cell);
	}
	return r;
}

static struct watched *watched_find(struct watch *watch, const char *id)
{
	for (size_t i = 0; i < watch->count; i++)
		if (strcmp(watch->items[i].id, id) == 0)
			return &watch->items[i];
	return NULL;
}

/* Nothing new: the rates stay.  Counters that fell belong to a session made anew. */
static void watched_note(struct watched *watched, int64_t reported, const uint64_t figures[FIGURES])
{
	double seconds = (double)(reported - watched->reported) / 1000;

	watched->seen = true;
	if (reported <= watched->reported)
		return;
	for (size_t i = 0; i < FIGURES; i++) {
		if (watched->reported != 0)
			watched->rates[i] =
				figures[i] < watched->figures[i]
					? 0
					: (double)(figures[i] - watched->figures[i]) / seconds;
		watched->figures[i] = figures[i];
	}
	watched->reported = reported;
}

static void forget_unseen(struct watch *watch)
{
	size_t kept = 0;

	for (size_t i = 0; i < watch->count; i++) {
		if (!watch->items[i].seen)
			continue;
		watch->items[kept] = watch->items[i];
		watch->items[kept++].seen = false;
	}
	watch->count = kept;
}

/* Both directions together. */
static void figures_read(const struct tmirror_node *session, uint64_t ret_figures[FIGURES])
{
	static const struct {
		const char *path;
		unsigned int figure;
	} counters[] = {
		{"ingress/accepted/packets", ACCEPTED_PACKETS},
		{"egress/accepted/packets", ACCEPTED_PACKETS},
		{"ingress/accepted/bytes", ACCEPTED_BYTES},
		{"egress/accepted/bytes", ACCEPTED_BYTES},
		{"ingress/shipped/packets", SHIPPED_PACKETS},
		{"egress/shipped/packets", SHIPPED_PACKETS},
	};
	static const char *const losses[] = {"ingress/lostSet", "egress/lostSet"};

	memset(ret_figures, 0, FIGURES * sizeof(*ret_figures));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		const char *text = tmirror_node_text(session, counters[i].path);

		ret_figures[counters[i].figure] += text ? strtoull(text, NULL, 10) : 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		const struct tmirror_node *reason =
			tmirror_node_first(tmirror_node_find(session, losses[i]));

		for (; reason; reason = tmirror_node_next(reason)) {
			const char *text = tmirror_node_text(reason, "packets");

			ret_figures[LOST_PACKETS] += text ? strtoull(text, NULL, 10) : 0;
		}
	}
}

/* As in "1.24M": three digits tell enough. */
static void rate_format(double rate, const char *unit, char *ret_text, size_t size)
{
	static const char scales[] = " kMGTP";
	size_t scale = 0;

	while (rate >= 999.5 && scales[scale + 1] != '\0') {
		rate /= 1000;
		scale++;
	}
	(void)snprintf(ret_text, size, "%.*f%.*s%s",
		       rate >= 99.5 || (scale == 0 && rate == (double)(int)rate) ? 0
		       : rate >= 9.95                                            ? 1
										 : 2,
		       rate, scale > 0 ? 1 : 0, &scales[scale], unit);
}
