/* How selectors come true.
 *
 * What may concern them is written down in the transaction that causes it: an interface gets a mark, a changed selector begins
 * a sweep over all interfaces.  Marks and sweeps are worked off in slices: the caller's within the same transaction, before its
 * commit, which is all there is to do but for changes of very many interfaces; the rest by control_settle_selectors(), account
 * after account.  Since they are rows like any other, whoever comes after a crash goes on where it was.
 *
 * Looking at an interface compares what is with what should be, so it may be done at any time, twice.  Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/selector.h"
#include "store/selection.h"

/* A slice, in interfaces that are looked at; other work counts as several, or is told in parts.  So one takes some 10 ms. */
#define SELECTION_ROOM   256
#define SELECTION_CHANGE 8
#define SELECTION_END    16
#define SELECTION_ROWS   16 /* Of a history that goes. */
#define SELECTION_TAGS   64 /* That are compared. */
#define SELECTION_TERMS  32 /* That are read. */

/* Says that selectors shall look at an interface, because it or its tags changed or a place on it is free; or at whatever has the
 * tags of a resource. */
int selection_mark_source(struct transaction *transaction, const char *source);
int selection_mark_tagged(struct transaction *transaction, const char *resource);

/* Says that a selector shall look at all interfaces. */
int selection_sweep(struct transaction *transaction, const char *selector);

/* A slice for one account. */
struct selection {
	struct transaction *transaction;
	const struct account_id *owner;
	unsigned int room;
	unsigned int tags; /* Compared, and not yet taken from the room. */
	bool reading;      /* A fault was met before anything depended on what was read. */
	bool loaded;
	struct selector *selectors; /* The account's, once they were needed. */
	size_t count, capacity;
};

void selection_fini(struct selection *selection);
#define _cleanup_selection_ _cleanup_(selection_fini)

/* Works marks and sweeps off. */
int selection_work(struct selection *selection);

/* Looks once more at an interface that a selector was refused. */
int selection_retry(struct selection *selection, const struct selector_refusal *refusal);
