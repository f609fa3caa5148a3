// SPDX-License-Identifier: Apache-2.0
#include "bench/crowd.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "mirror/plan.h"
#include "mirror/report.h"
#include "wire/host.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#define REPORT_INTERVAL    (2 * NSEC_PER_SEC)
#define AGENTS_PER_ADDRESS 200 /* Two connections each, and the server takes 512 of an address. */
#define EVENTS_MAX         64

struct crowd crowd;

static void find_source(size_t number, char ret_source[ADDRESS_TEXT_SIZE]);
static void ask_plan(struct agent *agent);
static void take_plan(struct line *line, int status, uint64_t now);
static void read_plan(struct agent *agent, const struct channel *channel);
static void send_report(struct agent *agent, uint64_t now);
static void take_report(struct line *line, int status, uint64_t now);
static void list_interfaces(const struct agent *agent, struct report *report);
static void ask_host(struct line *line, const char *verb, struct question *question);

void crowd_open(const char *credentials_path, size_t count)
{
	asker_read(&crowd.asker, credentials_path, HOST_SERVICE);
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	crowd.agents = calloc(count + 1, sizeof(*crowd.agents));
	crowd.count = count;
	if (crowd.epoll < 0 || !crowd.agents)
		give_up("agents", "no memory");
	for (size_t i = 0; i < count; i++)
		(void)snprintf(crowd.agents[i].name, sizeof(crowd.agents[i].name), "host-%zu", i);
}

void crowd_register(void)
{
	for (size_t i = 0; i < crowd.count; i++) {
		struct agent *agent = &crowd.agents[i];
		char source[ADDRESS_TEXT_SIZE];

		find_source(i, source);
		agent->reports = (struct line){.take = take_report, .agent = agent};
		line_open(&agent->reports, &crowd.asker, source);
		send_report(agent, clock_monotonic());
	}
}

void crowd_poll(void)
{
	for (size_t i = 0; i < crowd.count; i++) {
		struct agent *agent = &crowd.agents[i];
		char source[ADDRESS_TEXT_SIZE];

		find_source(i, source);
		agent->plans = (struct line){.take = take_plan, .agent = agent};
		line_open(&agent->plans, &crowd.asker, source);
		ask_plan(agent);
	}
}

void crowd_turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t now = clock_monotonic();
	int count;

	for (size_t i = 0; i < crowd.count; i++)
		if (now >= crowd.agents[i].report_due && !crowd.agents[i].reports.busy)
			send_report(&crowd.agents[i], now);
	count = epoll_wait(crowd.epoll, events, EVENTS_MAX, 1);
	for (int i = 0; i < count; i++) {
		struct line *line = events[i].data.ptr;
		int status = channel_receive(&line->channel);

		if (status == 0)
			continue;
		line->busy = false;
		line->take(line, status, clock_monotonic());
	}
}

void line_open(struct line *line, const struct asker *asker, const char *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};

	channel_open(&line->channel, asker, source);
	if (fcntl(line->channel.descriptor, F_SETFL, O_NONBLOCK) < 0 ||
	    epoll_ctl(crowd.epoll, EPOLL_CTL_ADD, line->channel.descriptor, &event) < 0)
		give_up("connection", strerror(errno));
}

void line_ask(struct line *line, const struct asker *asker, const struct question *question)
{
	_cleanup_text_ struct text request = {};

	question_write(question, asker, &request);
	line->busy = true;
	line->asked = clock_monotonic();
	channel_send(&line->channel, &request);
}

void samples_add(struct samples *samples, uint64_t begin, uint64_t end)
{
	uint32_t microseconds = end > begin ? (uint32_t)((end - begin) / 1000) : 0;

	if (array_append(samples, microseconds, count, capacity, microseconds) < 0)
		give_up("samples", "no memory");
}

/* Everything in 127.0.0.0/8 is this machine. */
static void find_source(size_t number, char ret_source[ADDRESS_TEXT_SIZE])
{
	(void)snprintf(ret_source, ADDRESS_TEXT_SIZE, "127.0.0.%zu",
		       2 + number / AGENTS_PER_ADDRESS);
}

/* --- Plans ------------------------------------------------------------------------------------------------------ */

static void ask_plan(struct agent *agent)
{
	ask_host(&agent->plans, "plan",
		 &(struct question){
			 .method = "GET",
			 .revision = agent->heard ? agent->revision : NULL,
		 });
}

static void take_plan(struct line *line, int status, uint64_t now)
{
	struct agent *agent = line->agent;

	if (status == 200) {
		read_plan(agent, &line->channel);
		crowd.planned += agent->heard == 0;
		crowd.plans++;
		agent->heard = now;
		agent->report_due = now;
	} else if (status != 304) {
		give_up("plan", line->channel.buffer);
	}
	ask_plan(agent);
}

static void read_plan(struct agent *agent, const struct channel *channel)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct refusal why = {};

	if (plan_decode(channel->buffer + channel->head, channel->have - channel->head, &plan,
			&why) != 0)
		give_up("plan", why.text);
	channel_get_header(channel, "ETag", agent->revision, sizeof(agent->revision));
	agent->applied_revision = plan->revision;
	if (plan->session_count == 0)
		return;
	agent->session = plan->sessions[0].id;
	agent->vni = plan->sessions[0].vni;
	if (plan->filters[0].rule_count > 0)
		agent->rule_number = plan->filters[0].rules[0].number;
}

/* --- Reports ---------------------------------------------------------------------------------------------------- */

static void send_report(struct agent *agent, uint64_t now)
{
	_cleanup_(report_fini) struct report report = {
		.version = "0.0-bench",
		.kernel = "6.1.0-bench",
		.applied_revision = agent->applied_revision,
		.has_inventory = agent->reported == 0,
	};
	struct report_session session = {.id = agent->session, .epoch = 1, .active = true};
	_cleanup_free_ char *json = NULL;
	uint64_t phase;

	session.counters.direction[0].accepted.packets = agent->reported * 2000;
	session.counters.direction[0].accepted.bytes = agent->reported * 2000000;
	session.counters.direction[0].shipped = session.counters.direction[0].accepted;
	if (report.has_inventory)
		list_interfaces(agent, &report);
	if (resource_id_set(&session.id) &&
	    array_append(&report, sessions, session_count, session_capacity, session) < 0)
		give_up("report", "no memory");
	if (report_encode(&report, &json) < 0)
		give_up("report", "cannot be encoded");
	agent->reported++;
	/* Each has a beat of its own (agent/main.c). */
	phase = REPORT_INTERVAL * (uint64_t)(agent - crowd.agents) / crowd.count;
	agent->report_due = now + REPORT_INTERVAL - (now + phase) % REPORT_INTERVAL;
	ask_host(&agent->reports, "report",
		 &(struct question){.method = "POST", .type = "application/json", .body = json});
}

static void take_report(struct line *line, int status, uint64_t now)
{
	if (status != 204)
		give_up("report", line->channel.buffer);
	crowd.registered += line->agent->reported == 1;
	samples_add(&crowd.reports, line->asked, now);
}

static void list_interfaces(const struct agent *agent, struct report *report)
{
	static const struct {
		const char *device;
		enum orientation orientation;
	} rows[] = {
		{"eth0", ORIENTATION_HOST},
		{"tap0", ORIENTATION_GUEST},
		{"tap1", ORIENTATION_GUEST},
	};
	size_t number = (size_t)(agent - crowd.agents);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report_interface interface = {
			.mac = {2, 0, (uint8_t)i, 0, (uint8_t)(number >> 8), (uint8_t)number},
			.mtu = 1500,
			.orientation = rows[i].orientation,
			.addresses = {{4,
				       {10, (uint8_t)i, (uint8_t)(number >> 8), (uint8_t)number}}},
			.address_count = 1,
		};

		(void)string_copy(interface.device, sizeof(interface.device), rows[i].device);
		if (array_append(report, interfaces, interface_count, interface_capacity,
				 interface) < 0)
			give_up("report", "no memory");
	}
}

static void ask_host(struct line *line, const char *verb, struct question *question)
{
	char path[128];

	(void)snprintf(path, sizeof(path), HOST_PATH_PREFIX "%s/%s", line->agent->name, verb);
	question->path = path;
	line_ask(line, &crowd.asker, question);
}
