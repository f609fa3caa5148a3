/* What sessions cost, from the records of their lives alone (mirror/usage.h). */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "mirror/usage.h"

/* What is told together; the numbers are the store's (store/lifetime.h). */
enum usage_group { USAGE_BY_ACCOUNT, USAGE_BY_SOURCE, USAGE_BY_SESSION };

struct usage_wish {
	const char *
		account; /* NULL: the caller's; "all": everybody's, of those who run the service. */
	const char *from, *to; /* ISO 8601, or a day; NULL: the beginning of this month, and now. */
	enum usage_granularity granularity;
	enum usage_group group;
};

/* Fields that the group does not have in common are empty.  Without a session, though asked for by session: sums of sessions
 * that are long gone, by source and day. */
struct usage_record {
	struct lifetime group;
	struct usage_period *periods; /* Those with hours. */
	size_t period_count;
	uint64_t hours, cost;
};

struct usage_page {
	struct usage_record *items;
	size_t count, capacity;
	char *next_token;
	int64_t from, to;
};

void usage_page_fini(struct usage_page *page);

/* Filters: network-interface-id, host-name, device-name, traffic-mirror-session-id; as far as the groups have them. */
int control_describe_usage(struct control *control, const struct caller *caller,
			   const struct usage_wish *wish, const struct query *query,
			   struct usage_page *ret_page, struct refusal *why);

const struct price_list *control_get_prices(const struct control *control);

#define USAGE_SESSIONS_MAX 100000 /* Of one account that are over and told one by one. */

/* Sums up the oldest sessions that are over, of accounts that have more than 'limit' of them; some at a time.  Cheap when there
 * is nothing to do; to be called every minute or so. */
int control_condense_usage(struct control *control, int64_t limit, size_t *ret_count,
			   struct refusal *why);
