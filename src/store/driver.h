/* A storage engine is a struct of operations.
 *
 * Everything above is written once, in SQL that SQLite and PostgreSQL both read: placeholders are $1, $2, …, integers
 * are BIGINT, texts TEXT.  Operations return 0 or a negative errno unless they say otherwise; -EEXIST is a violated
 * constraint, -EBUSY a lock somebody else held for too long, -EBADMSG a damaged store, -ENOSPC a full disk, -ENOTCONN an
 * engine that is out of reach.  After any of them a transaction can only be rolled back.
 * A connection and its statements belong to one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;
struct driver_connection; /* Of the driver's own making. */
struct driver_statement;

enum { DRIVER_ROW = 1 };

struct driver {
	/* What a location starts with, before the colon. */
	const char *name;

	/* Other programs write to the store while this one does (store/change.h). */
	bool shared;

	/* Called once, with what follows the colon.  A store that is not there yet is made, readable by its owner
	 * only, if 'make'; else it is -ENOENT.  Transactions of this connection are durable when 'commit' returns,
	 * unless they were begun otherwise.  May be REFUSED, with what is wrong with the location or the engine there. */
	int (*open)(const char *location, bool make, struct driver_connection **ret_connection,
		    struct refusal *why);

	/* Called after every statement was released.  An open transaction is rolled back. */
	void (*close)(struct driver_connection *connection);

	/* Runs statements without placeholders and rows, separated by semicolons: the schema. */
	int (*execute)(struct driver_connection *connection, const char *sql);

	/* Compiles one statement.  'sql' outlives the statement. */
	int (*prepare)(struct driver_connection *connection, const char *sql,
		       struct driver_statement **ret_statement);

	/* Takes any statement, in any state. */
	void (*release)(struct driver_statement *statement);

	/* Give placeholder $'number' a value, before the first step.  The text is copied. */
	int (*bind_text)(struct driver_statement *statement, unsigned int number, const char *text);
	int (*bind_integer)(struct driver_statement *statement, unsigned int number, int64_t value);
	int (*bind_null)(struct driver_statement *statement, unsigned int number);

	/* Runs up to the next row.  Returns DRIVER_ROW, or 0 when there is no more. */
	int (*step)(struct driver_statement *statement);

	/* Ends a run, wherever it is, and forgets the values; the statement can run again. */
	void (*reset)(struct driver_statement *statement);

	/* Read a column of the present row, counted from 0.  Null reads as 0 and as NULL.  The text is valid until the
	 * next step or reset. */
	int64_t (*get_integer)(struct driver_statement *statement, int column);
	const char *(*get_text)(struct driver_statement *statement, int column);

	/* Rows that the last statement that writes has changed; 0 if it changed none.  To be asked before the commit. */
	int64_t (*get_changes)(struct driver_connection *connection);

	/* A number that grows by one with every row that this connection writes, taken back or not. */
	int64_t (*get_version)(struct driver_connection *connection);

	/* A transaction that writes takes its lock at once, so that what it has read stays true.  One that only reads
	 * sees one state throughout.  One that is not 'durable' survives the process, but a loss of power only once a
	 * durable one has followed; the order of commits is kept all the same.  They do not nest. */
	int (*begin)(struct driver_connection *connection, bool writing, bool durable);

	/* -ECONNRESET: the connection was lost meanwhile, and whether the transaction holds is not known. */
	int (*commit)(struct driver_connection *connection);

	/* Never fails in a way that matters: what is not committed is not there. */
	void (*rollback)(struct driver_connection *connection);

	/* These are for stores that are shared; NULL with others. */

	/* Within a transaction: wakes whoever awaits something in this store, when it is committed. */
	int (*announce)(struct driver_connection *connection);

	/* Sleeps until somebody has announced something, or the time is over.  An announcement may get lost. */
	int (*await)(struct driver_connection *connection, unsigned int milliseconds);

	/* Asks to be the one among all connections to this store that leads.  Whoever does goes on until his connection ends. */
	int (*lead)(struct driver_connection *connection, bool *ret_leads);

	/* A number that is another one whenever the connection was made anew. */
	unsigned int (*get_generation)(const struct driver_connection *connection);

	/* The rest is for stores that are files; NULL with others. */

	/* Looks at every page, index and reference.  Returns 0, or -EBADMSG for a store that contradicts itself. */
	int (*check)(struct driver_connection *connection);

	/* Writes what the store holds at one moment to the file 'path', which is made or replaced whole, and readable
	 * by its owner only.  Outside of a transaction; others go on reading and writing meanwhile. */
	int (*copy)(struct driver_connection *connection, const char *path);

	/* Copies such a file to beside 'location', as a store of its own at 'ret_staged' (PATH_MAX bytes), which whoever
	 * owns the directory can open. */
	int (*stage)(const char *location, const char *path, char *ret_staged);

	/* Puts a staged store, closed again, in the place of 'location', which nobody uses.  What was there is kept as
	 * 'aside', if there was anything. */
	int (*replace)(const char *location, const char *staged, const char *aside);
};

extern const struct driver postgresql_driver;
extern const struct driver sqlite_driver;
extern const struct driver memory_driver; /* SQLite without a file. */
