// SPDX-License-Identifier: Apache-2.0
#include "store/drivers/postgresql_link.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_NSEC \
	(15 * NSEC_PER_SEC) /* After the server's own bounds, so that mostly it says why. */
#define PATIENT_NSEC (3600 * NSEC_PER_SEC)
#define PAUSE_NSEC   (200 * NSEC_PER_MSEC) /* Between attempts to connect. */

/* What a session is like, whatever the server's defaults are.  A server that does not wait for its disk is told to, and one whose
 * client's host has died lets go of its locks within some 15 s. */
#define SESSION_SETTINGS                                                                   \
	"SET client_min_messages = error; SET lock_timeout = '5s'; "                       \
	"SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; " \
	"SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; "                   \
	"SET tcp_keepalives_count = 3; SET tcp_user_timeout = '15s'; "                     \
	"SET standard_conforming_strings = on; SET default_transaction_isolation = "       \
	"'read committed'; SELECT set_config('synchronous_commit', 'on', false) "          \
	"WHERE current_setting('synchronous_commit') = 'off'"

static PGconn *connect_to(const char *location);
static int check_location(const char *location, struct refusal *why);
static int check_options(const PQconninfoOption *options, struct refusal *why);
static int refuse_connection(const PGconn *connection, struct refusal *why);
static int run_once(struct link *link, const struct link_request *request, PGresult **ret_result);
static int send_request(PGconn *connection, const struct link_request *request);
static int await_result(struct link *link, uint64_t deadline, PGresult **ret_result);
static int result_to_errno(const PGresult *result);

static void clear_resultp(PGresult **result)
{
	PQclear(*result);
}
#define _cleanup_result_ _cleanup_(clear_resultp)

int link_open(const char *location, struct link *ret_link, struct refusal *why)
{
	_cleanup_(link_close) struct link link = {};
	int r;

	r = check_location(location, why);
	if (r != 0)
		return r;
	link.location = strdup(location);
	link.connection = link.location ? connect_to(location) : NULL;
	if (!link.connection)
		return -ENOMEM;
	if (PQstatus(link.connection) != CONNECTION_OK)
		return refuse_connection(link.connection, why);
	link.generation = 1;
	r = link_execute(&link, SESSION_SETTINGS);
	if (r < 0)
		return r;
	*ret_link = link;
	link = (struct link){};
	return 0;
}

void link_close(struct link *link)
{
	PQfinish(link->connection);
	free(link->location);
	*link = (struct link){};
}

/* Where attempts take long, at most half of the time is spent on them. */
int link_ensure(struct link *link)
{
	uint64_t began;

	if (link->connection)
		return 0;
	if (link->in_transaction || clock_monotonic() < link->not_before)
		return -ENOTCONN;
	began = clock_monotonic();
	link->connection = connect_to(link->location);
	link->generation++;
	if (link->connection && PQstatus(link->connection) == CONNECTION_OK &&
	    run_once(link, &(struct link_request){.sql = SESSION_SETTINGS}, NULL) == 0)
		return 0;
	link_drop(link);
	link->not_before = 2 * clock_monotonic() - began + PAUSE_NSEC;
	return -ENOTCONN;
}

void link_drop(struct link *link)
{
	PQfinish(link->connection);
	link->connection = NULL;
}

/* A connection that has long been idle may have been lost unseen. */
int link_run(struct link *link, const struct link_request *request, PGresult **ret_result)
{
	const unsigned int generation = link->generation;
	int r = link_ensure(link);

	if (r == 0 && request->name && link->generation != generation)
		return -ESTALE;
	if (r == 0)
		r = run_once(link, request, ret_result);
	if (r != -ENOTCONN || link->in_transaction)
		return r;
	r = link_ensure(link);
	if (r < 0)
		return r;
	return request->name ? -ESTALE : run_once(link, request, ret_result);
}

int link_execute(struct link *link, const char *sql)
{
	return link_run(link, &(struct link_request){.sql = sql}, NULL);
}

int link_query(struct link *link, const char *sql, int64_t *ret_number)
{
	_cleanup_result_ PGresult *result = NULL;
	int r = link_run(link, &(struct link_request){.sql = sql}, &result);

	if (r < 0)
		return r;
	if (PQntuples(result) != 1 || PQnfields(result) != 1)
		return -EBADMSG;
	*ret_number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	return 0;
}

/* What the location says goes before ours, and the encoding goes before both. */
static PGconn *connect_to(const char *location)
{
	static const char *const keywords[] = {
		"connect_timeout",
		"keepalives_idle",
		"tcp_user_timeout",
		"fallback_application_name",
		"dbname",
		"client_encoding",
		NULL,
	};
	const char *const values[ARRAY_SIZE(keywords)] = {
		"3", "10", "10000", "tmirror-controller", location, "UTF8",
	};

	return PQconnectdbParams(keywords, values, 1);
}

static int check_location(const char *location, struct refusal *why)
{
	PQconninfoOption *options;
	char *message = NULL;
	int r;

	options = PQconninfoParse(location, &message);
	if (!options) {
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "The store '%.200s' is no connection URI: %.*s", location,
			   message ? (int)strcspn(message, "\n") : 0, message ? message : "");
		PQfreemem(message);
		return r;
	}
	r = check_options(options, why);
	PQconninfoFree(options);
	return r;
}

/* A command line is for everybody to read. */
static int check_options(const PQconninfoOption *options, struct refusal *why)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, "password") == 0 && options->val &&
		    options->val[0] != '\0')
			return refuse(
				why, REFUSE_PARAMETER_VALUE,
				"A password does not belong into the store's URI: put it into "
				"a file, and name that in 'passfile=' or PGPASSFILE");
	return 0;
}

static int refuse_connection(const PGconn *connection, struct refusal *why)
{
	const char *message = PQerrorMessage(connection);

	return refuse(why, REFUSE_UNAVAILABLE, "Cannot connect to the store: %.*s",
		      (int)strcspn(message, "\n"), message);
}

static int run_once(struct link *link, const struct link_request *request, PGresult **ret_result)
{
	const uint64_t deadline =
		clock_monotonic() + (request->patient ? PATIENT_NSEC : ANSWER_NSEC);
	_cleanup_result_ PGresult *last = NULL;
	int r = 0, error = 0;

	if (!link->connection || !send_request(link->connection, request))
		error = -ENOTCONN;
	while (error != -ENOTCONN) {
		PGresult *result = NULL;

		r = await_result(link, deadline, &result);
		if (r == 0 && !result)
			break;
		PQclear(last);
		last = result;
		if (r == 0)
			r = result_to_errno(result);
		if (r == -ENOTCONN || error == 0)
			error = r;
	}
	/* A server that only reads has handed its task over to another, which the next connection may find. */
	if (error == -ENOTCONN || error == -EROFS)
		link_drop(link);
	if (error == 0 && ret_result)
		*ret_result = TAKE_PTR(last);
	return error;
}

static int send_request(PGconn *connection, const struct link_request *request)
{
	if (!request->name && !request->values)
		return PQsendQuery(connection, request->sql);
	if (!request->name)
		return PQsendQueryParams(connection, request->sql, (int)request->count,
					 request->types, request->values, NULL, NULL, 0);
	if (!request->values)
		return PQsendPrepare(connection, request->name, request->sql, (int)request->count,
				     request->types);
	return PQsendQueryPrepared(connection, request->name, (int)request->count, request->values,
				   NULL, NULL, 0);
}

/* 'ret_result' is NULL after the last. */
static int await_result(struct link *link, uint64_t deadline, PGresult **ret_result)
{
	while (PQisBusy(link->connection)) {
		struct pollfd event = {.fd = PQsocket(link->connection), .events = POLLIN};
		const uint64_t now = clock_monotonic();

		if (now >= deadline || event.fd < 0)
			return -ENOTCONN;
		if (poll(&event, 1, (int)((deadline - now) / NSEC_PER_MSEC) + 1) > 0 &&
		    !PQconsumeInput(link->connection))
			return -ENOTCONN;
	}
	*ret_result = PQgetResult(link->connection);
	return 0;
}

/* By class and code of SQLSTATE; the first that begins alike. */
static int result_to_errno(const PGresult *result)
{
	static const struct {
		const char *state;
		int error;
	} rows[] = {
		{"08", -ENOTCONN},    {"57P", -ENOTCONN}, /* Shut down, crashed, starting. */
		{"25P03", -ENOTCONN},                     /* Idle for too long. */
		{"23", -EEXIST},      {"40", -EBUSY},      {"55P03", -EBUSY},  {"57014", -EBUSY},
		{"25006", -EROFS},    {"53100", -ENOSPC},  {"53200", -ENOMEM}, {"53", -ENOTCONN},
		{"XX001", -EBADMSG},  {"XX002", -EBADMSG}, {"58030", -EIO},    {"54", -E2BIG},
		{"22", -EINVAL},      {"42501", -EACCES},  {"42", -EINVAL},
	};
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return 0;
	if (!state)
		return -ENOTCONN; /* The library's own: the connection broke. */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strncmp(rows[i].state, state, strlen(rows[i].state)) == 0)
			return rows[i].error;
	return -EIO;
}
