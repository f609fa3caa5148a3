/* The sessions that somebody looks at, each with the peephole that the shipper shows their packets.
 *
 * For the main thread; what the controller wishes for is all there is. */
#pragma once

#include "mirror/peek.h"

#include <stdbool.h>

struct peephole;

struct peeks {
	struct peeked {
		struct peek_wish wish;
		struct peephole *peephole;
	} items[PEEK_WISHES_MAX];
	size_t count;
};

void peeks_fini(struct peeks *peeks);

/* Ends what is no longer wished for and begins what is.  Returns 1 if that changes anything, else 0, or -ENOMEM with nothing changed. */
int peeks_set(struct peeks *peeks, const struct peek_wishes *wishes);

/* NULL: nobody looks at the session. */
struct peephole *peeks_find(const struct peeks *peeks, const struct resource_id *session);

/* Moves what was seen to a batch, as far as it has room.  Returns 0 or -ENOMEM. */
int peeks_collect(struct peeks *peeks, struct peek_batch *batch);
