/* Rows of sessions' lifetimes.  They outlive the sessions, their sources and the accounts they belonged to. */
#pragma once

#include "mirror/usage.h"
#include "store/cursor.h"

struct store;

/* Which lifetimes are told together. */
enum lifetime_grouping { LIFETIMES_BY_ACCOUNT, LIFETIMES_BY_SOURCE, LIFETIMES_BY_SESSION };

/* What a group has in common; fields beyond its grouping are "". */
struct lifetime_group {
	const char *owner, *source, *session;
};

int store_add_lifetime(struct store *store, const struct lifetime *lifetime);

/* Of a session that is deleted.  Without a row of it nothing is changed. */
int store_end_lifetime(struct store *store, const char *session, int64_t now);

/* One row of each group that existed at some time from 'from' on and before 'to', in the order of owner, source and session;
 * those after 'after'.  'owner' "": everybody's. */
int store_select_lifetime_groups(struct store *store, enum lifetime_grouping grouping,
				 const char *owner, int64_t from, int64_t to,
				 const struct lifetime_group *after, struct cursor **ret_cursor);

/* All lifetimes of a group that reach into the time. */
int store_select_lifetimes(struct store *store, enum lifetime_grouping grouping,
			   const struct lifetime_group *group, int64_t from, int64_t to,
			   struct cursor **ret_cursor);

int store_next_lifetime(struct cursor *cursor, struct lifetime *ret_lifetime);

/* An account with more than 'limit' single lifetimes that are over.  Returns 0 or STORE_MISSING. */
int store_find_crowded_account(struct store *store, int64_t limit, struct account_id *ret_owner,
			       int64_t *ret_count);

/* Single ones that are over, the longest over first: the first 'count' of an account. */
int store_select_ended_lifetimes(struct store *store, const char *owner, int64_t count,
				 struct cursor **ret_cursor);

/* Adds hours to the sum of their source and day. */
int store_add_past_hours(struct store *store, const struct lifetime *sum);

int store_delete_lifetime(struct store *store, const struct lifetime *lifetime);
