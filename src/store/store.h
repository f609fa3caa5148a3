/* The durable state: a file per noun with its SQL, written once and portable, above a thin driver (driver.h).
 *
 * Functions return 0, STORE_MISSING where they say so, or a negative errno.  Outside of a transaction each write is one
 * of its own.  What is written is durable when the commit returns, but for notes.  Not thread-safe. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct store;
struct refusal;

enum { STORE_MISSING = 2 };

/* 'location' is "sqlite:PATH", "memory" for one that lives as long as it is open, or a connection URI of PostgreSQL, whose
 * password stands elsewhere.  Makes or migrates the schema, once whoever comes first.  Refuses an unknown location, an engine
 * out of reach, and a store that a newer version has written. */
int store_open(const char *location, struct store **ret_store, struct refusal *why);
void store_close(struct store *store);
DEFINE_CLEANUP(struct store *, store_close)

enum store_access {
	STORE_READ,  /* One state throughout. */
	STORE_WRITE, /* Locked at once, so that what was read stays true. */

	/* The same for what will be told again, and is not worth waiting for the disk: a loss of power, not of the
	 * process, may take it back until something else is durable. */
	STORE_NOTE,
};

/* Transactions do not nest. */
int store_begin(struct store *store, enum store_access access);
int store_commit(struct store *store);

/* Ends the transaction, if there is one, as if it had not been. */
void store_rollback(struct store *store);

/* A store in PostgreSQL is shared: other programs write to it, too.  Between the two everything that is read outside of
 * transactions is of one state, and store_get_version() is that of the store at the first.  They do not nest, and cost
 * nothing with stores that are not shared.  -ENOTCONN: the engine is out of reach; then nothing was entered. */
int store_enter(struct store *store);
void store_leave(struct store *store);

/* Whether another program has written anything versioned, as far as is known since the last store_enter() or transaction that
 * writes; says so once. */
bool store_was_changed(struct store *store);

/* Grows with every row that is written but events, and those of hosts, session reports, counters and their history that hosts'
 * reports write, which tell the same every few seconds.  While it is the same, every query that does not read these gives what
 * it gave before. */
int64_t store_get_version(const struct store *store);

/* Of a store that is shared, the number of the last change that is known, which rises by time in milliseconds and is the same for
 * everybody; else 0. */
int64_t store_get_last_change(const struct store *store);
