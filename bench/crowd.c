// SPDX-License-Identifier: Apache-2.0
#include "bench/crowd.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "mirror/plan.h"
#include "mirror/report.h"
#include "wire/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#define AGENTS_PER_ADDRESS     200 /* Two connections each, and the server takes 512 of an address. */
#define EVENTS_MAX             64
#define PAUSE_MILLISECONDS_MIN 100U /* As agents pause (agent/uplink.c). */
#define PAUSE_MILLISECONDS_MAX 10000U

struct crowd crowd;

static void line_tend(struct line *line, uint64_t now);
static void line_connect(struct line *line, uint64_t now);
static void line_advance(struct line *line, uint64_t now);
static void line_break(struct line *line, uint64_t now);
static void line_fail(struct line *line, uint64_t now);
static void find_source(size_t number, char ret_source[ADDRESS_TEXT_SIZE]);
static void ask_plan(struct line *line, uint64_t now);
static void take_plan(struct line *line, int status, uint64_t now);
static void read_plan(struct agent *agent, const struct channel *channel);
static void send_report(struct line *line, uint64_t now);
static void take_report(struct line *line, int status, uint64_t now);
static void list_interfaces(const struct agent *agent, struct report *report);
static void list_sessions(const struct agent *agent, struct report *report);
static void ask_host(struct line *line, const char *verb, struct question *question);

void crowd_open(char *const *credentials_paths, size_t path_count, size_t count,
		const struct crowd_options *options)
{
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	crowd.agents = calloc(count + 1, sizeof(*crowd.agents));
	crowd.askers = calloc(path_count, sizeof(*crowd.askers));
	crowd.asker_count = path_count;
	crowd.count = count;
	crowd.options = *options;
	if (crowd.epoll < 0 || !crowd.agents || !crowd.askers)
		give_up("agents", "no memory");
	for (size_t i = 0; i < path_count; i++)
		asker_read(&crowd.askers[i], credentials_paths[i], HOST_SERVICE);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(crowd.agents[i].name, sizeof(crowd.agents[i].name), "host-%zu", i);
}

void crowd_register(void)
{
	for (size_t i = 0; i < crowd.count; i++)
		crowd.agents[i].reports = (struct line){
			.asker = &crowd.askers[i % crowd.asker_count],
			.agent = &crowd.agents[i],
			.ask = send_report,
			.take = take_report,
		};
}

void crowd_poll(void)
{
	for (size_t i = 0; i < crowd.count; i++)
		crowd.agents[i].plans = (struct line){
			.asker = &crowd.askers[i % crowd.asker_count],
			.agent = &crowd.agents[i],
			.ask = ask_plan,
			.take = take_plan,
		};
}

void crowd_turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t now = clock_monotonic();
	int count;

	for (size_t i = 0; i < crowd.count; i++) {
		line_tend(&crowd.agents[i].reports, now);
		line_tend(&crowd.agents[i].plans, now);
	}
	count = epoll_wait(crowd.epoll, events, EVENTS_MAX, 1);
	for (int i = 0; i < count; i++)
		line_advance(events[i].data.ptr, clock_monotonic());
}

bool crowd_is_well(void)
{
	for (size_t i = 0; i < crowd.count; i++)
		if (!crowd.agents[i].plans.well || !crowd.agents[i].reports.well)
			return false;
	return true;
}

void line_open(struct line *line, const struct asker *asker)
{
	line->asker = asker;
	line_connect(line, clock_monotonic());
	while (line->state == LINE_GREETING)
		crowd_turn();
	if (line->state == LINE_DOWN)
		give_up(asker->host, "no connection");
}

void line_ask(struct line *line, const struct question *question)
{
	_cleanup_text_ struct text request = {};

	question_write(question, line->asker, &request);
	line->busy = true;
	line->asked = clock_monotonic();
	if (channel_send(&line->channel, &request) < 0)
		line_break(line, line->asked);
}

void samples_add(struct samples *samples, uint64_t begin, uint64_t end)
{
	uint32_t microseconds = end > begin ? (uint32_t)((end - begin) / 1000) : 0;

	if (array_append(samples, microseconds, count, capacity, microseconds) < 0)
		give_up("samples", "no memory");
}

/* --- Lines ------------------------------------------------------------------------------------------------------ */

static void line_tend(struct line *line, uint64_t now)
{
	if (!line->ask || now < line->due)
		return;
	if (line->state == LINE_DOWN)
		line_connect(line, now);
	else if (line->state == LINE_UP && !line->busy)
		line->ask(line, now);
}

static void line_connect(struct line *line, uint64_t now)
{
	/* By edges, for what is greeting would else be told of all the time that it may send. */
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = line};
	char source[ADDRESS_TEXT_SIZE];
	int r;

	find_source(line->agent ? (size_t)(line->agent - crowd.agents) : 0, source);
	line->state = LINE_GREETING;
	line->busy = false;
	r = channel_begin(&line->channel, line->asker, source);
	if (r == 0)
		r = epoll_ctl(crowd.epoll, EPOLL_CTL_ADD, line->channel.descriptor, &event);
	if (r < 0)
		line_break(line, now);
}

static void line_advance(struct line *line, uint64_t now)
{
	int r;

	if (line->state == LINE_GREETING) {
		r = channel_greet(&line->channel);
		if (r == 0)
			line->state = LINE_UP;
		else if (r != -EAGAIN)
			line_break(line, now);
		return;
	}
	r = channel_receive(&line->channel);
	if (r < 0) {
		line_break(line, now);
	} else if (r > 0 && line->busy) {
		line->busy = false;
		line->take(line, r, now);
	}
}

static void line_break(struct line *line, uint64_t now)
{
	if (!line->ask && line->busy)
		give_up(line->asker->host, "the connection has ended");
	channel_close(&line->channel);
	line->state = LINE_DOWN;
	line->busy = false;
	crowd.broken++;
	line_fail(line, now);
}

static void line_fail(struct line *line, uint64_t now)
{
	line->well = false;
	line->pause = line->pause ? MIN(2 * line->pause, PAUSE_MILLISECONDS_MAX)
				  : PAUSE_MILLISECONDS_MIN;
	line->due = now + (line->pause / 2 + (unsigned int)random() % line->pause) * NSEC_PER_MSEC;
}

static void line_succeed(struct line *line)
{
	line->well = true;
	line->pause = 0;
}

/* Everything in 127.0.0.0/8 is this machine. */
static void find_source(size_t number, char ret_source[ADDRESS_TEXT_SIZE])
{
	(void)snprintf(ret_source, ADDRESS_TEXT_SIZE, "127.0.0.%zu",
		       2 + number / AGENTS_PER_ADDRESS);
}

/* --- Plans ------------------------------------------------------------------------------------------------------ */

/* A question that waits at the controller is well until it is answered otherwise. */
static void ask_plan(struct line *line, uint64_t now _unused_)
{
	struct agent *agent = line->agent;

	line->well = true;
	ask_host(line, "plan",
		 &(struct question){
			 .method = "GET",
			 .revision = agent->heard ? agent->revision : NULL,
		 });
}

static void take_plan(struct line *line, int status, uint64_t now)
{
	struct agent *agent = line->agent;

	if (status != 200 && status != 304) {
		crowd.refused++;
		line_fail(line, now);
		return;
	}
	line_succeed(line);
	if (status == 304)
		return;
	read_plan(agent, &line->channel);
	crowd.planned += agent->heard == 0;
	crowd.plans++;
	agent->heard = now;
	if (agent->reports.well)
		agent->reports.due = now;
}

static void read_plan(struct agent *agent, const struct channel *channel)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct refusal why = {};
	int r = 0;

	if (plan_decode(channel->buffer + channel->head, channel->have - channel->head, &plan,
			&why) != 0)
		give_up("plan", why.text);
	channel_get_header(channel, "ETag", agent->revision, sizeof(agent->revision));
	agent->applied_revision = plan->revision;
	agent->session_count = 0;
	for (size_t i = 0; r == 0 && i < plan->session_count; i++) {
		const struct agent_session session = {plan->sessions[i].id, plan->sessions[i].vni};

		r = array_append(agent, sessions, session_count, session_capacity, session);
	}
	if (r < 0)
		give_up("plan", "no memory");
	if (plan->filter_count > 0 && plan->filters[0].rule_count > 0)
		agent->rule_number = plan->filters[0].rules[0].number;
}

/* --- Reports ---------------------------------------------------------------------------------------------------- */

static void send_report(struct line *line, uint64_t now)
{
	struct agent *agent = line->agent;
	_cleanup_(report_fini) struct report report = {
		.version = "0.0-bench",
		.kernel = "6.1.0-bench",
		.applied_revision = agent->applied_revision,
		.has_inventory = agent->taken == 0,
	};
	_cleanup_free_ char *json = NULL;
	const uint64_t interval = crowd.options.interval;
	uint64_t phase;

	if (report.has_inventory)
		list_interfaces(agent, &report);
	list_sessions(agent, &report);
	if (report_encode(&report, &json) < 0)
		give_up("report", "cannot be encoded");
	agent->telling = agent->applied_revision;
	/* Each has a beat of its own (agent/main.c). */
	phase = interval * (uint64_t)(agent - crowd.agents) / crowd.count;
	line->due = now + interval - (now + phase) % interval;
	ask_host(line, "report",
		 &(struct question){.method = "POST", .type = "application/json", .body = json});
}

static void take_report(struct line *line, int status, uint64_t now)
{
	struct agent *agent = line->agent;

	if (status != 204) {
		crowd.refused++;
		line_fail(line, now);
		return;
	}
	line_succeed(line);
	crowd.registered += agent->taken == 0;
	agent->taken++;
	agent->told_revision = agent->telling;
	agent->told = now;
	samples_add(&crowd.reports, line->asked, now);
}

static void list_interfaces(const struct agent *agent, struct report *report)
{
	size_t number = (size_t)(agent - crowd.agents);

	for (size_t i = 0; i < crowd.options.interfaces; i++) {
		struct report_interface interface = {
			.mac = {2, 0, (uint8_t)i, 0, (uint8_t)(number >> 8), (uint8_t)number},
			.mtu = 1500,
			.orientation = i == 0 ? ORIENTATION_HOST : ORIENTATION_GUEST,
			.addresses = {{4,
				       {10, (uint8_t)i, (uint8_t)(number >> 8), (uint8_t)number}}},
			.address_count = 1,
		};

		(void)snprintf(interface.device, sizeof(interface.device),
			       i == 0 ? "eth%zu" : "tap%zu", i == 0 ? i : i - 1);
		if (array_append(report, interfaces, interface_count, interface_capacity,
				 interface) < 0)
			give_up("report", "no memory");
	}
}

static void list_sessions(const struct agent *agent, struct report *report)
{
	for (size_t i = 0; i < agent->session_count; i++) {
		struct report_session session = {
			.id = agent->sessions[i].id, .epoch = 1, .active = true};
		struct session_direction_counters *in = &session.counters.direction[0];

		in->accepted.packets = agent->taken * 2000;
		in->accepted.bytes = agent->taken * 2000000;
		in->shipped = in->accepted;
		if (array_append(report, sessions, session_count, session_capacity, session) < 0)
			give_up("report", "no memory");
	}
}

static void ask_host(struct line *line, const char *verb, struct question *question)
{
	char path[128];

	(void)snprintf(path, sizeof(path), HOST_PATH_PREFIX "%s/%s", line->agent->name, verb);
	question->path = path;
	line_ask(line, question);
}
