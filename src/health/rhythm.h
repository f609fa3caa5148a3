/* When a member is checked.
 *
 * The first time at once, or nearly so, because a newcomer waits for it; after that, once in an interval at a moment of
 * its own, which differs from host to host, so that an appliance is not asked by all hosts at once and a host does not
 * ask all appliances at once.  Moments are monotonic nanoseconds. */
#pragma once

#include <stdint.h>

#define RHYTHM_SPREAD_MILLISECONDS 500 /* Over which first checks are spread. */

/* 'phase' is any number, the member's own on this host; 'interval' is in seconds. */
uint64_t rhythm_first(uint64_t phase, uint64_t now);

/* Of the check after one that began at 'begun'. */
uint64_t rhythm_next(uint64_t phase, unsigned int interval, uint64_t begun);

/* The phase of what is called 'name' on a host that is known by 'host', a random number. */
uint64_t rhythm_phase(uint64_t host, const char *name, uint16_t port);
