/* How a thread takes turns with production: feeds restraint with what thread, machine and rings tell, and pauses where it
 * says so.  All but pace_init() is for the thread itself. */
#pragma once

#include "ship/restraint.h"
#include "ship/stream.h"
#include "ship/vitals.h"

struct pace {
	struct vitals vitals;
	struct restraint restraint;
	uint64_t begun; /* What of a CPU the thread had used when it began to ship a little. */
};

void pace_init(struct pace *pace);

/* Around the thread's life.  The rings are all open afterwards. */
void pace_begin(struct pace *pace, struct stream *stream);
void pace_end(struct pace *pace, struct stream *stream);

/* What to do next. */
enum restraint_phase pace_look(struct pace *pace, struct stream *stream);

/* RESTRAINT_ASKING: pauses, so that production shows whether it wants more.  The rings hold what comes. */
void pace_ask(const struct pace *pace);

/* RESTRAINT_SOME: takes in for a moment what is to be shipped next; and afterwards leaves the CPU to others for much longer. */
void pace_gather(struct pace *pace, struct stream *stream);
void pace_rest(const struct pace *pace);
