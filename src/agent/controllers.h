/* Which controller to speak to, and when to try again.
 *
 * The agent stays with one that works; one that does not is left for the next in turn.  Pauses are short within a turn and grow from
 * one turn to the next, with a random part, so that a fleet does not come back in step.
 *
 * Plain values: no clock, no lock. */
#pragma once

#include "sigv4/credentials.h"

#include <stddef.h>
#include <stdint.h>

struct refusal;

#define CONTROLLERS_MAX 8

struct controllers {
	char urls[CONTROLLERS_MAX][CREDENTIALS_ENDPOINT_SIZE]; /* Without a slash at the end. */
	size_t count;
	size_t current;
};

/* From a list with commas, as in "https://a:8773,https://b:8773".  Returns 0 or REFUSED. */
int controllers_parse(const char *list, struct controllers *ret_controllers, struct refusal *why);

/* The controller at place 'used' does not work: the next one is the current, unless somebody has moved on from there
 * already. */
void controllers_leave(struct controllers *controllers, size_t used);

/* Milliseconds to wait after so many failures in a row. */
unsigned int controllers_pause(const struct controllers *controllers, unsigned int failures,
			       uint64_t random);
