// SPDX-License-Identifier: Apache-2.0
#include "control/sealing.h"

#include "base/text.h"
#include "control/credential.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/credential.h"
#include "store/setting.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SETTING_PROOF "seal"
#define PROOF_PURPOSE "tmirror store"
#define PURPOSE_SIZE  64

static int proof_check(const struct seal_key *key, const char *proof, struct refusal *why);
static int plain_seal(struct control *control);
static void purpose_format(const struct stored_credential *credential,
			   char ret_purpose[PURPOSE_SIZE]);

int sealing_find(struct store *store, bool *ret_sealed)
{
	_cleanup_free_ char *proof = NULL;
	int r = store_get_setting(store, SETTING_PROOF, &proof);

	if (r < 0)
		return r;
	*ret_sealed = r == 0;
	return 0;
}

int sealing_settle(struct control *control, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_free_ char *proof = NULL, *made = NULL;
	const struct caller nobody = {};
	int r;

	/* Two controllers may start at once, each with a key of its own. */
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_setting(control->store, SETTING_PROOF, &proof);
	if (r < 0)
		return r;
	if (proof)
		return proof_check(&control->seal_key, proof, why);
	r = seal_close(&control->seal_key, PROOF_PURPOSE, "", 0, &made);
	if (r == 0)
		r = plain_seal(control);
	if (r == 0)
		r = store_put_setting(control->store, SETTING_PROOF, made);
	return r < 0 ? r : transaction_commit(&transaction, &nobody, why);
}

int sealing_close(struct control *control, const char *secret, struct stored_credential *credential)
{
	_cleanup_free_ char *sealed = NULL;
	char purpose[PURPOSE_SIZE];
	int r;

	purpose_format(credential, purpose);
	r = seal_close(&control->seal_key, purpose, secret, strlen(secret), &sealed);
	if (r < 0)
		return r;
	credential->sealed = true;
	return string_copy(credential->secret, sizeof(credential->secret), sealed) ? 0 : -E2BIG;
}

/* What was proven at the start cannot fail here, unless somebody has changed the row. */
int sealing_open(struct control *control, const struct stored_credential *credential,
		 char *ret_secret)
{
	_cleanup_free_ char *secret = NULL;
	char purpose[PURPOSE_SIZE];
	size_t size;
	bool fits;
	int r;

	purpose_format(credential, purpose);
	r = seal_open(&control->seal_key, purpose, credential->secret, &secret, &size);
	if (r != 0)
		return r < 0 ? r : -EBADMSG;
	fits = string_copy(ret_secret, ACCESS_KEY_SECRET_SIZE, secret);
	explicit_bzero(secret, size);
	return fits ? 0 : -EBADMSG;
}

static int proof_check(const struct seal_key *key, const char *proof, struct refusal *why)
{
	_cleanup_free_ char *opened = NULL;
	size_t size;
	int r = seal_open(key, PROOF_PURPOSE, proof, &opened, &size);

	if (r != SEAL_BROKEN)
		return r;
	return refuse(why, REFUSE_UNAVAILABLE,
		      "The seal key is not the one that the secrets of this store were sealed "
		      "with");
}

static int plain_seal(struct control *control)
{
	struct stored_credential credential;
	char secret[sizeof(credential.secret)];
	int r;

	while ((r = store_find_plain_credential(control->store, &credential)) == 0) {
		memcpy(secret, credential.secret, sizeof(secret));
		r = sealing_close(control, secret, &credential);
		explicit_bzero(secret, sizeof(secret));
		if (r == 0)
			r = store_put_credential(control->store, &credential);
		if (r != 0)
			break;
	}
	return r == STORE_MISSING ? 0 : r;
}

/* A secret is sealed for its key's id, so that the secret of one key cannot be put in the place of another's. */
static void purpose_format(const struct stored_credential *credential,
			   char ret_purpose[PURPOSE_SIZE])
{
	(void)snprintf(ret_purpose, PURPOSE_SIZE, "access key %s", credential->id);
}
