/* What a controller has to do with the others that work on the same store.
 *
 * A thread with a connection of its own watches for what they change, and asks to be the one that leads: who leads does
 * what is to be done once for all of them, until his connection to the store ends.  With a store that is nobody else's there
 * is no thread, and this controller leads. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>

struct fleet;
struct refusal;

/* 'changed' is called from the thread when the store was changed, by anybody: with NULL, and for each host whose plan has got
 * another revision. */
struct fleet_options {
	const char *location; /* Of the store. */
	void (*changed)(void *context, const char *host);
	void *context;
};

/* Asks for the lead at once.  Returns 0, REFUSED or a fault. */
int fleet_open(const struct fleet_options *options, struct fleet **ret_fleet, struct refusal *why);
void fleet_close(struct fleet *fleet);
DEFINE_CLEANUP(struct fleet *, fleet_close)

/* The thread runs between the two.  Nothing that was changed meanwhile is passed over. */
int fleet_start(struct fleet *fleet);
void fleet_stop(struct fleet *fleet);

bool fleet_leads(const struct fleet *fleet);
