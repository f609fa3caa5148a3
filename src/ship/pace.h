/* How a thread takes turns with production: feeds restraint and place with what thread, machine and rings tell, pauses where
 * restraint says so, and goes where place does.  All but pace_init() is for the thread itself. */
#pragma once

#include "ship/place.h"
#include "ship/restraint.h"
#include "ship/stream.h"
#include "ship/vitals.h"

struct pace {
	struct vitals vitals;
	struct place place;
	struct restraint restraint;
	uint64_t begun; /* What of a CPU the thread had used when it began to ship a little. */
	unsigned int shipments; /* Of a little. */
};

void pace_init(struct pace *pace);

/* Around the thread's life.  The stream is of those of 'rings' that it serves, which are all open afterwards. */
void pace_begin(struct pace *pace, struct stream *stream, const struct place_rings *rings);
void pace_end(struct pace *pace, struct stream *stream);

/* What to do next. */
enum restraint_phase pace_look(struct pace *pace, struct stream *stream);

/* RESTRAINT_ASKING: pauses, so that production shows whether it wants more.  The rings hold what comes. */
void pace_ask(const struct pace *pace);

/* RESTRAINT_SOME: says what is to be shipped next, which is no record longer than this; the rest of what gathered is to be given
 * up.  And afterwards leaves the CPU to others for much longer. */
uint64_t pace_gather(struct pace *pace, struct stream *stream);
void pace_rest(const struct pace *pace);
