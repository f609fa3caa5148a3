/* The options of sessions that decide which copies are let in, as the kernel's program reads them (struct
 * map_options). */
#pragma once

#include "capture/slot.h"
#include "capture/tables.h"

/* Whether copies of a session with these options have to be asked at all. */
bool admission_is_asked(const struct session_options *options);

/* In the kernel's numbers; 'salt' makes the session's choice of flows its own. */
struct map_options admission_encode(const struct session_options *options, uint64_t salt);

/* Writes the options of every session that has a slot, each word by itself while packets pass.  What did not change is
 * left as it is, the accounts of caps included; a cap that did change starts with an empty account. */
void admissions_write(const struct tables *tables, const struct plan *plan,
		      const struct slots *slots);
