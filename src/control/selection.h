/* How selectors come true.
 *
 * What may concern them is written down in the transaction that causes it: an interface gets a mark, a changed selector begins
 * a sweep over all interfaces.  Marks and sweeps are worked off in slices: one within the same transaction, before its commit,
 * which is all there is to do but for changes of very many interfaces; the rest by control_settle_selectors().  Since they
 * are rows like any other, whoever comes after a crash goes on where it was.
 *
 * Looking at an interface compares what is with what should be, so it may be done at any time, twice.  Private to control/. */
#pragma once

#include "control/transaction.h"

/* A slice, in interfaces that are looked at; what is done to sessions counts as several.  So one takes some 10 ms. */
#define SELECTION_ROOM   256
#define SELECTION_CHANGE 8
#define SELECTION_END    16

/* Works a slice off. */
int selection_settle(struct transaction *transaction, unsigned int room);
