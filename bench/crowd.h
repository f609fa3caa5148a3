/* Agents as the controller sees them, many in one program: each keeps two connections, waits for its plan on one and reports
 * on the other every two seconds and after each plan (agent/uplink.h).
 *
 * A host has three interfaces, and at most one session, on the second of them.  Its counters grow from report to report, as
 * those of a session with traffic do. */
#pragma once

#include "bench/channel.h"
#include "mirror/source.h"

#include <stdint.h>

struct agent;

/* A channel whose answers are waited for together with those of all others. */
struct line {
	struct channel channel;
	bool busy; /* A question is under way. */
	uint64_t asked;
	void (*take)(struct line *line, int status, uint64_t now); /* A whole answer. */
	struct agent *agent;
};

/* What is known of the host by its last plan, but for the lines and what they need. */
struct agent {
	struct line plans, reports;
	char name[HOST_NAME_SIZE];
	char revision[32]; /* As the controller tagged the plan. */
	uint64_t applied_revision;
	struct resource_id session; /* Empty while it has none. */
	uint32_t vni;
	uint16_t rule_number; /* Of the first rule of its filter. */
	uint64_t heard;       /* When the plan came; 0: never. */
	uint64_t report_due;
	uint64_t reported; /* How often. */
};

struct samples {
	uint32_t *microseconds;
	size_t count, capacity;
};

void samples_add(struct samples *samples, uint64_t begin, uint64_t end);

extern struct crowd {
	struct asker asker;
	int epoll;
	struct agent *agents;
	size_t count;
	size_t registered,
		planned;        /* Agents whose first report was taken, whose first plan came. */
	size_t plans;           /* Plans that came. */
	struct samples reports; /* From asking to the answer. */
} crowd;

void crowd_open(const char *credentials_path, size_t count);

/* Opens the lines for reports, and reports. */
void crowd_register(void);

/* Opens the lines for plans, and asks for the first. */
void crowd_poll(void);

/* Asks what is due and takes what has come; waits a millisecond for it at most. */
void crowd_turn(void);

/* 'source' is the address to come from, NULL for any. */
void line_open(struct line *line, const struct asker *asker, const char *source);
void line_ask(struct line *line, const struct asker *asker, const struct question *question);
