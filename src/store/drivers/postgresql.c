// SPDX-License-Identifier: Apache-2.0
/* PostgreSQL, and what speaks its protocol.
 *
 * Several programs write to one store, and each must find true at its commit what it has read before.  So whoever writes
 * takes one lock of the store at the beginning of the transaction, as SQLite's writers do, and the next one sees all of it:
 * the lock is given back after the commit is visible.  No transaction ever fails because of another one, so none has to be
 * repeated.  Who only reads takes a snapshot and no lock.
 *
 * A statement is prepared at its first run, when the kinds of its values are known, and again after the connection was made
 * anew.  Its rows come over as they are asked for (postgresql_portal.h), and other statements may run meanwhile. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"
#include "store/driver.h"
#include "store/drivers/postgresql_dialect.h"
#include "store/drivers/postgresql_link.h"
#include "store/drivers/postgresql_portal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX   32
#define INTEGER_SIZE 24
#define NAME_SIZE    24

/* Numbers of types, as in PostgreSQL's pg_type.dat.  Of a null, the place that it stands in says what it is. */
#define TYPE_BY_PLACE 0
#define TYPE_BOOLEAN  16
#define TYPE_BIGINT   20
#define TYPE_TEXT     25

/* Locks are known by two numbers: what for, and of which store.  A database may hold a store per schema. */
#define LOCK_WRITER "773101"
#define LOCK_LEADER "773102"
#define THIS_STORE  "hashtext(current_schema())"
#define CHANNEL     "tmirror"

struct driver_connection {
	struct link link;
	unsigned int statements; /* Made so far: their names. */
	int64_t changes, version;
};

struct driver_statement {
	struct driver_connection *connection;
	const char *sql;
	char *beginning; /* Asks for the first piece of a query; NULL: 'sql' says itself how much it wants.  Owned. */
	char name[NAME_SIZE];
	unsigned int generation; /* Of the connection it is prepared in; 0: in none. */
	unsigned int count;
	struct value_slot {
		Oid type;
		char *text; /* Owned. */
	} slots[VALUES_MAX];
	struct portal portal;
};

static int postgresql_open(const char *rest, bool make, struct driver_connection **ret_connection,
			   struct refusal *why);
static void postgresql_close(struct driver_connection *connection);
static int postgresql_execute(struct driver_connection *connection, const char *sql);
static int postgresql_prepare(struct driver_connection *connection, const char *sql,
			      struct driver_statement **ret_statement);
static void postgresql_release(struct driver_statement *statement);
static int postgresql_put_text(struct driver_statement *statement, unsigned int number,
			       const char *text);
static int postgresql_put_integer(struct driver_statement *statement, unsigned int number,
				  int64_t value);
static int postgresql_put_null(struct driver_statement *statement, unsigned int number);
static int postgresql_advance(struct driver_statement *statement);
static void postgresql_rewind(struct driver_statement *statement);
static int64_t postgresql_get_integer(struct driver_statement *statement, int column);
static const char *postgresql_get_text(struct driver_statement *statement, int column);
static int64_t postgresql_get_changes(struct driver_connection *connection);
static int64_t postgresql_get_version(struct driver_connection *connection);
static int postgresql_begin(struct driver_connection *connection, bool writing, bool durable);
static int postgresql_commit(struct driver_connection *connection);
static void postgresql_rollback(struct driver_connection *connection);
static int postgresql_announce(struct driver_connection *connection);
static int postgresql_await(struct driver_connection *connection, unsigned int milliseconds);
static int postgresql_lead(struct driver_connection *connection, bool *ret_leads);
static unsigned int postgresql_get_generation(const struct driver_connection *connection);

static int put_value(struct driver_statement *statement, unsigned int number, Oid type,
		     const char *text);
static int run(struct driver_statement *statement);
static int run_prepared(struct driver_statement *statement, struct link_request request,
			PGresult **ret_result);
static void count_changes(struct driver_connection *connection, const PGresult *result);

const struct driver postgresql_driver = {
	.name = "postgresql",
	.shared = true,
	.open = postgresql_open,
	.close = postgresql_close,
	.execute = postgresql_execute,
	.prepare = postgresql_prepare,
	.release = postgresql_release,
	.bind_text = postgresql_put_text,
	.bind_integer = postgresql_put_integer,
	.bind_null = postgresql_put_null,
	.step = postgresql_advance,
	.reset = postgresql_rewind,
	.get_integer = postgresql_get_integer,
	.get_text = postgresql_get_text,
	.get_changes = postgresql_get_changes,
	.get_version = postgresql_get_version,
	.begin = postgresql_begin,
	.commit = postgresql_commit,
	.rollback = postgresql_rollback,
	.announce = postgresql_announce,
	.await = postgresql_await,
	.lead = postgresql_lead,
	.get_generation = postgresql_get_generation,
};

/* A database is its administrator's to make. */
static int postgresql_open(const char *rest, bool make _unused_,
			   struct driver_connection **ret_connection, struct refusal *why)
{
	_cleanup_free_ struct driver_connection *connection = calloc(1, sizeof(*connection));
	_cleanup_free_ char *location = NULL;
	int r;

	if (!connection || asprintf(&location, "postgresql:%s", rest) < 0)
		return -ENOMEM;
	r = link_open(location, &connection->link, why);
	if (r == 0)
		*ret_connection = TAKE_PTR(connection);
	return r;
}

static void postgresql_close(struct driver_connection *connection)
{
	link_close(&connection->link);
	free(connection);
}

static int postgresql_execute(struct driver_connection *connection, const char *sql)
{
	_cleanup_free_ char *translated = NULL, *script = NULL;
	int r = postgresql_translate(sql, &translated);

	if (r < 0)
		return r;
	if (asprintf(&script, "SET LOCAL statement_timeout = 0; %s", translated) < 0)
		return -ENOMEM;
	return link_run(&connection->link, &(struct link_request){.sql = script, .patient = true},
			NULL);
}

static int postgresql_prepare(struct driver_connection *connection, const char *sql,
			      struct driver_statement **ret_statement)
{
	const bool bounded = strncmp(sql, "SELECT ", 7) != 0 || strstr(sql, " LIMIT ");
	_cleanup_free_ struct driver_statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return -ENOMEM;
	if (!bounded &&
	    asprintf(&statement->beginning, "%s LIMIT %d", sql, PORTAL_FIRST_PIECE + 1) < 0)
		return -ENOMEM;
	statement->connection = connection;
	statement->sql = sql;
	(void)snprintf(statement->name, sizeof(statement->name), "s%u", connection->statements);
	(void)snprintf(statement->portal.name, sizeof(statement->portal.name), "c%u",
		       connection->statements++);
	*ret_statement = TAKE_PTR(statement);
	return 0;
}

/* In a transaction that has failed, the name stays taken; there is never another statement of it. */
static void postgresql_release(struct driver_statement *statement)
{
	struct link *link = &statement->connection->link;
	char sql[NAME_SIZE + 16];

	postgresql_rewind(statement);
	(void)snprintf(sql, sizeof(sql), "DEALLOCATE %s", statement->name);
	if (statement->generation == link->generation && link->connection)
		(void)link_execute(link, sql);
	free(statement->beginning);
	free(statement);
}

static int postgresql_put_text(struct driver_statement *statement, unsigned int number,
			       const char *text)
{
	return put_value(statement, number, TYPE_TEXT, text);
}

static int postgresql_put_integer(struct driver_statement *statement, unsigned int number,
				  int64_t value)
{
	char text[INTEGER_SIZE];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return put_value(statement, number, TYPE_BIGINT, text);
}

static int postgresql_put_null(struct driver_statement *statement, unsigned int number)
{
	return put_value(statement, number, TYPE_BY_PLACE, NULL);
}

static int postgresql_advance(struct driver_statement *statement)
{
	int r = statement->portal.result ? 0 : run(statement);

	return r < 0 ? r : portal_next(&statement->portal, &statement->connection->link);
}

static void postgresql_rewind(struct driver_statement *statement)
{
	portal_stop(&statement->portal, &statement->connection->link);
	for (unsigned int i = 0; i < statement->count; i++)
		free(TAKE_PTR(statement->slots[i].text));
	statement->count = 0;
}

/* A truth is a number to SQLite, and a letter here. */
static int64_t postgresql_get_integer(struct driver_statement *statement, int column)
{
	const char *text = postgresql_get_text(statement, column);

	if (text && PQftype(statement->portal.result, column) == TYPE_BOOLEAN)
		return text[0] == 't';
	return text ? strtoll(text, NULL, 10) : 0;
}

static const char *postgresql_get_text(struct driver_statement *statement, int column)
{
	const struct portal *portal = &statement->portal;

	if (PQgetisnull(portal->result, portal->row, column))
		return NULL;
	return PQgetvalue(portal->result, portal->row, column);
}

static int64_t postgresql_get_changes(struct driver_connection *connection)
{
	return connection->changes;
}

static int64_t postgresql_get_version(struct driver_connection *connection)
{
	return connection->version;
}

static int postgresql_begin(struct driver_connection *connection, bool writing, bool durable)
{
	struct link *link = &connection->link;
	int r;

	if (!writing)
		r = link_execute(link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	else if (durable)
		r = link_execute(link, "BEGIN; SELECT pg_advisory_xact_lock(" LOCK_WRITER
				       ", " THIS_STORE ")");
	else
		r = link_execute(link,
				 "BEGIN; SET LOCAL synchronous_commit = off; "
				 "SELECT pg_advisory_xact_lock(" LOCK_WRITER ", " THIS_STORE ")");
	link->in_transaction = true;
	if (r < 0)
		postgresql_rollback(connection);
	return r;
}

/* A transaction that has failed before says that it was rolled back, and calls it a success. */
static int postgresql_commit(struct driver_connection *connection)
{
	struct link *link = &connection->link;
	PGresult *result = NULL;
	int r;

	portals_settle(link);
	if (!link->connection) {
		link->in_transaction = false;
		return -ENOTCONN;
	}
	r = link_run(link, &(struct link_request){.sql = "COMMIT"}, &result);
	if (r == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		r = -EIO;
	PQclear(result);
	link->in_transaction = false;
	return r == -ENOTCONN ? -ECONNRESET : r;
}

static void postgresql_rollback(struct driver_connection *connection)
{
	struct link *link = &connection->link;

	portals_settle(link);
	if (link->connection && link_execute(link, "ROLLBACK") < 0)
		link_drop(link);
	link->in_transaction = false;
}

static int postgresql_announce(struct driver_connection *connection)
{
	return link_execute(&connection->link, "NOTIFY " CHANNEL);
}

/* Listening ends with the connection, so it is asked for each time; that costs as much as a look. */
static int postgresql_await(struct driver_connection *connection, unsigned int milliseconds)
{
	const uint64_t until = clock_monotonic() + milliseconds * NSEC_PER_MSEC;
	struct link *link = &connection->link;
	PGnotify *notice = NULL;
	int r = link_execute(link, "LISTEN " CHANNEL);

	while (r == 0 && !(notice = PQnotifies(link->connection))) {
		struct pollfd event = {.fd = PQsocket(link->connection), .events = POLLIN};
		const uint64_t now = clock_monotonic();

		if (now >= until)
			break;
		if (poll(&event, 1, (int)((until - now) / NSEC_PER_MSEC) + 1) > 0 &&
		    !PQconsumeInput(link->connection))
			r = -ENOTCONN;
	}
	for (; notice; notice = PQnotifies(link->connection))
		PQfreemem(notice);
	if (r < 0)
		link_drop(link);
	return r;
}

/* The lock is the connection's, so it ends with it. */
static int postgresql_lead(struct driver_connection *connection, bool *ret_leads)
{
	int64_t leads;
	int r;

	r = link_query(
		&connection->link,
		"SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' "
		"AND pid = pg_backend_pid() AND granted AND classid = " LOCK_LEADER
		") THEN 1 WHEN pg_try_advisory_lock(" LOCK_LEADER ", " THIS_STORE
		") THEN 1 ELSE 0 END",
		&leads);
	if (r == 0)
		*ret_leads = leads == 1;
	return r;
}

static unsigned int postgresql_get_generation(const struct driver_connection *connection)
{
	return connection->link.generation;
}

static int put_value(struct driver_statement *statement, unsigned int number, Oid type,
		     const char *text)
{
	struct value_slot *slot;

	if (number < 1 || number > VALUES_MAX)
		return -EINVAL;
	slot = &statement->slots[number - 1];
	while (statement->count < number)
		statement->slots[statement->count++] = (struct value_slot){.type = TYPE_BY_PLACE};
	free(slot->text);
	*slot = (struct value_slot){.type = type, .text = text ? strdup(text) : NULL};
	return text && !slot->text ? -ENOMEM : 0;
}

/* Once more, if the connection it was prepared in is gone and no transaction with it. */
static int run(struct driver_statement *statement)
{
	const char *values[VALUES_MAX];
	Oid types[VALUES_MAX];
	struct link_request request = {
		.sql = statement->sql,
		.count = statement->count,
		.types = types,
		.values = values,
	};
	PGresult *result = NULL;
	int r = -ESTALE;

	for (unsigned int i = 0; i < statement->count; i++) {
		values[i] = statement->slots[i].text;
		types[i] = statement->slots[i].type;
	}
	for (int attempt = 0; r == -ESTALE && attempt < 3; attempt++)
		r = run_prepared(statement, request, &result);
	if (r < 0)
		return r == -ESTALE ? -ENOTCONN : r;
	count_changes(statement->connection, result);
	return portal_start(&statement->portal, &statement->connection->link, &request, result,
			    !statement->beginning);
}

static int run_prepared(struct driver_statement *statement, struct link_request request,
			PGresult **ret_result)
{
	const char *const *values = request.values;
	struct link *link = &statement->connection->link;
	int r = link_ensure(link);

	request.name = statement->name;
	request.values = NULL;
	if (statement->beginning)
		request.sql = statement->beginning;
	if (r == 0 && statement->generation != link->generation) {
		r = link_run(link, &request, NULL);
		if (r == 0)
			statement->generation = link->generation;
	}
	request.values = values;
	return r < 0 ? r : link_run(link, &request, ret_result);
}

/* "" for what only reads. */
static void count_changes(struct driver_connection *connection, const PGresult *result)
{
	const char *kind = PQcmdStatus((PGresult *)(uintptr_t)result);

	if (strncmp(kind, "SELECT", 6) == 0)
		return;
	connection->changes = strtoll(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10);
	connection->version += connection->changes;
}
