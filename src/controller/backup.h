/* The jobs that carry the store away and put it back. */
#pragma once

#include "controller/configuration.h"

/* Does the job of the configuration, and says on standard output what was done.  Returns 0, REFUSED, or a fault. */
int backup_run(const struct configuration *configuration, struct refusal *why);
