// SPDX-License-Identifier: Apache-2.0
#include "store/health.h"

#include "store/statement.h"

#include <string.h>

_Static_assert(MEMBER_INITIAL == 0 && MEMBER_HEALTHY == 1 && MEMBER_UNHEALTHY == 2, "stored");
_Static_assert(MEMBER_NO_REASON == 0 && MEMBER_FAILED_HEALTH_CHECKS == 1 && MEMBER_TIMEOUT == 2 &&
		       MEMBER_RESPONSE_CODE_MISMATCH == 3,
	       "stored");

int store_host_sends_to_group(struct store *store, const char *host, const char *group,
			      bool *ret_answer)
{
	int64_t answer;
	int r;

	r = store_query_integer(
		store,
		"SELECT CASE WHEN EXISTS (SELECT 1 FROM interfaces "
		"JOIN sessions ON sessions.source = interfaces.id "
		"JOIN targets ON targets.id = sessions.target WHERE host = $1 AND locator IN "
		"(SELECT balancer FROM listeners WHERE target_group = $2 "
		"UNION SELECT endpoints.id FROM listeners "
		"JOIN endpoint_services ON endpoint_services.balancer = listeners.balancer "
		"JOIN endpoints ON endpoints.service = endpoint_services.id "
		"WHERE target_group = $2)) THEN 1 ELSE 0 END",
		VALUES(TEXT(host), TEXT(group)), &answer);
	if (r == 0)
		*ret_answer = answer;
	return r;
}

int store_put_health(struct store *store, const char *host, const struct report_member *said)
{
	return store_run_unversioned(
		store,
		"INSERT INTO member_health (host, group_arn, id, port, state, reason) "
		"SELECT $1, group_arn, id, port, $5, $6 FROM members "
		"WHERE group_arn = $2 AND id = $3 AND port = $4 "
		"ON CONFLICT (host, group_arn, id, port) DO UPDATE "
		"SET state = excluded.state, reason = excluded.reason",
		VALUES(TEXT(host), TEXT(said->fleet), TEXT(said->id), INTEGER(said->port),
		       INTEGER(said->state), INTEGER(said->reason)));
}

int store_delete_health(struct store *store, const char *host, const struct report_member *said)
{
	return store_run_unversioned(
		store,
		"DELETE FROM member_health "
		"WHERE host = $1 AND group_arn = $2 AND id = $3 AND port = $4",
		VALUES(TEXT(host), TEXT(said->fleet), TEXT(said->id), INTEGER(said->port)));
}

int store_select_health(struct store *store, const char *host, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT group_arn, id, port, state, reason FROM member_health "
			   "WHERE host = $1 ORDER BY group_arn, id, port",
			   VALUES(TEXT(host)), ret_cursor);
}

int store_next_health(struct cursor *cursor, struct report_member *ret_said)
{
	struct report_member said = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, said.fleet);
	CURSOR_COPY(cursor, 1, said.id);
	said.port = (uint16_t)cursor_integer(cursor, 2);
	said.state = (enum member_state)cursor_integer(cursor, 3);
	said.reason = (enum member_reason)cursor_integer(cursor, 4);
	*ret_said = said;
	return STORE_ROW;
}

int store_count_health(struct store *store, const char *host, const char *group,
		       int64_t ret_counts[static MEMBER_UNHEALTHY + 1])
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int64_t counts[MEMBER_UNHEALTHY + 1] = {};
	int r;

	r = store_query(store,
			"SELECT h.state, COUNT(*) FROM member_health AS h JOIN members AS m "
			"ON m.group_arn = h.group_arn AND m.id = h.id AND m.port = h.port "
			"WHERE h.host = $1 AND h.group_arn = $2 AND m.drained IS NULL "
			"GROUP BY h.state",
			VALUES(TEXT(host), TEXT(group)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW)
		counts[cursor_integer(cursor, 0)] = cursor_integer(cursor, 1);
	if (r == 0)
		memcpy(ret_counts, counts, sizeof(counts));
	return r;
}

#define OPINIONS                                                       \
	"SELECT id, port, state, reason, COUNT(*) FROM member_health " \
	"JOIN hosts ON hosts.name = host WHERE group_arn = $1 AND last_report >= $2 "
#define BY_MEMBER "GROUP BY id, port, state, reason ORDER BY id, port, state, reason"

int store_select_opinions(struct store *store, const char *group, int64_t since,
			  struct cursor **ret_cursor)
{
	return store_query(store, OPINIONS BY_MEMBER, VALUES(TEXT(group), INTEGER(since)),
			   ret_cursor);
}

int store_select_opinions_of(struct store *store, const char *group, const char *id, uint16_t port,
			     int64_t since, struct cursor **ret_cursor)
{
	return store_query(store, OPINIONS "AND id = $3 AND port = $4 " BY_MEMBER,
			   VALUES(TEXT(group), INTEGER(since), TEXT(id), INTEGER(port)),
			   ret_cursor);
}

int store_next_opinion(struct cursor *cursor, struct stored_opinion *ret_opinion)
{
	struct stored_opinion opinion = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, opinion.id);
	opinion.port = (uint16_t)cursor_integer(cursor, 1);
	opinion.state = (enum member_state)cursor_integer(cursor, 2);
	opinion.reason = (enum member_reason)cursor_integer(cursor, 3);
	opinion.hosts = cursor_integer(cursor, 4);
	*ret_opinion = opinion;
	return STORE_ROW;
}

int store_put_flows(struct store *store, const char *host, const struct report_fleet *fleet)
{
	return store_run_unversioned(
		store,
		"INSERT INTO group_flows (host, group_arn, flows, moved, evicted) "
		"SELECT $1, arn, $3, $4, $5 FROM target_groups WHERE arn = $2 "
		"ON CONFLICT (host, group_arn) DO UPDATE SET flows = excluded.flows, "
		"moved = excluded.moved, evicted = excluded.evicted",
		VALUES(TEXT(host), TEXT(fleet->id), INTEGER(fleet->flows), INTEGER(fleet->moved),
		       INTEGER(fleet->evicted)));
}

int store_delete_flows(struct store *store, const char *host, const char *group)
{
	return store_run_unversioned(store,
				     "DELETE FROM group_flows WHERE host = $1 AND group_arn = $2",
				     VALUES(TEXT(host), TEXT(group)));
}

int store_select_flows(struct store *store, const char *host, struct cursor **ret_cursor)
{
	return store_query(store,
			   "SELECT group_arn, flows, moved, evicted FROM group_flows "
			   "WHERE host = $1 ORDER BY group_arn",
			   VALUES(TEXT(host)), ret_cursor);
}

int store_next_flows(struct cursor *cursor, struct report_fleet *ret_flows)
{
	struct report_fleet flows = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, flows.id);
	flows.flows = (uint64_t)cursor_integer(cursor, 1);
	flows.moved = (uint64_t)cursor_integer(cursor, 2);
	flows.evicted = (uint64_t)cursor_integer(cursor, 3);
	*ret_flows = flows;
	return STORE_ROW;
}

int store_sum_flows(struct store *store, const char *group, int64_t since,
		    struct report_fleet *ret_sum, int64_t *ret_hosts)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT CAST(COALESCE(SUM(flows), 0) AS BIGINT), "
			"CAST(COALESCE(SUM(moved), 0) AS BIGINT), "
			"CAST(COALESCE(SUM(evicted), 0) AS BIGINT), COUNT(*) FROM group_flows "
			"JOIN hosts ON hosts.name = host "
			"WHERE group_arn = $1 AND last_report >= $2",
			VALUES(TEXT(group), INTEGER(since)), &cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	ret_sum->flows = (uint64_t)cursor_integer(cursor, 0);
	ret_sum->moved = (uint64_t)cursor_integer(cursor, 1);
	ret_sum->evicted = (uint64_t)cursor_integer(cursor, 2);
	*ret_hosts = cursor_integer(cursor, 3);
	return 0;
}
