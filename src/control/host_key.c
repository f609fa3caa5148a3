// SPDX-License-Identifier: Apache-2.0
#include "control/host_key.h"

#include "base/text.h"
#include "control/find.h"
#include "control/identity_make.h"
#include "control/own_key.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/host.h"
#include "store/identity.h"
#include "store/store.h"

#include <string.h>

static int room_check(struct control *control, const struct identity *hosts, struct refusal *why);
static int key_find(struct control *control, const struct caller *caller, const char *id,
		    struct stored_credential *ret_credential, struct refusal *why);
static int users_touch(struct transaction *transaction, const struct caller *caller,
		       const char *id);
static void record_fill(const struct stored_credential *credential, struct key_record *record);

int control_create_host_key(struct control *control, const struct caller *caller,
			    struct key_record *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity hosts = {};
	struct stored_credential credential;
	struct key_record record = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = identity_settle(control, &caller->account, IDENTITY_HOST, HOSTS_NAME, &hosts);
	if (r == 0)
		r = room_check(control, &hosts, why);
	if (r == 0)
		r = key_make(control, &hosts, record.secret, &credential);
	if (r == 0)
		r = identities_commit(&transaction, caller, why);
	if (r == 0) {
		record_fill(&credential, &record);
		*ret_key = record;
	}
	explicit_bzero(&record, sizeof(record));
	return r;
}

int control_delete_host_key(struct control *control, const struct caller *caller, const char *id,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_credential credential;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = key_find(control, caller, id, &credential, why);
	if (r == 0)
		r = host_key_revoke(control, &caller->account, &credential);
	if (r == 0)
		r = users_touch(&transaction, caller, id);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_list_host_keys(struct control *control, const struct caller *caller,
			   struct host_key_list *ret_list)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_identity_ struct identity hosts = {};
	struct stored_credential credential;
	struct host_key_list list = {};
	int r;

	r = store_find_identity(control->store, caller->account.text, IDENTITY_HOST, HOSTS_NAME,
				&hosts);
	if (r == 0)
		r = store_select_host_credentials(control->store, hosts.id, "", &cursor);
	while (r == 0 && list.count < HOST_KEYS_MAX &&
	       (r = store_next_credential(cursor, &credential)) == STORE_ROW) {
		record_fill(&credential, &list.items[list.count++]);
		r = 0;
	}
	if (r < 0)
		return r;
	*ret_list = list;
	return 0;
}

static int room_check(struct control *control, const struct identity *hosts, struct refusal *why)
{
	int64_t count;
	int r = store_count_shared_credentials(control->store, hosts->id, &count);

	if (r < 0 || count < HOST_KEYS_MAX)
		return r;
	return refuse(why, REFUSE_HOST_KEY_LIMIT,
		      "The account %s has %d keys for hosts, and may have no more",
		      hosts->account.text, HOST_KEYS_MAX);
}

static int key_find(struct control *control, const struct caller *caller, const char *id,
		    struct stored_credential *ret_credential, struct refusal *why)
{
	_cleanup_identity_ struct identity owner = {};
	int r;

	r = find_key(control, caller, IDENTITY_HOST, id, ret_credential, &owner);
	if (r == STORE_MISSING)
		return refuse(why, REFUSE_HOST_KEY_NOT_FOUND,
			      "There is no key '%.64s' of the account's hosts", id);
	return r;
}

/* Agents that report with the key wait for plans, and shall ask at once. */
static int users_touch(struct transaction *transaction, const struct caller *caller, const char *id)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_host host;
	int r;

	r = store_select_hosts(transaction->control->store, caller->account.text, "", &cursor);
	while (r >= 0 && (r = store_next_host(cursor, &host)) == STORE_ROW) {
		r = strcmp(host.access_key, id) == 0
			    ? transaction_touch_host(transaction, host.name)
			    : 0;
		if (r < 0)
			break;
	}
	return r;
}

static void record_fill(const struct stored_credential *credential, struct key_record *record)
{
	(void)string_copy(record->id, sizeof(record->id), credential->id);
	record->enabled = credential->enabled;
	record->created = credential->created;
	record->last_used = credential->last_used;
}
