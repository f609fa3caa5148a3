// SPDX-License-Identifier: Apache-2.0
/* SQLite, in a file or in memory.
 *
 * A file is in WAL mode with synchronous=FULL: a commit appends to the log and syncs it, so what was confirmed survives
 * both kill -9 and loss of power, and a commit that was cut off is not there at all.  A transaction that need not be durable
 * is in the log without a sync, which the next one that is catches up on.  What is deleted is overwritten, since it may have
 * been a secret. */
#include "base/cleanup.h"
#include "base/count.h"
#include "store/drivers/sqlite_file.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MILLISECONDS 5000
#define SYNC_ALWAYS       "PRAGMA synchronous = FULL;"
#define SYNC_NEVER        "PRAGMA synchronous = NORMAL;" /* But when the log is taken into the file. */

static int sqlite_open(const char *path, bool make, struct driver_connection **ret_connection,
		       struct refusal *why);
static int memory_open(const char *nothing, bool make, struct driver_connection **ret_connection,
		       struct refusal *why);
static void sqlite_close(struct driver_connection *connection);
static int sqlite_execute(struct driver_connection *connection, const char *sql);
static int sqlite_prepare(struct driver_connection *connection, const char *sql,
			  struct driver_statement **ret_statement);
static void sqlite_release(struct driver_statement *statement);
static int sqlite_put_text(struct driver_statement *statement, unsigned int number,
			   const char *text);
static int sqlite_put_integer(struct driver_statement *statement, unsigned int number,
			      int64_t value);
static int sqlite_put_null(struct driver_statement *statement, unsigned int number);
static int sqlite_advance(struct driver_statement *statement);
static void sqlite_rewind(struct driver_statement *statement);
static int64_t sqlite_get_integer(struct driver_statement *statement, int column);
static const char *sqlite_get_text(struct driver_statement *statement, int column);
static int64_t sqlite_get_changes(struct driver_connection *connection);
static int64_t sqlite_get_version(struct driver_connection *connection);
static int sqlite_begin(struct driver_connection *connection, bool writing, bool durable);
static int sqlite_commit(struct driver_connection *connection);
static void sqlite_rollback(struct driver_connection *connection);
static int sqlite_check(struct driver_connection *connection);
static int sqlite_copy(struct driver_connection *connection, const char *path);
static int sqlite_replace(const char *location, const char *staged, const char *aside);

static int text_is_all(sqlite3 *opened, const char *sql, const char *wished);
static int copy_into(sqlite3 *opened, const char *path);
static int connection_open(const char *path, const char *settings,
			   struct driver_connection **ret_connection);
static int placeholder_index(struct driver_statement *statement, unsigned int number);
static int fault(sqlite3 *opened, int result);
static int log_errno(sqlite3 *opened);
static int result_to_errno(int result);

#define SQLITE_OPERATIONS                                                                         \
	.close = sqlite_close, .execute = sqlite_execute, .prepare = sqlite_prepare,              \
	.release = sqlite_release, .bind_text = sqlite_put_text,                                  \
	.bind_integer = sqlite_put_integer, .bind_null = sqlite_put_null, .step = sqlite_advance, \
	.reset = sqlite_rewind, .get_integer = sqlite_get_integer, .get_text = sqlite_get_text,   \
	.get_changes = sqlite_get_changes, .get_version = sqlite_get_version,                     \
	.begin = sqlite_begin, .commit = sqlite_commit, .rollback = sqlite_rollback,              \
	.check = sqlite_check

const struct driver sqlite_driver = {
	.name = "sqlite",
	.open = sqlite_open,
	.copy = sqlite_copy,
	.stage = sqlite_file_stage,
	.replace = sqlite_replace,
	SQLITE_OPERATIONS,
};
const struct driver memory_driver = {.name = "memory", .open = memory_open, SQLITE_OPERATIONS};

/* The opaque types are SQLite's own objects. */
static sqlite3 *database(struct driver_connection *connection)
{
	return (sqlite3 *)connection;
}

static sqlite3_stmt *compiled(struct driver_statement *statement)
{
	return (sqlite3_stmt *)statement;
}

static int sqlite_open(const char *path, bool make, struct driver_connection **ret_connection,
		       struct refusal *why _unused_)
{
	int r = make ? sqlite_file_make(path) : 0;

	if (r < 0)
		return r;
	return connection_open(path,
			       "PRAGMA journal_mode = WAL;" SYNC_ALWAYS "PRAGMA foreign_keys = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA secure_delete = ON;",
			       ret_connection);
}

static int memory_open(const char *nothing _unused_, bool make _unused_,
		       struct driver_connection **ret_connection, struct refusal *why _unused_)
{
	return connection_open(":memory:", "PRAGMA foreign_keys = ON;", ret_connection);
}

static void sqlite_close(struct driver_connection *connection)
{
	(void)sqlite3_close(database(connection));
}

static int sqlite_execute(struct driver_connection *connection, const char *sql)
{
	return fault(database(connection),
		     sqlite3_exec(database(connection), sql, NULL, NULL, NULL));
}

static int sqlite_prepare(struct driver_connection *connection, const char *sql,
			  struct driver_statement **ret_statement)
{
	sqlite3_stmt *statement;
	int result;

	result = sqlite3_prepare_v3(database(connection), sql, -1, SQLITE_PREPARE_PERSISTENT,
				    &statement, NULL);
	if (result != SQLITE_OK)
		return fault(database(connection), result);
	*ret_statement = (struct driver_statement *)statement;
	return 0;
}

static void sqlite_release(struct driver_statement *statement)
{
	(void)sqlite3_finalize(compiled(statement));
}

static int sqlite_put_text(struct driver_statement *statement, unsigned int number,
			   const char *text)
{
	return result_to_errno(sqlite3_bind_text(compiled(statement),
						 placeholder_index(statement, number), text, -1,
						 SQLITE_TRANSIENT));
}

static int sqlite_put_integer(struct driver_statement *statement, unsigned int number,
			      int64_t value)
{
	return result_to_errno(sqlite3_bind_int64(compiled(statement),
						  placeholder_index(statement, number), value));
}

static int sqlite_put_null(struct driver_statement *statement, unsigned int number)
{
	return result_to_errno(
		sqlite3_bind_null(compiled(statement), placeholder_index(statement, number)));
}

static int sqlite_advance(struct driver_statement *statement)
{
	int result = sqlite3_step(compiled(statement));

	return result == SQLITE_ROW ? DRIVER_ROW
				    : fault(sqlite3_db_handle(compiled(statement)), result);
}

static void sqlite_rewind(struct driver_statement *statement)
{
	(void)sqlite3_reset(compiled(statement));
	(void)sqlite3_clear_bindings(compiled(statement));
}

static int64_t sqlite_get_integer(struct driver_statement *statement, int column)
{
	return sqlite3_column_int64(compiled(statement), column);
}

static const char *sqlite_get_text(struct driver_statement *statement, int column)
{
	return (const char *)sqlite3_column_text(compiled(statement), column);
}

static int64_t sqlite_get_changes(struct driver_connection *connection)
{
	return sqlite3_changes64(database(connection));
}

static int64_t sqlite_get_version(struct driver_connection *connection)
{
	return sqlite3_total_changes64(database(connection));
}

/* How far a commit goes cannot be changed within a transaction. */
static int sqlite_begin(struct driver_connection *connection, bool writing, bool durable)
{
	int r = durable ? 0 : sqlite_execute(connection, SYNC_NEVER);

	if (r == 0)
		r = sqlite_execute(connection, writing ? "BEGIN IMMEDIATE" : "BEGIN");
	if (r < 0 && !durable)
		(void)sqlite_execute(connection, SYNC_ALWAYS);
	return r;
}

static int sqlite_commit(struct driver_connection *connection)
{
	int r = sqlite_execute(connection, "COMMIT");

	return r < 0 ? r : sqlite_execute(connection, SYNC_ALWAYS);
}

/* Some faults have rolled back already; then there is nothing to do. */
static void sqlite_rollback(struct driver_connection *connection)
{
	if (!sqlite3_get_autocommit(database(connection)))
		(void)sqlite_execute(connection, "ROLLBACK");
	(void)sqlite_execute(connection, SYNC_ALWAYS);
}

static int sqlite_check(struct driver_connection *connection)
{
	int r = text_is_all(database(connection), "PRAGMA integrity_check", "ok");

	return r < 0 ? r : text_is_all(database(connection), "PRAGMA foreign_key_check", NULL);
}

/* The copy takes its name only when it is whole and on the disk. */
static int sqlite_copy(struct driver_connection *connection, const char *path)
{
	char beside[PATH_MAX];
	int r;

	r = sqlite_file_begin(path, beside);
	if (r < 0)
		return r;
	r = copy_into(database(connection), beside);
	if (r == 0)
		r = sqlite_file_finish(beside, path);
	if (r < 0)
		(void)unlink(beside);
	return r;
}

/* Opened and closed, a store that is whole takes its log in, and is one file. */
static int sqlite_replace(const char *location, const char *staged, const char *aside)
{
	struct driver_connection *old = NULL;

	if (sqlite_open(location, false, &old, NULL) == 0)
		sqlite_close(old);
	return sqlite_file_replace(location, staged, aside);
}

/* Whether a query's one row is the wished text, or, with NULL, whether it has no row. */
static int text_is_all(sqlite3 *opened, const char *sql, const char *wished)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(opened, sql, -1, &statement, NULL), r = 0;

	if (result != SQLITE_OK)
		return fault(opened, result);
	result = sqlite3_step(statement);
	if (result != SQLITE_ROW && result != SQLITE_DONE)
		r = fault(opened, result);
	else if ((result == SQLITE_ROW) != (wished != NULL))
		r = -EBADMSG;
	else if (wished && strcmp((const char *)sqlite3_column_text(statement, 0), wished) != 0)
		r = -EBADMSG;
	(void)sqlite3_finalize(statement);
	return r;
}

/* One reading transaction: writers append to the log meanwhile. */
static int copy_into(sqlite3 *opened, const char *path)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(opened, "VACUUM INTO $1", -1, &statement, NULL);

	if (result != SQLITE_OK)
		return fault(opened, result);
	result = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	(void)sqlite3_finalize(statement);
	return fault(opened, result);
}

static int connection_open(const char *path, const char *settings,
			   struct driver_connection **ret_connection)
{
	sqlite3 *opened = NULL;
	int result;

	/* SQLite may hand out an object even where it fails.  A file is there already, if it was to be made. */
	result = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(opened, BUSY_MILLISECONDS);
	if (result == SQLITE_OK)
		result = sqlite3_exec(opened, settings, NULL, NULL, NULL);
	if (result != SQLITE_OK) {
		int error = fault(opened, result);

		(void)sqlite3_close(opened);
		return error;
	}
	*ret_connection = (struct driver_connection *)opened;
	return 0;
}

/* To SQLite "$7" is a name, which need not be the seventh in order, but mostly is. */
static int placeholder_index(struct driver_statement *statement, unsigned int number)
{
	const char *here = sqlite3_bind_parameter_name(compiled(statement), (int)number);
	char name[16];

	if (here && strtoul(here + 1, NULL, 10) == number)
		return (int)number;
	(void)snprintf(name, sizeof(name), "$%u", number);
	return sqlite3_bind_parameter_index(compiled(statement), name);
}

/* SQLite's results for what the system refused say little; the system's error says whether it will pass. */
static int fault(sqlite3 *opened, int result)
{
	int error;

	if ((result & 0xff) == SQLITE_CANTOPEN && sqlite3_system_errno(opened) > 0)
		return -sqlite3_system_errno(opened);
	if ((result & 0xff) != SQLITE_IOERR)
		return result_to_errno(result);
	error = log_errno(opened);
	if (error == 0)
		error = sqlite3_system_errno(opened);
	if (error == EDQUOT)
		error = ENOSPC;
	return error == ENOSPC || error == EROFS ? -error : -EIO;
}

/* A commit fails in the log, and only that file knows with which error. */
static int log_errno(sqlite3 *opened)
{
	sqlite3_file *log = NULL;
	int error = 0;

	if (sqlite3_file_control(opened, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	    log && log->pMethods)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

static int result_to_errno(int result)
{
	static const struct {
		int result, error;
	} rows[] = {
		{SQLITE_OK, 0},
		{SQLITE_DONE, 0},
		{SQLITE_CONSTRAINT, -EEXIST},
		{SQLITE_BUSY, -EBUSY},
		{SQLITE_LOCKED, -EBUSY},
		{SQLITE_FULL, -ENOSPC},
		{SQLITE_NOMEM, -ENOMEM},
		{SQLITE_CORRUPT, -EBADMSG},
		{SQLITE_NOTADB, -EBADMSG},
		{SQLITE_READONLY, -EROFS},
		{SQLITE_CANTOPEN, -ENOENT},
		{SQLITE_PERM, -EACCES},
		{SQLITE_TOOBIG, -E2BIG},
		{SQLITE_ERROR, -EINVAL},
		{SQLITE_RANGE, -EINVAL},
		{SQLITE_MISUSE, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].result == (result & 0xff))
			return rows[i].error;
	return -EIO;
}
