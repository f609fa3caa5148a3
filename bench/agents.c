// SPDX-License-Identifier: Apache-2.0
/* A crowd of agents on long poll, and a client that changes what they shall do:
 *
 *	agents CLIENT-CREDENTIALS SESSIONS AGENTS INTERFACES INTERVAL AGENT-CREDENTIALS...
 *
 * There is a file of agents' credentials for each controller; INTERVAL is in seconds, from one report to the next.  Does what the lines of the standard input say, one after the
 * other, and answers each with a JSON object:
 *
 *	register                every agent makes itself known
 *	poll                    every agent gets its plan and waits for the next
 *	idle SECONDS            nothing but reports
 *	change RATE SECONDS     another VNI for the session of an agent drawn at random, RATE times a second
 *	rule RULE COUNT         another number for a rule that all agents have, each time when all know and have told the last
 *	storm SECONDS           until something goes wrong, and from there until all has gone well for a whole beat
 *
 * SESSIONS holds the id of a session per line, that of the first agent first; there may be more than agents.  Three times
 * are taken of a change: "live" from the client's question until the plan has come to its agent, "after" from the API's
 * answer, which is 0 where the plan was there sooner, and "told" from the answer until the controller has confirmed the
 * report that says so.  Figures are in microseconds.  A fault of any kind ends the program, but for lost connections and
 * refusals, which are counted. */
#include "base/clock.h"
#include "base/count.h"
#include "bench/crowd.h"
#include "mirror/filter.h"
#include "mirror/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define PATIENCE        (60 * NSEC_PER_SEC)
#define CHANGES_MAX     ((size_t)64) /* Under way at a time. */
#define DESCRIPTORS_MAX 16384
#define CALM            (NSEC_PER_SEC / 2) /* Beyond a beat of reports. */

/* A change of one agent's session that is not yet both answered and live. */
struct change {
	struct agent *agent; /* NULL: of a host without an agent here. */
	const char *session;
	uint32_t vni;
	uint64_t asked, answered;
};

static struct {
	struct asker asker;
	struct line line;
	char (*sessions)[RESOURCE_ID_SIZE];
	size_t session_count;
	uint32_t vni;         /* The last one given. */
	uint32_t rule_number; /* The last one given. */
	struct change changes[CHANGES_MAX];
	size_t change_count;
	uint64_t answered; /* When the last answer came. */
	struct samples answers, live, after, told;
	uint64_t trouble, well; /* When it began, and when it was over; 0: there was none. */
} client;

static void read_sessions(const char *path);
static void take_answer(struct line *line, int status, uint64_t now);
static void ask_client(const char *body);
static void start_change(void);
static void settle_changes(void);
static bool has_all(uint32_t number);
static void begin_figures(void);
static void print_figures(uint64_t begin, uint64_t end);

/* --- What the lines say ------------------------------------------------------------------------------------------ */

static void turn_until(const size_t *count, size_t wanted, const char *what)
{
	uint64_t end = clock_monotonic() + PATIENCE;

	while (*count < wanted) {
		if (clock_monotonic() > end)
			give_up(what, "not all agents came through in time");
		crowd_turn();
	}
}

static void run_register(char **words)
{
	(void)words;
	crowd_register();
	turn_until(&crowd.registered, crowd.count, "register");
}

static void run_poll(char **words)
{
	(void)words;
	crowd_poll();
	turn_until(&crowd.planned, crowd.count, "poll");
}

static void run_idle(char **words)
{
	uint64_t end = clock_monotonic() + (uint64_t)(atof(words[1]) * (double)NSEC_PER_SEC);

	while (clock_monotonic() < end)
		crowd_turn();
}

/* One question at a time, and one change of an agent. */
static bool may_start(void)
{
	size_t most = crowd.count > 0 ? MIN(crowd.count, CHANGES_MAX) : CHANGES_MAX;

	return !client.line.busy && client.change_count < most;
}

static void run_change(char **words)
{
	uint64_t now = clock_monotonic(), due = now;
	uint64_t interval = (uint64_t)((double)NSEC_PER_SEC / atof(words[1]));
	uint64_t end = now + (uint64_t)(atof(words[2]) * (double)NSEC_PER_SEC);

	while (now < end || client.change_count > 0) {
		if (now > end + PATIENCE)
			give_up("change", "a change did not come to its agent");
		if (now < end && now >= due && may_start()) {
			start_change();
			due += interval;
		}
		crowd_turn();
		settle_changes();
		now = clock_monotonic();
	}
}

static bool is_reporting(uint64_t now)
{
	for (size_t i = 0; i < crowd.count; i++)
		if (crowd.agents[i].reports.busy || crowd.agents[i].reports.due <= now)
			return true;
	return false;
}

/* When a plan of all has changed, all report at once.  That is over first; then time passes until somewhere between their
 * beats. */
static void calm_down(void)
{
	uint64_t until;

	do
		crowd_turn();
	while (is_reporting(clock_monotonic()));
	until = clock_monotonic() + (uint64_t)random() % (NSEC_PER_SEC / 4);
	while (clock_monotonic() < until)
		crowd_turn();
}

static void run_rule(char **words)
{
	unsigned long count = strtoul(words[2], NULL, 10);

	client.rule_number = crowd.agents[0].rule_number;
	for (unsigned long i = 0; i < count; i++) {
		uint32_t number = client.rule_number++ % RULE_NUMBER_MAX + 1;
		uint64_t asked, now;
		char body[200];

		(void)snprintf(body, sizeof(body),
			       "Action=ModifyTrafficMirrorFilterRule&Version=2016-11-15&"
			       "TrafficMirrorFilterRuleId=%s&RuleNumber=%" PRIu32,
			       words[1], number);
		calm_down();
		ask_client(body);
		asked = client.line.asked;
		do {
			crowd_turn();
			now = clock_monotonic();
			if (now > asked + PATIENCE)
				give_up("rule", "it did not come to all agents");
		} while (client.line.busy || !has_all(number));
		if (crowd.count > 0) {
			samples_add(&client.live, asked, now);
			samples_add(&client.after, client.answered, now);
		}
	}
}

/* While all is well nothing has happened yet, or everything is over. */
static void run_storm(char **words)
{
	uint64_t now = clock_monotonic();
	uint64_t end = now + (uint64_t)(atof(words[1]) * (double)NSEC_PER_SEC);

	do {
		bool well;

		crowd_turn();
		well = crowd_is_well();
		now = clock_monotonic();
		if (!well && client.trouble == 0)
			client.trouble = now;
		if (!well)
			client.well = 0;
		else if (client.trouble != 0 && client.well == 0)
			client.well = now;
		if (now > end)
			give_up("storm", client.trouble ? "it is not over" : "nothing happened");
	} while (client.well == 0 || now < client.well + crowd.options.interval + CALM);
}

static const struct row {
	const char *name;
	int words;
	void (*run)(char **words);
} rows[] = {
	{"register", 1, run_register}, {"poll", 1, run_poll}, {"idle", 2, run_idle},
	{"change", 3, run_change},     {"rule", 3, run_rule}, {"storm", 2, run_storm},
};

static void run_line(char *line)
{
	char *words[4] = {}, *rest = NULL;
	uint64_t begin = clock_monotonic();
	int count = 0;

	for (char *word = strtok_r(line, " \n", &rest); word && count < 4;
	     word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	for (size_t i = 0; count > 0 && i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, words[0]) == 0 && rows[i].words == count) {
			begin_figures();
			rows[i].run(words);
			print_figures(begin, clock_monotonic());
			return;
		}
	give_up(count > 0 ? words[0] : "", "no such command, or not with so many words");
}

int main(int argc, char **argv)
{
	const struct rlimit descriptors = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (argc < 7) {
		(void)fprintf(stderr, "agents CLIENT-CREDENTIALS SESSIONS AGENTS INTERFACES "
				      "INTERVAL AGENT-CREDENTIALS...\n");
		return 2;
	}
	if (setrlimit(RLIMIT_NOFILE, &descriptors) < 0)
		give_up("descriptors", "not enough of them may be open");
	read_sessions(argv[2]);
	crowd_open(argv + 6, (size_t)argc - 6, strtoul(argv[3], NULL, 10),
		   &(struct crowd_options){
			   .interfaces = strtoul(argv[4], NULL, 10),
			   .interval = strtoul(argv[5], NULL, 10) * NSEC_PER_SEC,
		   });
	asker_read(&client.asker, argv[1], "ec2");
	client.line = (struct line){.take = take_answer};
	line_open(&client.line, &client.asker);
	srandom(1);
	while (getline(&line, &size, stdin) > 0)
		run_line(line);
	return 0;
}

static void read_sessions(const char *path)
{
	FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, room = 0;

	if (!file)
		give_up(path, "cannot be opened");
	while (getline(&line, &size, file) > 0) {
		if (client.session_count == room) {
			room = room ? 2 * room : 64;
			client.sessions = reallocarray(client.sessions, room, RESOURCE_ID_SIZE);
			if (!client.sessions)
				give_up(path, "no memory");
		}
		line[strcspn(line, "\n")] = '\0';
		if (!string_copy(client.sessions[client.session_count++], RESOURCE_ID_SIZE, line))
			give_up(path, "a line is no id");
	}
	(void)fclose(file);
}

/* --- The client -------------------------------------------------------------------------------------------------- */

static void take_answer(struct line *line, int status, uint64_t now)
{
	if (status != 200)
		give_up("client", line->channel.buffer);
	samples_add(&client.answers, line->asked, now);
	client.answered = now;
	for (size_t i = 0; i < client.change_count; i++)
		if (client.changes[i].answered == 0)
			client.changes[i].answered = now;
}

static void ask_client(const char *body)
{
	if (client.line.state == LINE_DOWN)
		line_open(&client.line, &client.asker);
	line_ask(&client.line, &(struct question){
				       .method = "POST",
				       .path = "/",
				       .type = "application/x-www-form-urlencoded",
				       .body = body,
			       });
}

static bool is_changing(const struct agent *agent)
{
	for (size_t i = 0; i < client.change_count; i++)
		if (client.changes[i].agent == agent)
			return true;
	return false;
}

/* Without agents the sessions of hosts that are silent change. */
static void start_change(void)
{
	size_t all = crowd.count > 0 ? crowd.count : client.session_count;
	struct change change = {};
	char body[200];
	size_t host;

	if (all == 0 || client.session_count < crowd.count)
		give_up("change", "there are not as many sessions as agents");
	host = (size_t)random() % all;
	while (crowd.count > 0 && is_changing(&crowd.agents[host]))
		host = (host + 1) % all;
	change.agent = crowd.count > 0 ? &crowd.agents[host] : NULL;
	change.session = client.sessions[host];
	change.vni = ++client.vni;
	(void)snprintf(body, sizeof(body),
		       "Action=ModifyTrafficMirrorSession&Version=2016-11-15&"
		       "TrafficMirrorSessionId=%s&VirtualNetworkId=%" PRIu32,
		       client.sessions[host], change.vni);
	ask_client(body);
	change.asked = client.line.asked;
	client.changes[client.change_count++] = change;
}

/* Whether the agent has it, and has said so. */
static bool is_told(const struct change *change)
{
	const struct agent *agent = change->agent;

	for (size_t i = 0; i < agent->session_count; i++)
		if (strcmp(agent->sessions[i].id.text, change->session) == 0)
			return agent->sessions[i].vni == change->vni &&
			       agent->told_revision == agent->applied_revision;
	return false;
}

static void settle_changes(void)
{
	size_t left = 0;

	for (size_t i = 0; i < client.change_count; i++) {
		const struct change *change = &client.changes[i];
		const struct agent *agent = change->agent;

		if (change->answered == 0 || (agent && !is_told(change))) {
			client.changes[left++] = *change;
		} else if (agent) {
			samples_add(&client.live, change->asked, agent->heard);
			samples_add(&client.after, change->answered, agent->heard);
			samples_add(&client.told, change->answered, agent->told);
		}
	}
	client.change_count = left;
}

static bool has_all(uint32_t number)
{
	for (size_t i = 0; i < crowd.count; i++)
		if (crowd.agents[i].rule_number != number)
			return false;
	return true;
}

/* --- Figures ----------------------------------------------------------------------------------------------------- */

static void begin_figures(void)
{
	crowd.reports.count = client.answers.count = 0;
	client.live.count = client.after.count = client.told.count = 0;
	crowd.plans = crowd.broken = crowd.refused = 0;
	client.trouble = client.well = 0;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void print_samples(const char *name, struct samples *samples)
{
	uint32_t *values = samples->microseconds;
	size_t count = samples->count;

	if (count == 0)
		return;
	qsort(values, count, sizeof(*values), compare);
	printf(", \"%s\": {\"count\": %zu, \"median\": %" PRIu32 ", \"p99\": %" PRIu32
	       ", \"max\": %" PRIu32 "}",
	       name, count, values[count / 2], values[count - 1 - count / 100], values[count - 1]);
}

static double seconds(uint64_t nanoseconds)
{
	return (double)nanoseconds / (double)NSEC_PER_SEC;
}

static void print_figures(uint64_t begin, uint64_t end)
{
	printf("{\"seconds\": %.9f, \"plans\": %zu, \"broken\": %zu, \"refused\": %zu",
	       seconds(end - begin), crowd.plans, crowd.broken, crowd.refused);
	if (client.well)
		printf(", \"trouble\": %.3f, \"well\": %.3f", seconds(client.trouble),
		       seconds(client.well));
	print_samples("reports", &crowd.reports);
	print_samples("answers", &client.answers);
	print_samples("live", &client.live);
	print_samples("after", &client.after);
	print_samples("told", &client.told);
	printf("}\n");
	(void)fflush(stdout);
}
