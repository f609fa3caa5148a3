/* Keeps secrets out of what leaves a host.
 *
 * Known ones are taken out wherever they stand: keys of the agent, and what is in the files of a controller on the same host,
 * its own program being asked where they are.  What only looks like one goes too: private keys in PEM, passwords in URLs,
 * and values that are called secret, which end with their quote, or else with the line. */
#pragma once

#include "base/text.h"

struct doctor;

struct secrets {
	char **items;
	size_t count, capacity;
};

void secrets_fini(struct secrets *secrets);

/* All that this host has and the caller may read.  'state' is a controller's directory, NULL the one in its settings; it need not
 * be there.  Returns 0 or
 * -ENOMEM. */
int secrets_gather(const struct doctor *doctor, const char *state, struct secrets *ret_secrets);

/* Appends the text without secrets. */
void secrets_redact(const struct secrets *secrets, const char *text, struct text *ret_clean);
