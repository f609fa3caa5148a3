// SPDX-License-Identifier: Apache-2.0
#include "control/own_key.h"

#include "base/text.h"
#include "control/host_key.h"
#include "control/identity_make.h"
#include "control/sealing.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/enrolment.h"
#include "store/identity.h"
#include "store/revoked_key.h"
#include "store/store.h"

#include <string.h>

/* Requests that were signed with the last key are under way when the next is used first; and a clock may be wrong. */
#define OVERLAP_MILLISECONDS (10 * 60000)

static int key_find(struct control *control, const struct identity *hosts, const char *host,
		    const char *but, struct stored_credential *ret_credential);

int control_renew_host_key(struct control *control, const struct access_key *present,
			   struct access_key *ret_key, struct refusal *why)
{
	const struct caller *caller = &present->caller;
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity hosts = {};
	struct stored_credential credential, other;
	int r;

	if (caller->kind != CALLER_HOST || caller->host[0] == '\0')
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "Only a key that is a host's own is renewed by its host");
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_identity(control->store, caller->user_id, &hosts);
	if (r == 0)
		r = store_get_credential(control->store, present->id, &credential);
	if (r == 0 && credential.expires != 0)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "The access key %s has been renewed already", present->id);
	/* An agent that ended before it kept its new key asks again: nobody has that one. */
	while (r == 0 && (r = key_find(control, &hosts, caller->host, present->id, &other)) == 0)
		r = store_delete_credential(control->store, other.id);
	if (r == STORE_MISSING)
		r = own_key_make(control, &hosts, caller->host, NULL, &credential);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	return r != 0 ? r : control_find_access_key(control, credential.id, ret_key, why);
}

int control_settle_host_key(struct control *control, const struct access_key *key,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct caller *caller = &key->caller;
	const int64_t now = control_now(control);
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_note_credential_use(control->store, key->id, now, "", "");
	if (r == 0)
		r = store_expire_host_credentials(control->store, caller->user_id, caller->host,
						  key->id, now + OVERLAP_MILLISECONDS);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_find_revoked_key(struct control *control, const char *id, struct access_key *ret_key,
			     struct refusal *why)
{
	struct stored_credential credential = {};
	struct revoked_key revoked;
	struct access_key key = {.revoked = true};
	int r = store_get_revoked_key(control->store, id, &revoked);

	if (r == STORE_MISSING)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "AWS was not able to validate the provided access credentials");
	if (r < 0)
		return r;
	memcpy(credential.id, revoked.id, sizeof(credential.id));
	memcpy(credential.secret, revoked.secret, sizeof(credential.secret));
	r = sealing_open(control, &credential, key.secret);
	if (r < 0)
		return r;
	(void)string_copy(key.id, sizeof(key.id), revoked.id);
	memcpy(key.caller.host, revoked.host, sizeof(key.caller.host));
	key.caller.account = revoked.account;
	key.caller.kind = CALLER_HOST;
	*ret_key = key;
	explicit_bzero(&key.secret, sizeof(key.secret));
	return 0;
}

int control_revoke_host(struct control *control, const struct caller *caller, const char *name,
			struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_host host = {};
	bool known;
	size_t count;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_host(control->store, name, &host);
	known = r == 0 && strcmp(host.owner.text, caller->account.text) == 0;
	if (r >= 0)
		r = own_keys_revoke(control, &caller->account, name, &count);
	if (r < 0)
		return r;
	if (count == 0 && !known)
		return refuse(why, REFUSE_HOST_NOT_FOUND, "The host '%.64s' does not exist", name);
	if (count == 0)
		return refuse(why, REFUSE_HOST_KEY_NOT_FOUND,
			      "The host '%.64s' has no key of its own: it uses one of all the "
			      "account's hosts, which can only be taken back from all of them",
			      name);
	/* Its agent waits for a plan, and shall ask at once. */
	r = store_delete_enrolments_of_host(control->store, caller->account.text, name);
	if (r == 0 && known)
		r = transaction_touch_host(&transaction, name);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int own_key_make(struct control *control, const struct identity *hosts, const char *host,
		 char *ret_secret, struct stored_credential *ret_credential)
{
	struct stored_credential credential = {.enabled = true, .created = control_now(control)};
	char secret[ACCESS_KEY_SECRET_SIZE];
	int r;

	key_pick("AKIA", credential.id, secret);
	memcpy(credential.identity, hosts->id, sizeof(credential.identity));
	(void)string_copy(credential.host, sizeof(credential.host), host);
	r = sealing_close(control, secret, &credential);
	if (r == 0)
		r = store_add_credential(control->store, &credential);
	if (r == 0 && ret_secret)
		memcpy(ret_secret, secret, sizeof(secret));
	if (r == 0)
		*ret_credential = credential;
	explicit_bzero(secret, sizeof(secret));
	return r;
}

int host_key_revoke(struct control *control, const struct account_id *account,
		    const struct stored_credential *credential)
{
	struct revoked_key revoked = {.account = *account, .revoked = control_now(control)};
	int r;

	memcpy(revoked.id, credential->id, sizeof(revoked.id));
	memcpy(revoked.host, credential->host, sizeof(revoked.host));
	memcpy(revoked.secret, credential->secret, sizeof(revoked.secret));
	r = store_delete_credential(control->store, credential->id);
	return r != 0 ? r : store_add_revoked_key(control->store, &revoked);
}

int own_keys_revoke(struct control *control, const struct account_id *account, const char *host,
		    size_t *ret_count)
{
	_cleanup_identity_ struct identity hosts = {};
	struct stored_credential credential;
	size_t count = 0;
	int r;

	r = store_find_identity(control->store, account->text, IDENTITY_HOST, HOSTS_NAME, &hosts);
	while (r == 0 && (r = key_find(control, &hosts, host, NULL, &credential)) == 0) {
		r = host_key_revoke(control, account, &credential);
		count++;
	}
	if (r < 0)
		return r;
	if (ret_count)
		*ret_count = count;
	return 0;
}

/* One at a time: a cursor does not outlive a change of its rows. */
static int key_find(struct control *control, const struct identity *hosts, const char *host,
		    const char *but, struct stored_credential *ret_credential)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_select_host_credentials(control->store, hosts->id, host, &cursor);
	while (r >= 0 && (r = store_next_credential(cursor, ret_credential)) == STORE_ROW)
		if (!but || strcmp(ret_credential->id, but) != 0)
			return 0;
	return r < 0 ? r : STORE_MISSING;
}
