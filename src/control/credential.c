// SPDX-License-Identifier: Apache-2.0
/* Keys as the doors need them: who is it, and with which secret.  What their owners do with them is in key.c. */
#include "control/credential.h"

#include "base/text.h"
#include "control/host_key.h"
#include "control/identity_make.h"
#include "control/sealing.h"
#include "control/state.h"
#include "control/transaction.h"
#include "mirror/source.h"
#include "store/credential.h"
#include "store/identity.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define USE_GRAIN_MILLISECONDS 60000

_Static_assert(PRINCIPAL_SIZE >= IDENTITY_ARN_SIZE && PRINCIPAL_ID_SIZE == IDENTITY_ID_SIZE,
	       "an identity fits a caller");
_Static_assert(HOST_NAME_SIZE <= IDENTITY_NAME_SIZE, "a host's name fits an identity");

static bool id_is_plausible(const char *id);
static int key_read(struct control *control, const struct stored_credential *credential,
		    struct access_key *ret_key);

int control_create_access_key(struct control *control, enum caller_kind kind, const char *name,
			      struct access_key *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity identity = {};
	struct stored_credential credential;
	const struct caller nobody = {};
	int r;

	if (!host_name_valid(name))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"The name '%.80s' is not of 1 to 63 letters, digits, '-', '.' and '_'",
			name);
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = identity_settle(control, &control->account,
				    kind == CALLER_HOST ? IDENTITY_HOST : IDENTITY_USER, name,
				    &identity);
	if (r == 0)
		r = key_make(control, &identity, NULL, &credential);
	if (r == 0)
		r = identities_commit(&transaction, &nobody, why);
	return r != 0 ? r : control_find_access_key(control, credential.id, ret_key, why);
}

int control_find_access_key(struct control *control, const char *id, struct access_key *ret_key,
			    struct refusal *why)
{
	struct stored_credential credential;
	int r = id_is_plausible(id) ? store_get_credential(control->store, id, &credential)
				    : STORE_MISSING;

	if (r < 0)
		return r;
	if (r == STORE_MISSING || !credential.enabled ||
	    (credential.expires != 0 && credential.expires <= control_now(control)))
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "AWS was not able to validate the provided access credentials");
	return key_read(control, &credential, ret_key);
}

void control_note_key_use(struct control *control, const struct access_key *key,
			  const char *service, const char *region)
{
	int64_t now = control_now(control);

	struct refusal why = {};

	if (key->caller.host[0] != '\0' && key->last_used == 0)
		(void)control_settle_host_key(control, key, &why);
	if (key->caller.kind == CALLER_HOST || key->caller.session_began != 0 ||
	    (key->last_used <= now && now - key->last_used < USE_GRAIN_MILLISECONDS))
		return;
	(void)store_note_credential_use(control->store, key->id, now, service, region);
}

/* Anybody may send any bytes, and not every store takes them for a text. */
static bool id_is_plausible(const char *id)
{
	return id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] ==
	       '\0';
}

static int key_read(struct control *control, const struct stored_credential *credential,
		    struct access_key *ret_key)
{
	_cleanup_identity_ struct identity identity = {};
	struct access_key key = {};
	int r;

	r = store_get_identity(control->store, credential->identity, &identity);
	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	r = sealing_open(control, credential, key.secret);
	if (r < 0)
		return r;
	(void)string_copy(key.id, sizeof(key.id), credential->id);
	(void)string_copy(key.caller.user_id, sizeof(key.caller.user_id), identity.id);
	identity_format_arn(&identity, key.caller.arn);
	key.created = credential->created;
	key.last_used = credential->last_used;
	if (identity.kind == IDENTITY_HOST)
		(void)string_copy(key.caller.key, sizeof(key.caller.key), credential->id);
	memcpy(key.caller.host, credential->host, sizeof(key.caller.host));
	key.caller.account = identity.account;
	key.caller.kind = identity.kind == IDENTITY_HOST ? CALLER_HOST : CALLER_USER;
	if (identity.kind == IDENTITY_USER)
		(void)string_copy(key.caller.principal, sizeof(key.caller.principal), identity.id);
	*ret_key = key;
	explicit_bzero(&key.secret, sizeof(key.secret));
	return 0;
}
