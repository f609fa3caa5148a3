/* Rows of what hosts still hold to members that are drained.
 *
 * They are as good as their host's last report is young. */
#pragma once

#include "mirror/report.h"

struct store;

/* A member that is not there is passed over. */
int store_put_hold(struct store *store, const char *host, const struct report_hold *hold);
/* All of a host. */
int store_delete_holds(struct store *store, const char *host);
int store_count_holds_of_host(struct store *store, const char *host, int64_t *ret_count);
/* How many hosts that reported since then hold flows to a member. */
int store_count_holders(struct store *store, const char *group, const char *id, uint16_t port,
			int64_t since, int64_t *ret_count);
