/* Waiting for what other programs write to a shared store: a connection of its own, for a thread of its own.
 *
 * What counts is the number of the last change, which is looked at again and again; that writers announce themselves only
 * makes it quicker. */
#pragma once

#include "base/cleanup.h"
#include "store/store.h"

#include <stdbool.h>

struct watch;

/* Refuses and fails as store_open() does.  A store that is not shared has no watch: 'ret_watch' is NULL then. */
int watch_open(const char *location, struct watch **ret_watch, struct refusal *why);
void watch_close(struct watch *watch);
DEFINE_CLEANUP(struct watch *, watch_close)

/* Waits for a change for a time.  If there was one, calls 'changed' with NULL, and for each host whose plan has another
 * revision since the last call.
 * Returns 0 or a fault, after which it may be called again: nothing is passed over. */
int watch_wait(struct watch *watch, unsigned int milliseconds,
	       void (*changed)(void *context, const char *host), void *context);

/* Asks to be the only one of all watches of this store that does what is to be done once.  Whoever is goes on until its
 * connection ends. */
int watch_lead(struct watch *watch, bool *ret_leads);

/* Another number: another connection, so whoever led has to ask again. */
unsigned int watch_get_generation(const struct watch *watch);
