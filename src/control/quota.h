/* Quotas, account by account.  The service's limits hold for every account that has none of its own; only the first
 * account's people, who run the service, change one.
 *
 * A change holds from the next request on.  A lower quota refuses what is new and takes nothing away. */
#pragma once

#include "control/control.h"

struct quota_record {
	const char *name;
	uint32_t value;
	uint32_t fallback; /* The service's. */
	uint32_t maximum;  /* How far it can be raised. */
	bool counted;      /* Of those per source, filter or target there is no one count. */
	int64_t usage;
};

struct quota_list {
	struct account_id account;
	struct quota_record items[QUOTA_COUNT];
};

/* In all of these 'account' may be NULL: the caller's. */

/* Whose quotas are meant.  Refuses an account that is not the caller's but to those who run the service. */
int control_find_quota_account(struct control *control, const struct caller *caller,
			       const char *account, struct account_id *ret_account,
			       struct refusal *why);

int control_describe_quotas(struct control *control, const struct caller *caller,
			    const char *account, struct quota_list *ret_list, struct refusal *why);
int control_modify_quota(struct control *control, const struct caller *caller, const char *account,
			 const char *name, int64_t value, struct refusal *why);
/* Back to the service's.  Twice is once. */
int control_reset_quota(struct control *control, const struct caller *caller, const char *account,
			const char *name, struct refusal *why);
