/* The wire to PostgreSQL: one connection that may break at any moment, and comes back by itself between transactions.
 *
 * Whoever runs a transaction must know that it is whole.  So a connection that breaks within one stays broken, and says
 * -ENOTCONN, until the transaction was given up; outside of one it is made anew, and what was asked is asked again, which is
 * safe since nothing is written outside of transactions.  Nothing waits without an end: a server that does not answer in
 * time counts as one that is gone. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct portal;
struct refusal;

struct link {
	char *location;
	PGconn *connection;      /* NULL: lost. */
	unsigned int generation; /* Of the connection: how many there were. */
	uint64_t not_before;     /* When a lost one may be tried again. */
	bool in_transaction;
	struct portal *portals; /* Whose cursors the transaction holds (postgresql_portal.h). */
};

/* What is sent: a script, a statement with its values, or one to be prepared and its values later. */
struct link_request {
	const char *sql;
	const char *name; /* Of the prepared statement; NULL: there is none. */
	unsigned int count;
	const Oid *types;
	const char *const *values; /* NULL: a script, or it is to be prepared. */
	bool patient;              /* It may take minutes. */
};

/* Connects for the first time.  Returns 0, REFUSED with what the server or the library says, or a fault. */
int link_open(const char *location, struct link *ret_link, struct refusal *why);
void link_close(struct link *link);

/* Makes a lost connection anew, outside of transactions.  Returns 0 or -ENOTCONN. */
int link_ensure(struct link *link);

/* Gives the connection up.  What the server still does with it is rolled back, but for a commit that is under way. */
void link_drop(struct link *link);

/* Sends a request and waits for its last result, which is the caller's to clear.  Returns 0, or what its first error
 * means. */
int link_run(struct link *link, const struct link_request *request, PGresult **ret_result);

/* A script whose results do not matter. */
int link_execute(struct link *link, const char *sql);

/* A query of one number. */
int link_query(struct link *link, const char *sql, int64_t *ret_number);
