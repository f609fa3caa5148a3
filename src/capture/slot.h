/* Where each session lives in the kernel's tables.
 *
 * A slot that is given back stays untouched, counters included, until a later change gives it to another session;
 * its generation then rises, so that what was captured for the last owner is never taken for the next one's. */
#pragma once

#include "capture/capture.h"
#include "capture/tables.h"

struct slots {
	struct map_slot entries[MAP_SLOT_LIMIT]; /* What the map holds. */
	struct capture_slot *used;               /* Sorted by session id. */
	size_t used_count;
	uint32_t *ended; /* Slots whose sessions are gone, not yet given back. */
	size_t ended_count;
	uint32_t
		next; /* Where to look for a free slot; going round, one given back rests a while. */
};

/* Reads what an earlier agent left.  Returns 0 or a fault. */
int slots_load(struct slots *slots, const struct tables *tables);
void slots_fini(struct slots *slots);

/* Gives every session of the plan its slot, new ones with counters at zero.  Slots of sessions that are gone are
 * kept aside until slots_release().  Returns 0, -ENOSPC if some session found none, or another fault. */
int slots_assign(struct slots *slots, const struct tables *tables, const struct plan *plan);

/* Gives back the slots of ended sessions.  Only when no list names them any more. */
int slots_release(struct slots *slots, const struct tables *tables);

/* NULL when the session has none. */
const struct capture_slot *slots_find(const struct slots *slots, const struct resource_id *session);
