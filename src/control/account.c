// SPDX-License-Identifier: Apache-2.0
#include "control/account.h"

#include "base/random.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/identity_make.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/account.h"
#include "store/identity.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ADMINISTRATOR_NAME "admin"

_Static_assert(ACCOUNT_LABEL_SIZE == ACCOUNT_NAME_SIZE, "a stored name fits");

static int host_check(const struct control *control, const struct caller *caller,
		      struct refusal *why);
static int account_take(const struct control *control, const char *name, const char *id,
			struct stored_account *ret_account, struct refusal *why);
static int administrator_make(struct control *control, const struct account_id *account,
			      struct key_record *ret_key);
static int empty_check(struct control *control, const char *id, struct refusal *why);
static void record_fill(const struct stored_account *account, struct account_record *ret_record);

static int accounts_select(struct describe *describe, const char *after,
			   struct cursor **ret_cursor);
static int accounts_next(struct describe *describe, struct cursor *cursor, void *record);
static void accounts_key(const void *record, struct text *ret_key);
static void account_record_fini(struct account_record *record);

static const struct noun accounts = {
	.name = "accounts",
	.record_size = sizeof(struct account_record),
	.smallest_page = 1,
	.select = accounts_select,
	.next = accounts_next,
	.key = accounts_key,
};

DEFINE_PAGE_FINI(struct account_page, account_page_fini, account_record_fini)

void account_number_make(struct account_id *ret_account)
{
	unsigned long long number = 100000000000 + random_number() % 900000000000;

	(void)snprintf(ret_account->text, sizeof(ret_account->text), "%012llu", number);
}

int control_create_account(struct control *control, const struct caller *caller, const char *name,
			   const char *id, struct account_record *ret_account,
			   struct key_record *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_account account;
	struct key_record key;
	int r;

	r = host_check(control, caller, why);
	if (r == 0)
		r = account_take(control, name, id, &account, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_add_account(control->store, &account);
	if (r == -EEXIST)
		return refuse(why, REFUSE_ENTITY_EXISTS, "Account with id %s already exists.",
			      account.id.text);
	if (r == 0)
		r = administrator_make(control, &account.id, &key);
	if (r == 0)
		r = identities_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	record_fill(&account, ret_account);
	*ret_key = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

int control_delete_account(struct control *control, const struct caller *caller, const char *id,
			   struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_account account;
	int r;

	r = host_check(control, caller, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_account(control->store, id, &account);
	if (r == STORE_MISSING)
		return refuse(why, REFUSE_ENTITY_NOT_FOUND,
			      "The account with id %.32s cannot be found.", id);
	if (r == 0)
		r = empty_check(control, id, why);
	if (r == 0)
		r = store_delete_identities(control->store, id);
	if (r == 0)
		r = store_delete_account(control->store, id);
	if (r == 0)
		r = identities_commit(&transaction, caller, why);
	/* Its quotas are gone, and its number may be given again. */
	if (r == 0)
		headroom_clear(&control->headroom);
	return r;
}

int control_describe_accounts(struct control *control, const struct caller *caller,
			      const struct query *query, struct account_page *ret_page,
			      struct refusal *why)
{
	struct describe describe = {control, caller, &accounts, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int host_check(const struct control *control, const struct caller *caller,
		      struct refusal *why)
{
	if (caller_runs_service(control, caller))
		return 0;
	return refuse(why, REFUSE_NOT_PERMITTED,
		      "Only the account %s, which runs this service, makes and deletes accounts.",
		      control->account.text);
}

static int account_take(const struct control *control, const char *name, const char *id,
			struct stored_account *ret_account, struct refusal *why)
{
	struct stored_account account = {.created = control_now(control)};

	if (name[0] == '\0' || !string_copy(account.name, sizeof(account.name), name))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The name of an account has 1 to %zu characters",
			      sizeof(account.name) - 1);
	if (!id)
		account_number_make(&account.id);
	else if (strspn(id, "0123456789") != ACCOUNT_ID_SIZE - 1 ||
		 !string_copy(account.id.text, sizeof(account.id.text), id))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The account '%.32s' is not of 12 digits", id);
	*ret_account = account;
	return 0;
}

static int administrator_make(struct control *control, const struct account_id *account,
			      struct key_record *ret_key)
{
	_cleanup_identity_ struct identity administrator = {};
	struct stored_credential credential;
	struct key_record key = {.user = ADMINISTRATOR_NAME, .enabled = true};
	int r;

	r = identity_settle(control, account, IDENTITY_USER, ADMINISTRATOR_NAME, &administrator);
	if (r == 0)
		r = key_make(control, &administrator, key.secret, &credential);
	if (r != 0)
		return r;
	(void)string_copy(key.id, sizeof(key.id), credential.id);
	key.created = credential.created;
	*ret_key = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static int empty_check(struct control *control, const char *id, struct refusal *why)
{
	int64_t count;
	int r;

	if (strcmp(id, control->account.text) == 0)
		return refuse(why, REFUSE_ENTITY_IN_USE,
			      "The account %s runs this service and cannot be deleted.", id);
	r = store_count_belongings(control->store, id, &count);
	if (r < 0 || count == 0)
		return r;
	return refuse(why, REFUSE_ENTITY_IN_USE,
		      "The account %s still owns %lld hosts, interfaces, filters, targets, "
		      "selectors and sessions.",
		      id, (long long)count);
}

static void record_fill(const struct stored_account *account, struct account_record *ret_record)
{
	ret_record->id = account->id;
	memcpy(ret_record->name, account->name, sizeof(ret_record->name));
	ret_record->created = account->created;
}

static int accounts_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_accounts(describe->control->store, after, ret_cursor);
}

/* Passes over the accounts that the caller has nothing to do with. */
static int accounts_next(struct describe *describe, struct cursor *cursor, void *record)
{
	const char *own = describe->caller->account.text;
	bool all = caller_runs_service(describe->control, describe->caller);
	struct stored_account account;
	int r;

	do
		r = store_next_account(cursor, &account);
	while (r == STORE_ROW && !all && strcmp(account.id.text, own) != 0);
	if (r == STORE_ROW)
		record_fill(&account, record);
	return r;
}

static void accounts_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct account_record *)record)->id.text);
}

static void account_record_fini(struct account_record *record _unused_)
{
}
