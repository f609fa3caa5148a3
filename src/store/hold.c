// SPDX-License-Identifier: Apache-2.0
#include "store/hold.h"

#include "store/statement.h"

int store_put_hold(struct store *store, const char *host, const struct report_hold *hold)
{
	return store_run_unversioned(
		store,
		"INSERT INTO member_flows (host, group_arn, id, port, flows) "
		"SELECT $1, group_arn, id, port, $5 FROM members "
		"WHERE group_arn = $2 AND id = $3 AND port = $4 "
		"ON CONFLICT (host, group_arn, id, port) DO UPDATE SET flows = excluded.flows",
		VALUES(TEXT(host), TEXT(hold->fleet), TEXT(hold->id), INTEGER(hold->port),
		       INTEGER(hold->flows)));
}

int store_delete_holds(struct store *store, const char *host)
{
	return store_run_unversioned(store, "DELETE FROM member_flows WHERE host = $1",
				     VALUES(TEXT(host)));
}

int store_count_holds_of_host(struct store *store, const char *host, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM member_flows WHERE host = $1",
				   VALUES(TEXT(host)), ret_count);
}

int store_count_holders(struct store *store, const char *group, const char *id, uint16_t port,
			int64_t since, int64_t *ret_count)
{
	return store_query_integer(store,
				   "SELECT COUNT(*) FROM member_flows "
				   "JOIN hosts ON hosts.name = host WHERE group_arn = $1 "
				   "AND id = $2 AND port = $3 AND flows > 0 AND last_report >= $4",
				   VALUES(TEXT(group), TEXT(id), INTEGER(port), INTEGER(since)),
				   ret_count);
}
