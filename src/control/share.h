/* Sharing targets with other accounts, as AWS's Resource Access Manager does within an organization: nobody has to accept.
 *
 * Whoever a target is shared with sees it and may send to it, and the owner sees the sessions that do; only the owner may
 * change or delete it.  Tags are not shared. */
#pragma once

#include "control/control.h"
#include "control/query.h"

struct target_share {
	struct resource_id target;
	struct account_id owner, account; /* Whose it is, and who may send to it. */
	int64_t created;                  /* Milliseconds since the epoch. */
};

struct share_page {
	struct target_share *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void share_page_fini(struct share_page *page);

/* Twice is once. */
int control_share_target(struct control *control, const struct caller *caller, const char *target,
			 const char *account, struct refusal *why);

/* Ends the account's sessions with the target: nobody sends to an appliance that is not his. */
int control_unshare_target(struct control *control, const struct caller *caller, const char *target,
			   const char *account, struct refusal *why);

/* What the caller's account shares, and what is shared with it.  Filters: traffic-mirror-target-id, account-id, owner-id.
 * There are no ids. */
int control_describe_shares(struct control *control, const struct caller *caller,
			    const struct query *query, struct share_page *ret_page,
			    struct refusal *why);
