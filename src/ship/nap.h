/* How long a thread that has emptied its rings leaves them alone.
 *
 * A call that sends many copies costs hardly more than one that sends a few.  So a nap lasts until there are some copies for each
 * place of the outbox, at the present rate: more would only be older.  A fleet's copies part into many places, so they may
 * wait longer than those of a single appliance, whose ports are few.  Pure. */
#pragma once

#include <stdint.h>

#define NAP_SLICE \
	UINT64_C(600000) /* Nanoseconds; in a longer nap one looks as often whether a ring fills. */

/* 'copies' of the last batch, which 'gathered' for so many nanoseconds, had 'places'. */
uint64_t nap_length(uint64_t gathered, uint64_t copies, unsigned int places);

/* How long to sleep at once: no longer than so many bytes of room last, however fast they are filled; but of rings so small that it would
 * be hardly at all, at least as long as the shortest nap. */
uint64_t nap_slice(uint64_t room);
