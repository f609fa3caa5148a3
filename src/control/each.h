/* A call about several things, each of which may fail by itself.  Private to control/. */
#pragma once

#include "control/transaction.h"
#include "control/unsuccessful.h"

struct each {
	const char *const *ids;
	size_t count;
	const void *argument;

	/* Does it for one, or refuses before it has changed anything. */
	int (*run)(struct transaction *transaction, const struct caller *caller, const char *id,
		   const void *argument, struct refusal *why);
};

/* All in the transaction, which is then committed. */
int each_commit(struct transaction *transaction, const struct caller *caller,
		const struct each *each, struct unsuccessful_list *ret_list, struct refusal *why);
