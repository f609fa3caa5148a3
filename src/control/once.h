/* Every create goes the same way: within a transaction, the object is made and tagged, unless an earlier call with the same
 * ClientToken has done so.  Private to control/. */
#pragma once

#include "control/control.h"
#include "control/transaction.h"

struct creation {
	const char *action;      /* Tells apart what tokens are for. */
	enum resource_kind kind; /* Of the id. */
	const struct once *once;
	const struct tag *tags;
	size_t tag_count;

	/* Judges the wish, and stores what it wants under the id. */
	int (*make)(struct transaction *transaction, const struct caller *caller, const void *wish,
		    const struct resource_id *id, struct refusal *why);
	const void *wish;
};

/* Leaves the transaction open, for the answer to be read and then committed.  Returns 0 with the id of the object, REFUSED
 * (also where the token's first call had other parameters), or a fault. */
int create_once(struct transaction *transaction, struct control *control,
		const struct caller *caller, const struct creation *creation,
		struct resource_id *ret_id, struct refusal *why);
