/* How often something is done that somebody else keeps undoing: at once the first time, then after pauses that double,
 * and at once again after peace. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct patience {
	uint64_t next;  /* Monotonic nanoseconds; not before this. */
	uint64_t pause; /* The last one; 0 before the first. */
};

/* Whether it may be done now.  If so, it counts as done. */
bool patience_try(struct patience *patience, uint64_t now);
