// SPDX-License-Identifier: Apache-2.0
#include "control/quota.h"

#include "base/text.h"
#include "control/allowance.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/account.h"
#include "store/balancer.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/filter.h"
#include "store/group.h"
#include "store/quota.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"

#include <errno.h>
#include <string.h>

static int record_load(struct control *control, const char *account, enum quota quota,
		       struct quota_record *ret_record);
static int count_sessions(struct store *store, const char *owner, int64_t *ret_count);
static int count_selectors(struct store *store, const char *owner, int64_t *ret_count);
static int count_networks(struct store *store, const char *owner, int64_t *ret_count);
static int count_gateways(struct store *store, const char *owner, int64_t *ret_count);
static int count_endpoint_services(struct store *store, const char *owner, int64_t *ret_count);
static int change_begin(struct transaction *transaction, struct control *control,
			const struct caller *caller, const char *account, const char *name,
			struct account_id *ret_account, enum quota *ret_quota, struct refusal *why);
static int change_commit(struct transaction *transaction, const struct caller *caller,
			 struct refusal *why);
static int name_take(const char *name, enum quota *ret_quota, struct refusal *why);

static int (*const counts[QUOTA_COUNT])(struct store *store, const char *owner,
					int64_t *ret_count) = {
	[QUOTA_SESSIONS] = count_sessions,
	[QUOTA_TARGETS] = store_count_targets,
	[QUOTA_FILTERS] = store_count_filters,
	[QUOTA_REGISTERED_INTERFACES] = store_count_registered,
	[QUOTA_ENDPOINT_SERVICES] = count_endpoint_services,
	[QUOTA_ENDPOINTS] = store_count_endpoints,
	[QUOTA_NETWORK_BALANCERS] = count_networks,
	[QUOTA_GATEWAY_BALANCERS] = count_gateways,
	[QUOTA_TARGET_GROUPS] = store_count_groups,
	[QUOTA_SELECTORS] = count_selectors,
};

int control_find_quota_account(struct control *control, const struct caller *caller,
			       const char *account, struct account_id *ret_account,
			       struct refusal *why)
{
	struct stored_account found;
	int r;

	if (!account || strcmp(account, caller->account.text) == 0) {
		*ret_account = caller->account;
		return 0;
	}
	if (!caller_runs_service(control, caller))
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "Only the account %s, which runs this service, sees the quotas "
			      "and refusals of others.",
			      control->account.text);
	r = store_get_account(control->store, account, &found);
	if (r == STORE_MISSING)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%.32s) for parameter AccountId is invalid. Expecting an "
			      "account of this service",
			      account);
	if (r == 0)
		*ret_account = found.id;
	return r;
}

int control_describe_quotas(struct control *control, const struct caller *caller,
			    const char *account, struct quota_list *ret_list, struct refusal *why)
{
	struct quota_list list = {};
	int r;

	r = control_find_quota_account(control, caller, account, &list.account, why);
	for (size_t i = 0; r == 0 && i < QUOTA_COUNT; i++)
		r = record_load(control, list.account.text, (enum quota)i, &list.items[i]);
	if (r != 0)
		return r;
	*ret_list = list;
	return 0;
}

int control_modify_quota(struct control *control, const struct caller *caller, const char *account,
			 const char *name, int64_t value, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct optional_number wish = {true, value};
	struct account_id whose;
	enum quota quota;
	int64_t number;
	int r;

	r = change_begin(&transaction, control, caller, account, name, &whose, &quota, why);
	if (r == 0)
		r = number_take(&wish, "Value", 0, quota_maximum(quota), &number, why);
	if (r == 0)
		r = store_put_quota(control->store, whose.text, quota_name(quota), number);
	return r != 0 ? r : change_commit(&transaction, caller, why);
}

int control_reset_quota(struct control *control, const struct caller *caller, const char *account,
			const char *name, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct account_id whose;
	enum quota quota;
	int r;

	r = change_begin(&transaction, control, caller, account, name, &whose, &quota, why);
	if (r == 0)
		r = store_delete_quota(control->store, whose.text, quota_name(quota));
	return r != 0 ? r : change_commit(&transaction, caller, why);
}

static int record_load(struct control *control, const char *account, enum quota quota,
		       struct quota_record *ret_record)
{
	struct quota_record record = {
		.name = quota_name(quota),
		.fallback = limits_get(&control->limits, quota),
		.maximum = quota_maximum(quota),
		.counted = counts[quota] != NULL,
	};
	int r;

	r = allowance_get(control, account, quota, &record.value);
	if (r == 0 && record.counted)
		r = counts[quota](control->store, account, &record.usage);
	if (r == 0)
		*ret_record = record;
	return r;
}

static int count_sessions(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_count_sessions(store, SESSIONS_OF_OWNER, owner, ret_count);
}

static int count_endpoint_services(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_count_endpoint_services(store, SERVICES_OF_OWNER, owner, ret_count);
}

static int count_selectors(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_count_selectors(store, SELECTORS_OF_OWNER, owner, ret_count);
}

static int count_networks(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_count_balancers(store, owner, BALANCER_NETWORK, ret_count);
}

static int count_gateways(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_count_balancers(store, owner, BALANCER_GATEWAY, ret_count);
}

static int change_begin(struct transaction *transaction, struct control *control,
			const struct caller *caller, const char *account, const char *name,
			struct account_id *ret_account, enum quota *ret_quota, struct refusal *why)
{
	int r;

	if (!caller_runs_service(control, caller))
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "Only the account %s, which runs this service, changes quotas.",
			      control->account.text);
	r = name_take(name, ret_quota, why);
	if (r == 0)
		r = transaction_begin(transaction, control);
	return r != 0 ? r : control_find_quota_account(control, caller, account, ret_account, why);
}

/* The room that counts have left was reckoned by the quotas of before. */
static int change_commit(struct transaction *transaction, const struct caller *caller,
			 struct refusal *why)
{
	struct control *control = transaction->control;
	int r = transaction_commit(transaction, caller, why);

	if (r == 0)
		headroom_clear(&control->headroom);
	return r;
}

static int name_take(const char *name, enum quota *ret_quota, struct refusal *why)
{
	_cleanup_text_ struct text names = {};

	if (quota_parse(name, strlen(name), ret_quota))
		return 0;
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		text_printf(&names, "%s%s", i > 0 ? ", " : "", quota_name((enum quota)i));
	if (names.failed)
		return -ENOMEM;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.32s) for parameter Name is invalid. Expecting one of %s", name,
		      names.data);
}
