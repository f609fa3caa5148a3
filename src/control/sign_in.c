// SPDX-License-Identifier: Apache-2.0
#include "control/sign_in.h"

#include "base/text.h"
#include "control/state.h"
#include "control/temporary.h"
#include "control/transaction.h"
#include "mirror/refusals.h"
#include "store/sign_in.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int sign_in_find(struct control *control, const char *digest,
			struct stored_sign_in *ret_sign_in, struct refusal *why);
static int key_open(struct control *control, struct stored_sign_in *sign_in,
		    struct temporary_key *ret_key, struct refusal *why);
static int refuse_link(struct refusal *why);

int control_offer_sign_in(struct control *control, const struct caller *caller,
			  const struct temporary_key *key, const char *digest, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const int64_t now = control_now(control);
	struct stored_sign_in sign_in = {
		.account = caller->account,
		.token = key->token, /* The key's own. */
		.key_expires = key->expires,
		.expires = now + SIGN_IN_SECONDS * 1000,
	};
	int r;

	(void)string_copy(sign_in.digest, sizeof(sign_in.digest), digest);
	(void)string_copy(sign_in.key, sizeof(sign_in.key), key->key.id);
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_trim_sign_ins(control->store, caller->account.text,
					SIGN_INS_PER_ACCOUNT - 1, now);
	if (r == 0)
		r = store_add_sign_in(control->store, &sign_in);
	return r == 0 ? transaction_commit(&transaction, caller, why) : r;
}

/* It is looked for before anything is locked: strangers guess. */
int control_redeem_sign_in(struct control *control, const char *digest,
			   struct temporary_key *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	_cleanup_sign_in_ struct stored_sign_in sign_in = {};
	const struct caller service = {};
	int r;

	r = sign_in_find(control, digest, &sign_in, why);
	if (r == 0)
		r = key_open(control, &sign_in, &key, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_delete_sign_in(control->store, digest);
	if (r == STORE_MISSING)
		return refuse_link(why);
	if (r == 0)
		r = transaction_commit(&transaction, &service, why);
	if (r != 0)
		return r;
	*ret_key = key;
	key = (struct temporary_key){};
	return 0;
}

static int sign_in_find(struct control *control, const char *digest,
			struct stored_sign_in *ret_sign_in, struct refusal *why)
{
	_cleanup_sign_in_ struct stored_sign_in sign_in = {};
	int r = store_get_sign_in(control->store, digest, &sign_in);

	if (r == STORE_MISSING || (r == 0 && control_now(control) >= sign_in.expires))
		return refuse_link(why);
	if (r != 0)
		return r;
	*ret_sign_in = sign_in;
	sign_in = (struct stored_sign_in){};
	return 0;
}

/* The token knows the rest. */
static int key_open(struct control *control, struct stored_sign_in *sign_in,
		    struct temporary_key *ret_key, struct refusal *why)
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {.expires = sign_in->key_expires};
	_cleanup_free_ char *policy = NULL;
	int r;

	r = control_find_temporary_key(control, sign_in->key, sign_in->token, &key.key, &policy,
				       why);
	if (r != 0)
		return r;
	key.token = TAKE_PTR(sign_in->token);
	*ret_key = key;
	key = (struct temporary_key){};
	return 0;
}

static int refuse_link(struct refusal *why)
{
	return refuse(why, REFUSE_CREDENTIALS_INVALID,
		      "The link is not valid: it is good once, and for %d seconds",
		      SIGN_IN_SECONDS);
}
