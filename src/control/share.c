// SPDX-License-Identifier: Apache-2.0
#include "control/share.h"

#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/session_life.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/account.h"
#include "store/session.h"
#include "store/share.h"
#include "store/store.h"

#include <string.h>

static int share_take(struct control *control, const struct caller *caller, const char *target,
		      const char *account, struct stored_share *ret_share, struct refusal *why);
static int sessions_end(struct transaction *transaction, const char *target, const char *account);

static int shares_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int shares_next(struct describe *describe, struct cursor *cursor, void *record);
static void shares_key(const void *record, struct text *ret_key);
static void offer_target(const void *record, struct match *match);
static void offer_account(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);

static const struct field fields[] = {
	{"traffic-mirror-target-id", offer_target},
	{"account-id", offer_account},
	{"owner-id", offer_owner},
};

static const struct noun shares = {
	.name = "shares",
	.record_size = sizeof(struct target_share),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = shares_select,
	.next = shares_next,
	.key = shares_key,
};

void share_page_fini(struct share_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct share_page){};
}

int control_share_target(struct control *control, const struct caller *caller, const char *target,
			 const char *account, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_share share;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = share_take(control, caller, target, account, &share, why);
	if (r == 0)
		r = store_add_share(control->store, &share);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_unshare_target(struct control *control, const struct caller *caller, const char *target,
			   const char *account, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct target own;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_target(control, caller, target, &own, why);
	if (r == 0)
		r = store_delete_share(control->store, target, account);
	if (r == STORE_MISSING)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The traffic mirror target '%s' is not shared with the account "
			      "'%.32s'",
			      target, account);
	if (r == 0)
		r = sessions_end(&transaction, target, account);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_describe_shares(struct control *control, const struct caller *caller,
			    const struct query *query, struct share_page *ret_page,
			    struct refusal *why)
{
	struct describe describe = {control, caller, &shares, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int share_take(struct control *control, const struct caller *caller, const char *target,
		      const char *account, struct stored_share *ret_share, struct refusal *why)
{
	struct stored_account other;
	struct target own;
	int r;

	r = find_target(control, caller, target, &own, why);
	if (r != 0)
		return r;
	r = store_get_account(control->store, account, &other);
	if (r < 0)
		return r;
	if (r == STORE_MISSING || strcmp(other.id.text, caller->account.text) == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Value (%.32s) for parameter AccountId is invalid. Expecting another "
			      "account of this service",
			      account);
	*ret_share = (struct stored_share){
		.target = own.id,
		.account = other.id,
		.owner = own.owner,
		.created = control_now(control),
	};
	return 0;
}

static int sessions_end(struct transaction *transaction, const char *target, const char *account)
{
	struct store *store = transaction->control->store;
	struct session session = {};
	int r;

	for (;;) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		/* One at a time: a cursor does not outlive a change of its rows. */
		r = store_select_sessions(store, SESSIONS_OF_TARGET, target, session.id.text,
					  &cursor);
		if (r == 0)
			r = store_next_session(cursor, &session);
		if (r != STORE_ROW)
			return r;
		cursor_close(TAKE_PTR(cursor));
		if (strcmp(session.owner.text, account) != 0)
			continue;
		r = session_end(transaction, &session, control_now(transaction->control));
		if (r != 0)
			return r;
	}
}

/* The key is target and account, with a blank between them. */
static int shares_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const size_t length = strcspn(after, " ");
	char target[RESOURCE_ID_SIZE] = "";

	if (length < sizeof(target))
		memcpy(target, after, length);
	return store_select_shares(describe->control->store, describe->caller->account.text, target,
				   after[length] ? after + length + 1 : "", ret_cursor);
}

static int shares_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	struct target_share *share = record;
	struct stored_share stored;
	int r = store_next_share(cursor, &stored);

	if (r == STORE_ROW)
		*share = (struct target_share){stored.target, stored.owner, stored.account,
					       stored.created};
	return r;
}

static void shares_key(const void *record, struct text *ret_key)
{
	const struct target_share *share = record;

	text_printf(ret_key, "%s %s", share->target.text, share->account.text);
}

static void offer_target(const void *record, struct match *match)
{
	match_text(match, ((const struct target_share *)record)->target.text);
}

static void offer_account(const void *record, struct match *match)
{
	match_text(match, ((const struct target_share *)record)->account.text);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, ((const struct target_share *)record)->owner.text);
}
