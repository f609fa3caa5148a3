/* Rows of what hosts say of the members that they send to, and of their flows there: reported with every report, and so
 * without a part in the store's version.
 *
 * They are as good as their host's last report is young. */
#pragma once

#include "mirror/report.h"
#include "store/cursor.h"

struct store;

/* Whether the host has a session to a load balancer that forwards to the group, or to an endpoint of one. */
int store_host_sends_to_group(struct store *store, const char *host, const char *group,
			      bool *ret_answer);

/* Inserts or replaces what the host says; a member that is not there is passed over. */
int store_put_health(struct store *store, const char *host, const struct report_member *said);
int store_delete_health(struct store *store, const char *host, const struct report_member *said);

/* All that the host has said, by group, id and port. */
int store_select_health(struct store *store, const char *host, struct cursor **ret_cursor);
int store_next_health(struct cursor *cursor, struct report_member *ret_said);

/* How many members of the group are in each state by the word of one host, without those that are being deregistered. */
int store_count_health(struct store *store, const char *host, const char *group,
		       int64_t ret_counts[static MEMBER_UNHEALTHY + 1]);

/* How many hosts that reported since then say the same of a member; by id, then port. */
struct stored_opinion {
	char id[FLEET_MEMBER_ID_SIZE];
	uint16_t port;
	enum member_state state;
	enum member_reason reason;
	int64_t hosts;
};

int store_select_opinions(struct store *store, const char *group, int64_t since,
			  struct cursor **ret_cursor);
/* Of one member only. */
int store_select_opinions_of(struct store *store, const char *group, const char *id, uint16_t port,
			     int64_t since, struct cursor **ret_cursor);
int store_next_opinion(struct cursor *cursor, struct stored_opinion *ret_opinion);

/* The flows of a group on a host; a group that is not there is passed over. */
int store_put_flows(struct store *store, const char *host, const struct report_fleet *fleet);
int store_delete_flows(struct store *store, const char *host, const char *group);
/* All of a host's, by group. */
int store_select_flows(struct store *store, const char *host, struct cursor **ret_cursor);
int store_next_flows(struct cursor *cursor, struct report_fleet *ret_flows);
/* Over all hosts that reported since then, and how many they are; zeros if there is none. */
int store_sum_flows(struct store *store, const char *group, int64_t since,
		    struct report_fleet *ret_sum, int64_t *ret_hosts);
