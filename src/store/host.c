// SPDX-License-Identifier: Apache-2.0
#include "store/host.h"

#include "base/count.h"
#include "store/statement.h"

#define COLUMNS                                                                     \
	"name, owner, instance, agent_version, kernel, first_report, last_report, " \
	"plan_revision, applied_revision, inventory_wanted, "                       \
	"reattachments, reattached_last, reattached_device, reattached_reason, "    \
	"access_key, protocol"

int store_put_host(struct store *store, const struct stored_host *host)
{
	return store_run_unversioned(
		store,
		"INSERT INTO hosts (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
		"$11, $12, $13, $14, $15, $16) "
		"ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, "
		"agent_version = excluded.agent_version, "
		"kernel = excluded.kernel, last_report = excluded.last_report, "
		"applied_revision = excluded.applied_revision, "
		"inventory_wanted = excluded.inventory_wanted, "
		"reattachments = excluded.reattachments, "
		"reattached_last = excluded.reattached_last, "
		"reattached_device = excluded.reattached_device, "
		"reattached_reason = excluded.reattached_reason, "
		"access_key = excluded.access_key, protocol = excluded.protocol",
		VALUES(TEXT(host->name), TEXT(host->owner.text), TEXT(host->instance.text),
		       TEXT(host->agent_version), TEXT(host->kernel), INTEGER(host->first_report),
		       INTEGER(host->last_report), INTEGER(host->plan_revision),
		       INTEGER(host->applied_revision), INTEGER(host->inventory_wanted),
		       INTEGER(host->reattachments.count), INTEGER(host->reattachments.last),
		       TEXT(host->reattachments.device), TEXT(host->reattachments.reason),
		       TEXT(host->access_key), INTEGER(host->protocol)));
}

int store_get_host(struct store *store, const char *name, struct stored_host *ret_host)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM hosts WHERE name = $1", VALUES(TEXT(name)),
			&cursor);
	if (r < 0)
		return r;
	r = store_next_host(cursor, ret_host);
	if (r < 0)
		return r;
	return r == STORE_ROW ? 0 : STORE_MISSING;
}

int store_delete_host(struct store *store, const char *name)
{
	static const char *const statements[] = {
		"DELETE FROM tags WHERE resource IN (SELECT id FROM instances WHERE host = $1)",
		"DELETE FROM instances WHERE host = $1",
		"DELETE FROM hosts WHERE name = $1",
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(statements); i++)
		r = store_run(store, statements[i], VALUES(TEXT(name)));
	return r;
}

int store_want_inventory(struct store *store, const char *name)
{
	return store_run(store, "UPDATE hosts SET inventory_wanted = 1 WHERE name = $1",
			 VALUES(TEXT(name)));
}

int store_raise_revision(struct store *store, const char *name, int64_t now)
{
	return store_run(store,
			 "UPDATE hosts SET plan_revision = CASE WHEN plan_revision < $2 THEN $2 "
			 "ELSE plan_revision + 1 END, changed = $3 WHERE name = $1",
			 VALUES(TEXT(name), INTEGER(now), INTEGER(store_get_change(store))));
}

int store_select_hosts(struct store *store, const char *owner, const char *after,
		       struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT " COLUMNS " FROM hosts "
			   "WHERE owner = $1 AND name > $2 ORDER BY name",
			   VALUES(TEXT(owner), TEXT(after)), ret_cursor);
}

int store_next_host(struct cursor *cursor, struct stored_host *ret_host)
{
	struct stored_host host = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, host.name);
	CURSOR_COPY(cursor, 1, host.owner.text);
	CURSOR_COPY(cursor, 2, host.instance.text);
	CURSOR_COPY(cursor, 3, host.agent_version);
	CURSOR_COPY(cursor, 4, host.kernel);
	host.first_report = cursor_integer(cursor, 5);
	host.last_report = cursor_integer(cursor, 6);
	host.plan_revision = (uint64_t)cursor_integer(cursor, 7);
	host.applied_revision = (uint64_t)cursor_integer(cursor, 8);
	host.inventory_wanted = cursor_integer(cursor, 9);
	host.reattachments.count = (uint64_t)cursor_integer(cursor, 10);
	host.reattachments.last = cursor_integer(cursor, 11);
	CURSOR_COPY(cursor, 12, host.reattachments.device);
	CURSOR_COPY(cursor, 13, host.reattachments.reason);
	CURSOR_COPY(cursor, 14, host.access_key);
	host.protocol = cursor_integer(cursor, 15);
	*ret_host = host;
	return STORE_ROW;
}

/* Hosts with a session to a target in front of one of the load balancers, or of an endpoint to one. */
#define OF_BALANCERS(condition)                                                  \
	"SELECT DISTINCT host FROM sessions "                                    \
	"JOIN interfaces ON interfaces.id = source WHERE target IN "             \
	"(SELECT id FROM targets WHERE type = 1 AND locator " condition          \
	" UNION SELECT targets.id FROM targets "                                 \
	"JOIN endpoints ON targets.type = 2 AND targets.locator = endpoints.id " \
	"JOIN endpoint_services ON endpoint_services.id = endpoints.service "    \
	"WHERE endpoint_services.balancer " condition ") AND host IS NOT NULL"

int store_select_host_names(struct store *store, enum host_selection selection, const char *key,
			    struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[HOST_NAMES_ALL] = "SELECT name FROM hosts WHERE name <> $1 ORDER BY name",
		[HOST_NAMES_OF_FILTER] =
			"SELECT DISTINCT host FROM sessions "
			"JOIN interfaces ON interfaces.id = source WHERE filter = $1 "
			"AND host IS NOT NULL",
		[HOST_NAMES_OF_TARGET] =
			"SELECT DISTINCT host FROM sessions "
			"JOIN interfaces ON interfaces.id = source WHERE target = $1 "
			"AND host IS NOT NULL",
		[HOST_NAMES_OF_BALANCER] = OF_BALANCERS("= $1"),
		[HOST_NAMES_OF_GROUP] =
			OF_BALANCERS("IN (SELECT balancer FROM listeners WHERE target_group = $1)"),
	};

	return store_query(store, queries[selection], VALUES(TEXT(key)), ret_cursor);
}

int store_select_changed_hosts(struct store *store, int64_t since, struct cursor **ret_cursor)
{
	return store_query(store, "SELECT name FROM hosts WHERE changed > $1 ORDER BY name",
			   VALUES(INTEGER(since)), ret_cursor);
}

int store_next_host_name(struct cursor *cursor, char ret_name[static HOST_NAME_SIZE])
{
	int r = cursor_next(cursor);

	if (r == STORE_ROW)
		cursor_copy(cursor, 0, ret_name, HOST_NAME_SIZE);
	return r;
}
