/* A mutating call: all of it or nothing, and the hosts it concerns learn of it.
 *
 *	_cleanup_(transaction_end) struct transaction transaction = {};
 *
 *	r = transaction_begin(&transaction, control);
 *	…
 *	return transaction_commit(&transaction, caller, why);
 *
 * Whatever leaves before the commit has changed nothing.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/source.h"
#include "store/host.h"

struct touched_host {
	char name[HOST_NAME_SIZE];
};

struct transaction {
	struct control *control;
	bool open;
	/* What is to be done before the commit, set by who leaves it to do (selection.h); NULL: nothing. */
	int (*settle)(struct transaction *transaction, const struct caller *caller);
	struct selector_act *acts; /* What selectors did. */
	size_t act_count, act_capacity;
	struct touched_host *hosts; /* Whose plans this changes. */
	size_t host_count, host_capacity;
};

int transaction_begin(struct transaction *transaction, struct control *control);

/* For what will be told again (STORE_NOTE). */
int transaction_begin_note(struct transaction *transaction, struct control *control);

/* Says that the host's plan changes, or that of the source's host; "" is no host.  Twice is once. */
int transaction_touch_host(struct transaction *transaction, const char *host);
int transaction_touch_source(struct transaction *transaction, const char *source);
/* The hosts that send to an interface, also as that of an instance in a target group, when it comes, moves or goes. */
int transaction_touch_senders(struct transaction *transaction, const char *source);
/* Those that send to target groups with the instance. */
int transaction_touch_instance(struct transaction *transaction, const char *instance);
/* The hosts that send to a load balancer, by itself or through an endpoint, when it or what stands behind it changes. */
int transaction_touch_balancer(struct transaction *transaction, const char *arn);
/* Those that send through the endpoint. */
int transaction_touch_endpoint(struct transaction *transaction, const char *id);
/* Those of the load balancers that forward to a group. */
int transaction_touch_group(struct transaction *transaction, const char *arn);
int transaction_touch_hosts(struct transaction *transaction, enum host_selection selection,
			    const char *key);

/* Does what was left to do.  What this leaves in its turn is somebody else's. */
int transaction_settle(struct transaction *transaction, const struct caller *caller);

/* Settles, raises the revisions of the touched hosts, makes all of it durable unless it is a note, and tells the door.  A dry run
 * ends here, refused. */
int transaction_commit(struct transaction *transaction, const struct caller *caller,
		       struct refusal *why);

/* Takes everything back unless it was committed. */
void transaction_end(struct transaction *transaction);

/* The end of a call that only reads: refuses a dry run. */
int dry_run_check(const struct caller *caller, struct refusal *why);
