/* Hosts: where agents run. */
#pragma once

#include "cli/output.h"

/* Shared with the status of everything. */
extern const struct columns host_columns;
