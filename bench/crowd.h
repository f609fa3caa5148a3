/* Agents as the controller sees them, many in one program: each keeps two connections, waits for its plan on one and reports
 * on the other at a steady beat and after each plan (agent/uplink.h).
 *
 * A host has a device of its own and guests' taps, and sessions on these, whose counters grow from report to report, as those of
 * sessions with traffic do.  A line that breaks, or is answered with a refusal, tries again as agents do: after a pause that
 * doubles, with a random part. */
#pragma once

#include "bench/channel.h"
#include "mirror/source.h"

#include <stdint.h>

struct agent;

enum line_state {
	LINE_DOWN,
	LINE_GREETING,
	LINE_UP,
};

/* A channel whose answers are waited for together with those of all others. */
struct line {
	struct channel channel;
	const struct asker *asker;
	enum line_state state;
	bool busy;          /* A question is under way. */
	bool well;          /* Nothing has gone wrong since the last answer. */
	uint64_t asked;     /* When the last question was. */
	uint64_t due;       /* When to connect, or to ask the next question. */
	unsigned int pause; /* Milliseconds waited after the last failure; 0 after a success. */
	void (*ask)(struct line *line, uint64_t now);              /* NULL: somebody else asks. */
	void (*take)(struct line *line, int status, uint64_t now); /* A whole answer. */
	struct agent *agent;                                       /* NULL: of no agent. */
};

struct agent_session {
	struct resource_id id;
	uint32_t vni;
};

/* What is known of the host by its last plan, but for the lines and what they need. */
struct agent {
	struct line plans, reports;
	char name[HOST_NAME_SIZE];
	char revision[32]; /* As the controller tagged the plan. */
	uint64_t applied_revision;
	struct agent_session *sessions;
	size_t session_count, session_capacity;
	uint16_t rule_number;   /* Of the first rule of its filter. */
	uint64_t heard;         /* When the plan came; 0: never. */
	uint64_t taken;         /* Reports that the controller took. */
	uint64_t told_revision; /* The last one that a report told which was taken. */
	uint64_t told;          /* When. */
	uint64_t telling;       /* The revision in the report that is under way. */
};

struct samples {
	uint32_t *microseconds;
	size_t count, capacity;
};

void samples_add(struct samples *samples, uint64_t begin, uint64_t end);

struct crowd_options {
	size_t interfaces; /* Of a host, two at least. */
	uint64_t interval; /* From one report to the next. */
};

extern struct crowd {
	int epoll;
	struct asker *askers; /* One per controller; hosts are dealt out to them in turn. */
	size_t asker_count;
	struct agent *agents;
	size_t count;
	struct crowd_options options;
	size_t registered,
		planned; /* Agents whose first report was taken, whose first plan came. */
	size_t plans;    /* Plans that came. */
	size_t broken,
		refused; /* Lines that ended or could not be opened; answers that were refusals. */
	struct samples reports; /* From asking to the answer. */
} crowd;

/* Each file holds the credentials of agents and the URL of one controller. */
void crowd_open(char *const *credentials_paths, size_t path_count, size_t count,
		const struct crowd_options *options);

/* Begins to open the lines for reports, and to report. */
void crowd_register(void);

/* Begins to open the lines for plans, and to ask for them. */
void crowd_poll(void);

/* Opens and asks what is due and takes what has come; waits a millisecond for it at most. */
void crowd_turn(void);

/* Whether all lines are up, and nothing has gone wrong with any since its last answer. */
bool crowd_is_well(void);

/* For a line over which others ask, when it is down.  Returns when it is up, or ends the program. */
void line_open(struct line *line, const struct asker *asker);
void line_ask(struct line *line, const struct question *question);
