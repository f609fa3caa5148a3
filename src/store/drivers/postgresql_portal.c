// SPDX-License-Identifier: Apache-2.0
#include "store/drivers/postgresql_portal.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "store/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE_MAX 512

static int open_cursor(struct portal *portal, struct link *link,
		       const struct link_request *request);
static int fetch(struct portal *portal, struct link *link, const char *count,
		 PGresult **ret_result);
static int fetch_piece(struct portal *portal, struct link *link);
static void take_over(struct portal *portal, PGresult *result);
static void close_cursor(struct portal *portal, struct link *link);
static void forget(struct portal *portal, struct link *link);

int portal_start(struct portal *portal, struct link *link, const struct link_request *request,
		 PGresult *first, bool whole)
{
	PGresult *all = NULL;
	int r;

	if (whole || PQntuples(first) <= PORTAL_FIRST_PIECE) {
		take_over(portal, first);
		return 0;
	}
	PQclear(first);
	if (link->in_transaction)
		return open_cursor(portal, link, request);
	r = link_run(link, request, &all);
	if (r == 0)
		take_over(portal, all);
	return r;
}

int portal_next(struct portal *portal, struct link *link)
{
	while (portal->row + 1 >= PQntuples(portal->result)) {
		int r = portal->error;

		if (r == 0 && portal->open)
			r = fetch_piece(portal, link);
		else if (r == 0 && portal->rest)
			take_over(portal, TAKE_PTR(portal->rest));
		else
			return r;
		if (r < 0)
			return r;
	}
	portal->row++;
	return DRIVER_ROW;
}

void portal_stop(struct portal *portal, struct link *link)
{
	close_cursor(portal, link);
	PQclear(portal->result);
	PQclear(portal->rest);
	portal->result = portal->rest = NULL;
	portal->error = 0;
}

void portals_settle(struct link *link)
{
	while (link->portals) {
		struct portal *portal = link->portals;

		portal->error = fetch(portal, link, "ALL", &portal->rest);
		forget(portal, link);
	}
}

static int open_cursor(struct portal *portal, struct link *link, const struct link_request *request)
{
	_cleanup_free_ char *sql = NULL;
	struct link_request declaration = *request;
	int r;

	if (asprintf(&sql, "DECLARE %s NO SCROLL CURSOR FOR %s", portal->name, request->sql) < 0)
		return -ENOMEM;
	declaration.sql = sql;
	r = link_run(link, &declaration, NULL);
	if (r < 0)
		return r;
	portal->open = true;
	portal->piece = PORTAL_FIRST_PIECE;
	portal->next = link->portals;
	link->portals = portal;
	return fetch_piece(portal, link);
}

static int fetch(struct portal *portal, struct link *link, const char *count, PGresult **ret_result)
{
	char sql[PORTAL_NAME_SIZE + 32];

	(void)snprintf(sql, sizeof(sql), "FETCH %s FROM %s", count, portal->name);
	return link_run(link, &(struct link_request){.sql = sql}, ret_result);
}

/* A piece that is not full is the last. */
static int fetch_piece(struct portal *portal, struct link *link)
{
	PGresult *result = NULL;
	char count[16];
	int r;

	(void)snprintf(count, sizeof(count), "%d", portal->piece);
	r = fetch(portal, link, count, &result);
	if (r < 0)
		return r;
	take_over(portal, result);
	if (PQntuples(result) < portal->piece)
		close_cursor(portal, link);
	portal->piece = MIN(2 * portal->piece, PIECE_MAX);
	return 0;
}

static void take_over(struct portal *portal, PGresult *result)
{
	PQclear(portal->result);
	portal->result = result;
	portal->row = -1;
}

/* In a transaction that has failed there is nothing left to be closed. */
static void close_cursor(struct portal *portal, struct link *link)
{
	char sql[PORTAL_NAME_SIZE + 16];

	(void)snprintf(sql, sizeof(sql), "CLOSE %s", portal->name);
	if (portal->open && link->connection &&
	    PQtransactionStatus(link->connection) == PQTRANS_INTRANS)
		(void)link_execute(link, sql);
	forget(portal, link);
}

static void forget(struct portal *portal, struct link *link)
{
	struct portal **place = &link->portals;

	while (*place && *place != portal)
		place = &(*place)->next;
	if (*place)
		*place = portal->next;
	portal->open = false;
}
