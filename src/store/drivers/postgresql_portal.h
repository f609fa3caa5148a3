/* The rows of a query, which come over in pieces: whoever stops early has read little, however many there are.
 *
 * The first piece comes with the query itself, for most have no more.  Where it is not all of them, the server opens a
 * cursor, and what it gives is the beginning again: another plan may have another order.  Each piece is twice as long as the
 * one before, so what is read is within a factor of what is used.  A cursor ends with its transaction, so before that
 * everything comes over that is left; outside of transactions it does so at once. */
#pragma once

#include "store/drivers/postgresql_link.h"

#include <libpq-fe.h>
#include <stdbool.h>

#define PORTAL_NAME_SIZE 24

/* Rows that come with the query.  It is asked for one more, which tells whether there are any. */
#define PORTAL_FIRST_PIECE 64

struct portal {
	struct portal *next; /* Among those that are open in the link's transaction. */
	char name[PORTAL_NAME_SIZE];
	int piece;        /* How many rows are asked for next. */
	int error;        /* Why there is no rest; 0: it did not get lost. */
	PGresult *result; /* NULL: the query does not run. */
	PGresult *rest;   /* All that comes after it; NULL: nothing, or the cursor is open. */
	int row;
	bool open;
};

/* Takes over what 'request', a script with values, gave with "LIMIT PORTAL_FIRST_PIECE + 1" behind it; or all it gave, if 'whole'. */
int portal_start(struct portal *portal, struct link *link, const struct link_request *request,
		 PGresult *first, bool whole);

/* Moves to the next row.  Returns DRIVER_ROW, 0 at the end, or a fault. */
int portal_next(struct portal *portal, struct link *link);

/* Ends it, wherever it is. */
void portal_stop(struct portal *portal, struct link *link);

/* Before a transaction ends: what is open goes on without it, by what is left of it. */
void portals_settle(struct link *link);
