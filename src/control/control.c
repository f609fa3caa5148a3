// SPDX-License-Identifier: Apache-2.0
#include "control/control.h"

#include "base/clock.h"
#include "base/text.h"
#include "control/account.h"
#include "control/principal.h"
#include "control/sealing.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/account.h"
#include "store/host.h"
#include "store/setting.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define SETTING_ACCOUNT   "account"
#define SETTING_RESOLVERS "resolvers"

static int options_check(const struct control_options *options, struct refusal *why);
static int account_settle(struct control *control, struct refusal *why);
static int resolvers_settle(struct control *control);
static int resolvers_announce(struct control *control, const char *resolvers);
static int account_add_first(struct transaction *transaction);

int control_open(struct store *store, const struct control_options *options,
		 struct control **ret_control, struct refusal *why)
{
	_cleanup_(control_freep) struct control *control = NULL;
	int r;

	r = options_check(options, why);
	if (r != 0)
		return r;
	control = calloc(1, sizeof(*control));
	if (!control)
		return -ENOMEM;
	*control = (struct control){
		.store = store,
		.account = options->account,
		.limits = options->limits,
		.seal_key = *options->seal_key,
		.resolver_count = options->resolver_count,
		.prices = options->prices,
		.context = options->context,
		.now = options->now,
		.changed = options->changed,
		.others_wrote = options->others_wrote,
		.selected = options->selected,
		.selection_turns = {.settled = -1},
	};
	if (control->prices.count == 0)
		control->prices = (struct price_list)PRICE_LIST_DEFAULT;
	memcpy(control->region, options->region, sizeof(control->region));
	for (size_t i = 0; i < options->resolver_count; i++)
		control->resolvers[i] = options->resolvers[i];
	r = account_settle(control, why);
	if (r == 0)
		r = sealing_settle(control, why);
	if (r == 0)
		r = resolvers_settle(control);
	if (r != 0)
		return r;
	*ret_control = TAKE_PTR(control);
	return 0;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	principals_forget(control);
	peeks_fini(&control->peeks);
	free(control->selection_turns.items);
	explicit_bzero(&control->seal_key, sizeof(control->seal_key));
	free(control);
}

int control_enter(struct control *control)
{
	int r = store_enter(control->store);

	if (r == 0)
		control_notice(control);
	return r;
}

void control_leave(struct control *control)
{
	store_leave(control->store);
}

const struct account_id *control_get_account(const struct control *control)
{
	return &control->account;
}

int64_t control_get_version(const struct control *control)
{
	return store_get_version(control->store);
}

bool caller_runs_service(const struct control *control, const struct caller *caller)
{
	return strcmp(caller->account.text, control->account.text) == 0;
}

const char *control_get_region(const struct control *control)
{
	return control->region;
}

int64_t control_now(const struct control *control)
{
	return control->now ? control->now(control->context) : clock_realtime();
}

void control_notice(struct control *control)
{
	if (!store_was_changed(control->store))
		return;
	principals_forget(control);
	headroom_clear(&control->headroom);
	if (control->others_wrote)
		control->others_wrote(control->context);
}

static int options_check(const struct control_options *options, struct refusal *why)
{
	const struct limits *limits = &options->limits;

	if (!options->seal_key)
		return refuse(why, REFUSE_PARAMETER_VALUE, "A seal key is needed");
	if (options->region[0] == '\0')
		return refuse(why, REFUSE_PARAMETER_VALUE, "A region needs a name");
	for (enum quota i = 0; i < QUOTA_COUNT; i++)
		if (limits_get(limits, i) > quota_maximum(i))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The quota '%s' of %u is beyond the possible %u",
				      quota_name(i), limits_get(limits, i), quota_maximum(i));
	if (options->resolver_count > PLAN_RESOLVERS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "%zu resolvers are more than the possible %d",
			      options->resolver_count, PLAN_RESOLVERS_MAX);
	if (options->account.text[0] != '\0' &&
	    strspn(options->account.text, "0123456789") != ACCOUNT_ID_SIZE - 1)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The account '%s' is not of twelve digits", options->account.text);
	return 0;
}

/* The account of the first start, given or made up, is kept: everything in the store is that one's. */
static int account_settle(struct control *control, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_free_ char *stored = NULL;
	bool given = control->account.text[0] != '\0';
	int r;

	/* Two controllers may start at once on a store that is new. */
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_setting(control->store, SETTING_ACCOUNT, &stored);
	if (r < 0)
		return r;
	if (r == 0 && given && strcmp(stored, control->account.text) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The store belongs to the account %s, not to %s", stored,
			      control->account.text);
	if (r == 0 && string_copy(control->account.text, ACCOUNT_ID_SIZE, stored))
		return 0;
	if (!given)
		account_number_make(&control->account);
	return account_add_first(&transaction);
}

static int account_add_first(struct transaction *transaction)
{
	struct control *control = transaction->control;
	struct stored_account account = {
		.id = control->account,
		.name = "main",
		.created = control_now(control),
	};
	const struct caller nobody = {};
	int r;

	r = store_add_account(control->store, &account);
	if (r == 0)
		r = store_put_setting(control->store, SETTING_ACCOUNT, control->account.text);
	return r < 0 ? r : transaction_commit(transaction, &nobody, NULL);
}

/* The resolvers are part of every plan, but come from the configuration: a restart may change them. */
static int resolvers_settle(struct control *control)
{
	_cleanup_text_ struct text resolvers = {};
	_cleanup_free_ char *stored = NULL;
	char address[ADDRESS_TEXT_SIZE];
	int r;

	text_append(&resolvers, "");
	for (size_t i = 0; i < control->resolver_count; i++) {
		address_format(&control->resolvers[i], address);
		text_printf(&resolvers, "%s%s", i > 0 ? " " : "", address);
	}
	if (resolvers.failed)
		return -ENOMEM;
	r = store_get_setting(control->store, SETTING_RESOLVERS, &stored);
	if (r < 0)
		return r;
	if (r == 0 && strcmp(stored, resolvers.data) == 0)
		return 0;
	return resolvers_announce(control, resolvers.data);
}

static int resolvers_announce(struct control *control, const char *resolvers)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller nobody = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_put_setting(control->store, SETTING_RESOLVERS, resolvers);
	if (r == 0)
		r = transaction_touch_hosts(&transaction, HOST_NAMES_ALL, "");
	return r < 0 ? r : transaction_commit(&transaction, &nobody, NULL);
}
