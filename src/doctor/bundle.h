/* A tar of what helps support, without secrets.
 *
 *	doctor.json      what the doctor found
 *	settings.yaml    what the agent is told
 *	plan.json        the plan that it saved
 *	hosts.json, sessions.json   if the API tells of them
 *	NAME.txt         what programs print: of devices, routes, rules, the kernel, the journal
 *	log/N-NAME       files that the caller names
 *
 * Everything goes through secrets.h on its way in. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>

struct doctor;
struct refusal;
struct bundle;

/* Makes the file, which only its owner may read and which must not be there.  Returns 0, REFUSED or a fault. */
int bundle_open(const char *path, const struct doctor *doctor, const char *controller_state,
		struct bundle **ret_bundle, struct refusal *why);

/* Adds a file of the name, below the bundle's own directory. */
int bundle_add(struct bundle *bundle, const char *name, const char *text);

/* Adds what the host itself tells: settings, plan, and what programs print. */
int bundle_add_host(struct bundle *bundle, const struct doctor *doctor);

/* Adds the end of a log.  Returns 0, REFUSED (it cannot be read), or a fault. */
int bundle_add_log(struct bundle *bundle, const char *path, struct refusal *why);

/* Writes the end.  Returns 0 or a fault. */
int bundle_finish(struct bundle *bundle);

/* Removes the file unless it was finished. */
void bundle_free(struct bundle *bundle);
DEFINE_CLEANUP(struct bundle *, bundle_free)
